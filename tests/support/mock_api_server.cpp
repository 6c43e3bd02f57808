// A mock of the APIs that the tests and the demo call: OpenAI, Anthropic, Pinecone, on the loopback
// interface.
//
//   mock_api_server [PATH=BEHAVIOUR[,BEHAVIOUR…]]…
//
// Prints its port as the first line, serves until its standard input closes, and answers as the services do,
// with fixed numbers:
//
//   POST /v1/chat/completions   OpenAI: 812 input tokens (256 cached), 96 output tokens (32 reasoning)
//   POST /v1/responses          the same numbers
//   POST /v1/embeddings         8 input tokens
//   POST /v1/messages           Anthropic: 500 input, 200 cache read, 100 cache write, 64 output tokens
//   POST /query, /vectors/upsert, /vectors/delete, /describe_index_stats   Pinecone
//   GET  /v1/models
//   any  /echo                  the request as JSON
//   any  /bytes/N, /status/N, /redirect/N
//   GET  /log                   all requests so far, as JSON
//
// "stream": true in a body answers with server-sent events. Behaviours are asked for by the header X-Mock, by
// the model name in the body, or for a path on the command line:
//
//   status:N            answer with an error of this status
//   fail-N-once:KEY     the first request with this KEY is answered with status N
//   slow:Nms            wait before the answer
//   pause:Nms           wait between the pieces of the answer's body (stream: between events)
//   pieces:N            send the body in pieces of N bytes
//   cut:N               send N bytes of the body, then close the connection
//   reset               close the connection without an answer
//   chunked             send the body in chunks, without Content-Length
//   close               no keep-alive
//   tools               the model calls a tool instead of answering
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/support/http_connection.h"
#include "tests/support/mock_answers.h"

namespace llmo::test {
namespace {

// --- small text helpers ------------------------------------------------------------------------------------

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string replaced(std::string text, std::string_view word, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size()) {
    text.replace(at, word.size(), by);
  }
  return text;
}

int number_after(const std::string& text, std::string_view prefix) {
  return text.starts_with(prefix) ? std::atoi(text.c_str() + prefix.size()) : -1;
}

std::string as_json(const Request& request) {
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> json(text);
  const auto put = [&json](const std::string& value) {
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  json.Key("method"), put(request.method);
  json.Key("target"), put(request.target);
  json.Key("headers"), json.StartArray();
  for (const auto& [name, value] : request.headers) json.StartArray(), put(name), put(value), json.EndArray();
  json.EndArray();
  json.Key("body"), put(request.body);
  json.EndObject();
  return {text.GetString(), text.GetSize()};
}

// --- what a request asks for -------------------------------------------------------------------------------

// "slow:200ms,close" to {slow: 200ms, close: }. Words that name no behaviour (a real model) do no harm.
void add_behaviours(std::string_view text, Behaviours& behaviours) {
  for (const std::string& part : split(text, ',')) {
    const std::size_t colon = std::min(part.find(':'), part.size());
    behaviours[part.substr(0, colon)] = part.substr(std::min(colon + 1, part.size()));
  }
}

Asked asked_by(const Request& request, const std::map<std::string, std::string>& of_paths) {
  Asked asked;
  if (const auto found = of_paths.find(request.path); found != of_paths.end()) {
    add_behaviours(found->second, asked.behaviours);
  }
  add_behaviours(header_value(request.headers, "X-Mock"), asked.behaviours);
  rapidjson::Document body;
  body.Parse(request.body.data(), request.body.size());
  if (body.HasParseError() || !body.IsObject()) return asked;
  if (body.HasMember("model") && body["model"].IsString()) {
    asked.model = body["model"].GetString();
    add_behaviours(asked.model, asked.behaviours);
  }
  asked.stream = body.HasMember("stream") && body["stream"].IsBool() && body["stream"].GetBool();
  if (body.HasMember("stream_options") && body["stream_options"].IsObject()) {
    const auto& options = body["stream_options"];
    asked.include_usage = options.HasMember("include_usage") && options["include_usage"].IsTrue();
  }
  return asked;
}

// --- serving -----------------------------------------------------------------------------------------------

// What all connections share.
struct Server {
  std::map<std::string, std::string> behaviours_of_paths;
  std::mutex mutex;  // guards the two below
  std::vector<std::string> log;
  std::set<std::string> failed_once;
  std::atomic<int> requests{0};
};

void wait_for(const Behaviours& behaviours, const char* name) {
  if (const auto found = behaviours.find(name); found != behaviours.end()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(found->second.c_str())));
  }
}

