// A command for sh(1) that begins by telling the shell where it is in the trace.
//
// system() and popen() start their shell with the process's own environment, which cannot be changed for the
// time of a call: other threads read it.
#pragma once

#include <memory>

#include "shim/span/thread_state.h"

namespace llmo::hooks {

class ToldCommand {
 public:
  // `command` outlives the object and may be nullptr. Keeps errno.
  ToldCommand(const char* command, span::Address stack_address);

  // What to call for: `command` itself where there is nothing to tell or it would become too long.
  const char* get() const { return told_ ? told_.get() : command_; }

 private:
  const char* command_;
  std::unique_ptr<char[]> told_;
};

}  // namespace llmo::hooks
