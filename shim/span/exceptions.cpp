#include "shim/span/exceptions.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <optional>
#include <utility>

#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/call_facts.h"
#include "shim/span/call_stack.h"
#include "shim/span/cpp_runtime.h"
#include "shim/span/exception_object.h"
#include "shim/span/process_end.h"
#include "shim/span/scope.h"
#include "shim/span/span_stack.h"
#include "shim/span/stack_area.h"
#include "shim/span/stack_frames.h"
#include "shim/span/thread_end.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::EndKind;

// One that was raised while calls were open.
struct Exception {
  enum class State : std::uint8_t {
    kOnItsWay,
    kInHandlersFrame,  // a handler has been found and runs, after the cleanups of its own function
    kCaught,
    kUncaught,  // nobody catches it
  };

  Exception* next = nullptr;  // raised before it
  const _Unwind_Exception* header = nullptr;
  // The object may be gone, unlike its type, once a handler has begun, which nobody may have told of.
  ThrownObject thrown;
  State state = State::kOnItsWay;
  // The call that it leaves next, if it does: marked with kFlagLook. The id tells whether the slot still
  // holds that call.
  const Frame* leaves = nullptr;
  std::uint64_t leaves_span = 0;
  std::uint64_t raised_ticks = 0;
  std::uint64_t landed_ticks = 0;
  Address landed_at = 0;
  std::optional<std::uint32_t> uncaught;  // that the runtime counted when it landed in the handler's frame
  std::size_t depth = 0;
  std::array<Address, kMaxStackDepth> stack{};  // return addresses at the throw, that of the thrower first
  bool is_passed_on = false;  // by one function of the unwinder to another, which is a hook too
  bool is_terminal = false;   // thrown again, without a handler: by the handler of std::terminate()
  bool is_described = false;
  journal::SpanDraft event;
};

