// The environment of a program that is about to be started: the caller's, and where the caller is in its
// trace.
//
//   TRACEPARENT, TRACESTATE   the innermost open span of the thread, unless the program sets them itself
//   LLMOBSERVE_SESSION        the child's journal goes beside ours: one exporter serves the whole tree
//   LD_PRELOAD, settings      where an array that was put together by hand has left them out
//   BAGGAGE                   likewise
//
// Who has taken the preload out of the process's own environment, or has emptied it, wants a child that is
// not traced, and gets one: nothing at all is changed then.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "shim/span/start_environment.h"

namespace llmo::span {

// What the child is to be told. Empty: nothing of that kind. The texts outlive the ChildEnvironment.
struct ChildFacts {
  std::string_view traceparent;  // of the span that it is started in
  std::string_view tracestate;   // what belongs to that
  std::string_view session;      // absolute path
};

// Whose array it is that the child was to get.
enum class ArrayKind {
  kOwn,          // `environ`
  kMade,         // another, while `environ` still has its LD_PRELOAD
  kMadeWithout,  // another, and `environ` has none
};

// Async-signal-safe: it takes no memory but what it is given, and changes nothing of the caller's.
class ChildEnvironment {
 public:
  // `given` may be nullptr. Neither it nor `start` may change or go while this object is used.
  ChildEnvironment(const char* const* given, ArrayKind kind, const StartEnvironment& start,
                   const ChildFacts& facts);

  // False where the caller's array is what the child is to get.
  bool differs() const { return changes_ || adds_settings_; }

  // The array for the child, in memory of size() bytes that is aligned for pointers. It points into the
  // caller's texts and those of `start`.
  std::size_t size() const;
  char** write(void* memory) const;

  // The same as a command for sh(1), to be put in front of another one: for functions of libc that take no
  // array. Without settings, which the process's own environment is not without.
  std::size_t shell_size() const;
  char* write_shell(char* out) const;

 private:
  enum class Change { kNone, kSet, kRemove };
  struct Variable {
    std::string_view name;        // with the equals sign
    const char* given = nullptr;  // the entry; the first one counts
    Change change = Change::kNone;
    std::string_view value{};
    std::string_view tail{};  // of the value, behind a colon; none where it is empty
  };
  enum Index : std::size_t { kTraceparent, kTracestate, kSession, kBaggage, kPreload, kVariables };

  void read();
  void decide(ArrayKind kind, const ChildFacts& facts);
  bool decide_preload(ArrayKind kind);
  void set_trace(std::string_view traceparent, std::string_view tracestate);
  void set(Index index, std::string_view value, std::string_view tail = {});
  bool may_replace(Index index, std::string_view started_with) const;
  const Variable* find(std::string_view entry) const;
  bool is_given(std::string_view setting) const;
  template <typename Emit>
  void emit_shell(Emit emit) const;

  const char* const* given_;
  const StartEnvironment& start_;
  std::size_t count_ = 0;            // entries of `given`
  bool has_other_settings_ = false;  // one of ours is not what it was when the process started
  bool adds_settings_ = false;
  bool changes_ = false;
  std::array<Variable, kVariables> variables_{Variable{"TRACEPARENT="}, Variable{"TRACESTATE="},
                                              Variable{"LLMOBSERVE_SESSION="}, Variable{"BAGGAGE="},
                                              Variable{"LD_PRELOAD="}};
};

}  // namespace llmo::span
