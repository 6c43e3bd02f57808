// The directory of one session: its lock, its journals, and its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace llmo::session {

// Why the session's exporter is not getting on, as one sentence; not there while it is.
inline constexpr char kProblemName[] = "exporter.problem";

class SessionDirectory {
 public:
  enum class OpenResult { kOpened, kBusy, kMissing };

  SessionDirectory() = default;
  SessionDirectory(const SessionDirectory&) = delete;
  SessionDirectory& operator=(const SessionDirectory&) = delete;
  ~SessionDirectory();

  // Takes the exporter's lock; it is held until this object goes.
  OpenResult open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  // File names of the journals, by name.
  std::vector<std::string> journals() const;

  // Deletes a journal and gives its space back to the session's account.
  void delete_journal(const std::string& name, std::uint32_t blocks);

  // Renames the directory, so that no host can find it any more. A journal that came in at the last moment is
  // then seen by journals(), for good or not at all.
  bool set_aside();

  void write_problem(const std::string& problem) const;
  void remove_problem() const;

  // Deletes the directory and the files that belong to the session as a whole. False where something else is
  // left in it: then only the lock is given up.
  bool remove();

 private:
  std::string path_;
  int lock_ = -1;
  bool aside_ = false;
};

// The directory that `path` stands in: of a session, the journal directory.
std::string parent_of(const std::string& path);

// File names of the journals of the session at `path`, by name.
std::vector<std::string> journals_in(const std::string& path);

// What write_problem() has said; empty where there is no problem.
std::string read_problem(const std::string& session_dir);

// Whether an exporter holds the lock of the session at `path`.
bool exporter_alive(const std::string& path);

}  // namespace llmo::session
