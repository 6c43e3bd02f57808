#include "exporters/session/exporter.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <ctime>
#include <exception>
#include <utility>

#include "exporters/session/code_lookup.h"
#include "exporters/session/commit.h"
#include "exporters/session/export_history.h"
#include "exporters/session/export_loop.h"
#include "exporters/session/journal_source.h"
#include "exporters/session/log.h"
#include "exporters/session/session_directory.h"
#include "exporters/session/session_origin.h"
#include "exporters/span/clock.h"
#include "exporters/span/price_file.h"
#include "exporters/span/resource.h"

namespace llmo::session {
namespace {

std::atomic<bool> stop_flag{false};

void request_stop(int) { stop_flag.store(true, std::memory_order_relaxed); }

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, nullptr);
}

std::string absolute(const std::string& path) {
  if (!path.empty() && path[0] == '/') return path;
  char directory[PATH_MAX];
  if (::getcwd(directory, sizeof directory) == nullptr) return path;
  return path.empty() ? std::string(directory) : std::string(directory) + "/" + path;
}

// From two instants 5 ms apart: to better than 1 in 10 000, which is enough to judge the rates of journals.
std::uint64_t measure_ticks_per_second() {
  const journal::ClockPair first = take_clock_pair(journal::ClockKind::kTsc);
  ::usleep(5000);
  const journal::ClockPair second = take_clock_pair(journal::ClockKind::kTsc);
  const std::uint64_t nanos = second.monotonic_nanos - first.monotonic_nanos;
  const auto ticks = static_cast<unsigned __int128>(second.ticks - first.ticks) * 1'000'000'000;
  return nanos == 0 ? 0 : static_cast<std::uint64_t>(ticks / nanos);
}

// For functions on the stacks of API calls: as the host decides, from the same variables.
std::shared_ptr<const filter::FunctionFilter> make_filter(const config::Settings& settings) {
  return std::make_shared<const filter::FunctionFilter>(settings.function_patterns, settings.exclude_modules);
}

// Names and places that are the session's own, not those of whoever finishes it.
void follow_origin(const std::string& session_dir, const ExporterOptions& options,
                   config::Settings& settings) {
  const SessionOrigin own{settings.service_name, settings.resource_attributes, absolute(settings.trace_dir)};
  settings.trace_dir = own.trace_dir;
  if (!options.once) return write_session_origin(session_dir, own);
  const SessionOrigin origin = read_session_origin(session_dir).value_or(SessionOrigin());
  if (options.of_another || own.service_name.empty()) settings.service_name = origin.service_name;
  if (options.of_another || own.resource_attributes.empty()) {
    settings.resource_attributes = origin.resource_attributes;
  }
  if (options.of_another && !origin.trace_dir.empty()) settings.trace_dir = origin.trace_dir;
}

// What the options leave to the environment, read.
struct Tuning {
  BatchSettings batch;
  SpanLimits limits;
  file::FileSettings file;
};

Tuning read_tuning(const ExporterOptions& options, Log& log) {
  config::EnvironmentReader environment;
  const Tuning tuning{options.batch ? *options.batch : read_batch_settings(environment),
                      options.limits ? *options.limits : read_span_limits(environment),
                      options.file ? *options.file : file::read_file_settings(environment)};
  for (const std::string& note : environment.notes()) log.warn(note);
  return tuning;
}

SourceContext make_context(const config::Settings& settings, const Tuning& tuning, Log& log) {
  if (!parse_resource_attributes(settings.resource_attributes)) {
    log.warn("OTEL_RESOURCE_ATTRIBUTES is malformed and is ignored as a whole");
  }
  SourceContext context{settings.service_name,
                        settings.resource_attributes,
                        measure_ticks_per_second(),
                        {make_code_lookup(), make_filter(settings), nullptr},
                        tuning.limits,
                        {}};
  PricesInUse prices = load_prices(settings.prices);
  context.tools.prices = std::move(prices.table);
  if (!prices.problem.empty()) {
    log.warn(prices.problem);
    context.notes.push_back(std::move(prices.problem));
  }
  return context;
}

