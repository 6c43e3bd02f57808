#include "exporters/functions/process_modules.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

namespace llmo::functions {
namespace {

constexpr std::string_view kDeleted = " (deleted)";

struct FileText {
  int error = 0;
  std::string text;
};

FileText read_whole(const std::string& path) {
  FileText file;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {errno, {}};
  char buffer[4096];
  for (;;) {
    const ssize_t size = ::read(fd, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) file.error = errno;
    if (size <= 0) break;
    file.text.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(fd);
  return file;
}

std::string link_target(const std::string& path) {
  std::string target(4096, '\0');
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  target.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  if (target.ends_with(kDeleted)) target.resize(target.size() - kDeleted.size());
  return target;
}

std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return word;
}

std::optional<MappedCode> parse_line(std::string_view line) {
  MappedCode mapped;
  mapped.range = take_word(line);
  const std::string_view rights = take_word(line);
  for (int skipped = 0; skipped < 3; ++skipped) take_word(line);  // offset, device, inode
  if (rights.size() < 3 || rights[2] != 'x' || !line.starts_with('/')) return std::nullopt;
  mapped.deleted = line.ends_with(kDeleted);
  if (mapped.deleted) line.remove_suffix(kDeleted.size());
  mapped.path = line;
  return mapped;
}

bool is_our_library(const std::string& path) {
  return std::string_view(path).substr(path.rfind('/') + 1).starts_with("libllmobserve.so");
}

// Where to read what was mapped. A process in a container has other paths than we have.
std::string file_of(const std::string& proc, const MappedCode& mapped) {
  if (mapped.deleted) return fmt::format("{}/map_files/{}", proc, mapped.range);
  std::string below_root = proc + "/root" + mapped.path;
  return ::access(below_root.c_str(), R_OK) == 0 ? below_root : mapped.path;
}

void read_environment(const std::string& proc, ProcessModules& process) {
  const FileText file = read_whole(proc + "/environ");
  process.environment_known = file.error == 0;
  for (std::string_view rest = file.text; !rest.empty();) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    const std::size_t equals = entry.find('=');
    // The first one counts where a name stands twice, as for getenv().
    if (equals != entry.npos) {
      process.environment.emplace(std::string(entry.substr(0, equals)),
                                  std::string(entry.substr(equals + 1)));
    }
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
  }
}

std::string why_not(pid_t pid, int error) {
  if (error == ENOENT || error == ESRCH) return fmt::format("there is no process {}", pid);
  if (error == EACCES || error == EPERM) {
    return fmt::format("process {} is another user's, or may not be looked into: ask as its user or as root",
                       pid);
  }
  return fmt::format("process {}: {}", pid, std::strerror(error));
}

}  // namespace

std::vector<MappedCode> parse_maps(std::string_view text) {
  std::vector<MappedCode> found;
  std::set<std::string> seen;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    auto mapped = parse_line(text.substr(0, end));
    if (mapped && seen.insert(mapped->path).second) found.push_back(std::move(*mapped));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

ProcessModules read_process(pid_t pid) {
  ProcessModules process;
  const std::string proc = fmt::format("/proc/{}", pid);
  const FileText maps = read_whole(proc + "/maps");
  process.program = link_target(proc + "/exe");
  if (maps.error != 0) {
    process.problem = why_not(pid, maps.error);
  } else if (process.program.empty()) {
    process.problem = fmt::format("process {} has no program: it is over, or a part of the kernel", pid);
  }
  if (!process.problem.empty()) return process;

  process.modules.push_back({process.program, proc + "/exe"});
  for (const MappedCode& mapped : parse_maps(maps.text)) {
    if (mapped.path == process.program) continue;
    if (is_our_library(mapped.path)) {
      process.has_library = true;
    } else {
      process.modules.push_back({mapped.path, file_of(proc, mapped)});
    }
  }
  read_environment(proc, process);
  return process;
}

}  // namespace llmo::functions
