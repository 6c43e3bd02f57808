// Starting, asking and stopping the mock API server. See mock_server.h.
#include "tests/support/mock_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <rapidjson/document.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/support/run.h"

namespace llmo::test {
namespace {

constexpr int kStartMillis = 10'000;

// The port that the server prints as its next line, or 0.
int read_port(int fd) {
  std::string line;
  pollfd wait{fd, POLLIN, 0};
  char byte = 0;
  while (::poll(&wait, 1, kStartMillis) > 0 && ::read(fd, &byte, 1) == 1 && byte != '\n') line += byte;
  return std::atoi(line.c_str());
}

std::string text_of(const rapidjson::Value& value) { return {value.GetString(), value.GetStringLength()}; }

SeenRequest request_of(const rapidjson::Value& json) {
  SeenRequest request{text_of(json["method"]), text_of(json["target"]),     {},
                      text_of(json["body"]),   json["connection"].GetInt(), json["tls"].GetBool()};
  for (const auto& header : json["headers"].GetArray()) {
    request.headers.emplace_back(text_of(header[0]), text_of(header[1]));
  }
  return request;
}

}  // namespace

std::vector<std::string> SeenRequest::header(const std::string& name) const {
  std::vector<std::string> values;
  for (const auto& [header_name, value] : headers) {
    if (::strcasecmp(header_name.c_str(), name.c_str()) == 0) values.push_back(value);
  }
  return values;
}

MockServer::MockServer(const std::vector<std::string>& behaviours) {
  const std::string path = (build_dir() / "mock_api_server").string();
  const std::string certificate = ca_file();
  std::vector<const char*> argv{path.c_str(), "--tls", certificate.c_str()};
  for (const std::string& behaviour : behaviours) argv.push_back(behaviour.c_str());
  argv.push_back(nullptr);
  int to_server[2];
  int from_server[2];
  // Close-on-exec: the program under test must not hold the server's stdin, or it would not see it close.
  if (::pipe2(to_server, O_CLOEXEC) != 0 || ::pipe2(from_server, O_CLOEXEC) != 0)
    throw std::runtime_error("pipe2");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(to_server[0], 0);
    ::dup2(from_server[1], 1);
    ::execv(path.c_str(), const_cast<char**>(argv.data()));
    ::_exit(127);
  }
  ::close(to_server[0]);
  ::close(from_server[1]);
  stdin_ = to_server[1];
  port_ = read_port(from_server[0]);
  tls_port_ = read_port(from_server[0]);
  ::close(from_server[0]);
  if (tls_port_ == 0) throw std::runtime_error(path + " did not start");
}

MockServer::~MockServer() {
  ::close(stdin_);
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::string MockServer::exchange(const std::string& request) const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof(buffer))) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  return answer;
}

std::vector<SeenRequest> MockServer::log() const {
  const std::string answer =
      exchange("GET /log HTTP/1.1\r\nHost: " + address() + "\r\nConnection: close\r\n\r\n");
  const std::size_t body = answer.find("\r\n\r\n");
  rapidjson::Document document;
  if (body != std::string::npos) document.Parse(answer.c_str() + body + 4);
  if (body == std::string::npos || !document.IsArray())
    throw std::runtime_error("no log from the mock: " + answer);
  std::vector<SeenRequest> requests;
  for (const auto& entry : document.GetArray()) requests.push_back(request_of(entry));
  return requests;
}

}  // namespace llmo::test
