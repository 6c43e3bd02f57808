#include "exporters/file/trace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

#include "exporters/file/old_files.h"
#include "exporters/file/packing.h"
#include "exporters/span/resource.h"

namespace llmo::file {
namespace {

constexpr unsigned kMaxAttempts = 1000;
constexpr std::size_t kMaxServiceSize = 100;

std::string text_attribute(const Span& span, std::string_view key) {
  const AttributeValue* const value =
      span.resource == nullptr ? nullptr : find_attribute(span.resource->attributes, key);
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string() : *text;
}

std::string pid_of(const Span& span) {
  const AttributeValue* const value =
      span.resource == nullptr ? nullptr : find_attribute(span.resource->attributes, "process.pid");
  const auto* const pid = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return std::to_string(pid == nullptr ? 0 : *pid);
}

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

std::string service_of(const Span& span) {
  std::string name = text_attribute(span, "service.name");
  constexpr std::string_view kDefault = "unknown_service:";
  if (name.starts_with(kDefault)) name.erase(0, kDefault.size());
  name.resize(std::min(name.size(), kMaxServiceSize));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !plain(c); }, '_');
  if (name.empty()) name = "unknown_service";
  if (name[0] == '.' || name[0] == '-') name[0] = '_';
  return name;
}

// 2026-11-22T20:40:00Z as 20261122T204000Z.
std::string compact_time(std::uint64_t unix_nanos) {
  std::string text = iso8601(unix_nanos, 0);
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '-' || c == ':'; }),
             text.end());
  return text;
}

const char* suffix_of(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return ".gz";
    case Compression::kZstd:
      return ".zst";
    case Compression::kNone:
      break;
  }
  return "";
}

// Of a file that is gone on with.
Compression compression_of(const std::string& path) {
  if (path.ends_with(".gz")) return Compression::kGzip;
  if (path.ends_with(".zst")) return Compression::kZstd;
  return Compression::kNone;
}

// Zero where the file system does not say.
std::chrono::system_clock::time_point created_at(int fd) {
  struct statx status {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &status) != 0 || (status.stx_mask & STATX_BTIME) == 0) {
    return {};
  }
  return std::chrono::system_clock::from_time_t(status.stx_btime.tv_sec);
}

bool make_directories(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0700);
  }
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

}  // namespace

std::string trace_file_name(const Span& first, unsigned attempt, Compression compression) {
  const std::string number = attempt == 0 ? "" : "-" + std::to_string(attempt + 1);
  return service_of(first) + "-" + compact_time(first.start_unix_nanos) + "-" + pid_of(first) + number +
         std::string(kTraceFileSuffix) + suffix_of(compression);
}

TraceFile::~TraceFile() { close(); }

void TraceFile::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool TraceFile::open_and_lock(const std::string& path, int flags) {
  close();
  fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
  if (fd_ < 0) return false;
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    close();
    // A file system that knows no locks cannot say that the file is another's.
    if (error != ENOLCK && error != ENOSYS && error != EOPNOTSUPP) {
      errno = error;
      return false;
    }
    fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd_ < 0) return false;
  }
  path_ = path;
  compression_ = compression_of(path);
  created_ = created_at(fd_);
  if (created_ == Time{}) created_ = std::chrono::system_clock::now();
  return true;
}

bool TraceFile::create(const std::string& directory, const Span& first, const FileSettings& settings) {
  if (!make_directories(directory)) return false;
  const std::string first_name = trace_file_name(first, 0, settings.compression);
  // Behind a file that is full numbers go up, also where those with the lower ones were deleted meanwhile.
  if (first_name != first_name_ || !in_place()) next_attempt_ = 0;
  first_name_ = first_name;
  const unsigned end = next_attempt_ + kMaxAttempts;
  while (next_attempt_ < end) {
    const std::string name = trace_file_name(first, next_attempt_++, settings.compression);
    const bool opened = open_and_lock(fmt::format("{}/{}", directory, name), O_CREAT);
    // An empty file is one that an exporter was killed over before it could note that it is its own. One that
    // is no longer in place was deleted as an old one, between being opened and being locked.
    if (opened && size() == 0 && in_place()) {
      if (settings.max_files != 0) {
        delete_old_files(directory, service_of_trace_file(name), settings.max_files);
      }
      return true;
    }
    if (!opened && errno != EWOULDBLOCK && errno != ELOOP) return false;
  }
  close();
  errno = EEXIST;
  return false;
}

bool TraceFile::reopen(const std::string& path) { return open_and_lock(path, 0); }

bool TraceFile::in_place() const {
  struct stat here {};
  struct stat there {};
  return fd_ >= 0 && ::fstat(fd_, &here) == 0 && ::stat(path_.c_str(), &there) == 0 &&
         here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

std::uint64_t TraceFile::size() const {
  struct stat status {};
  return fd_ >= 0 && ::fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::string TraceFile::packed(std::string lines) const { return pack(std::move(lines), compression_); }

bool TraceFile::is_full(const FileSettings& settings, std::uint64_t more_bytes) const {
  const std::uint64_t now = size();
  if (now == 0) return false;
  if (settings.max_bytes != 0 && (now >= settings.max_bytes || more_bytes > settings.max_bytes - now)) {
    return true;
  }
  return settings.max_age.count() != 0 && std::chrono::system_clock::now() - created_ >= settings.max_age;
}

bool TraceFile::append(std::uint64_t offset, std::string_view bytes) {
  std::uint64_t at = offset;
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      const int error = put < 0 ? errno : EIO;
      truncate(offset);
      errno = error;
      return false;
    }
    at += static_cast<std::uint64_t>(put);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool TraceFile::truncate(std::uint64_t size) { return ::ftruncate(fd_, static_cast<off_t>(size)) == 0; }

}  // namespace llmo::file
