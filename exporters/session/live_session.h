// A look into a session while it goes on: what its processes have recorded and nobody has exported yet, and
// what they have open.
//
// Nothing is consumed and nothing is written. The exporter goes on meanwhile, so a span may be seen here and
// in its output as well; none is missed that is looked for here first and there afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "exporters/file/otlp_json_reader.h"
#include "exporters/session/journal_source.h"

namespace llmo::session {

// Set, to true, on spans that had not ended when they were looked at; their end is the time of that.
inline constexpr char kOpenAttribute[] = "llmobserve.open";

// Whether the directory at `path` is one of a session.
bool is_session(const std::string& path);

// The sessions right below `directory`, by name.
std::vector<std::string> sessions_in(const std::string& directory);

struct LiveReport {
  std::size_t processes = 0;
  std::uint64_t damaged = 0;          // records that could not be read
  std::vector<std::string> problems;  // a sentence for each journal that could not be read
  std::size_t of_others = 0;          // of these, journals of another version of llmobserve
};

class LiveSession {
 public:
  explicit LiveSession(std::string directory);
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;

  const std::string& directory() const { return directory_; }

  // Hands over the records that are new since the last call, then what is open by now. What a process that
  // is gone had open has ended with it.
  LiveReport read(const file::SpanCallback& take);

 private:
  JournalSource* source_of(const std::string& name, LiveReport& report);
  void forget_all_but(const std::vector<std::string>& names);
  static void read_running(JournalSource& source, const file::SpanCallback& take);
  static void read_ended(JournalSource& source, const file::SpanCallback& take);

  std::string directory_;
  SourceContext context_;
  std::map<std::string, std::unique_ptr<JournalSource>> sources_;
  std::set<std::string> told_;   // journals with a problem, which is told once
  std::set<std::string> ended_;  // whose last has been read
};

}  // namespace llmo::session
