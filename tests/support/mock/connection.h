// HTTP/1.x on one accepted socket, plain or TLS, as the mock API server needs it.
//
// Written out, as the tests are about bytes on the wire: headers are kept in their order and case, a header
// that came twice is there twice, and an answer can be cut at any byte, which HTTP libraries are built to
// prevent.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llmo::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value of a header, whatever the case of its name; empty where there is none.
std::string header_value(const Headers& headers, const char* name);

struct Request {
  std::string method;
  std::string target;  // as sent
  std::string path;    // without query
  std::string query;   // without `?`
  Headers headers;
  std::string body;  // without its chunks' framing
};

class Connection {
 public:
  // Owns both; `ssl` is null on a plain connection.
  Connection(int fd, SSL* ssl) : fd_(fd), ssl_(ssl, &SSL_free) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // False when the peer has gone or what it sent is no request.
  bool read(Request& request);
  // False when the peer has gone.
  bool send(std::string_view bytes);
  // Makes the end of the connection a reset, which throws away what was not read yet, instead of an orderly
  // close.
  void reset_on_close();
  // Without TLS's own end mark the close is a truncation to the other side.
  void close_without_notice() { notify_ = false; }

 private:
  std::ptrdiff_t receive(char* bytes, std::size_t size);
  bool fill();
  bool read_line(std::string& line);
  bool read_exactly(std::size_t size, std::string& bytes);
  bool read_headers(Headers& headers);
  bool answer_expectation(const Headers& headers);
  bool read_body(Request& request);
  bool read_chunks(std::string& body);

  int fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool notify_ = true;
  std::string buffer_;     // received
  std::size_t taken_ = 0;  // so much of it was read
};

}  // namespace llmo::test
