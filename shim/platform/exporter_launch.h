// Starts the exporter: a process of its own, that the host never sees.
#pragma once

#include <string>
#include <vector>

namespace llmo::platform {

struct ExporterCommand {
  std::string program;                   // path of the llmobserve program
  std::vector<std::string> arguments;    // after the program's name
  std::vector<std::string> environment;  // "NAME=value", all that it gets
  bool keeps_stderr = false;             // it prints for the user; else all its streams are /dev/null
};

// Runs it in a session of its own, with no descriptor of the host (but standard error, where it is kept),
// signals unblocked. The host gets no child that wait() could find, no SIGCHLD, no descriptor; its signal
// mask is as before. Returns as soon as the program was replaced, false where the processes could not be
// made.
bool launch_exporter(const ExporterCommand& command);

}  // namespace llmo::platform
