// `llmobserve export`: drains the journals of one session until all their writers are gone.
//
// A session is a directory below the journal directory, with one journal for each process of a process tree
// (shim/journal/format.h). At most one exporter serves it; the lock file in it says which.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporters/span/exporter.h"
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
  // How long a session without writers goes on trying an output that fails, before it is left for `recover`.
  std::chrono::milliseconds give_up_after{5000};
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
  std::string output_path;         // absolute; empty where no file was written
  std::string problem;             // one sentence where end is kLeft, else empty
};

// Blocks until the session is at its end. Throws nothing. Warnings go to exporter.log in the journal
// directory.
ExportReport run_exporter(const std::string& session_dir, ExporterOptions options);

// What `llmobserve export` does to its process before anything else: signal mask and handlers reset, SIGPIPE
// ignored, umask 077, SIGTERM and SIGINT make run_exporter() finish its batch and return. Not for `recover`
// or `run`, which keep their own signals.
void prepare_exporter_process();

}  // namespace llmo::session
