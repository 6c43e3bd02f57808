// Waits until what a finished program recorded is exported, by whoever does it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "exporters/session/exporter.h"

namespace llmo::cli {

// A journal file's name says whose it is: `<pid>-<start>.journal`.
struct JournalOwner {
  std::uint32_t pid = 0;
  std::uint64_t start = 0;  // clock ticks after boot
};

// False where `file_name` is not the name of a journal.
bool parse_journal_name(const std::string& file_name, JournalOwner& owner);

// Removes a session directory in which no process has recorded anything; false where one has.
bool discard_unused_session(const std::string& session_dir);

enum class DrainEnd {
  kExported,  // all that ended processes recorded is out
  kStopped,   // `pause` said so
  kBehind,    // its exporter is still trying, `problem` says why it does not get on
  kLeft,      // something stands in the way, `problem` says what; the session stays for `llmobserve recover`
};

struct Drained {
  DrainEnd end = DrainEnd::kExported;
  std::string problem;
};

struct DrainOptions {
  // What to export with where no exporter runs.
  std::function<session::ExporterOptions()> exporter_options;
  // Sleeps; false: stop waiting.
  std::function<bool(std::chrono::milliseconds)> pause;
  // Wait for the exporter itself as well, which prints or sends its last when it ends.
  bool until_exporter_ends = false;
  // How long an exporter may say that it has a problem, and how long nothing may move at all, before it is
  // not waited for any more. It goes on alone then.
  std::chrono::milliseconds problem_patience{5000};
  std::chrono::milliseconds standstill_patience{30000};
};

// Processes that still run are not waited for: their exporter stays with them.
Drained drain_session(const std::string& session_dir, const DrainOptions& options);

}  // namespace llmo::cli
