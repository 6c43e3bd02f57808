// One HTTP POST after another over one kept connection, by libcurl: what the OTLP and ClickHouse exporters
// send with.
//
// Bodies are compressed here, proxies are taken from the environment as libcurl does. A redirect is followed
// where it keeps the request as it is (307, 308) and leads to the same server, or to the same host by https:
// what is in headers and body was meant for nobody else. Any other redirect is an answer like every failure.
// No message ever holds user info, header values or query values.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llmo::net {

// Paths of PEM files; empty: libcurl's defaults, or none.
struct TlsFiles {
  std::string authorities;
  std::string client_certificate;
  std::string client_key;
};

struct HttpOptions {
  TlsFiles tls;
  bool gzip = false;                         // compress request bodies
  std::chrono::milliseconds timeout{10000};  // of one request, from the first byte to the last; zero: none
  std::string user_agent;
  std::string user;  // HTTP basic authentication; empty: none
  std::string password;
  // Asked several times a second while a request is under way: true ends it.
  std::function<bool()> stop_requested;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
  int status = 0;           // 0: no answer came
  std::string body;         // decoded; no more than kMaxAnswerBytes of it
  bool body_cut = false;    // there was more, or should have been
  std::string retry_after;  // the header's value as it came, or empty
  std::string problem;      // where status is 0: what happened, in libcurl's words
  // Where status is 0: nothing of the request can have had an effect that a repetition would double, or the
  // connection failed in a way that passes (refused, reset, timed out, name not found): worth another try.
  // False for what stays (a bad URL, a certificate that does not verify, a file that cannot be read).
  bool passing = false;
};

inline constexpr std::size_t kMaxAnswerBytes = 4 << 20;

class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // `url`: http or https. Blocks until the answer is in, the time is over or a stop is requested.
  HttpAnswer post(const std::string& url, const HttpHeaders& headers, std::string_view body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace llmo::net
