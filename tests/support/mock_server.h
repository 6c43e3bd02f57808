// The mock API server (mock_api_server.cpp) as a test uses it: started on a free port, stopped at scope's
// end.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace llmo::test {

// A request as the server saw it.
struct SeenRequest {
  std::string method;
  std::string target;                                        // path and query, as sent
  std::vector<std::pair<std::string, std::string>> headers;  // in order, names as sent
  std::string body;

  // The values of a header, whatever the case of its name.
  [[nodiscard]] std::vector<std::string> header(const std::string& name) const;
};

class MockServer {
 public:
  // Throws std::runtime_error where build/mock_api_server does not start.
  MockServer();
  ~MockServer();
  MockServer(const MockServer&) = delete;
  MockServer& operator=(const MockServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url(const std::string& path = "") const { return "http://" + address() + path; }

  // All requests so far, in order of arrival, those for /log left out.
  [[nodiscard]] std::vector<SeenRequest> log() const;

  // Sends a request (the whole text of it) and returns the whole answer until the server closes.
  [[nodiscard]] std::string exchange(const std::string& request) const;

 private:
  pid_t pid_ = 0;
  int stdin_ = -1;  // the server ends when this is closed
  int port_ = 0;
};

}  // namespace llmo::test
