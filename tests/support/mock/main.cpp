// A mock of the APIs that the tests and the demo call, on the loopback interface.
//
//   mock_api_server [--tls CERTIFICATE] [PATH=BEHAVIOUR[,BEHAVIOUR…]]…
//
// Prints its port as the first line, serves until its standard input closes, and answers as the services do,
// with fixed numbers that stand in answers_<provider>.cpp. With --tls it serves on a second port too, printed
// as the second line, and writes the certificate of its authority to the file first.
//
// The service is told by the Host header (a client with CURLOPT_CONNECT_TO reaches http://api.openai.com/
// here), or for any other host by the path. Besides there are
//
//   any  /echo, /echo-body          the request as JSON; its body alone
//   any  /bytes/N, /status/N        N bytes; that status
//   any  /redirect/N                N redirects to the same host
//   any  /redirect-STATUS/PATH      a redirect with that status to /PATH
//   GET  /log                       all requests so far, as JSON
//
// Behaviours are asked for by the header X-Mock, by the model's name, or for a path on the command line:
//
//   status:N             answer with an error of this status, as the service words it
//   fail-N-once:KEY      the first request with this KEY is answered with status N
//   error-in-200         the words of an error with status 200; error-in-200:N, those that belong to status N
//   error-in-stream      the stream breaks off with an error, as the service words it
//   retry-after:VALUE    with this header
//   cookie               with a Set-Cookie header
//   tools                the model calls a tool instead of answering
//   finish:WORD          the model ends for this reason
//   content:N            the answer's text has N bytes; K and M may stand behind the number
//   chunks:N             a stream has N chunks of text
//   no-usage             a stream has no usage, though it was asked for
//   usage-last           a stream has its usage in the last chunk of content (OpenAI)
//   no-end               the last piece of a stream, its end mark, is missing
//   crlf, cr             lines of events end so
//   nospace              no blank behind `data:`
//   comments             a comment and a retry before each event
//   bom                  a byte order mark before the first event
//   no-final-blank       nothing after the last event's last line
//   gzip, deflate        compressed, whatever the client accepts
//   slow:Nms             wait before the answer
//   first:Nms            wait between the answer's head and its body
//   pause:Nms            wait between the pieces of the answer's body (stream: between events)
//   pieces:N, split-at:N send the body in pieces of N bytes, or in two
//   cut:N                send N bytes of the body, then close the connection
//   rst                  whenever the connection closes, it is reset
//   reset                close the connection without an answer
//   chunked, no-length   send the body in chunks, or until the connection closes, without Content-Length
//   http10               answer in HTTP/1.0
//   close                no keep-alive
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>

#include "tests/support/mock/server.h"
#include "tests/support/mock/tls.h"

namespace llmo::test {
namespace {

// A listening socket on a free port of the loopback interface, and the port.
int listen_on_loopback(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, name, size) != 0 || ::listen(fd, 512) != 0 || ::getsockname(fd, name, &size) != 0) return -1;
  port = ntohs(address.sin_port);
  return fd;
}

using Serve = std::function<void(int fd)>;

// Listens, prints the port, and gives every connection a thread. False where it cannot listen.
bool start(const Serve& serve_connection) {
  int port = 0;
  const int listener = listen_on_loopback(port);
  if (listener < 0) return false;
  std::printf("%d\n", port);
  std::fflush(stdout);
  std::thread([listener, serve_connection] {
    for (int fd = 0; (fd = ::accept(listener, nullptr, nullptr)) >= 0;) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      std::thread(serve_connection, fd).detach();
    }
  }).detach();
  return true;
}

bool start_plain(Server& server) {
  return start([&server](int fd) { serve(server, fd, nullptr); });
}

bool start_tls(Server& server, const std::string& certificate) {
  const auto authority = std::make_shared<TlsAuthority>();
  if (!authority->write_certificate(certificate)) return false;
  return start([&server, authority](int fd) {
    SSL* const ssl = authority->accept(fd);
    if (ssl == nullptr) {
      ::close(fd);
      return;
    }
    serve(server, fd, ssl);
  });
}

int run(int argc, char** argv) {
  static Server server;  // static, as connections still use it while main() leaves
  const char* certificate = nullptr;
  for (int argument = 1; argument < argc; ++argument) {
    const std::string text = argv[argument];
    if (text == "--tls" && argument + 1 < argc) {
      certificate = argv[++argument];
      continue;
    }
    const std::size_t equals = std::min(text.find('='), text.size());
    server.behaviours_of_paths[text.substr(0, equals)] = text.substr(std::min(equals + 1, text.size()));
  }
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  if (!start_plain(server) || (certificate != nullptr && !start_tls(server, certificate))) {
    std::perror("mock_api_server: cannot listen");
    return 1;
  }
  char byte = 0;
  while (::read(0, &byte, 1) > 0) {
  }
  ::_exit(0);
}

}  // namespace
}  // namespace llmo::test

int main(int argc, char** argv) {
  try {
    return llmo::test::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "mock_api_server: %s\n", failure.what());
    return 1;
  }
}
