#include "exporters/cli/environment_checks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "exporters/cli/api_rules_check.h"
#include "exporters/cli/destination_checks.h"
#include "exporters/cli/library_check.h"
#include "exporters/cli/preload.h"
#include "exporters/cli/price_check.h"
#include "exporters/cli/session_dir.h"
#include "exporters/cli/setting_tables.h"
#include "exporters/session/recover.h"
#include "shim/journal/format.h"

namespace llmo::cli {
namespace {

Finding good(std::string subject, std::string text) {
  return {Verdict::kGood, std::move(subject), std::move(text)};
}
Finding note(std::string subject, std::string text) {
  return {Verdict::kNote, std::move(subject), std::move(text)};
}
Finding bad(std::string subject, std::string text) {
  return {Verdict::kBad, std::move(subject), std::move(text)};
}

Finding check_library() {
  const std::string library = find_library();
  if (library.empty()) return bad("library", library_missing());
  if (!can_be_preloaded(library)) {
    return bad("library", library + " has a blank or a colon in its path, which LD_PRELOAD cannot hold");
  }
  const PreloadTrial trial = try_preload(library);
  if (!trial.works)
    return bad("library", fmt::format("{} cannot be preloaded: {}", library, trial.complaint));
  return good("library", library);
}

// The library finds the exporter by LLMOBSERVE_PROGRAM, else beside itself; `run` passes its own path on.
Finding check_exporter_program(const config::Settings& settings) {
  if (settings.program.empty()) return good("exporter", own_path());
  if (::access(settings.program.c_str(), X_OK) == 0) return good("exporter", settings.program);
  return bad("exporter", fmt::format("LLMOBSERVE_PROGRAM is {}, which cannot be run: {}", settings.program,
                                     std::strerror(errno)));
}

Finding check_journal_space(const std::string& directory, std::uint64_t wanted_mib) {
  constexpr std::uint64_t kMebibyte = 1024 * 1024;
  struct statvfs space {};
  if (::statvfs(directory.c_str(), &space) != 0) {
    return note("journal", fmt::format("{}: free space cannot be told: {}", directory, std::strerror(errno)));
  }
  const std::uint64_t free_mib = space.f_bavail * space.f_frsize / kMebibyte;
  if (free_mib == 0) {
    return bad("journal",
               fmt::format("{} is full; free some space, or set LLMOBSERVE_JOURNAL_DIR", directory));
  }
  const std::string text = fmt::format("{}, {} MiB free", directory, free_mib);
  if (free_mib >= wanted_mib) return good("journal", text);
  return note("journal",
              fmt::format("{} of the {} MiB that LLMOBSERVE_JOURNAL_MAX allows; what comes beyond is "
                          "dropped and counted",
                          text, wanted_mib));
}

Finding check_journal(const config::Settings& settings) {
  const std::string directory = session::journal_directory(settings);
  const std::string session_dir = make_session_dir(directory);
  if (session_dir.empty()) {
    return bad("journal", fmt::format("{} cannot be used: {}; LLMOBSERVE_JOURNAL_DIR names another place",
                                      directory, std::strerror(errno)));
  }
  ::rmdir(session_dir.c_str());
  return check_journal_space(directory, settings.journal_max_mib);
}

bool can_populate() {
  constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE, Linux 5.14
  constexpr std::size_t kPage = 4096;
  void* const page = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  const bool works = ::madvise(page, kPage, kPopulateWrite) == 0;
  ::munmap(page, kPage);
  return works;
}

bool has_pidfd() {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0));
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

Finding check_kernel() {
  if (!has_pidfd())
    return note("kernel", "no pidfd_open: the exporter has to look for ended processes by polling");
  if (!can_populate()) return note("kernel", "no MADV_POPULATE_WRITE: journal pages are prepared one by one");
  return good("kernel", "pidfd, MADV_POPULATE_WRITE");
}

Finding check_clock() {
  std::ifstream file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string name;
  file >> name;
  if (name == "tsc") return good("clock", "tsc");
  return note("clock", fmt::format("the kernel's clock is {}, not tsc, so each span costs two calls of "
                                   "clock_gettime",
                                   name.empty() ? "unknown" : name));
}

Finding check_sessions(const config::Settings& settings) {
  std::size_t running = 0;
  std::size_t left = 0;
  for (const session::SessionInfo& info : session::list_sessions(session::journal_directory(settings))) {
    if (info.exporter_alive) {
      ++running;
    } else if (info.journals != 0 || !info.behind.empty()) {
      ++left;
    }
  }
  if (left != 0) {
    return note("sessions",
                fmt::format("{} without an exporter: the next one exports what they hold, or `llmobserve "
                            "recover` does",
                            left));
  }
  return good("sessions", running == 0 ? "none" : fmt::format("{} being exported", running));
}

// Values that may hold a key or a password are not for a screen.
bool may_be_secret(std::string_view variable) {
  constexpr std::string_view kWords[] = {"HEADERS", "PASSWORD", "ENDPOINT", "URL", "RESOURCE_ATTRIBUTES"};
  return std::any_of(std::begin(kWords), std::end(kWords), [variable](std::string_view word) {
    return variable.find(word) != std::string_view::npos;
  });
}

// Some variables stand in for several settings: each is shown once.
void check_settings(const config::ParsedSettings& parsed, Findings& findings) {
  std::set<std::string> shown;
  for (const config::SettingInfo& setting : all_settings()) {
    for (const std::string_view name : {setting.variable, setting.alias}) {
      const std::string variable(name);
      const char* const value = name.empty() ? nullptr : std::getenv(variable.c_str());
      if (value == nullptr || *value == '\0' || !shown.insert(variable).second) continue;
      findings.push_back(good(
          "setting", may_be_secret(name) ? variable + " is set" : fmt::format("{}={}", variable, value)));
    }
  }
  for (const std::string& text : parsed.notes) findings.push_back(note("setting", text));
  if (!parsed.settings.enabled) {
    findings.push_back(bad("setting", "tracing is switched off (LLMOBSERVE_ENABLED, OTEL_SDK_DISABLED)"));
  }
}

}  // namespace

