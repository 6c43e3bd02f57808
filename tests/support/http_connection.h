// HTTP/1.1 on one accepted socket, as the mock API server needs it.
//
// Written out, as the tests are about bytes on the wire: headers are kept in their order and case, a header
// that came twice is there twice, and an answer can be cut at any byte, which HTTP libraries are built to
// prevent.
#pragma once

#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llmo::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value of a header, whatever the case of its name; empty where there is none.
inline std::string header_value(const Headers& headers, const char* name) {
  for (const auto& [header_name, value] : headers) {
    if (::strcasecmp(header_name.c_str(), name) == 0) return value;
  }
  return {};
}

struct Request {
  std::string method;
  std::string target;  // as sent
  std::string path;    // without query
  Headers headers;
  std::string body;  // without its chunks' framing
};

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // False when the peer has gone or what it sent is no request.
  bool read(Request& request) {
    std::string line;
    if (!read_line(line)) return false;
    const std::size_t method_end = line.find(' ');
    const std::size_t target_end = line.rfind(' ');
    if (method_end == std::string::npos || target_end <= method_end) return false;
    request = {};
    request.method = line.substr(0, method_end);
    request.target = line.substr(method_end + 1, target_end - method_end - 1);
    request.path = request.target.substr(0, request.target.find('?'));
    return read_headers(request.headers) && answer_expectation(request.headers) && read_body(request);
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

 private:
  bool fill() {
    char bytes[16 * 1024];
    const ssize_t got = ::recv(fd_, bytes, sizeof(bytes), 0);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  bool read_line(std::string& line) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      if (!fill()) return false;
    }
    line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return true;
  }

  bool read_exactly(std::size_t size, std::string& bytes) {
    while (buffer_.size() < size) {
      if (!fill()) return false;
    }
    bytes.append(buffer_, 0, size);
    buffer_.erase(0, size);
    return true;
  }

  bool read_headers(Headers& headers) {
    std::string line;
    while (read_line(line)) {
      if (line.empty()) return true;
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) return false;
      const std::size_t value = line.find_first_not_of(" \t", colon + 1);
      headers.emplace_back(line.substr(0, colon), value == std::string::npos ? "" : line.substr(value));
    }
    return false;
  }

  bool answer_expectation(const Headers& headers) {
    return header_value(headers, "Expect").empty() || send("HTTP/1.1 100 Continue\r\n\r\n");
  }

  bool read_body(Request& request) {
    if (header_value(request.headers, "Transfer-Encoding") == "chunked") return read_chunks(request.body);
    const std::string length = header_value(request.headers, "Content-Length");
    return length.empty() || read_exactly(std::strtoul(length.c_str(), nullptr, 10), request.body);
  }

  bool read_chunks(std::string& body) {
    std::string line;
    while (read_line(line)) {
      const std::size_t size = std::strtoul(line.c_str(), nullptr, 16);
      if (size == 0) return read_line(line);
      if (!read_exactly(size, body) || !read_line(line)) return false;
    }
    return false;
  }

  int fd_;
  std::string buffer_;
};

}  // namespace llmo::test
