// The file that a session's spans go to: <service>-<UTC start>-<pid>.otlp.jsonl in the trace directory.
//
// Created when there is something to put into it. An exclusive flock() says whose it is, so that sessions
// that would take the same name (containers with one trace directory, where every program has pid 1) take
// another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporters/span/span.h"

namespace llmo::file {

// The name for a session whose first span this is, without directory. Characters that are awkward in a file
// name become `_`; a service that was not named is called by its program. `attempt` 1 and up add a number.
std::string trace_file_name(const Span& first, unsigned attempt);

class TraceFile {
 public:
  TraceFile() = default;
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  ~TraceFile();

  // Creates the directory (0700) and a file (0600) in it. All of these return false with errno set on
  // failure.
  bool create(const std::string& directory, const Span& first);
  // Opens the file of an earlier exporter of the session.
  bool reopen(const std::string& path);
  void close();

  bool is_open() const { return fd_ >= 0; }
  // Whether it still stands under its path.
  bool in_place() const;
  const std::string& path() const { return path_; }
  std::uint64_t size() const;

  // Writes at `offset`, the end of the file. Where not all of it can be written, none of it stays.
  bool append(std::uint64_t offset, std::string_view bytes);
  bool truncate(std::uint64_t size);

 private:
  bool open_and_lock(const std::string& path, int flags);

  int fd_ = -1;
  std::string path_;
};

}  // namespace llmo::file
