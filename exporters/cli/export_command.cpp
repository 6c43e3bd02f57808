// llmobserve export: the process that the library starts by itself. People use `run` and `recover`.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "exporters/cli/commands.h"
#include "exporters/cli/exporter_choice.h"
#include "exporters/session/exporter.h"
#include "exporters/session/left_sessions.h"
#include "exporters/session/session_directory.h"
#include "shim/config/settings.h"

namespace llmo::cli {
namespace {

// Its standard error may be the program's own, so what there is to say goes to the log that run_exporter()
// keeps.
//
// Sessions that others have left are finished as well: those that are there by a process of its own, so that
// this session does not wait for them, and at the end those that have come in the meantime.
int export_session(const std::string& session_dir) {
  session::prepare_exporter_process();
  const config::Settings settings = config::read_settings_from_environment().settings;
  const std::string journal_dir = session::parent_of(session_dir);
  session::LeftSessionOptions left;
  left.make_options = [&settings] { return make_exporter_options(settings); };
  session::finish_left_sessions_aside(journal_dir, left);
  const session::ExportReport report = session::run_exporter(session_dir, make_exporter_options(settings));
  if (report.end == session::ExportEnd::kComplete) session::finish_left_sessions(journal_dir, left);
  const bool failed = report.end == session::ExportEnd::kLeft || report.end == session::ExportEnd::kNoSession;
  return failed ? kExitNo : kExitOk;
}

}  // namespace

void add_export_command(CLI::App& app, int& exit_code) {
  const auto session_dir = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("export", "export one session until its processes have ended");
  command->group("");  // not listed: nobody needs to type it
  command->add_option("session", *session_dir, "directory of the session")->type_name("DIR")->required();
  command->callback([session_dir, &exit_code] { exit_code = export_session(*session_dir); });
}

}  // namespace llmo::cli
