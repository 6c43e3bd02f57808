#include "exporters/session/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

namespace llmo::session {
namespace {

constexpr std::size_t kMaxLogBytes = 1 << 20;
constexpr std::size_t kOldLogs = 1;

std::shared_ptr<spdlog::logger> open_logger(const std::string& directory, bool debug) {
  const std::string path = directory + "/exporter.log";
  // spdlog creates files by the process's umask, which is the caller's where `recover` runs.
  const mode_t old_mask = ::umask(077);
  std::shared_ptr<spdlog::logger> logger;
  try {
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_st>(path, kMaxLogBytes, kOldLogs);
    logger = std::make_shared<spdlog::logger>("llmobserve", std::move(sink));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z [%P] %l: %v");
    logger->set_level(debug ? spdlog::level::debug : spdlog::level::info);
    logger->flush_on(spdlog::level::debug);
    logger->set_error_handler([](const std::string&) {});
  } catch (const spdlog::spdlog_ex&) {
    logger = nullptr;
  }
  ::umask(old_mask);
  return logger;
}

}  // namespace

spdlog::logger* Log::logger() {
  if (!tried_) logger_ = open_logger(directory_, debug_);
  tried_ = true;
  return logger_.get();
}

void Log::warn(const std::string& text) {
  if (spdlog::logger* const to = logger()) to->warn("{}", text);
}

void Log::info(const std::string& text) {
  if (spdlog::logger* const to = logger()) to->info("{}", text);
}

void Log::debug(const std::string& text) {
  if (!debug_) return;
  if (spdlog::logger* const to = logger()) to->debug("{}", text);
}

}  // namespace llmo::session
