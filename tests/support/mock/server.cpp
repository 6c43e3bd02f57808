#include "tests/support/mock/server.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "tests/support/mock/asked.h"
#include "tests/support/mock/routes.h"
#include "tests/support/mock/wire.h"

namespace llmo::test {
namespace {

int number_after(const std::string& text, std::string_view prefix) {
  return text.starts_with(prefix) ? std::atoi(text.c_str() + prefix.size()) : -1;
}

// `connection` is the number of the connection that it came on.
std::string as_json(const Request& request, int connection, bool tls) {
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> json(text);
  const auto put = [&json](const std::string& value) {
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  json.Key("method"), put(request.method);
  json.Key("target"), put(request.target);
  json.Key("connection"), json.Int(connection);
  json.Key("tls"), json.Bool(tls);
  json.Key("headers"), json.StartArray();
  for (const auto& [name, value] : request.headers) json.StartArray(), put(name), put(value), json.EndArray();
  json.EndArray();
  json.Key("body"), put(request.body);
  json.EndObject();
  return {text.GetString(), text.GetSize()};
}

// The status that a behaviour demands, or 0.
int demanded_failure(Server& server, const Asked& asked) {
  for (const auto& [name, value] : asked.behaviours) {
    if (name == "status") return std::atoi(value.c_str());
    const int once = number_after(name, "fail-");
    if (once <= 0 || !name.ends_with("-once")) continue;
    const std::lock_guard lock(server.mutex);
    if (server.failed_once.insert(name + value).second) return once;
  }
  return 0;
}

Answer log_of(Server& server) {
  const std::lock_guard lock(server.mutex);
  std::string list = "[";
  for (const std::string& entry : server.log) list.append(list.size() > 1 ? ",\n" : "").append(entry);
  return {.pieces = {list + "]"}};
}

// "/redirect-307/v1/messages" to /v1/messages with status 307; what begins with // names another host.
Answer redirect_to_rest(const Request& request, int status) {
  return {.status = status, .headers = {{"Location", request.path.substr(request.path.find('/', 1))}}};
}

// What belongs to no service.
Answer plain_answer(Server& server, const Request& request, const Asked& asked) {
  if (request.path == "/echo") return {.pieces = {as_json(request, 0, false)}};
  if (request.path == "/echo-body") {
    const std::string type = header_value(request.headers, "Content-Type");
    return {.content_type = type.empty() ? "application/octet-stream" : type, .pieces = {request.body}};
  }
  if (request.path == "/log") return log_of(server);
  if (const int size = number_after(request.path, "/bytes/"); size >= 0) {
    return {.content_type = "application/octet-stream",
            .pieces = {std::string(static_cast<std::size_t>(size), 'x')}};
  }
  if (const int status = number_after(request.path, "/status/"); status >= 100)
    return {.status = status, .pieces = {"{}"}};
  if (const int hops = number_after(request.path, "/redirect/"); hops > 0)
    return {.status = 302, .headers = {{"Location", "/redirect/" + std::to_string(hops - 1)}}};
  if (request.path == "/redirect/0") return {.content_type = "text/plain", .pieces = {"arrived\n"}};
  if (const int status = number_after(asked.path, "/redirect-"); status > 0)
    return redirect_to_rest(request, status);
  return {.status = 404,
          .pieces = {R"({"error":{"message":"no such path","type":"invalid_request_error"}})"}};
}

bool is_plain(const std::string& path) {
  for (const char* const word : {"/echo", "/log", "/bytes/", "/status/", "/redirect/", "/redirect-"}) {
    if (path.starts_with(word)) return true;
  }
  return false;
}

Answer answer_to(Server& server, const Request& request, const Asked& asked) {
  const Service* const service = is_plain(request.path) ? nullptr : service_for(request, asked);
  const int failure = demanded_failure(server, asked);
  if (service != nullptr) return answer_of(*service, request, asked, failure);
  if (failure == 0) return plain_answer(server, request, asked);
  Answer answer{.status = failure, .pieces = {openai_error_body(failure)}};
  if (failure == 429) answer.headers.emplace_back("retry-after", "1");
  return answer;
}

void remember(Server& server, std::string request) {
  const std::lock_guard lock(server.mutex);
  server.log.push_back(std::move(request));
}

// False when the connection is not to be used any more.
bool answer_one(Server& server, Connection& connection, const Request& request) {
  char id[32];
  std::snprintf(id, sizeof(id), "mock%06d", ++server.requests);
  Asked asked = asked_by(request, server.behaviours_of_paths, id);
  if (header_value(request.headers, "Connection") == "close") asked.behaviours["close"];
  std::this_thread::sleep_for(std::chrono::milliseconds(millis_of(asked, "slow")));
  if (asked.has("reset")) return false;
  Answer answer = answer_to(server, request, asked);
  if (asked.has("retry-after")) answer.headers.emplace_back("retry-after", asked.value("retry-after", ""));
  return send_answer(connection, answer, asked, request.method != "HEAD");
}

}  // namespace

void serve(Server& server, int fd, SSL* ssl) {
  const int number = ++server.connections;
  Connection connection(fd, ssl);
  Request request;
  while (connection.read(request)) {
    if (request.path != "/log") remember(server, as_json(request, number, ssl != nullptr));
    if (!answer_one(server, connection, request)) return;
  }
}

}  // namespace llmo::test
