// The other side of the measured requests: as quick as it can be, and the same for all.
//
//   http_server CPU        prints its port, serves until it is killed or its standard input ends
//
// One thread, epoll, keep-alive. Every answer lies ready in memory; the request's `answer=<number>` says
// which one is sent. Nothing of a request is looked at but that, its end, and Content-Length.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "tests/bench/http/answers.h"
#include "tests/bench/processors.h"

namespace llmo::bench {
namespace {

// The headers of a chat completion API; ten of them are read by nobody but us.
constexpr std::string_view kHeaders =
    "date: Thu, 01 Jan 2026 00:00:00 GMT\r\nserver: bench\r\nopenai-version: 2020-10-01\r\n"
    "openai-processing-ms: 312\r\nx-request-id: req_0123456789abcdef0123456789abcdef\r\n"
    "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: 200000\r\n"
    "x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 199000\r\n"
    "x-ratelimit-reset-requests: 8.64s\r\nx-ratelimit-reset-tokens: 300ms\r\n";

// An escape now and then, as in what models write.
constexpr std::string_view kParagraph =
    R"(A sentence of some twenty words that says nothing at all, as long as a line in a book, and a \"word\".\n)"
    R"(Another one without any of that, which ends the paragraph where the line ends and begins the next.\n\n)";

std::string completion(std::size_t size) {
  const std::string head =
      R"({"id":"chatcmpl-bench","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini-2024-07-18",)"
      R"("choices":[{"index":0,"message":{"role":"assistant","content":")";
  const std::string tail =
      R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,)"
      R"("prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}})";
  std::string text;
  while (text.size() + head.size() + tail.size() < size) text += kParagraph;
  const std::string body = head + text + tail;
  return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + std::string(kHeaders) +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void add_chunk(std::string& answer, const std::string& data) {
  const std::string event = "data: " + data + "\n\n";
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", event.size());
  answer.append(size).append(event).append("\r\n");
}

// Of an event and of the chunk that it is alone in.
constexpr std::string_view kEventEnd = "\n\n\r\n";

std::string stream() {
  const std::string head =
      R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","model":"gpt-4o-mini-2024-07-18","choices":[)";
  std::string answer = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n" +
                       std::string(kHeaders) + "transfer-encoding: chunked\r\n\r\n";
  for (std::size_t chunk = 0; chunk < kStreamedChunks; ++chunk) {
    add_chunk(answer, head + R"({"index":0,"delta":{"content":" word"},"finish_reason":null}]})");
  }
  add_chunk(answer, head + R"({"index":0,"delta":{},"finish_reason":"stop"}]})");
  add_chunk(answer, head + R"(],"usage":{"prompt_tokens":19,"completion_tokens":1000,"total_tokens":1019}})");
  add_chunk(answer, "[DONE]");
  return answer + "0\r\n\r\n";
}

struct Connection {
  std::string request;
  std::string_view unsent;
  bool waits_to_send = false;
};

class Server {
 public:
  bool listen() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listener_, generic, size) != 0 || ::listen(listener_, 512) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      return false;
    }
    watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
    watch(STDIN_FILENO, EPOLLIN, EPOLL_CTL_ADD);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return true;
  }

  // Returns when standard input ends.
  void serve() {
    std::array<epoll_event, 64> events{};
    while (true) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int index = 0; index < count; ++index) {
        const int fd = events[static_cast<std::size_t>(index)].data.fd;
        if (fd == STDIN_FILENO) return;
        if (fd == listener_) {
          accept_all();
        } else if (!advance(fd)) {
          connections_.erase(fd);
          close(fd);
        }
      }
    }
  }

 private:
  void watch(int fd, std::uint32_t what, int operation) const {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void accept_all() {
    for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_[fd] = {};
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  // False where the connection is over.
  bool advance(int fd) {
    Connection& connection = connections_[fd];
    if (!connection.unsent.empty()) return send_more(fd, connection);
    char bytes[65536];
    const ssize_t got = recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
    connection.request.append(bytes, static_cast<std::size_t>(got));
    const std::string* const answer = answer_to(connection.request);
    if (answer == nullptr) return true;
    connection.request.clear();
    connection.unsent = *answer;
    return send_more(fd, connection);
  }

  bool send_more(int fd, Connection& connection) const {
    while (!connection.unsent.empty()) {
      const std::string_view piece = next_piece(connection.unsent);
      const ssize_t sent = send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent < 0) break;
      connection.unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
    const bool waits = !connection.unsent.empty();
    if (waits != connection.waits_to_send) watch(fd, waits ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
    connection.waits_to_send = waits;
    return true;
  }

  // A stream goes out event by event, as a server sends what a model has just said.
  std::string_view next_piece(std::string_view unsent) const {
    const std::string& stream = answers_[kStream];
    const bool is_stream = unsent.data() >= stream.data() && unsent.data() < stream.data() + stream.size();
    const std::size_t end = is_stream ? unsent.find(kEventEnd) : unsent.npos;
    return end == unsent.npos ? unsent : unsent.substr(0, end + kEventEnd.size());
  }

  // nullptr while the request is not whole.
  const std::string* answer_to(std::string_view request) const {
    static constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t end = request.find("\r\n\r\n");
    if (end == request.npos) return nullptr;
    const std::size_t length = request.substr(0, end).find(kLength);
    const std::size_t body =
        length == request.npos ? 0 : std::strtoul(request.data() + length + kLength.size(), nullptr, 10);
    if (request.size() < end + 4 + body) return nullptr;
    const std::size_t mark = request.find(kAnswerMark);
    const std::size_t number =
        mark == request.npos ? 0 : std::strtoul(request.data() + mark + kAnswerMark.size(), nullptr, 10);
    return &answers_[number < answers_.size() ? number : 0];
  }

  const std::array<std::string, kAnswers> answers_{completion(1'000), completion(100'000),
                                                   completion(10'000'000), stream()};
  int listener_ = -1;
  int epoll_ = -1;
  std::map<int, Connection> connections_;
};

int run(int cpu) {
  stay_on(cpu);
  Server server;
  if (!server.listen()) return 1;
  server.serve();
  return 0;
}

}  // namespace
}  // namespace llmo::bench

int main(int argc, char** argv) { return argc == 2 ? llmo::bench::run(std::atoi(argv[1])) : 2; }
