// A server that says secrets aloud: it quotes the keys it was sent in its errors, hands out tokens in headers
// and redirects, and answers prompts with keys. For the tests of privacy only; it knows the canaries.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "tests/programs/privacy_canaries.h"

namespace llmo::test {

class PrivacyServer {
 public:
  PrivacyServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
      throw std::runtime_error("the privacy server did not start");
    }
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~PrivacyServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    if (waiting_ >= 0) ::close(waiting_);
  }
  PrivacyServer(const PrivacyServer&) = delete;
  PrivacyServer& operator=(const PrivacyServer&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }
  // A request for /wait/ has been half answered.
  [[nodiscard]] bool is_waiting() const { return waiting_ >= 0; }
  // All that was received and sent so far.
  [[nodiscard]] std::string traffic() const {
    const std::lock_guard lock(mutex_);
    return traffic_;
  }

 private:
  void serve() {
    for (int peer = 0; (peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const std::string request = read_request(peer);
      const std::string answer = answer_to(request);
      {
        const std::lock_guard lock(mutex_);
        traffic_ += request + answer;
      }
      (void)::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
      if (request.find("/wait/") != request.npos) {
        waiting_ = peer;
      } else {
        ::close(peer);
      }
    }
  }

  static std::string read_request(int peer) {
    std::string request;
    char bytes[4096];
    for (ssize_t got = 0; !is_whole(request) && (got = ::recv(peer, bytes, sizeof bytes, 0)) > 0;) {
      request.append(bytes, static_cast<std::size_t>(got));
    }
    return request;
  }

  static bool is_whole(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == request.npos) return false;
    const std::size_t length = request.find("Content-Length: ");
    const std::size_t body = length < head ? std::strtoul(request.c_str() + length + 16, nullptr, 10) : 0;
    return request.size() >= head + 4 + body;
  }

  // The value of a header as it was sent.
  static std::string value_of(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == request.npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }

  std::string answer_to(const std::string& request) const {
    const std::string line = request.substr(0, request.find("\r\n"));
    const auto asks = [&](std::string_view path) { return line.find(path) != line.npos; };
    if (asks("/redirect")) {
      return head("302 Found", "text/plain") + "Location: http://user:" CANARY(39) "@" + address_ +
             "/ok/landing?access_token=" CANARY(40) "\r\n\r\n";
    }
    if (asks("/error/")) return head("401 Unauthorized", "application/json") + "\r\n" + error_body(request);
    if (asks("/answer/")) return head("200 OK", "application/json") + "\r\n" + kAnswer;
    if (asks("/stream/")) return head("200 OK", "text/event-stream") + "\r\n" + kStream + "data: [DONE]\n\n";
    if (asks("/wait/")) return head("200 OK", "text/event-stream") + "\r\n" + kStream;
    return head("200 OK", "application/json") + "\r\n{\"access_token\":\"" CANARY(41) "\"}";
  }

  static std::string head(const std::string& status, const std::string& type) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nConnection: close\r\nSet-Cookie: id=" CANARY(42) "\r\nX-Auth-Token: " CANARY(42) "\r\n";
  }

  static std::string error_body(const std::string& request) {
    return R"({"error":{"type":"authentication_error","code":"invalid_api_key","message":"Incorrect API key provided: )" +
           value_of(request, "X-API-Key") + ". You sent " + value_of(request, "Authorization") +
           " and api-key: " + value_of(request, "api-key") + R"(, cookie: )" + value_of(request, "Cookie") +
           "\"}}";
  }

  static constexpr const char* kAnswer =
      R"({"id":"r","model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant",
         "content":"ordinarily it is )" OPENAI_KEY(22) R"("},"finish_reason":"stop"}]})";
  static constexpr const char* kStream =
      R"(data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"it is sk-pro"}}]}

data: {"choices":[{"index":0,"delta":{"content":"j-Cnry22Qz"}}]}

data: {"choices":[{"index":0,"delta":{"content":"Wx0aB1cD2eF3gH4 ordinarily"}}]}

)";

  int listener_;
  std::atomic<int> waiting_{-1};
  std::string address_;
  mutable std::mutex mutex_;
  std::string traffic_;
  std::thread thread_;
};

}  // namespace llmo::test
