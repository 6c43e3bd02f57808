#include "exporters/session/export_history.h"

#include <fcntl.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "exporters/session/small_file.h"

namespace llmo::session {
namespace {

using rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t kMostBytes = 1 << 20;

void put_text(Writer& out, const char* key, std::string_view text) {
  out.Key(key);
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put_number(Writer& out, const char* key, std::uint64_t number) {
  out.Key(key);
  out.Uint64(number);
}

void put_flag(Writer& out, const char* key, bool flag) {
  out.Key(key);
  out.Bool(flag);
}

void put_destination(Writer& out, const DestinationReport& report) {
  out.StartObject();
  put_text(out, "name", report.name);
  put_number(out, "exported", report.counts.exported);
  put_number(out, "dropped", report.counts.dropped);
  put_number(out, "retried", report.counts.retried);
  put_number(out, "lost_batches", report.lost_batches);
  put_flag(out, "behind", report.behind);
  put_text(out, "problem", report.problem);
  out.EndObject();
}

std::string line_of(const HistoryEntry& entry) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  put_number(out, "time", entry.unix_seconds);
  put_text(out, "session", entry.session);
  put_flag(out, "complete", entry.complete);
  put_number(out, "spans", entry.spans);
  put_number(out, "not_sampled", entry.not_sampled);
  out.Key("destinations");
  out.StartArray();
  for (const DestinationReport& report : entry.destinations) put_destination(out, report);
  out.EndArray();
  out.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

// A member that is missing or of another type is zero, false or empty.
const Value* member(const Value& object, const char* key) {
  const auto found = object.FindMember(key);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::uint64_t number(const Value& object, const char* key) {
  const Value* const value = member(object, key);
  return value != nullptr && value->IsUint64() ? value->GetUint64() : 0;
}

bool flag(const Value& object, const char* key) {
  const Value* const value = member(object, key);
  return value != nullptr && value->IsBool() && value->GetBool();
}

std::string text(const Value& object, const char* key) {
  const Value* const value = member(object, key);
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

DestinationReport destination_in(const Value& json) {
  return {text(json, "name"),
          {number(json, "exported"), number(json, "dropped"), number(json, "retried")},
          number(json, "lost_batches"),
          flag(json, "behind"),
          text(json, "problem")};
}

std::optional<HistoryEntry> entry_in(std::string_view line) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  HistoryEntry entry{number(json, "time"),  text(json, "session"),       flag(json, "complete"),
                     number(json, "spans"), number(json, "not_sampled"), {}};
  const Value* const destinations = member(json, "destinations");
  if (destinations == nullptr || !destinations->IsArray()) return entry;
  for (const Value& destination : destinations->GetArray()) {
    if (destination.IsObject()) entry.destinations.push_back(destination_in(destination));
  }
  return entry;
}

// Exporters that end at the same time take turns; one that hangs holds up nobody for long.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& directory)
      : fd_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    for (int attempt = 0; fd_ >= 0 && attempt < 50; ++attempt) {
      if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
      ::usleep(10'000);
    }
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  int fd_;
};

}  // namespace

void add_to_history(const std::string& journal_dir, const HistoryEntry& entry) {
  const DirectoryLock lock(journal_dir);
  std::vector<HistoryEntry> entries = read_history(journal_dir);
  entries.push_back(entry);
  const std::size_t too_many = entries.size() > kMostHistory ? entries.size() - kMostHistory : 0;
  std::string lines;
  for (std::size_t i = too_many; i < entries.size(); ++i) lines += line_of(entries[i]);
  replace_file(journal_dir + "/" + kHistoryName, lines);
}

std::vector<HistoryEntry> read_history(const std::string& journal_dir) {
  std::vector<HistoryEntry> entries;
  const std::string lines = read_small_file(journal_dir + "/" + kHistoryName, kMostBytes).value_or("");
  std::string_view rest = lines;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (auto entry = entry_in(line)) entries.push_back(std::move(*entry));
  }
  return entries;
}

}  // namespace llmo::session