namespace {

using State = Exception::State;

// --- the list ----------------------------------------------------------------------------------------------

// Exceptions that were caught are kept, as they may be thrown again; but not many.
constexpr int kMaxKept = 8;

Exception* find(const ThreadState& thread, const _Unwind_Exception* header) {
  for (Exception* one = thread.exceptions; one != nullptr; one = one->next) {
    if (one->header == header) return one;
  }
  return nullptr;
}

void take_out(ThreadState& thread, const Exception* wanted) {
  for (Exception** place = &thread.exceptions; *place != nullptr; place = &(*place)->next) {
    if (*place != wanted) continue;
    *place = wanted->next;
    return;
  }
}

void drop(ThreadState& thread, const Exception* one) {
  take_out(thread, one);
  delete one;
}

void put_first(ThreadState& thread, Exception* one) { one->next = std::exchange(thread.exceptions, one); }

// The oldest goes.
void keep_few(ThreadState& thread) {
  int count = 0;
  Exception* last = nullptr;
  for (Exception* one = thread.exceptions; one != nullptr; one = one->next, ++count) last = one;
  if (count > kMaxKept) drop(thread, last);
}

Exception* on_its_way(const ThreadState& thread) {
  for (Exception* one = thread.exceptions; one != nullptr; one = one->next) {
    if (one->state == State::kOnItsWay) return one;
  }
  return nullptr;
}

// --- the call that is left next ----------------------------------------------------------------------------

// The recorded call at or below `frame`; blocks and slices of coroutines are no calls.
Frame* recorded_call_at(Frame* frame) {
  Frame* call = recorded_at(frame);
  while (call != nullptr && is_scope(*call)) call = recorded_at(call - 1);
  return call;
}

Frame* innermost_recorded_call(const StackState& stack) {
  if (!stack.attached) return nullptr;
  return recorded_call_at((stack.overflow != 0 ? stack.overflow_top : stack.top) - 1);
}

void leave_next(Exception& exception, Frame* call) {
  exception.leaves = call;
  if (call == nullptr) return;
  exception.leaves_span = call->span_id;
  set_flag(*call, journal::kFlagLook);
}

bool would_leave(const Exception& exception, const Frame& frame) {
  return exception.leaves == &frame && exception.leaves_span == frame.span_id;
}

Exception* exception_that_would_leave(const ThreadState& thread, const Frame& frame) {
  for (Exception* one = thread.exceptions; one != nullptr; one = one->next) {
    if (would_leave(*one, frame)) return one;
  }
  return nullptr;
}

// --- what is said of one -----------------------------------------------------------------------------------

// Code of the host that it would not have run: what it calls is no call of the program's.
const char* ask_for_message(ThreadState& thread, const ThrownObject& thrown) {
  const platform::ErrnoSaver keep;
  const StackState stack = std::exchange(thread.stack, StackState{});
  thread.asks_host = true;
  const char* const message = message_of(thrown);
  thread.asks_host = false;
  thread.stack = stack;
  return message;
}

// `is_there`: the object is sure not to be gone yet.
void describe(ThreadState& thread, Exception& exception, bool is_there) {
  if (exception.is_described) return;
  exception.is_described = true;
  const ThrownObject& thrown = exception.thrown;
  if (thrown.known()) {
    exception.event.add("exception.type", type_name(thrown));
    const char* const message = is_there ? ask_for_message(thread, thrown) : nullptr;
    if (message != nullptr) exception.event.add("exception.message", message);
  } else {
    exception.event.add("exception.message", "not a C++ exception");
  }
  std::array<journal::CodeAddress, kMaxStackDepth> addresses;
  const std::size_t count = code_addresses(std::span(exception.stack).first(exception.depth), addresses);
  exception.event.add_stack("exception.stacktrace", std::span(addresses).first(count));
  exception.event.add_bool("exception.escaped", true);
}

void add_event(ThreadState& thread, Exception& exception, bool is_there, journal::SpanDraft& draft) {
  describe(thread, exception, is_there);
  draft.set_status(journal::SpanStatus::kError);
  draft.add_event("exception", exception.raised_ticks, exception.event);
}

// --- raising -----------------------------------------------------------------------------------------------

// The C++ runtime's own function, which raises it, is not where it was thrown. What is not of C++ may be
// raised by anybody.
void capture_stack(Exception& exception) {
  std::array<Address, kMaxStackDepth + 1> addresses;
  const std::size_t count = capture_return_addresses(addresses);
  const std::size_t skipped = thrown_object(exception.header).known() ? 1 : 0;
  const std::size_t end = std::min(count, kMaxStackDepth + skipped);
  for (std::size_t i = skipped; i < end; ++i) exception.stack[exception.depth++] = addresses[i];
}

// One that is thrown again keeps the stack of the first time.
Exception* raised_exception(ThreadState& thread, const _Unwind_Exception* header) {
  Exception* const known = find(thread, header);
  if (known != nullptr && is_thrown_again(header)) {
    take_out(thread, known);
    known->is_terminal = known->state == State::kOnItsWay || known->state == State::kUncaught;
    return known;
  }
  if (known != nullptr) drop(thread, known);  // another one, in the place of one that is gone
  auto* const made = new (std::nothrow) Exception;
  if (made == nullptr) return nullptr;
  made->header = header;
  made->thrown = thrown_object(header);
  capture_stack(*made);
  return made;
}

void begin_way(ThreadState& thread, const _Unwind_Exception* header, Frame* innermost, RaisedBy by) {
  Exception* const exception = raised_exception(thread, header);
  if (exception == nullptr) return;
  exception->is_passed_on = by == RaisedBy::kRethrow;
  exception->state = State::kOnItsWay;
  exception->raised_ticks = platform::now_ticks();
  leave_next(*exception, innermost);
  put_first(thread, exception);
  keep_few(thread);
}

bool is_noted_already(const ThreadState& thread, const _Unwind_Exception* header) {
  Exception* const known = find(thread, header);
  return known != nullptr && std::exchange(known->is_passed_on, false);
}

// Calls that were left by a jump are not left by what is raised after it.
void close_jumped_over(ThreadState& thread, Address stack_address) {
  const Frame* const call = thread.stack.overflow == 0 ? top_call(thread.stack) : nullptr;
  if (call == nullptr || call->stack_address >= stack_address || !alternate_stack().empty()) return;
  close_calls_below(thread, stack_address, EndKind::kUnwound);
}

// --- landing -----------------------------------------------------------------------------------------------

// Whether something lies below the address that is sure to be left: on an alternate signal stack addresses
// say nothing about the calls of the thread's own.
bool leaves_calls(const ThreadState& thread, Address stack_address) {
  const StackState& stack = thread.stack;
  const Frame* const call = stack.overflow != 0 ? stack.overflow_top - 1 : top_call(stack);
  return call != nullptr && call->stack_address < stack_address && alternate_stack().empty();
}

// The call that it leaves next may be inlined into the function that goes on, and be left in this frame.
bool is_inlined_call_left(const ThreadState& thread, const Exception& exception) {
  Frame* const call = innermost_recorded_call(thread.stack);
  if (call == nullptr || !would_leave(exception, *call)) return false;
  const Frame* const around = recorded_call_at(call - 1);
  return around != nullptr && around->stack_address == call->stack_address;
}

// Before code of the program goes on, which may destroy it.
void describe_landed(ThreadState& thread, Exception& exception, Address stack_address, bool is_handler) {
  if (exception.is_described || exception.leaves == nullptr) return;
  if (is_handler && !leaves_calls(thread, stack_address) && !is_inlined_call_left(thread, exception)) return;
  const SlowSection section(thread);
  describe(thread, exception, true);
}

Exception* landing_exception(const ThreadState& thread, const _Unwind_Exception* header) {
  Exception* const known = find(thread, header);
  return known != nullptr && known->state == State::kOnItsWay ? known : on_its_way(thread);
}

void land_in_handler(Exception& exception, Address stack_address) {
  exception.is_passed_on = false;
  exception.state = State::kInHandlersFrame;
  exception.landed_at = stack_address;
  exception.landed_ticks = platform::now_ticks();
  exception.uncaught = uncaught_count();
}

// --- closing -----------------------------------------------------------------------------------------------

// A function that was inlined into the handler's stands in the same frame. gcc calls its exit hook before the
// handler begins, when the runtime still counts the exception as uncaught.
bool goes_on_in_frame(Exception& exception) {
  const auto count = uncaught_count();
  const bool goes_on = exception.uncaught && count && *count >= *exception.uncaught && *count != 0;
  if (!goes_on) exception.state = State::kCaught;
  return goes_on;
}

bool is_left_by(Exception& exception, const Frame& frame, EndKind end) {
  const bool is_end_by_it = end == EndKind::kException || end == EndKind::kTerminate;
  switch (exception.state) {
    case State::kOnItsWay:
      return is_end_by_it || end == EndKind::kReturned || end == EndKind::kUnwound;
    case State::kUncaught:
      return is_end_by_it;
    case State::kInHandlersFrame:
    case State::kCaught:
      if (end == EndKind::kTerminate) return is_last_caught(exception.header);
      // clang calls nothing for it: it is found dead, in the frame that the handler has.
      if (end == EndKind::kUnwound) return frame.stack_address == exception.landed_at;
      return end == EndKind::kReturned && exception.state == State::kInHandlersFrame &&
             goes_on_in_frame(exception);
  }
  return false;
}

EndKind end_by(const Exception& exception, std::uint64_t& end_ticks, EndKind end) {
  if (end == EndKind::kTerminate) return end;
  if (end == EndKind::kUnwound && exception.landed_ticks != 0) end_ticks = exception.landed_ticks;
  return EndKind::kException;
}

// --- the end -----------------------------------------------------------------------------------------------

// The runtime calls its terminate handler by itself too, where an exception meets a noexcept function of
// gcc's or nobody at all; std::terminate() is what others call.
bool is_terminating(const ThreadState& thread) {
  for (const Exception* one = thread.exceptions; one != nullptr; one = one->next) {
    if (one->is_terminal || one->state == State::kOnItsWay || one->state == State::kUncaught) return true;
  }
  std::array<Address, kMaxStackDepth> calls;
  return is_in_terminate(std::span(calls).first(capture_return_addresses(calls)));
}

void close_terminated_calls(ThreadState& thread, Address stack_address) {
  const Frame* const innermost = innermost_recorded_call(thread.stack);
  if (innermost == nullptr) return;
  const Scope after{ScopeKind::kContext, stack_address, context_of(*innermost), nullptr};
  {
    const SlowSection section(thread);
    close_jumped_over(thread, stack_address);
    close_calls_below(thread, UINT64_MAX, EndKind::kTerminate);
  }
  enter_scope(after, stack_address);
}

}  // namespace

