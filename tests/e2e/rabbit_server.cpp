#include "tests/e2e/rabbit_server.h"

#include <stdexcept>

#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

fs::path root() { return build_dir() / "rabbitmq" / "usr/lib"; }

// The one directory in `parent` whose name begins so: what follows is a version.
fs::path versioned(const fs::path& parent, const std::string& beginning) {
  for (const auto& entry : fs::directory_iterator(parent)) {
    if (entry.path().filename().string().starts_with(beginning)) return entry.path();
  }
  throw std::runtime_error("no " + beginning + "* in " + parent.string());
}

fs::path erlang() { return root() / "erlang"; }
fs::path erlang_programs() { return versioned(erlang(), "erts-") / "bin"; }
fs::path rabbit_home() { return versioned(root() / "rabbitmq/lib", "rabbitmq_server-"); }

}  // namespace

bool RabbitServer::is_there() { return fs::exists(root() / "rabbitmq"); }
fs::path RabbitServer::python_path() { return root() / "python3/dist-packages"; }
fs::path RabbitServer::program_path() { return root().parent_path() / "bin"; }
fs::path RabbitServer::library_path() { return root() / "x86_64-linux-gnu"; }

// Debian's start scripts know absolute paths only; what they tell the runtime and the server is said here.
Environment RabbitServer::environment() const {
  const std::string dir = dir_.path().string();
  const std::string plugins = (rabbit_home() / "plugins").string();
  Environment env = clean_environment();
  env.merge(Environment{{"ROOTDIR", erlang().string()},
                        {"BINDIR", erlang_programs().string()},
                        {"EMU", "beam"},
                        {"PROGNAME", "erl"},
                        {"ERL_LIBS", plugins},
                        {"ERL_EPMD_PORT", std::to_string(mapper_port_)},
                        {"ERL_EPMD_ADDRESS", "127.0.0.1"},
                        {"RABBITMQ_HOME", rabbit_home().string()},
                        {"RABBITMQ_NODENAME", "llmobserve@localhost"},
                        {"RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"},
                        {"RABBITMQ_NODE_PORT", port()},
                        {"RABBITMQ_DIST_PORT", std::to_string(node_port_)},
                        {"RABBITMQ_MNESIA_BASE", dir + "/data"},
                        {"RABBITMQ_LOG_BASE", dir + "/log"},
                        {"RABBITMQ_LOGS", "-"},
                        {"RABBITMQ_PLUGINS_DIR", plugins},
                        {"RABBITMQ_ENABLED_PLUGINS_FILE", dir + "/enabled_plugins"},
                        {"RABBITMQ_FEATURE_FLAGS_FILE", dir + "/feature_flags"},
                        {"RABBITMQ_GENERATED_CONFIG_DIR", dir + "/config"},
                        {"RABBITMQ_CONFIG_FILE", dir + "/rabbitmq.conf"},
                        {"RABBITMQ_ADVANCED_CONFIG_FILE", dir + "/advanced.config"},
                        {"RABBITMQ_CONF_ENV_FILE", dir + "/environment"},
                        {"RABBITMQ_PID_FILE", dir + "/pid"}});
  env["HOME"] = dir;  // the node's cookie goes there
  return env;
}

RabbitServer::RabbitServer() {
  const std::string programs = erlang_programs().string();
  const Environment env = environment();
  mapper_ = std::make_unique<Background>(
      Command{.argv = {programs + "/epmd", "-port", std::to_string(mapper_port_)}, .environment = env});
  server_ = std::make_unique<Background>(Command{
      .argv = {programs + "/erlexec", "-noinput", "-s", "rabbit", "boot", "-boot", "start_sasl", "+W", "w",
               "+sbwt", "none", "-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false"},
      .environment = env,
      .directory = dir_.path()});
  const auto says = [this](const char* words) { return server_->output().find(words) != std::string::npos; };
  const auto is_up = [&] { return says("startup complete"); };
  wait_until([&] { return is_up() || says("Kernel pid terminated"); }, std::chrono::seconds(60));
  if (!is_up()) throw std::runtime_error("RabbitMQ does not start: " + server_->output());
}

}  // namespace llmo::test