// The status that a behaviour demands, or 0.
int demanded_failure(Server& server, const Behaviours& behaviours) {
  for (const auto& [name, value] : behaviours) {
    if (name == "status") return std::atoi(value.c_str());
    const int once = number_after(name, "fail-");
    if (once <= 0 || !name.ends_with("-once")) continue;
    const std::lock_guard lock(server.mutex);
    if (server.failed_once.insert(name + value).second) return once;
  }
  return 0;
}

Answer plain_answer(Server& server, const Request& request) {
  if (request.path == "/echo") return {.pieces = {as_json(request)}};
  if (request.path == "/log") {
    const std::lock_guard lock(server.mutex);
    std::string list;
    for (const std::string& entry : server.log) list += (list.empty() ? "" : ",\n") + entry;
    return {.pieces = {"[" + list + "]"}};
  }
  if (const int size = number_after(request.path, "/bytes/"); size >= 0) {
    return {.content_type = "application/octet-stream",
            .pieces = {std::string(static_cast<std::size_t>(size), 'x')}};
  }
  if (const int status = number_after(request.path, "/status/"); status >= 100) {
    return {.status = status, .pieces = {"{}"}};
  }
  if (const int hops = number_after(request.path, "/redirect/"); hops > 0) {
    return {.status = 302, .headers = {{"Location", "/redirect/" + std::to_string(hops - 1)}}};
  }
  if (request.path == "/redirect/0") return {.content_type = "text/plain", .pieces = {"arrived\n"}};
  return {.status = 404,
          .pieces = {R"({"error":{"message":"no such path","type":"invalid_request_error"}})"}};
}

Answer answer_to(Server& server, const Request& request, const Asked& asked) {
  const auto* const route =
      std::find_if(std::begin(kRoutes), std::end(kRoutes), [&request](const Route& candidate) {
        return request.method == candidate.method && request.path == candidate.path;
      });
  const int failure = demanded_failure(server, asked.behaviours);
  const bool known = route != std::end(kRoutes);
  const Service service = known ? route->service : Service::kOpenAi;

  Answer answer;
  if (failure != 0) {
    answer = {.status = failure, .pieces = {error_body(service, failure)}};
    if (failure == 429) answer.headers.emplace_back("retry-after", "1");
  } else {
    answer = known ? route->answer(asked) : plain_answer(server, request);
  }
  if (known) {
    Headers more = service_headers(service);
    answer.headers.insert(answer.headers.end(), more.begin(), more.end());
  }
  return answer;
}

// The whole answer with its placeholders filled, cut into the pieces that it is sent in.
struct Wire {
  std::string head;
  std::vector<std::string> pieces;
  bool chunked = false;
  bool close = false;
};

std::vector<std::string> cut_into(const std::vector<std::string>& pieces, std::size_t size) {
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  std::vector<std::string> result;
  for (std::size_t at = 0; at < whole.size(); at += size) result.push_back(whole.substr(at, size));
  return result;
}