Findings check_environment(const config::ParsedSettings& parsed) {
  Findings findings = {check_library(),
                       check_exporter_program(parsed.settings),
                       check_journal(parsed.settings),
                       check_kernel(),
                       check_clock(),
                       check_sessions(parsed.settings)};
  check_settings(parsed, findings);
  for (Finding& finding : check_destinations(parsed.settings)) findings.push_back(std::move(finding));
  for (Finding& finding : check_history(parsed.settings)) findings.push_back(std::move(finding));
  findings.push_back(check_prices(parsed.settings));
  for (Finding& finding : check_api_rules(parsed.settings)) findings.push_back(std::move(finding));
  return findings;
}

Findings check_program(const ProgramFacts& facts) {
  if (facts.exec_error != 0) {
    return {bad("program", fmt::format("{}: {}", facts.command, std::strerror(facts.exec_error)))};
  }
  Findings findings;
  const std::string name =
      facts.script.empty() ? facts.path : fmt::format("{}, run by {}", facts.script, facts.path);
  if (!facts.elf.is_elf) return {note("program", name + " is not an ELF file: what it starts may be traced")};
  findings.push_back(good("program", fmt::format("{}, {}", name, facts.elf.machine)));

  // API calls alone are worth tracing, so a program without function hooks is bad only where libcurl is not
  // in sight either.
  bool functions = true;
  for (const Obstacle& obstacle : obstacles(facts)) {
    if (obstacle.reach == Obstacle::Reach::kNamespaces) {
      findings.push_back(note("namespaces", obstacle.sentence));
      continue;
    }
    functions = functions && obstacle.reach == Obstacle::Reach::kApiCalls;
    const bool hopeless = obstacle.reach == Obstacle::Reach::kEverything ||
                          obstacle.reach == Obstacle::Reach::kApiCalls || facts.libcurl.empty();
    const char* const subject = obstacle.reach == Obstacle::Reach::kApiCalls ? "libcurl" : "functions";
    findings.push_back(hopeless ? bad(subject, obstacle.sentence) : note(subject, obstacle.sentence));
  }
  if (functions) {
    findings.push_back(good(
        "functions", facts.elf.calls_function_hooks
                         ? "instrumented"
                         : fmt::format("instrumented: {}", fmt::join(facts.instrumented_libraries, ", "))));
  }
  if (!facts.libcurl.empty()) findings.push_back(good("libcurl", facts.libcurl));
  if (!facts.asan_runtime.empty()) {
    findings.push_back(
        note("sanitizer", facts.asan_runtime + " has to be preloaded first, as `llmobserve run` does"));
  }
  return findings;
}

}  // namespace llmo::cli
