#include "shim/hooks/told_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "shim/platform/errno_saver.h"
#include "shim/span/child_environment.h"
#include "shim/span/child_place.h"
#include "shim/span/tracer.h"

namespace llmo::hooks {

namespace {

// The longest argument that Linux takes, its NUL included (execve(2)).
constexpr std::size_t kLongestArgument = 128 * std::size_t{1024};

// A command that begins like an option is one for the shell. One whose shell shows what it runs would show
// ours.
bool can_be_told(const char* command) {
  if (command == nullptr || *command == '-' || *command == '+') return false;
  for (char* const* entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, "SHELLOPTS=", 10) == 0) return false;
  }
  return true;
}

// Whether the environment and `command_size` bytes of a command are sure to be taken: of both together, a
// quarter of the stack's limit is, and no more than 6 MiB (execve(2)). libc would only say that there is no
// shell.
bool fits_beside_environment(std::size_t command_size) {
  constexpr std::size_t kRest = 4096;  // other arguments, the program's name
  constexpr long kMost = 6 * 1024 * 1024L;
  std::size_t size = command_size + kRest;
  for (char* const* entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    size += std::strlen(*entry) + 1 + sizeof *entry;
  }
  return size <= static_cast<std::size_t>(std::clamp(sysconf(_SC_ARG_MAX), 0L, kMost));
}

std::unique_ptr<char[]> told(const span::ChildEnvironment& child, const char* command) {
  const std::size_t size = child.shell_size();
  const std::size_t command_size = std::strlen(command) + 1;
  if (size + command_size > kLongestArgument || !fits_beside_environment(size + command_size)) {
    return nullptr;
  }
  std::unique_ptr<char[]> text(new (std::nothrow) char[size + command_size]);
  if (text != nullptr) std::memcpy(child.write_shell(text.get()), command, command_size);
  return text;
}

}  // namespace

ToldCommand::ToldCommand(const char* command, span::Address stack_address) : command_(command) {
  if (!span::recording() || !can_be_told(command)) return;
  const platform::ErrnoSaver keep;
  const span::ChildPlace place(stack_address);
  const span::ChildEnvironment child(environ, span::ArrayKind::kOwn, span::start_environment(),
                                     place.facts());
  if (child.differs()) told_ = told(child, command);
}

}  // namespace llmo::hooks
