// llmobserve recover: exports what sessions left behind whose exporter is gone.
#include <CLI/CLI.hpp>

#include <string>

#include "exporters/cli/commands.h"
#include "exporters/cli/exporter_choice.h"
#include "exporters/cli/messages.h"
#include "exporters/console/text.h"
#include "exporters/session/recover.h"
#include "shim/config/settings.h"

namespace llmo::cli {
namespace {

using console::format_count;

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", format_count(count), count == 1 ? one : many);
}

// Says what came of one session; false where it is not all exported.
bool tell(const session::RecoveredSession& session) {
  const session::ExportReport& report = session.report;
  switch (report.end) {
    case session::ExportEnd::kComplete: {
      const std::string where = report.output_path.empty() ? "" : " to " + report.output_path;
      // Else all was in its file, and only sent.
      if (report.spans + report.processes != 0 || report.destinations.size() < 2)
        say("{}: {} of {} exported{}", session.directory, plural(report.spans, "span", "spans"),
            plural(report.processes, "process", "processes"), where);
      if (report.closed_spans != 0) {
        say("{}: {} of them had not ended and were closed", session.directory,
            format_count(report.closed_spans));
      }
      if (report.damaged != 0) {
        say("{}: {} could not be read", session.directory, plural(report.damaged, "record", "records"));
      }
      return true;
    }
    case session::ExportEnd::kBusy:
      say("{}: left to the exporter that serves it", session.directory);
      return true;
    case session::ExportEnd::kNoSession:
      return true;  // finished by somebody else in the meantime
    case session::ExportEnd::kLeft:
    case session::ExportEnd::kStopped:
      break;
  }
  say("{}: {} exported, the rest is left: {}", session.directory, plural(report.spans, "span", "spans"),
      report.problem.empty() ? "interrupted" : report.problem);
  return false;
}

// What was refused for good is gone, and nobody should have to find that out.
void tell_counts(const session::RecoveredSession& session) {
  for (const session::DestinationReport& one : session.report.destinations) {
    if (one.name != session::kFileDestination && one.counts.exported != 0) {
      say("{}: {} took {}", session.directory, one.name, plural(one.counts.exported, "span", "spans"));
    }
    if (one.counts.dropped != 0) {
      say("{}: {} refused {} for good; exporter.log says why", session.directory, one.name,
          plural(one.counts.dropped, "span", "spans"));
    }
  }
}

int recover() {
  const config::ParsedSettings parsed = config::read_settings_from_environment();
  for (const std::string& note : parsed.notes) say("{}", note);
  if (describe(choose_exporters(parsed.settings)) == "none") {
    say("LLMOBSERVE_EXPORTER says none, so there is nowhere to export to, and all stays as it is");
    return kExitNo;
  }
  const std::string journal_dir = session::journal_directory(parsed.settings);
  const auto sessions =
      session::recover_sessions(journal_dir, [&parsed] { return make_exporter_options(parsed.settings); });
  bool complete = true;
  for (const session::RecoveredSession& session : sessions) {
    complete = tell(session) && complete;
    tell_counts(session);
  }
  if (sessions.empty()) say("nothing to recover in {}", journal_dir);
  return complete ? kExitOk : kExitNo;
}

}  // namespace

void add_recover_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("recover", "export what a dead exporter or machine left behind");
  command->footer(
      "Looks in LLMOBSERVE_JOURNAL_DIR (default /dev/shm/llmobserve-<uid>) and exports as `run` would. Exit "
      "code 0: nothing\nis left; 1: something is, and a line says why.");
  command->callback([&exit_code] { exit_code = recover(); });
}

}  // namespace llmo::cli