Wire wire_of(const Answer& answer, const Asked& asked, const std::string& id) {
  const auto filled = [&](const std::string& text) {
    return replaced(replaced(text, "$ID", id), "$MODEL", asked.model);
  };
  Wire wire;
  std::size_t size = 0;
  for (const std::string& piece : answer.pieces) {
    wire.pieces.push_back(filled(piece));
    size += wire.pieces.back().size();
  }
  if (const auto found = asked.behaviours.find("pieces"); found != asked.behaviours.end()) {
    wire.pieces =
        cut_into(wire.pieces, static_cast<std::size_t>(std::max(1, std::atoi(found->second.c_str()))));
  }
  wire.chunked = asked.behaviours.contains("chunked") || answer.content_type.starts_with("text/event-stream");
  wire.close = asked.behaviours.contains("close");
  wire.head = "HTTP/1.1 " + std::to_string(answer.status) + (answer.status < 300 ? " OK" : " Mocked") +
              "\r\nContent-Type: " + answer.content_type + "\r\n" +
              (wire.chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + std::to_string(size)) +
              "\r\n";
  for (const auto& [name, value] : answer.headers) wire.head += name + ": " + filled(value) + "\r\n";
  wire.head += std::string("Connection: ") + (wire.close ? "close" : "keep-alive") + "\r\n\r\n";
  return wire;
}

std::string as_chunk(const std::string& piece) {
  char size[32];
  std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
  return size + piece + "\r\n";
}

// False when the connection is not to be used any more.
bool send_answer(Connection& connection, const Wire& wire, const Behaviours& behaviours, bool with_body) {
  if (!connection.send(wire.head)) return false;
  if (!with_body) return !wire.close;
  const auto cut = behaviours.find("cut");
  std::size_t left =
      cut != behaviours.end() ? std::strtoul(cut->second.c_str(), nullptr, 10) : std::string::npos;
  for (const std::string& piece : wire.pieces) {
    const std::string part = piece.substr(0, left);
    if (!connection.send(wire.chunked ? as_chunk(part) : part)) return false;
    left -= left == std::string::npos ? 0 : part.size();
    if (left == 0) return false;
    wait_for(behaviours, "pause");
  }
  return (!wire.chunked || connection.send("0\r\n\r\n")) && !wire.close;
}

void remember(Server& server, const Request& request) {
  const std::lock_guard lock(server.mutex);
  server.log.push_back(as_json(request));
}

void serve(Server& server, int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  Connection connection(fd);
  Request request;
  while (connection.read(request)) {
    if (request.path != "/log") remember(server, request);
    Asked asked = asked_by(request, server.behaviours_of_paths);
    if (header_value(request.headers, "Connection") == "close") asked.behaviours["close"];
    wait_for(asked.behaviours, "slow");
    if (asked.behaviours.contains("reset")) return;
    char id[32];
    std::snprintf(id, sizeof(id), "mock%06d", ++server.requests);
    const Wire wire = wire_of(answer_to(server, request, asked), asked, id);
    if (!send_answer(connection, wire, asked.behaviours, request.method != "HEAD")) return;
  }
}

// A listening socket on a free port of the loopback interface, and the port.
int listen_on_loopback(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, name, size) != 0 || ::listen(fd, 128) != 0 || ::getsockname(fd, name, &size) != 0) return -1;
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace
}  // namespace llmo::test

int main(int argc, char** argv) {
  static llmo::test::Server server;  // static, as connections still use it while main() leaves
  for (int argument = 1; argument < argc; ++argument) {
    const std::string text = argv[argument];
    const std::size_t equals = std::min(text.find('='), text.size());
    server.behaviours_of_paths[text.substr(0, equals)] = text.substr(std::min(equals + 1, text.size()));
  }

  int port = 0;
  const int listener = llmo::test::listen_on_loopback(port);
  if (listener < 0) {
    std::perror("mock_api_server: cannot listen");
    return 1;
  }
  std::printf("%d\n", port);
  std::fflush(stdout);

  std::thread([listener] {
    for (int fd = 0; (fd = ::accept(listener, nullptr, nullptr)) >= 0;) {
      std::thread(llmo::test::serve, std::ref(server), fd).detach();
    }
  }).detach();

  char byte = 0;
  while (::read(0, &byte, 1) > 0) {
  }
  ::_exit(0);
}