void note_raise(const _Unwind_Exception* exception, Address stack_address, RaisedBy by) {
  ThreadState& thread = thread_state;
  if (thread.busy || thread.vfork_depth != 0 || !recording()) return;
  if (is_noted_already(thread, exception)) return;
  const platform::ErrnoSaver keep;
  const SlowSection section(thread);
  close_jumped_over(thread, stack_address);
  Frame* const innermost = innermost_recorded_call(thread.stack);
  if (innermost == nullptr && top_call(thread.stack) == nullptr) return drop_exceptions(thread);
  begin_way(thread, exception, innermost, by);
}

void note_uncaught(const _Unwind_Exception* exception) {
  Exception* const known = find(thread_state, exception);
  if (known != nullptr) known->state = State::kUncaught;
}

void note_landing(const _Unwind_Exception* header, Address stack_address, bool is_handler) {
  ThreadState& thread = thread_state;
  if (thread.busy || thread.vfork_depth != 0 || !recording()) return;
  const platform::ErrnoSaver keep;
  Exception* const exception = landing_exception(thread, header);
  if (exception != nullptr && exception->header == header) {
    describe_landed(thread, *exception, stack_address, is_handler);
  }
  if (leaves_calls(thread, stack_address)) {
    const SlowSection section(thread);
    const EndKind end = exception != nullptr ? EndKind::kException : how_thread_unwinds(thread);
    close_calls_below(thread, stack_address, end);
  }
  if (exception != nullptr && is_handler) land_in_handler(*exception, stack_address);
}

