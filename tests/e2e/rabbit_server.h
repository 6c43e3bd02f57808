// A RabbitMQ server of Debian's, out of the build directory: ports, node name and directories of its own on
// the loopback interface, nothing outside its directory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace llmo::test {

class RabbitServer {
 public:
  // Takes seconds. Throws std::runtime_error where it does not start.
  RabbitServer();

  // False where the packages could not be fetched (Makefile, RABBITMQ).
  static bool is_there();
  // Where Python finds Celery and what it needs.
  static std::filesystem::path python_path();
  // Where the command-line tools of librabbitmq are, and the libraries that came with them.
  static std::filesystem::path program_path();
  static std::filesystem::path library_path();

  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] std::filesystem::path directory() const { return dir_.path(); }

 private:
  [[nodiscard]] Environment environment() const;

  TempDir dir_;
  const int port_ = free_port();
  const int mapper_port_ = free_port();
  const int node_port_ = free_port();
  std::unique_ptr<Background> mapper_;  // where nodes of Erlang find each other
  std::unique_ptr<Background> server_;
};

}  // namespace llmo::test