LoopOptions loop_options(const ExporterOptions& options, const BatchSettings& batch) {
  LoopOptions loop;
  loop.once = options.once;
  loop.keep_api = options.settings.keep_api;
  loop.linger = options.linger;
  loop.give_up_after = options.give_up_after;
  loop.schedule_delay = batch.schedule_delay;
  // A small journal must not fill up with what waits.
  constexpr std::uint64_t kMebibyte = 1 << 20;
  loop.most_bytes_waiting =
      std::min<std::uint64_t>(options.settings.journal_max_mib * kMebibyte / 8, kMebibyte);
  loop.stop_requested = &stop_requested;
  return loop;
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// A file tells for itself what it got, as long as nothing is wrong with it.
bool worth_telling(const ExportReport& report) {
  if (report.end == ExportEnd::kLeft && !report.destinations.empty()) return true;
  return std::any_of(report.destinations.begin(), report.destinations.end(),
                     [](const DestinationReport& one) {
                       const bool took_some = one.counts.exported + one.counts.dropped + one.lost_batches > 0;
                       return !one.problem.empty() || (took_some && one.name != kFileDestination);
                     });
}

void tell(const std::string& session_dir, const ExportReport& report, Log& log) {
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  if (worth_telling(report)) {
    add_to_history(parent_of(session_dir), {now, name_of(session_dir), report.end == ExportEnd::kComplete,
                                            report.spans, report.not_sampled, report.destinations});
  }
  for (const DestinationReport& one : report.destinations) {
    const std::string counts = fmt::format("{}: {} spans taken, {} refused for good, {} attempts repeated{}",
                                           one.name, one.counts.exported, one.counts.dropped,
                                           one.counts.retried, one.behind ? ", and it has not got all" : "");
    const bool smooth = one.problem.empty() && one.counts.dropped == 0 && !one.behind;
    smooth ? log.debug(counts) : log.info(counts);
  }
  if (report.not_sampled > 0) log.debug(fmt::format("{} spans were not sampled", report.not_sampled));
}

ExportReport export_from(SessionDirectory& directory, ExporterOptions options) {
  Log log(parent_of(directory.path()), options.settings.debug);
  follow_origin(directory.path(), options, options.settings);
  const Tuning tuning = read_tuning(options, log);
  const SourceContext context = make_context(options.settings, tuning, log);
  CommitOptions commit;
  commit.trace_dir = options.settings.trace_dir;
  commit.write_file = options.write_file;
  commit.log_waiting = options.settings.keep_api;
  commit.exporters = std::move(options.exporters);
  commit.file = tuning.file;
  commit.patience = {options.give_up_after, tuning.batch.patience};
  Committer committer(std::move(commit), log);
  const std::string session_dir = directory.path();
  ExportReport report =
      ExportLoop(directory, committer, context, log, loop_options(options, tuning.batch)).run();
  tell(session_dir, report, log);
  return report;
}

ExportReport run(const std::string& session_dir, ExporterOptions options) {
  SessionDirectory directory;
  ExportReport report;
  switch (directory.open(session_dir)) {
    case SessionDirectory::OpenResult::kBusy:
      report.end = ExportEnd::kBusy;
      return report;
    case SessionDirectory::OpenResult::kMissing:
      report.end = ExportEnd::kNoSession;
      return report;
    case SessionDirectory::OpenResult::kOpened:
      break;
  }
  return export_from(directory, std::move(options));
}

}  // namespace

ExportReport run_exporter(const std::string& session_dir, ExporterOptions options) {
  try {
    return run(session_dir, std::move(options));
  } catch (const std::exception& error) {  // out of memory: what is not consumed stays in the journals
    ExportReport report;
    report.end = ExportEnd::kLeft;
    report.problem = error.what();
    return report;
  }
}

namespace {

// What the host has limited itself to is not meant for us: up to the hard limit.
void raise_limits() {
  for (const auto resource : {RLIMIT_FSIZE, RLIMIT_AS, RLIMIT_DATA, RLIMIT_NOFILE, RLIMIT_CPU}) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0) continue;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(resource, &limit);
  }
}

}  // namespace

bool stop_requested() { return stop_flag.load(std::memory_order_relaxed); }

void prepare_exporter_process() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal = 1; signal < NSIG; ++signal) set_handler(signal, SIG_DFL);
  set_handler(SIGPIPE, SIG_IGN);
  set_handler(SIGHUP, SIG_IGN);
  set_handler(SIGCHLD, SIG_IGN);  // nobody waits for who finishes left sessions
  set_handler(SIGXFSZ, SIG_IGN);  // write() then says EFBIG, like any other full disk
  set_handler(SIGTERM, request_stop);
  set_handler(SIGINT, request_stop);
  ::umask(077);
  raise_limits();
}

}  // namespace llmo::session
