// Child processes of a test: started with an environment of their own, waited for with a deadline, stopped by
// pid.
//
// Output goes to files, not to pipes: a test then never waits for a grandchild that kept a pipe open, and a
// program writes as it would when redirected.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace llmo::test {

using Environment = std::map<std::string, std::string>;

// This process's environment without what would steer llmobserve: LLMOBSERVE_*, OTEL_*, LD_PRELOAD,
// TRACEPARENT …
Environment clean_environment();

struct Command {
  std::vector<std::string> argv{};  // argv[0] is looked up in PATH where it has no slash
  Environment environment = clean_environment();
  std::string input{};                // what the program finds on standard input
  std::filesystem::path directory{};  // to run in; empty: where the test runs
  std::chrono::milliseconds timeout{30'000};
  // Sent SIGKILL when this long has passed since the start.
  std::optional<std::chrono::milliseconds> kill_after{};
  // Called with the pid while the program runs.
  std::function<void(pid_t)> while_running{};
};

struct Finished {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;      // 0: ended by exit
  std::string out;
  std::string err;
  pid_t pid = 0;
  std::chrono::milliseconds duration{0};
};

// Runs a program to its end. Throws std::runtime_error where it cannot be started, or does not end in time
// (it and its process group are then killed; the message holds what it had written).
Finished run_command(const Command& command);

// A server that a test needs: runs until the object goes, which kills it and its process group; it does not
// outlive the test's process either. Of `command` the times count for nothing.
class Background {
 public:
  explicit Background(const Command& command);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // What it has written so far, to standard output and to standard error.
  [[nodiscard]] std::string output() const;

 private:
  TempDir files_;
  pid_t pid_;
};

// A port of the loopback interface that nobody listens to.
int free_port();

// Polls until `condition` holds. False when it does not within `timeout`.
bool wait_until(const std::function<bool()>& condition,
                std::chrono::milliseconds timeout = std::chrono::milliseconds{20'000});

// The processes whose arguments hold `text` somewhere, as /proc tells. Never this process itself.
std::vector<pid_t> processes_with_argument(const std::string& text);

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace llmo::test
