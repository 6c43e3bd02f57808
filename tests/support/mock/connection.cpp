#include "tests/support/mock/connection.h"

#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace llmo::test {
namespace {

// A proxy is asked for a whole URL (RFC 9112 3.2.2); what is beyond the host is the path.
std::string without_host(const std::string& target) {
  const std::size_t scheme = target.find("://");
  if (scheme == std::string::npos || target.starts_with('/')) return target;
  const std::size_t path = target.find('/', scheme + 3);
  return path == std::string::npos ? "/" : target.substr(path);
}

}  // namespace

std::string header_value(const Headers& headers, const char* name) {
  for (const auto& [header_name, value] : headers) {
    if (::strcasecmp(header_name.c_str(), name) == 0) return value;
  }
  return {};
}

Connection::~Connection() {
  if (ssl_ != nullptr && notify_) SSL_shutdown(ssl_.get());
  ::close(fd_);
}

bool Connection::read(Request& request) {
  std::string line;
  if (!read_line(line)) return false;
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string::npos || target_end <= method_end) return false;
  request = {};
  request.method = line.substr(0, method_end);
  request.target = line.substr(method_end + 1, target_end - method_end - 1);
  const std::string origin = without_host(request.target);
  const std::size_t query = std::min(origin.find('?'), origin.size());
  request.path = origin.substr(0, query);
  request.query = origin.substr(std::min(query + 1, origin.size()));
  return read_headers(request.headers) && answer_expectation(request.headers) && read_body(request);
}

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const int size = static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 30));
    const ssize_t sent = ssl_ != nullptr
                             ? SSL_write(ssl_.get(), bytes.data(), size)
                             : ::send(fd_, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Connection::reset_on_close() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  notify_ = false;
}

std::ptrdiff_t Connection::receive(char* bytes, std::size_t size) {
  return ssl_ != nullptr ? SSL_read(ssl_.get(), bytes, static_cast<int>(size)) : ::recv(fd_, bytes, size, 0);
}

bool Connection::fill() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  char bytes[64 * 1024];
  const std::ptrdiff_t got = receive(bytes, sizeof(bytes));
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

bool Connection::read_line(std::string& line) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n", taken_)) == std::string::npos) {
    if (!fill()) return false;
  }
  line.assign(buffer_, taken_, end - taken_);
  taken_ = end + 2;
  return true;
}

bool Connection::read_exactly(std::size_t size, std::string& bytes) {
  while (size > 0) {
    if (taken_ == buffer_.size() && !fill()) return false;
    const std::size_t part = std::min(size, buffer_.size() - taken_);
    bytes.append(buffer_, taken_, part);
    taken_ += part;
    size -= part;
  }
  return true;
}

bool Connection::read_headers(Headers& headers) {
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

bool Connection::answer_expectation(const Headers& headers) {
  return header_value(headers, "Expect").empty() || send("HTTP/1.1 100 Continue\r\n\r\n");
}

bool Connection::read_body(Request& request) {
  if (header_value(request.headers, "Transfer-Encoding") == "chunked") return read_chunks(request.body);
  const std::string length = header_value(request.headers, "Content-Length");
  return length.empty() || read_exactly(std::strtoul(length.c_str(), nullptr, 10), request.body);
}

bool Connection::read_chunks(std::string& body) {
  std::string line;
  while (read_line(line)) {
    const std::size_t size = std::strtoul(line.c_str(), nullptr, 16);
    if (size == 0) return read_line(line);
    if (!read_exactly(size, body) || !read_line(line)) return false;
  }
  return false;
}

}  // namespace llmo::test
