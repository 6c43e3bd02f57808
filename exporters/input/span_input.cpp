#include "exporters/input/span_input.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>

#include "exporters/input/byte_source.h"
#include "exporters/input/progress.h"
#include "exporters/input/span_reader.h"

namespace llmo::input {
namespace {

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_trace_file_name(std::string_view name) {
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  constexpr std::array<std::string_view, 3> kEndings = {".jsonl", ".json", ".pb"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [name](auto ending) { return name.ends_with(ending); });
}

class Input {
 public:
  Input(const InputOptions& options, const file::SpanCallback& take)
      : progress_(options.show_progress), take_([this, &take](Span&& span) {
          take(std::move(span));
          progress_.count_span();
        }) {}

  void read(const std::string& path) {
    if (path == "-" || !is_directory(path)) {
      read_file(path);
    } else if (session::is_session(path)) {
      read_session(path);
    } else {
      read_directory(path);
    }
  }

  InputReport take_report() { return std::move(report_); }

 private:
  // The journal directory holds sessions, and no trace files. What an older version has left there is nothing
  // that was asked for.
  void read_directory(const std::string& path) {
    std::size_t of_others = 0;
    for (const std::string& session : session::sessions_in(path)) {
      session::LiveReport live = look_at_session(session);
      of_others += live.of_others;
      if (live.of_others == 0) take_problems(std::move(live));
    }
    if (of_others != 0) {
      report_.notes.push_back(
          fmt::format("{}: {} of another version of llmobserve left out", path,
                      of_others == 1 ? "a journal" : fmt::format("{} journals", of_others)));
    }
    for (const std::string& file : trace_files_in(path)) read_file(file);
  }

  void read_session(const std::string& path) { take_problems(look_at_session(path)); }

  session::LiveReport look_at_session(const std::string& path) {
    session::LiveReport live = session::LiveSession(path).read(take_);
    ++report_.sessions;
    report_.counts.damaged_spans += live.damaged;
    return live;
  }

  void take_problems(session::LiveReport live) {
    std::move(live.problems.begin(), live.problems.end(), std::back_inserter(report_.problems));
  }

  void read_file(const std::string& path) {
    std::unique_ptr<ByteSource> source = open_bytes(path);
    if (!source) {
      report_.problems.push_back(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
      return;
    }
    SpanReader reader(std::move(source));
    reader.read(true, take_, report_.counts);
    if (const std::string problem = reader.problem(); problem.empty()) {
      ++report_.files;
    } else {
      report_.problems.push_back(fmt::format("{}: {}", path, problem));
    }
  }

  Progress progress_;
  file::SpanCallback take_;
  InputReport report_;
};

}  // namespace

std::vector<std::string> trace_files_in(const std::string& directory) {
  std::vector<std::string> files;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(directory.c_str()), ::closedir);
  if (!handle) return files;
  while (const dirent* entry = ::readdir(handle.get())) {
    if (is_trace_file_name(entry->d_name)) files.push_back(fmt::format("{}/{}", directory, entry->d_name));
  }
  std::sort(files.begin(), files.end());
  return files;
}

InputReport read_spans(const std::vector<std::string>& paths, const InputOptions& options,
                       const file::SpanCallback& take) {
  Input input(options, take);
  for (const std::string& path : paths) input.read(path);
  return input.take_report();
}

}  // namespace llmo::input
