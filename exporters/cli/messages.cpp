#include "exporters/cli/messages.h"

#include <unistd.h>

#include "exporters/console/terminal.h"
#include "exporters/console/text.h"

namespace llmo::cli {

void say(std::string_view text) {
  console::write_all(STDERR_FILENO, "llmobserve: " + console::printable(text) + '\n');
}

}  // namespace llmo::cli
