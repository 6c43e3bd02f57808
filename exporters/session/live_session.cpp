#include "exporters/session/live_session.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "exporters/session/session_directory.h"
#include "exporters/session/session_origin.h"
#include "exporters/span/price_file.h"
#include "shim/config/settings.h"
#include "shim/journal/format.h"

namespace llmo::session {
namespace {

constexpr ReadBudget kBudget{4096, 4U << 20, 256};

// The names in a directory that `takes` takes, sorted.
template <typename Takes>
std::vector<std::string> names_in(const std::string& directory, Takes takes) {
  std::vector<std::string> names;
  DIR* const handle = ::opendir(directory.c_str());
  if (handle == nullptr) return names;
  while (const dirent* const entry = ::readdir(handle)) {
    if (takes(entry->d_name)) names.emplace_back(entry->d_name);
  }
  ::closedir(handle);
  std::sort(names.begin(), names.end());
  return names;
}

// The session's own names; prices as whoever looks has them.
SourceContext context_of(const std::string& directory) {
  const SessionOrigin origin = read_session_origin(directory).value_or(SessionOrigin());
  SourceContext context;
  context.service_name = origin.service_name;
  context.resource_attributes = origin.resource_attributes;
  context.tools.prices = load_prices(config::read_settings_from_environment().settings.prices).table;
  return context;
}

// A process that counts its pid elsewhere may run although nobody of its pid does here.
bool is_out_of_sight(const JournalHeader& header) {
  struct stat ours {};
  if (header.pid_namespace == 0 || ::stat("/proc/self/ns/pid", &ours) != 0) return false;
  return header.pid_namespace != ours.st_ino;
}

// Why a journal could not be opened; empty where there is nothing to say.
std::string problem_of(JournalFile::Status status, const std::string& path, int error) {
  if (status == JournalFile::Status::kForeign) {
    return fmt::format("{}: it was written by another version of llmobserve and is left out", path);
  }
  if (status == JournalFile::Status::kNotYet || error == ENOENT) return {};
  const char* const hint = error == EACCES || error == EPERM ? " (it belongs to another user)" : "";
  return fmt::format("cannot read {}: {}{}", path, std::strerror(error), hint);
}

// Hands over what is new, and the ids of it.
std::unordered_set<std::uint64_t> read_records(JournalSource& source, const file::SpanCallback& take) {
  std::unordered_set<std::uint64_t> ids;
  for (;;) {
    Batch batch;
    ReadBudget budget = kBudget;
    source.read(budget, batch);
    if (batch.parts.empty()) return ids;
    for (Span& span : batch.spans) {
      ids.insert(span.span_id);
      take(std::move(span));
    }
  }
}

}  // namespace

bool is_session(const std::string& path) {
  return ::access((path + "/" + journal::kControlName).c_str(), F_OK) == 0 || !journals_in(path).empty();
}

std::vector<std::string> sessions_in(const std::string& directory) {
  const auto takes = [&directory](const std::string& name) {
    return name != "." && name != ".." && is_session(directory + "/" + name);
  };
  std::vector<std::string> paths = names_in(directory, takes);
  for (std::string& path : paths) path.insert(0, directory + "/");
  return paths;
}

LiveSession::LiveSession(std::string directory)
    : directory_(std::move(directory)), context_(context_of(directory_)) {}

LiveReport LiveSession::read(const file::SpanCallback& take) {
  LiveReport report;
  const std::vector<std::string> names = journals_in(directory_);
  forget_all_but(names);
  for (const std::string& name : names) {
    JournalSource* const source = source_of(name, report);
    if (source == nullptr) continue;
    ++report.processes;
    const std::uint64_t damaged = source->damaged();
    if (source->alive() || is_out_of_sight(source->header())) {
      read_running(*source, take);
    } else if (ended_.insert(name).second) {
      read_ended(*source, take);
    }
    report.damaged += source->damaged() - damaged;
  }
  return report;
}

JournalSource* LiveSession::source_of(const std::string& name, LiveReport& report) {
  std::unique_ptr<JournalSource>& source = sources_[name];
  if (source) return source.get();
  const std::string path = directory_ + "/" + name;
  JournalFile::Opened opened = JournalFile::open(path);
  if (opened.status == JournalFile::Status::kGood) {
    source = std::make_unique<JournalSource>(name, std::move(opened.file), context_);
  } else if (std::string problem = problem_of(opened.status, path, errno); !problem.empty()) {
    if (!told_.insert(name).second) return nullptr;
    report.problems.push_back(std::move(problem));
    if (opened.status == JournalFile::Status::kForeign) ++report.of_others;
  }
  return source.get();
}

void LiveSession::forget_all_but(const std::vector<std::string>& names) {
  const auto is_gone = [&names](const std::string& name) {
    return !std::binary_search(names.begin(), names.end(), name);
  };
  std::erase_if(sources_, [&is_gone](const auto& entry) { return is_gone(entry.first); });
  std::erase_if(told_, is_gone);
  std::erase_if(ended_, is_gone);
}

// What is open is looked at first: a span that ends meanwhile is seen twice then, and never missed.
void LiveSession::read_running(JournalSource& source, const file::SpanCallback& take) {
  Batch open;
  source.add_open_spans(open);
  const std::unordered_set<std::uint64_t> ended = read_records(source, take);
  for (Span& span : open.spans) {
    if (ended.count(span.span_id) != 0) continue;
    set_attribute(span.attributes, kOpenAttribute, true);
    take(std::move(span));
  }
}

void LiveSession::read_ended(JournalSource& source, const file::SpanCallback& take) {
  read_records(source, take);
  Batch batch;
  source.close(batch, 0);
  for (Span& span : batch.spans) take(std::move(span));
}

}  // namespace llmo::session
