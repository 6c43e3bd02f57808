#include "exporters/session/exporter.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <exception>
#include <utility>

#include "exporters/session/code_lookup.h"
#include "exporters/session/commit.h"
#include "exporters/session/export_loop.h"
#include "exporters/session/journal_source.h"
#include "exporters/session/log.h"
#include "exporters/session/session_directory.h"
#include "exporters/span/clock.h"
#include "exporters/span/price_file.h"
#include "exporters/span/resource.h"

namespace llmo::session {
namespace {

std::atomic<bool> stop_requested{false};

void request_stop(int) { stop_requested.store(true, std::memory_order_relaxed); }

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

std::string parent_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = end == std::string::npos ? end : path.rfind('/', end);
  return slash == std::string::npos ? "." : path.substr(0, slash);
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

ExportReport run(const std::string& session_dir, ExporterOptions options) {
  ExportReport report;
  SessionDirectory directory;
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
  const config::Settings& settings = options.settings;
  Log log(parent_of(directory.path()), settings.debug);
  if (!parse_resource_attributes(settings.resource_attributes)) {
    log.warn("OTEL_RESOURCE_ATTRIBUTES is malformed and is ignored as a whole");
  }
  SourceContext context{settings.service_name,
                        settings.resource_attributes,
                        measure_ticks_per_second(),
                        {make_code_lookup(), make_filter(settings), nullptr},
                        {}};
  PricesInUse prices = load_prices(settings.prices);
  context.tools.prices = std::move(prices.table);
  if (!prices.problem.empty()) {
    log.warn(prices.problem);
    context.notes.push_back(std::move(prices.problem));
  }
  Committer committer({absolute(settings.trace_dir), options.write_file, settings.keep_api,
                       std::move(options.exporters), nullptr},
                      log);
  const LoopOptions loop{options.once, settings.keep_api, options.linger, options.give_up_after,
                         [] { return stop_requested.load(std::memory_order_relaxed); }};
  return ExportLoop(directory, committer, context, log, loop).run();
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

void prepare_exporter_process() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal = 1; signal < NSIG; ++signal) set_handler(signal, SIG_DFL);
  set_handler(SIGPIPE, SIG_IGN);
  set_handler(SIGHUP, SIG_IGN);
  set_handler(SIGXFSZ, SIG_IGN);  // write() then says EFBIG, like any other full disk
  set_handler(SIGTERM, request_stop);
  set_handler(SIGINT, request_stop);
  ::umask(077);
  raise_limits();
}

}  // namespace llmo::session
