// exporter.log in the journal directory: what went wrong, for the user who asks why a trace is missing.
#pragma once

#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace llmo::session {

// Bounded in size, mode 0600, and not there until there is something to say. Never fails: a log that cannot
// be written is silent.
class Log {
 public:
  // `debug`: says more (LLMOBSERVE_DEBUG).
  Log(std::string directory, bool debug) : directory_(std::move(directory)), debug_(debug) {}

  void warn(const std::string& text);
  void info(const std::string& text);
  void debug(const std::string& text);

 private:
  spdlog::logger* logger();

  std::string directory_;
  bool debug_;
  bool tried_ = false;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace llmo::session
