#include "tests/e2e/clickhouse_servers.h"

#include <cctype>
#include <stdexcept>

#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

fs::path old_root() { return build_dir() / "clickhouse"; }

std::string old_config(const std::string& dir, const std::string& port) {
  return "<yandex><logger><level>warning</level><console>1</console></logger>"
         "<http_port>" +
         port +
         "</http_port><listen_host>127.0.0.1</listen_host>"
         "<path>" +
         dir + "/data/</path><tmp_path>" + dir +
         "/data/tmp/</tmp_path>"
         "<users_config>users.xml</users_config><default_profile>default</default_profile>"
         "<default_database>default</default_database><timezone>America/New_York</timezone>"
         "<mark_cache_size>67108864</mark_cache_size><uncompressed_cache_size>0</uncompressed_cache_size></"
         "yandex>";
}

std::string user(const std::string& name, const std::string& password) {
  return "<" + name + "><password>" + password + "</password><networks><ip>127.0.0.1</ip></networks>" +
         "<profile>default</profile><quota>default</quota></" + name + ">";
}

}  // namespace

std::string ClickHouse::query(const std::string& statement) const {
  const Finished curl = run_command({.argv = {"curl", "-sS", "--fail-with-body", "--noproxy", "*",
                                              "--max-time", "60", "--data-binary", "@-", url()},
                                     .input = statement,
                                     .timeout = std::chrono::seconds(90)});
  if (curl.exit_code != 0) throw std::runtime_error("ClickHouse says: " + curl.err + curl.out);
  return curl.out;
}

void ClickHouse::start(const Command& command) { server_ = std::make_unique<Background>(command); }

void ClickHouse::wait_until_up() const {
  const auto answers = [this] {
    try {
      return query("SELECT 1") == "1\n";
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  if (!wait_until(answers, std::chrono::seconds(60))) {
    throw std::runtime_error("ClickHouse does not start: " + output());
  }
}

bool ClickHouseEngine::is_there() { return fs::exists(build_dir() / "chdb/node_modules/chdb"); }

ClickHouseEngine::ClickHouseEngine() {
  Environment env = clean_environment();
  env["TZ"] = "America/New_York";
  start({.argv = {"node", "tests/support/clickhouse/chdb_server.js", (build_dir() / "chdb").string(),
                  (dir_.path() / "data").string()},
         .environment = env});
  const auto has_port = [this] { return output().find('\n') != std::string::npos; };
  if (!wait_until(has_port, std::chrono::seconds(60)) || std::isdigit(output()[0]) == 0) {
    throw std::runtime_error("ClickHouse's engine does not start: " + output());
  }
  port_ = output().substr(0, output().find('\n'));
  wait_until_up();
}

bool OldClickHouse::is_there() { return fs::exists(old_root() / "usr/sbin/clickhouse-server"); }

OldClickHouse::OldClickHouse() {
  port_ = std::to_string(free_port());
  const std::string dir = dir_.path().string();
  fs::create_directories(dir_.path() / "data");
  write_text(dir_.path() / "config.xml", old_config(dir, port_));
  write_text(dir_.path() / "users.xml",
             "<yandex><profiles><default/></profiles><quotas><default/></quotas><users>" +
                 user("default", "") + user("writer", "pass:word") + "</users></yandex>");
  Environment env = clean_environment();
  env["LD_LIBRARY_PATH"] = (old_root() / "usr/lib/x86_64-linux-gnu").string();
  start(
      {.argv = {(old_root() / "usr/sbin/clickhouse-server").string(), "--config-file=" + dir + "/config.xml"},
       .environment = env,
       .directory = dir_.path()});
  wait_until_up();
}

}  // namespace llmo::test
