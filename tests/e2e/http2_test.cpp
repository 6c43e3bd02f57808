// HTTP/2: many transfers on one connection, against the server of nghttp2.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/run.h"
#include "tests/support/temp_dir.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

// A port that nobody has at this moment.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

// Serves one chat completion, over TLS: libcurl 7.88 shares no connection that begins as HTTP/2 without it.
class Http2Server {
 public:
  Http2Server() : port_(free_port()) {
    fs::create_directories(dir_.path() / "v1/chat");
    write_text(dir_.path() / "v1/chat/completions",
               R"({"id":"c-1","model":"gpt-4o-mini","choices":[{"index":0,"finish_reason":"stop"}],)"
               R"("usage":{"prompt_tokens":812,"completion_tokens":96}})");
    const Finished made =
        run_command({.argv = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                              "-subj", "/CN=localhost", "-keyout", key_file(), "-out", certificate_file()}});
    if (made.exit_code != 0) throw std::runtime_error("openssl: " + made.err);
    pid_ = ::fork();
    if (pid_ == 0) serve();
    if (!wait_until([this] { return answers(); })) throw std::runtime_error("nghttpd did not start");
  }
  ~Http2Server() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Http2Server(const Http2Server&) = delete;
  Http2Server& operator=(const Http2Server&) = delete;

  [[nodiscard]] std::string url() const {
    return "https://127.0.0.1:" + std::to_string(port_) + "/v1/chat/completions";
  }

 private:
  [[noreturn]] void serve() const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // also where the test is killed
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    const std::string root = dir_.path();
    const std::string port = std::to_string(port_);
    const std::string key = key_file();
    const std::string certificate = certificate_file();
    ::execlp("nghttpd", "nghttpd", "-a", "127.0.0.1", "-d", root.c_str(), port.c_str(), key.c_str(),
             certificate.c_str(), nullptr);
    ::_exit(127);
  }

  [[nodiscard]] bool answers() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    const bool connected = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return connected;
  }

  [[nodiscard]] std::string key_file() const { return dir_.path() / "key.pem"; }
  [[nodiscard]] std::string certificate_file() const { return dir_.path() / "certificate.pem"; }

  TempDir dir_;
  int port_;
  pid_t pid_ = 0;
};

TEST_CASE("transfers that share an HTTP/2 connection are spans of their own", "[http2][multi]") {
  const Http2Server server;
  std::vector<std::string> argv = {"curl", "-s", "-k", "--http2", "-Z", "-d", R"({"model":"gpt-4o-mini"})"};
  for (int i = 0; i < 10; ++i) argv.insert(argv.end(), {"-o", "/dev/null", server.url()});

  Sandbox sandbox;
  const Run run = sandbox.run(argv);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  const std::vector<Span> calls = spans_named(run.spans, "llm.request");
  REQUIRE(calls.size() == 10);
  std::size_t reused = 0;
  for (const Span& call : calls) {
    CHECK(attribute(call, "network.protocol.version") == "2");
    CHECK(attribute(call, "http.response.status_code") == "200");
    CHECK(attribute(call, "gen_ai.request.model") == "gpt-4o-mini");
    CHECK(attribute(call, "gen_ai.usage.input_tokens") == "812");
    CHECK(attribute(call, "gen_ai.response.finish_reasons") == "stop");
    CHECK(call.status == 0);
    reused += has_attribute(call, "llmobserve.http.connect_seconds") ? 0U : 1U;
  }
  CHECK(reused == 9);
}

}  // namespace
}  // namespace llmo::test
