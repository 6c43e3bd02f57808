#include "shim/span/tracer.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shim/config/api_rules.h"
#include "shim/genai/own_rules.h"
#include "shim/journal/session.h"
#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/lock.h"
#include "shim/platform/module_walk.h"
#include "shim/platform/own_library.h"
#include "shim/platform/private_heap.h"
#include "shim/platform/signal_block.h"
#include "shim/platform/syscalls.h"
#include "shim/span/by_hand.h"
#include "shim/span/coroutine_table.h"
#include "shim/span/current.h"
#include "shim/span/exporter_command.h"
#include "shim/span/function_names.h"
#include "shim/span/function_table.h"
#include "shim/span/hot_state.h"
#include "shim/span/ids.h"
#include "shim/span/left_out.h"
#include "shim/span/sampler.h"
#include "shim/span/span_stack.h"

namespace llmo::span {

namespace sys = platform::sys;

namespace {

#ifndef MADV_WIPEONFORK
constexpr int MADV_WIPEONFORK = 18;
#endif

// Made once, never taken down: functions may run, and be recorded, after every destructor.
struct Process {
  config::Settings settings;
  std::vector<std::string> notes;
  SpanContext remote_parent;
  std::vector<std::string> exporter_environment;
  StartEnvironment start_environment;
  journal::Session session;
  journal::Journal journal;
  std::string definitions;  // records, one after the other
  FunctionNames function_names;
};

LLMO_AT_FORK constinit platform::Lock start_lock;    // guards the first start and what is done after a fork
LLMO_AT_FORK constinit platform::Lock journal_lock;  // guards opening the journal and `definitions`
LLMO_AT_FORK constinit Process* process = nullptr;
LLMO_AT_FORK constinit bool was_wanted = false;                   // as the first start found
LLMO_AT_FORK constinit std::atomic<std::uint32_t> started_in{0};  // process id of the last start
LLMO_AT_FORK constinit std::atomic<std::uint32_t> thread_count{0};
LLMO_AT_FORK constinit std::atomic<bool> paused{false};

enum class JournalState : std::uint32_t { kNotTried, kOpen, kUnavailable };
LLMO_AT_FORK constinit std::atomic<JournalState> journal_state{JournalState::kNotTried};
// The directory of the session that this process, or the one that it was forked from, has a journal in.
// Readers may be signal handlers: what it was before is never given back.
LLMO_AT_FORK constinit std::atomic<const char*> session_directory{nullptr};

// The key whose destructor tells that a thread ends. One below 32 needs no memory of the host's (glibc keeps
// the first 32 values in the thread itself).
constexpr pthread_key_t kKeysWithoutMemory = 32;
LLMO_AT_FORK constinit pthread_key_t thread_end_key = 0;
LLMO_AT_FORK constinit bool has_thread_end_key = false;

// The thread has left all of its calls, by whichever way. It may come back: destructors of others may call
// functions that are traced. Then this is called once more, in the next round.
void on_thread_end(void*) {
  const platform::ErrnoSaver keep;
  detach_thread(journal::EndKind::kThreadExit);
}

void make_thread_end_key() {
  has_thread_end_key = pthread_key_create(&thread_end_key, on_thread_end) == 0;
  if (!has_thread_end_key || thread_end_key < kKeysWithoutMemory) return;
  pthread_key_delete(thread_end_key);
  has_thread_end_key = false;
}

// OpenTelemetry's propagators still work where the SDK is off; spans of ours do not, so nothing does.
bool is_wanted(const config::Settings& settings) {
  // Set-uid programs: the loader has left most preloads out already (ld.so(8), secure-execution mode).
  return settings.enabled && settings.exporters != "none" && getauxval(AT_SECURE) == 0;
}

Process* make_process() {
  config::ParsedSettings parsed = config::read_settings_from_environment();
  auto* const made = new Process;
  made->settings = std::move(parsed.settings);
  made->notes = std::move(parsed.notes);
  const SpanContext remote = parse_traceparent(made->settings.traceparent).value_or(SpanContext{});
  if (remote.empty()) made->settings.tracestate.clear();
  made->remote_parent = sampled_as_here(remote, made->settings.tracestate, made->settings);
  return made;
}

void load_api_rules() {
  if (process->settings.api_rules.empty()) return;
  config::ApiRuleFile file = config::read_api_rules(process->settings.api_rules);
  for (const std::string& error : file.errors) {
    process->notes.push_back(std::string("LLMOBSERVE_API_RULES: ").append(error));
  }
  genai::use_own_rules(std::move(file.rules));
}

Phase start_first() {
  process = make_process();
  if (!is_wanted(process->settings)) return Phase::kOff;
  make_paths_absolute(process->settings);
  // In a shell that preloads the library: what it sends spans with is nobody's API call.
  if (is_exporter_program(process->settings)) return Phase::kOff;
  was_wanted = true;
  load_api_rules();
  process->exporter_environment = exporter_environment(environ, process->settings);
  process->start_environment = read_start_environment(environ, platform::own_library_path());
  make_thread_end_key();
  return Phase::kOn;
}

// The child's own journal is opened by its first span, in the session of the parent.
void reset_journal_after_fork() {
  // Another thread of the parent was opening the journal: what it left of the session may be half done.
  if (!journal_lock.is_free()) new (&process->session) journal::Session;
  journal_lock.reset();
  journal_state.store(JournalState::kNotTried, std::memory_order_relaxed);
  process->journal.abandon();
  new (&process->function_names) FunctionNames;
  if (!restore_after_fork()) new (&process->definitions) std::string;
}

// The hot page was wiped: this is a child, and everything that is the parent's stays the parent's. All that
// belongs to spans is here, in an order that counts: the heap first, as the others use it, then locks that
// others take. What is followed of other libraries is reset by hooks/library.cpp.
Phase start_in_child() {
  platform::heap::reset_after_fork();
  platform::let_walks_go_on_in_child();  // a child by clone(2) alone has had no atfork handler
  forget_parent_stack();
  reset_journal_after_fork();
  by_hand::reset_after_fork();
  reset_left_out_after_fork();
  reset_coroutine_locks_after_fork();
  return was_wanted ? Phase::kOn : Phase::kOff;
}

LLMO_COLD Phase start() {
  // Before libc has its environment (.preinit_array) there are no settings to read: it is too early.
  if (environ == nullptr) return Phase::kNotStarted;
  const platform::ErrnoSaver keep;
  const platform::SignalBlock signals;
  const auto self = static_cast<std::uint32_t>(sys::getpid());
  const std::uint32_t starter = started_in.load(std::memory_order_relaxed);
  // A start that a fork interrupted in the parent is done again from the beginning.
  if (starter != 0 && starter != self) start_lock.reset();
  const platform::LockGuard guard(start_lock);
  const auto phase = static_cast<Phase>(hot_state.phase.load(std::memory_order_relaxed));
  if (phase != Phase::kNotStarted) return phase;
  started_in.store(self, std::memory_order_relaxed);
  Phase reached = Phase::kOff;
  try {
    reached = process == nullptr ? start_first() : start_in_child();
    set_sampler(process->settings);
  } catch (const std::bad_alloc&) {  // no memory for us: the host has better use for what there is
    process = nullptr;
  }
  // Where the kernel cannot wipe (before 4.14) only children made by fork() are noticed, by their atfork
  // handler. A child has it from its parent; one that is off stays off, and has nothing to do.
  if (starter == 0 && reached == Phase::kOn) sys::madvise(&hot_state, sizeof hot_state, MADV_WIPEONFORK);
  // Release: pairs with the acquire in ensure_started(); who sees the phase sees the process.
  hot_state.phase.store(static_cast<std::uint32_t>(reached), std::memory_order_release);
  return reached;
}

void write_note(std::string_view text) {
  journal::NoteRecord record{};
  record.text_size = static_cast<std::uint32_t>(text.size());
  std::string bytes(reinterpret_cast<const char*>(&record), sizeof record);
  bytes.append(text);
  bytes.resize(journal::aligned_record_size(bytes.size()), '\0');
  const std::uint32_t word = journal::make_word(bytes.size(), journal::RecordKind::kNote);
  bytes.replace(0, sizeof word, reinterpret_cast<const char*>(&word), sizeof word);
  process->journal.append_definition(bytes.data(), bytes.size());
}

void write_definitions() {
  const std::string& all = process->definitions;
  for (std::size_t position = 0; position < all.size();) {
    std::uint32_t word = 0;
    all.copy(reinterpret_cast<char*>(&word), sizeof word, position);
    const std::size_t size = journal::word_length(word);
    process->journal.append_definition(all.data() + position, size);
    position += size;
  }
  constexpr std::size_t kMaxNote = 1024;
  for (const std::string& note : process->notes) write_note(std::string_view(note).substr(0, kMaxNote));
}

bool open_journal_now() {
  platform::choose_clock();
  set_limits(process->settings);
  const config::Settings& settings = process->settings;
  const std::uint64_t max_bytes = settings.journal_max_mib << 20;
  if (records_nothing(settings)) return process->journal.open_unread(max_bytes);
  // A forked child joins its parent's session: one exporter serves both.
  const std::string directory =
      process->session.directory().empty() ? settings.session : process->session.directory();
  // One that has changed its user or its root cannot, and begins a session of its own.
  if (!process->session.join(directory, settings.journal_dir, max_bytes) &&
      !process->session.join({}, settings.journal_dir, max_bytes)) {
    return false;
  }
  if (!process->journal.open(process->session, max_bytes)) return false;
  write_definitions();
  return true;
}

void start_exporter() {
  if (process->session.has_exporter()) return;
  const auto command =
      exporter_command(process->settings, process->session.directory(), process->exporter_environment);
  if (command && platform::launch_exporter(*command)) process->session.note_exporter_launch();
}

void publish_session() {
  const std::string& directory = process->session.directory();
  const char* const known = session_directory.load(std::memory_order_relaxed);
  if (known != nullptr && directory == known) return;
  const auto* const kept = new std::string(directory);
  // Release: who sees the pointer sees the text.
  session_directory.store(kept->c_str(), std::memory_order_release);
}

bool open_journal_or_fail() {
  try {
    if (!open_journal_now()) return false;
    if (records_nothing(process->settings)) return true;
    publish_session();
    start_exporter();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

LLMO_COLD journal::Journal* open_journal_slow() {
  const platform::ErrnoSaver keep;
  const SlowSection section(thread_state);
  const platform::LockGuard guard(journal_lock);
  const JournalState state = journal_state.load(std::memory_order_relaxed);
  if (state == JournalState::kOpen) return &process->journal;
  if (state == JournalState::kUnavailable) return nullptr;
  if (!open_journal_or_fail()) {
    journal_state.store(JournalState::kUnavailable, std::memory_order_release);
    return nullptr;
  }
  // Release: pairs with the acquire in open_journal().
  journal_state.store(JournalState::kOpen, std::memory_order_release);
  return &process->journal;
}

}  // namespace

Phase ensure_started() {
  const auto phase = static_cast<Phase>(hot_state.phase.load(std::memory_order_acquire));
  return phase != Phase::kNotStarted ? phase : start();
}

bool recording() { return ensure_started() == Phase::kOn; }

// Relaxed: a switch orders nothing, other threads see it soon.
bool is_paused() { return paused.load(std::memory_order_relaxed); }

bool set_paused(bool pause) {
  const platform::ErrnoSaver keep;
  const SlowSection section(thread_state);
  const bool was_paused = paused.exchange(pause, std::memory_order_relaxed);
  renew_hot_page();
  return was_paused;
}

// A fork wipes the phase, so that a child cannot come by with its parent's.
std::uint32_t process_id() {
  ensure_started();
  return started_in.load(std::memory_order_relaxed);
}

const config::Settings& settings() { return process->settings; }

journal::Journal* journal_if_open() {
  if (ensure_started() != Phase::kOn) return nullptr;
  return journal_state.load(std::memory_order_acquire) == JournalState::kOpen ? &process->journal : nullptr;
}

journal::Journal* open_journal() {
  if (ensure_started() != Phase::kOn) return nullptr;
  switch (journal_state.load(std::memory_order_acquire)) {
    case JournalState::kOpen:
      return &process->journal;
    case JournalState::kUnavailable:
      return nullptr;
    case JournalState::kNotTried:
      break;
  }
  return open_journal_slow();
}

SpanContext remote_parent() { return process->remote_parent; }

const std::string& tracestate() { return process->settings.tracestate; }

const StartEnvironment& start_environment() { return process->start_environment; }

std::string_view joined_session() {
  const char* const directory = session_directory.load(std::memory_order_acquire);
  return directory == nullptr ? std::string_view{} : directory;
}

// Relaxed: numbers only have to differ.
void prepare_thread(ThreadState& thread) {
  if (thread.number != 0) return;
  thread.number = thread_count.fetch_add(1, std::memory_order_relaxed) + 1;
  thread.tid = static_cast<std::uint32_t>(sys::gettid());
  seed_ids(thread, platform::now_ticks());
}

void watch_thread_end() {
  if (has_thread_end_key) pthread_setspecific(thread_end_key, reinterpret_cast<void*>(std::uintptr_t{1}));
}

void define(const void* record, std::size_t size) {
  const platform::SignalBlock signals;
  const platform::LockGuard guard(journal_lock);
  process->definitions.append(static_cast<const char*>(record), size);
  if (journal_state.load(std::memory_order_relaxed) != JournalState::kOpen) return;
  if (process->journal.append_definition(record, size)) return;
  process->journal.header().lost_definitions.fetch_add(1, std::memory_order_relaxed);
}

std::optional<FunctionPlace> defined_function_place(std::uint32_t function) {
  const platform::LockGuard guard(journal_lock);
  return process->function_names.place(process->definitions, function);
}

std::string defined_function_name(std::uint32_t function) {
  const platform::LockGuard guard(journal_lock);
  return std::string(process->function_names.find(process->definitions, function));
}

// The stack is shared with the parent, who goes on to change it: where the child is has to be known before.
LLMO_COLD void before_fork() {
  if (!recording()) return;
  thread_state.at_fork = current_position(reinterpret_cast<Address>(__builtin_frame_address(0)));
  thread_state.forking = true;
}

LLMO_COLD void after_fork_in_parent() { thread_state.forking = false; }

// The wiped page would have it done at the next event; where the kernel does not wipe, this is all there is.
LLMO_COLD void after_fork_in_child() {
  if (process == nullptr) return;
  hot_state.phase.store(static_cast<std::uint32_t>(Phase::kNotStarted), std::memory_order_relaxed);
  hot_state.size.store(0, std::memory_order_relaxed);
  start();
}

}  // namespace llmo::span
