// An HTTP server on loopback that takes what exporters send, and answers as a test wants it to: well, badly,
// late or not at all. It lives in the test's own process.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/mock/connection.h"
#include "tests/support/mock/tls.h"
#include "tests/support/otlp_reader.h"

namespace llmo::test {

struct CollectorAnswer {
  enum class Way {
    kAnswer,
    kHang,   // nothing comes, until the client or the collector goes
    kClose,  // the connection ends without an answer
    kReset,  // the same by a reset
    kRaw,    // `body` is all that is sent, and is no HTTP
  };

  int status = 200;
  Headers headers{};
  std::string body{};
  Way way = Way::kAnswer;
  std::chrono::milliseconds delay{0};  // before the answer
  bool cut = false;                    // the connection ends in the middle of the body
};

// A request as it came.
struct Received {
  std::string target;
  Headers headers;
  std::string body;  // decompressed where it was gzip
  bool gzip = false;
  int connection = 0;  // they count from 1
};

class Collector {
 public:
  enum class Tls { kNone, kServer, kBoth };  // kBoth: clients have to show a certificate as well

  // On `port`, or on a free one. Throws std::runtime_error where it cannot listen.
  explicit Collector(Tls tls = Tls::kNone, int port = 0);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path = "") const;
  // Null without TLS: writes the files that a client needs.
  [[nodiscard]] const TlsAuthority* authority() const { return authority_.get(); }

  // How all requests are answered from now on, and how the next ones are before that. At first: 200, empty.
  void answer(CollectorAnswer answer);
  void answer_next(std::vector<CollectorAnswer> answers);

  [[nodiscard]] std::vector<Received> requests() const;
  // Of the requests that were answered with 200, by whichever encoding. Throws where one is not OTLP.
  [[nodiscard]] std::vector<Span> spans() const;
  // Waits until so many requests have come. False where they do not within 20 s.
  [[nodiscard]] bool wait_for_requests(std::size_t count) const;

 private:
  void accept_all();
  void serve(int fd, int number);
  bool serve_one(Connection& connection, const Request& request, int number);
  CollectorAnswer take(const Request& request, int number);
  bool pause(std::chrono::milliseconds time);

  int port_ = 0;
  int listener_ = -1;
  std::unique_ptr<TlsAuthority> authority_;
  mutable std::mutex mutex_;  // guards all below
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  CollectorAnswer answer_;
  std::deque<CollectorAnswer> next_;
  std::vector<Received> received_;
  std::vector<Received> taken_;  // answered with 200
  std::set<int> open_;           // sockets
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace llmo::test
