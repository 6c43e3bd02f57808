// The file that a session's spans go to: <service>-<UTC start>-<pid>.otlp.jsonl in the trace directory.
//
// Created when there is something to put into it. An exclusive flock() says whose it is, so that sessions
// that would take the same name (containers with one trace directory, where every program has pid 1) take
// another.
//
// A batch is one append. In a compressed file it is one gzip member or one zstd frame, so that it can be cut
// off and read by its byte range as in a plain one; a file of several is one file to gzip(1) and zstd(1).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporters/file/file_settings.h"
#include "exporters/file/otlp_json_reader.h"
#include "exporters/span/span.h"

namespace llmo::file {

inline constexpr std::string_view kTraceFileSuffix = ".otlp.jsonl";  // and what it is compressed with

// The name for a session whose first span this is, without directory. Characters that are awkward in a file
// name become `_`; a service that was not named is called by its program. `attempt` 1 and up add a number.
std::string trace_file_name(const Span& first, unsigned attempt, Compression compression);

// Hands over the spans of one batch: the `length` bytes at `offset` of the file `path`, as an exporter
// appended them (how they are compressed is told by their first bytes). Returns false where they cannot be
// read or are not whole; spans may have been handed over then.
bool read_batch(const std::string& path, std::uint64_t offset, std::uint64_t length,
                const SpanCallback& take);

class TraceFile {
 public:
  TraceFile() = default;
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  ~TraceFile();

  // Creates the directory (0700) and a file (0600) in it, then deletes the service's oldest files beyond
  // settings.max_files: closed ones only, of this user, with names as ours. All of these return false with
  // errno set on failure.
  bool create(const std::string& directory, const Span& first, const FileSettings& settings = {});
  // Opens the file of an earlier exporter of the session. It goes on in the compression that it has.
  bool reopen(const std::string& path);
  void close();

  bool is_open() const { return fd_ >= 0; }
  // Whether it still stands under its path.
  bool in_place() const;
  const std::string& path() const { return path_; }
  std::uint64_t size() const;

  // Lines of OTLP JSON, each with its newline, as they are to be appended to this file.
  std::string packed(std::string lines) const;
  // Whether a file that holds something has to be followed by another one before so many bytes go into it: it
  // would grow beyond settings.max_bytes, or is older than settings.max_age.
  bool is_full(const FileSettings& settings, std::uint64_t more_bytes) const;

  // Writes at `offset`, the end of the file. Where not all of it can be written, none of it stays.
  bool append(std::uint64_t offset, std::string_view bytes);
  bool truncate(std::uint64_t size);

 private:
  bool open_and_lock(const std::string& path, int flags);

  using Time = std::chrono::system_clock::time_point;

  int fd_ = -1;
  std::string path_;
  Compression compression_ = Compression::kNone;
  Time created_;
  std::string first_name_;     // that the last file would have had, had it not been taken
  unsigned next_attempt_ = 0;  // after the last file, for the same first name
};

}  // namespace llmo::file
