// The mock API server (mock/main.cpp says what it can) as a test uses it: started on free ports, stopped at
// scope's end.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/temp_dir.h"

namespace llmo::test {

// A request as the server saw it.
struct SeenRequest {
  std::string method;
  std::string target;                                        // path and query, as sent
  std::vector<std::pair<std::string, std::string>> headers;  // in order, names as sent
  std::string body;
  int connection = 0;  // the number of the connection that it came on; they count from 1
  bool tls = false;

  // The values of a header, whatever the case of its name.
  [[nodiscard]] std::vector<std::string> header(const std::string& name) const;
};

class MockServer {
 public:
  // `behaviours` of paths, each PATH=BEHAVIOUR[,BEHAVIOUR…], for programs that cannot send X-Mock. Throws
  // std::runtime_error where build/mock_api_server does not start.
  explicit MockServer(const std::vector<std::string>& behaviours = {});
  ~MockServer();
  MockServer(const MockServer&) = delete;
  MockServer& operator=(const MockServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url(const std::string& path = "") const { return "http://" + address() + path; }

  // The port that speaks TLS, and the certificate (PEM) of the authority that a client has to trust there
  // (CURLOPT_CAINFO). It has a certificate for every host name.
  [[nodiscard]] int tls_port() const { return tls_port_; }
  [[nodiscard]] std::string ca_file() const { return (dir_.path() / "authority.pem").string(); }
  [[nodiscard]] std::string tls_url(const std::string& path = "") const {
    return "https://localhost:" + std::to_string(tls_port_) + path;
  }

  // What sends a client here whichever host it asks for, as CURLOPT_CONNECT_TO and --connect-to take it.
  [[nodiscard]] std::string connect_to() const { return "::" + address(); }
  [[nodiscard]] std::string tls_connect_to() const { return "::127.0.0.1:" + std::to_string(tls_port_); }

  // All requests so far, in order of arrival, those for /log left out.
  [[nodiscard]] std::vector<SeenRequest> log() const;

  // Sends a request (the whole text of it) and returns the whole answer until the server closes.
  [[nodiscard]] std::string exchange(const std::string& request) const;

 private:
  TempDir dir_;
  pid_t pid_ = 0;
  int stdin_ = -1;  // the server ends when this is closed
  int port_ = 0;
  int tls_port_ = 0;
};

}  // namespace llmo::test
