// ClickHouse as tests have it, out of the build directory: the engine of today behind a small HTTP interface
// of ours (tests/support/clickhouse), and the old server that Debian has. Loopback ports and directories of
// their own.
#pragma once

#include <memory>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace llmo::test {

class ClickHouse {
 public:
  virtual ~ClickHouse() = default;
  ClickHouse(const ClickHouse&) = delete;
  ClickHouse& operator=(const ClickHouse&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + port_; }
  // The answer, in TabSeparated unless the statement says otherwise. Throws std::runtime_error with what is
  // wrong.
  std::string query(const std::string& statement) const;

 protected:
  ClickHouse() = default;
  void start(const Command& command);
  // Until it answers. Throws std::runtime_error where it does not.
  void wait_until_up() const;
  [[nodiscard]] std::string output() const { return server_->output(); }

  TempDir dir_;
  std::string port_;

 private:
  std::unique_ptr<Background> server_;
};

class ClickHouseEngine : public ClickHouse {
 public:
  // False where it could not be fetched (Makefile, CHDB).
  static bool is_there();
  // In a time zone that nobody's clock is in.
  ClickHouseEngine();
  // The next insert is done, and its answer lost; how many were so far.
  void lose_next_answer() const { query("LOSE THE NEXT ANSWER"); }
  int lost_answers() const { return std::stoi(query("HOW MANY ANSWERS WERE LOST")); }
};

class OldClickHouse : public ClickHouse {
 public:
  // False where it could not be fetched (Makefile, CLICKHOUSE).
  static bool is_there();
  // With a user `writer` whose password is `pass:word`, beside `default`.
  OldClickHouse();
};

}  // namespace llmo::test
