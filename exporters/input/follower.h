// Files, folders and sessions that grow, looked at again and again.
//
// A file is known by what it is, not by its name: one that is renamed goes on where it was, and a new one of
// the same name is read from its beginning. What packs an old file anew makes a new one of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporters/input/span_input.h"
#include "exporters/input/span_reader.h"
#include "exporters/session/live_session.h"

namespace llmo::input {

class Follower {
 public:
  // Files that nobody has written to for `older` count as read when they are met first.
  Follower(std::vector<std::string> paths, std::chrono::seconds older);

  // Hands over what is new since the last call, and what is open in sessions each time. Problems are told
  // once.
  InputReport look(const file::SpanCallback& take);

 private:
  using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
  struct File {
    std::uint64_t size = 0;  // as far as it has been looked at
    std::unique_ptr<SpanReader> reader;
  };

  void look_at(const std::string& path, const file::SpanCallback& take, InputReport& report);
  void look_at_file(const std::string& path, const file::SpanCallback& take, InputReport& report);
  void look_at_session(const std::string& path, const file::SpanCallback& take, InputReport& report);

  std::vector<std::string> paths_;
  std::chrono::seconds older_;
  std::map<FileId, File> files_;
  std::map<std::string, std::unique_ptr<session::LiveSession>> sessions_;
};

}  // namespace llmo::input
