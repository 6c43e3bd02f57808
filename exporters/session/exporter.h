// `llmobserve export`: drains the journals of one session until all their writers are gone.
//
// A session is a directory below the journal directory, with one journal for each process of a process tree
// (shim/journal/format.h). At most one exporter serves it; the lock file in it says which.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporters/file/file_settings.h"
#include "exporters/session/batch_settings.h"
#include "exporters/session/destination.h"
#include "exporters/span/exporter.h"
#include "exporters/span/span_limits.h"
#include "shim/config/settings.h"

namespace llmo::session {

struct ExporterOptions {
  // Service name, resource attributes, trace directory (relative: to the working directory) and debug.
  config::Settings settings;
  // Writes spans as OTLP JSON lines below settings.trace_dir, each exactly once whatever kills the exporter.
  bool write_file = true;
  // Further destinations. With none of them and no file, spans are read and dropped.
  std::vector<std::unique_ptr<Exporter>> exporters;
  // Drain what is there and return, rather than waiting for writers to end (`llmobserve recover`).
  bool once = false;
  // How long an empty session is kept open for children that have yet to record their first span.
  std::chrono::milliseconds linger{100};
  // How long a session without writers goes on trying a local output that fails, before it is left; remote
  // ones have batch.patience.
  std::chrono::milliseconds give_up_after{5000};
  // Nothing: from the environment.
  std::optional<BatchSettings> batch{};
  std::optional<SpanLimits> limits{};
  std::optional<file::FileSettings> file{};
  // The session is another program's: its spans bear the names, and go to the folder, that its own exporter
  // has written down (session_origin.h).
  bool of_another = false;
};

enum class ExportEnd {
  kComplete,   // everything is exported, the session directory is gone
  kBusy,       // another exporter serves the session: nothing was done
  kLeft,       // the session directory stays: writers are alive (once), an output failed, or a journal of
               // another version
  kStopped,    // SIGTERM or SIGINT
  kNoSession,  // there is no such directory
};

struct ExportReport {
  ExportEnd end = ExportEnd::kComplete;
  std::uint64_t spans = 0;         // exported, closed ones included
  std::uint64_t closed_spans = 0;  // were open when their process ended
  std::uint64_t processes = 0;     // journals that were finished and deleted
  std::uint64_t damaged = 0;       // records that could not be read
  std::uint64_t not_sampled = 0;   // spans that the program's sampler had left out: read and dropped
  std::vector<DestinationReport> destinations{};
  std::string output_path;  // absolute; empty where no file was written
  std::string problem;      // one sentence where end is kLeft, else empty
};

// Blocks until the session is at its end. Throws nothing. Warnings go to exporter.log in the journal
// directory, counts to its history (export_history.h).
ExportReport run_exporter(const std::string& session_dir, ExporterOptions options);

// What `llmobserve export` does to its process before anything else: signal mask and handlers reset, SIGPIPE
// ignored, umask 077, SIGTERM and SIGINT make run_exporter() finish its batch and return. Not for `recover`
// or `run`, which keep their own signals.
void prepare_exporter_process();

// Whether one of those two signals has come: for exporters whose requests may hang.
bool stop_requested();

}  // namespace llmo::session
