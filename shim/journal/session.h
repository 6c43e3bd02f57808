// Where a process's journal lives: the session directory that a process tree shares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "shim/journal/format.h"

namespace llmo::journal {

// Finds or makes the session's directory and maps its control file. All paths are absolute.
class Session {
 public:
  // `directory` names the session to join (LLMOBSERVE_SESSION, or a parent's); empty: a new one below
  // `journal_dir` (empty: /dev/shm/llmobserve-<uid>). Directories are made 0700 and refused where they belong
  // to another user. Returns false where that cannot be had: then there is no journal.
  bool join(const std::string& directory, const std::string& journal_dir, std::uint64_t max_bytes);

  const std::string& directory() const { return directory_; }

  // Takes `bytes` of the space that all hosts of the session share. False when it is used up.
  bool take_space(std::uint64_t bytes);
  void give_space(std::uint64_t bytes);

  // True while an exporter serves the session, or was started so recently that it may not have come to it
  // yet: a second one would be an orphan of this process for nothing. Opens a descriptor for as long as the
  // question takes.
  bool has_exporter() const;
  void note_exporter_launch();

 private:
  std::string directory_;
  SessionControl* control_ = nullptr;
};

}  // namespace llmo::journal
