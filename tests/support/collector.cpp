#include "tests/support/collector.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <stdexcept>
#include <utility>

#include "tests/support/otlp_protobuf.h"

namespace llmo::test {
namespace {

int listen_on(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof(address);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, name, size) != 0 || ::listen(fd, 64) != 0 || ::getsockname(fd, name, &size) != 0) {
    ::close(fd);
    throw std::runtime_error("the collector cannot listen");
  }
  port = ntohs(address.sin_port);
  return fd;
}

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  std::string out;
  if (::inflateInit2(&stream, 15 + 16) != Z_OK) throw std::runtime_error("inflateInit2");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  int result = Z_OK;
  while (result == Z_OK) {
    char part[16384];
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof part;
    result = ::inflate(&stream, Z_NO_FLUSH);
    out.append(part, sizeof part - stream.avail_out);
  }
  ::inflateEnd(&stream);
  return result == Z_STREAM_END ? out : "not gzip";
}

Received received_from(const Request& request, int connection) {
  Received received{request.target, request.headers, request.body, false, connection};
  received.gzip = header_value(request.headers, "Content-Encoding") == "gzip";
  if (received.gzip) received.body = gunzip(request.body);
  return received;
}

std::string head_of(const CollectorAnswer& answer) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " So\r\n";
  for (const auto& [name, value] : answer.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  return head + "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
}

}  // namespace

Collector::Collector(Tls tls, int port) : port_(port) {
  listener_ = listen_on(port_);
  if (tls != Tls::kNone) authority_ = std::make_unique<TlsAuthority>();
  if (tls == Tls::kBoth) authority_->demand_client();
  acceptor_ = std::thread([this] { accept_all(); });
}

Collector::~Collector() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  ::close(listener_);
}

std::string Collector::url(const std::string& path) const {
  return (authority_ == nullptr ? "http://localhost:" : "https://localhost:") + std::to_string(port_) + path;
}

void Collector::answer(CollectorAnswer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void Collector::answer_next(std::vector<CollectorAnswer> answers) {
  const std::lock_guard lock(mutex_);
  for (CollectorAnswer& one : answers) next_.push_back(std::move(one));
}

std::vector<Received> Collector::requests() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

std::vector<Span> Collector::spans() const {
  std::vector<Received> taken;
  {
    const std::lock_guard lock(mutex_);
    taken = taken_;
  }
  std::vector<Span> all;
  for (const Received& request : taken) {
    const bool json = header_value(request.headers, "Content-Type") == "application/json";
    std::vector<Span> spans = json ? read_otlp_lines(request.body + "\n") : read_otlp_protobuf(request.body);
    all.insert(all.end(), spans.begin(), spans.end());
  }
  return all;
}

bool Collector::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return received_.size() >= count; });
}

// --- connections -------------------------------------------------------------------------------------------

void Collector::accept_all() {
  // OpenSSL writes without MSG_NOSIGNAL. Threads that are made here inherit the mask.
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  int number = 0;
  for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    open_.insert(fd);
    threads_.emplace_back([this, fd, connection = ++number] { serve(fd, connection); });
  }
}

void Collector::serve(int fd, int number) {
  SSL* const ssl = authority_ == nullptr ? nullptr : authority_->accept(fd);
  Connection connection(fd, ssl);
  Request request;
  if (authority_ == nullptr || ssl != nullptr) {
    while (connection.read(request) && serve_one(connection, request, number)) {
    }
  }
  const std::lock_guard lock(mutex_);
  open_.erase(fd);
}

CollectorAnswer Collector::take(const Request& request, int number) {
  const std::lock_guard lock(mutex_);
  CollectorAnswer answer = next_.empty() ? answer_ : std::move(next_.front());
  if (!next_.empty()) next_.pop_front();
  received_.push_back(received_from(request, number));
  if (answer.way == CollectorAnswer::Way::kAnswer && answer.status == 200) taken_.push_back(received_.back());
  changed_.notify_all();
  return answer;
}

// False when the connection is not to be used any more.
bool Collector::serve_one(Connection& connection, const Request& request, int number) {
  using Way = CollectorAnswer::Way;
  const CollectorAnswer answer = take(request, number);
  if (!pause(answer.way == Way::kHang ? std::chrono::hours(1) : answer.delay)) return false;
  if (answer.way == Way::kReset) connection.reset_on_close();
  if (answer.way == Way::kRaw) connection.send(answer.body);
  if (answer.way != Way::kAnswer) return false;
  const std::size_t sent = answer.cut ? answer.body.size() / 2 : answer.body.size();
  return connection.send(head_of(answer) + answer.body.substr(0, sent)) && !answer.cut;
}

// False when the collector goes.
bool Collector::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace llmo::test
