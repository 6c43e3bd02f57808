// Spans that the program opens and closes itself, and contexts that it enters: what llmobserve.h reaches.
//
// A block is a DetachedSpan with a scope on the span stack beside it. The two may part: a block can be ended
// on another thread, or while calls and blocks above it go on. Its span is closed then; its frame, which only
// its own stack may take off, is made to pass on the context of what is below it, and goes when it can.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shim/journal/format.h"
#include "shim/journal/span_draft.h"
#include "shim/span/context.h"
#include "shim/span/thread_state.h"

namespace llmo::span::by_hand {

// Number of a block; 0 is none, and no number is used twice in a process.
using Block = std::uint64_t;

// Where a block stands in its source. Views, not owned.
struct Source {
  std::string_view name;  // empty: `function` names it
  std::string_view file;
  std::string_view function;  // as __func__ or __PRETTY_FUNCTION__ have it
  std::uint32_t line = 0;
  bool is_function = false;  // the block is the function's call
  Address call_site = 0;     // of the function's call
  Address frame = 0;         // of the function that the block stands in; 0: it may go on beyond that
};

// Opens a block on the calling thread: the span `workflow.<name>`. 0 where nothing is recorded, where there
// is no memory, and for a function whose call is traced already.
//
// For all of these: `stack_address` is the hook's, errno is kept, signals are safe.
Block begin(const Source& source, Address stack_address);

// From here on what opens on the thread is below `context`. `home` as in Scope, `frame` as in Source.
Block enter(const SpanContext& context, const Frame* home, Address frame, Address stack_address);

// Ends a block, from any thread. Nothing happens for one that has ended.
void end(Block block, bool by_exception, Address stack_address);

// True for one whose scope is still there.
bool has_ended(Block block);

// The block's name; empty where it has ended or is an entered context.
std::string name_of(Block block);

// What is to be said of a span.
class Change {
 public:
  virtual void apply(journal::SpanDraft& draft) const = 0;

 protected:
  ~Change() = default;
};

// False where the block has ended.
bool change(Block block, const Change& change);

// The scope of a block is gone without end().
void was_left(Block block, journal::EndKind end);

// In the child of a fork: all blocks are the parent's.
void reset_after_fork();

}  // namespace llmo::span::by_hand
