#include "exporters/cli/trace_input.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "exporters/console/terminal.h"
#include "exporters/console/text.h"

namespace llmo::cli {
namespace {

// A line that is written over and over, and wiped at the end. Silent for the first second.
class Progress {
 public:
  explicit Progress(bool wanted) : wanted_(wanted) {}
  ~Progress() {
    if (shown_) console::write_all(STDERR_FILENO, "\r\x1b[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::size_t spans) {
    constexpr std::size_t kSpansBetween = 4096;  // the clock is asked this seldom
    if (!wanted_ || spans % kSpansBetween != 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    shown_ = true;
    console::write_all(STDERR_FILENO, fmt::format("\rreading: {} spans\x1b[K", console::format_count(spans)));
  }

 private:
  bool wanted_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void read_one(const std::string& path, Progress& progress, TraceInput& input) {
  const auto take = [&input, &progress](Span&& span) {
    input.spans.push_back(console::summarise(span));
    progress.update(input.spans.size());
  };
  if (file::read_otlp_json_file(path == "-" ? "/dev/stdin" : path, take, input.counts)) {
    ++input.files;
  } else {
    input.problems.push_back(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
}

}  // namespace

std::vector<std::string> trace_files_in(const std::string& directory) {
  std::vector<std::string> files;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(directory.c_str()), ::closedir);
  if (!handle) return files;
  while (const dirent* entry = ::readdir(handle.get())) {
    const std::string name = entry->d_name;
    if (name.ends_with(".jsonl")) files.push_back(fmt::format("{}/{}", directory, name));
  }
  std::sort(files.begin(), files.end());
  return files;
}

TraceInput read_traces(const std::vector<std::string>& paths, bool show_progress) {
  TraceInput input;
  Progress progress(show_progress);
  for (const std::string& path : paths) {
    if (!is_directory(path)) {
      read_one(path, progress, input);
      continue;
    }
    for (const std::string& file : trace_files_in(path)) read_one(file, progress, input);
  }
  return input;
}

}  // namespace llmo::cli
