#include "exporters/session/waiting_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <unordered_map>
#include <utility>

#include "exporters/file/otlp_json_reader.h"
#include "exporters/file/otlp_json_writer.h"

namespace llmo::session {
namespace {

std::string hex(std::uint64_t value) {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  return {text.data(), end};
}

// Takes words from the front of a line; what is missing or no number makes all that follows nothing.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view word() {
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(std::min(word.size() + 1, rest_.size()));
    return word;
  }
  template <typename Number>
  Number number(int base) {
    Number value{};
    const std::string_view text = word();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    ok_ = ok_ && error == std::errc() && end == text.data() + text.size() && !text.empty();
    return value;
  }
  std::string_view rest() const { return rest_; }
  bool at_end() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<Span> span_in(std::string_view json) {
  std::optional<Span> found;
  file::ReadCounts counts;
  file::read_otlp_json_line(
      json, [&found](Span&& span) { found = std::move(span); }, counts);
  return found;
}

class LogReader {
 public:
  std::optional<LogLine> read(std::string_view text) {
    Words words(text);
    const std::string_view kind = words.word();
    if (kind == "r" || kind == "s") return read_span(words, kind == "r");
    LogLine line;
    line.id = words.number<std::uint64_t>(16);
    if (kind == "w") {
      line.kind = LogLine::Kind::kWanted;
    } else if (kind == "d") {
      line.kind = LogLine::Kind::kDropped;
      line.parent = words.number<std::uint64_t>(16);
      line.remote = words.number<std::uint32_t>(10) != 0;
    } else if (kind != "g") {
      return std::nullopt;
    }
    if (!words.at_end()) return std::nullopt;
    return line;
  }

 private:
  std::optional<LogLine> read_span(Words& words, bool is_resource) {
    const auto number = words.number<std::uint32_t>(10);
    auto span = words.ok() ? span_in(words.rest()) : std::nullopt;
    if (!span) return std::nullopt;
    if (is_resource) {
      resources_[number] = span->resource;
      return std::nullopt;
    }
    LogLine line;
    line.kind = LogLine::Kind::kSpan;
    line.id = span->span_id;
    line.span = std::move(*span);
    line.span.resource = resources_[number];
    return line;
  }

  std::unordered_map<std::uint32_t, std::shared_ptr<const Resource>> resources_;
};

bool write_all(int fd, std::uint64_t offset, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::pwrite(fd, text.data(), text.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    offset += static_cast<std::uint64_t>(put);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::string read_all(int fd, std::uint64_t size) {
  std::string text;
  std::array<char, 65536> piece{};
  ssize_t got = 0;
  while (text.size() < size &&
         (got = ::pread(fd, piece.data(), piece.size(), static_cast<off_t>(text.size()))) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  text.resize(std::min<std::size_t>(text.size(), size));
  return text;
}

}  // namespace

// As a span that has nothing else to say.
std::string resource_line(const std::shared_ptr<const Resource>& resource, std::uint32_t number) {
  Span bearer;
  bearer.trace_id = {1, 1};
  bearer.span_id = 1;
  bearer.name = "resource";
  bearer.resource = resource;
  return "r " + std::to_string(number) + " " + file::to_otlp_json({&bearer, 1}) + "\n";
}

std::string span_line(const Span& span, std::uint32_t resource) {
  Span bare = span;
  bare.resource = nullptr;
  return "s " + std::to_string(resource) + " " + file::to_otlp_json({&bare, 1}) + "\n";
}

std::string wanted_line(std::uint64_t id) { return "w " + hex(id) + "\n"; }

std::string gone_line(std::uint64_t id) { return "g " + hex(id) + "\n"; }

std::string dropped_line(std::uint64_t id, std::uint64_t parent, bool remote) {
  return "d " + hex(id) + " " + hex(parent) + (remote ? " 1\n" : " 0\n");
}

std::vector<LogLine> read_waiting_log(std::string_view log) {
  std::vector<LogLine> lines;
  LogReader reader;
  for (std::size_t end = 0; (end = log.find('\n')) != std::string_view::npos; log.remove_prefix(end + 1)) {
    if (auto line = reader.read(log.substr(0, end))) lines.push_back(std::move(*line));
  }
  return lines;
}

WaitingLogFile::~WaitingLogFile() {
  for (const int fd : files_) {
    if (fd >= 0) ::close(fd);
  }
}

// Both at once: the session's directory may bear another name later.
bool WaitingLogFile::open(const std::string& session_dir) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::string path = session_dir + "/" + kWaitingLogNames[i];
    files_[i] = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (files_[i] < 0) return false;
  }
  return true;
}

std::string WaitingLogFile::resume(const LogPoint& point) {
  end_ = point;
  std::string text = read_all(current(), point.size);
  end_.size = text.size();
  return text;
}

// What lies beyond the end, of a batch that did not get out, is written over.
bool WaitingLogFile::append(std::string_view text) {
  if (!write_all(current(), end_.size, text)) return false;
  end_.size += text.size();
  return true;
}

bool WaitingLogFile::replace(std::string_view text) {
  const int other = files_[(end_.generation + 1) % 2];
  if (::ftruncate(other, 0) != 0 || !write_all(other, 0, text)) return false;
  end_ = {end_.generation + 1, text.size()};
  return true;
}

}  // namespace llmo::session