EndKind look_for_exception(ThreadState& thread, Frame& frame, std::uint64_t& end_ticks, EndKind end) {
  Exception* const exception = exception_that_would_leave(thread, frame);
  if (exception == nullptr) return end;
  if (!is_left_by(*exception, frame, end)) {
    exception->leaves = nullptr;
    return end;
  }
  if (journal::SpanDraft* const facts = facts_of(thread.stack, frame)) {
    const bool is_there = end == EndKind::kTerminate && is_last_caught(exception->header);
    add_event(thread, *exception, is_there, *facts);
  }
  leave_next(*exception, recorded_call_at(&frame - 1));
  return end_by(*exception, end_ticks, end);
}

void drop_exceptions(ThreadState& thread) {
  while (thread.exceptions != nullptr) drop(thread, thread.exceptions);
}

bool add_exception_on_its_way(ThreadState& thread, journal::SpanDraft& draft) {
  Exception* const exception = on_its_way(thread);
  if (exception == nullptr) return false;
  add_event(thread, *exception, true, draft);
  return true;
}

void note_abort(Address stack_address) {
  ThreadState& thread = thread_state;
  if (thread.busy || thread.vfork_depth != 0 || journal_if_open() == nullptr) return;
  const platform::ErrnoSaver keep;
  if (!is_terminating(thread)) return;
  note_process_end(journal::ProcessState::kTerminating);
  close_terminated_calls(thread, stack_address);
}

}  // namespace llmo::span
