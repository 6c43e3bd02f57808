// The library's state in this process: whether it records, its settings, its journal; and how it starts, ends
// and goes through a fork.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shim/config/settings.h"
#include "shim/journal/journal.h"
#include "shim/span/context.h"
#include "shim/span/function_names.h"
#include "shim/span/hot_state.h"
#include "shim/span/start_environment.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

enum class Phase : std::uint32_t {
  kNotStarted = kPhaseNotStarted,  // also what a forked child finds
  kOn = kPhaseOn,
  kOff = kPhaseOff,
};

// Starts the library where that has not happened: reads the settings, decides on or off. Called by the
// library's constructor, or by a hook that comes before it. Keeps errno.
Phase ensure_started();

// True while spans are recorded. The first question of every hook.
bool recording();

// Switched off at run time: what is open goes on and ends as ever, and nothing opens. Children of a fork take
// it over.
bool is_paused();
// Returns what is_paused() was.
bool set_paused(bool paused);

// The process that this code runs in, without a system call. After recording().
std::uint32_t process_id();

// Fixed once recording() has been true.
const config::Settings& settings();

// The process's journal, opened by the first call, which also starts the exporter; nullptr where there is
// none. A failure is final until a fork.
journal::Journal* open_journal();

// The journal if it is open already.
journal::Journal* journal_if_open();

// The parent of spans that nothing here is the parent of: TRACEPARENT.
SpanContext remote_parent();
// The tracestate that came with it; empty without a remote parent.
const std::string& tracestate();

// What the process was started with. Fixed once recording() has been true.
const StartEnvironment& start_environment();

// The directory of our session, for children to join; empty as long as there is none. A forked child has its
// parent's. The text stays for good. Signals: safe.
std::string_view joined_session();

// The thread's number and kernel id for its blocks, seeded id generator: what any span of the thread needs.
void prepare_thread(ThreadState& thread);

// Has detach_thread() called when the calling thread ends. Each time the thread takes something that is to be
// given back.
void watch_thread_end();

// Adds to the definitions that every journal of this process begins with, and to the open one.
// One caller at a time.
void define(const void* record, std::size_t size);

// The qualified name that a function was defined with; empty where it is not known. In a SlowSection or with
// signals blocked.
std::string defined_function_name(std::uint32_t function);
std::optional<FunctionPlace> defined_function_place(std::uint32_t function);

// Handlers of pthread_atfork(3).
void before_fork();
void after_fork_in_parent();
void after_fork_in_child();

}  // namespace llmo::span
