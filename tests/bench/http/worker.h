// A child that is driven line by line: one byte in, one line out.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace llmo::bench {

// Ends with the object: its standard input is closed and it is waited for.
class Worker {
 public:
  // `arguments` names the program by its path; `environment` is all that it gets.
  Worker(const std::vector<std::string>& arguments, const std::vector<std::string>& environment);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // 0 where it could not be started.
  pid_t pid() const { return pid_; }

  // Sends one byte, so that the worker does what it is there for.
  bool request();
  // The next line of its output, without the end; nothing where it has ended or says nothing for a minute.
  std::optional<std::string> line();

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string read_;
};

}  // namespace llmo::bench
