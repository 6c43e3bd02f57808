#include "exporters/span/ending.h"

#include <signal.h>
#include <string.h>

#include "exporters/span/attributes.h"

namespace llmo {
namespace {

using journal::EndKind;

bool is_fault(int signal) {
  return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
}

// A program that was told to end has not failed; one that broke down has.
bool broke_down(const RawSpanBase& raw) {
  return raw.end_kind == EndKind::kAbort || raw.end_kind == EndKind::kTerminate ||
         (raw.end_kind == EndKind::kSignal && is_fault(raw.signal));
}

}  // namespace

std::string_view end_name(EndKind kind) {
  switch (kind) {
    case EndKind::kReturned:
      return {};
    case EndKind::kUnwound:
      return "unwound";
    case EndKind::kThreadExit:
      return "thread_exit";
    case EndKind::kProcessExit:
      return "process_exit";
    case EndKind::kKilled:
      return "killed";
    case EndKind::kCancelled:
      return "cancelled";
    case EndKind::kException:
      return "exception";
    case EndKind::kLongjmp:
      return "longjmp";
    case EndKind::kQuickExit:
      return "quick_exit";
    case EndKind::kImmediateExit:
      return "_exit";
    case EndKind::kAbort:
      return "abort";
    case EndKind::kTerminate:
      return "terminate";
    case EndKind::kExec:
      return "exec";
    case EndKind::kSignal:
      return "signal";
    case EndKind::kThreadCancel:
      return "thread_cancel";
    case EndKind::kDestroyed:
      return "destroyed";
  }
  return {};
}

std::string signal_name(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

void describe_ending(const RawSpanBase& raw, Span& span) {
  const std::string_view end = end_name(raw.end_kind);
  if (end.empty()) return;
  set_attribute(span.attributes, "llmobserve.end", std::string(end));
  const bool by_signal = raw.end_kind == EndKind::kSignal;
  if (by_signal) set_attribute(span.attributes, "llmobserve.signal", signal_name(raw.signal));
  if (!broke_down(raw)) return;
  span.status = StatusCode::kError;
  if (find_attribute(span.attributes, "error.type") == nullptr) {
    set_attribute(span.attributes, "error.type", by_signal ? signal_name(raw.signal) : std::string(end));
  }
}

}  // namespace llmo
