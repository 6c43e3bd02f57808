// Ctrl-C ends a run early, so that daemons are stopped and directories are removed all the same.
#pragma once

namespace llmo::bench {

void end_early_on_signals();

// True once a signal has asked for the end.
bool interrupted();

}  // namespace llmo::bench
