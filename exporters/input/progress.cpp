#include "exporters/input/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "exporters/console/terminal.h"
#include "exporters/console/text.h"

namespace llmo::input {

Progress::~Progress() {
  if (shown_) console::write_all(STDERR_FILENO, "\r\x1b[K");
}

void Progress::show() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(200);
  shown_ = true;
  console::write_all(STDERR_FILENO, fmt::format("\rreading: {} spans\x1b[K", console::format_count(spans_)));
}

}  // namespace llmo::input
