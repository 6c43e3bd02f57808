#include "tests/e2e/browser.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace llmo::test {
namespace {

constexpr const char* kDriver = "/usr/bin/chromedriver";
constexpr const char* kChromium = "/usr/bin/chromium";

std::string json_text(const std::string& text) {
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> json(out);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return out.GetString();
}

std::string json_of(const rapidjson::Value& value) {
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> json(out);
  value.Accept(json);
  return out.GetString();
}

// A socket that is closed at the end of its scope; -1 where nobody listens.
struct Socket {
  explicit Socket(int port) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Socket() { ::close(fd); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd;
  bool connected = false;
};

void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("ChromeDriver does not take requests");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// The length of the body that a header names, or npos while the header is not whole.
std::size_t whole_size(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  const std::size_t length = answer.find("Content-Length:");
  if (end == std::string::npos || length == std::string::npos || length > end) return std::string::npos;
  return end + 4 + std::strtoul(answer.c_str() + length + 15, nullptr, 10);
}

std::string receive_body(int fd) {
  std::string answer;
  char buffer[65536];
  while (answer.size() < whole_size(answer)) {
    const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
    if (size <= 0) throw std::runtime_error("ChromeDriver does not answer");
    answer.append(buffer, static_cast<std::size_t>(size));
  }
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

std::string decoded_base64(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char digit : text) {
    const std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t value = digits.find(digit);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

// Without a network, without a screen, and without what it would ask of its maker's servers.
std::string new_session(const std::filesystem::path& profile) {
  std::string arguments = json_text("--user-data-dir=" + profile.string());
  for (const char* argument : {"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                               "--no-first-run", "--disable-background-networking",
                               "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"}) {
    arguments += "," + json_text(argument);
  }
  return R"({"capabilities":{"alwaysMatch":{"goog:loggingPrefs":{"browser":"ALL"},"goog:chromeOptions":{"binary":)" +
         json_text(kChromium) + R"(,"args":[)" + arguments + "]}}}}";
}

}  // namespace

bool Browser::available() { return ::access(kDriver, X_OK) == 0 && ::access(kChromium, X_OK) == 0; }

Browser::Browser() : port_(free_port()) {
  Command command;
  command.argv = {kDriver, "--port=" + std::to_string(port_)};
  command.environment["TMPDIR"] = profile_.path().string();
  driver_ = std::make_unique<Background>(command);
  if (!wait_until([this] { return Socket(port_).connected; })) {
    throw std::runtime_error("ChromeDriver does not start: " + driver_->output());
  }
  const auto answer = this->command("POST", "/session", new_session(profile_.path() / "profile"));
  session_ = std::string("/session/") + answer["value"]["sessionId"].GetString();
}

Browser::~Browser() {
  try {
    command("DELETE", session_, "");
  } catch (const std::exception&) {  // it is ended with its driver, then
  }
}

rapidjson::Document Browser::command(const std::string& method, const std::string& path,
                                     const std::string& body) {
  const Socket socket(port_);
  if (!socket.connected) throw std::runtime_error("ChromeDriver is gone: " + driver_->output());
  send_all(socket.fd, method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                          "\r\nContent-Type: application/json\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
  rapidjson::Document answer;
  answer.Parse(receive_body(socket.fd).c_str());
  if (answer.HasParseError() || !answer.IsObject() || !answer.HasMember("value")) {
    throw std::runtime_error("ChromeDriver answers no JSON to " + path);
  }
  const rapidjson::Value& value = answer["value"];
  if (value.IsObject() && value.HasMember("error")) throw std::runtime_error(path + ": " + json_of(value));
  return answer;
}

void Browser::devtools(const std::string& name, const std::string& parameters) {
  command("POST", session_ + "/goog/cdp/execute",
          R"({"cmd":)" + json_text(name) + R"(,"params":)" + parameters + "}");
}

void Browser::open(const std::filesystem::path& page) {
  command("POST", session_ + "/url", R"({"url":)" + json_text("file://" + page.string()) + "}");
}

std::string Browser::run(const std::string& script) {
  const auto answer =
      command("POST", session_ + "/execute/sync", R"({"script":)" + json_text(script) + R"(,"args":[]})");
  const rapidjson::Value& value = answer["value"];
  return value.IsString() ? std::string(value.GetString(), value.GetStringLength()) : json_of(value);
}

bool Browser::wait_for(const std::string& expression) {
  return wait_until([&] { return run("return Boolean(" + expression + ")") == "true"; });
}

void Browser::press(const std::u32string& keys) {
  std::string actions;
  for (const char32_t key : keys) {
    rapidjson::StringBuffer text;
    rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF32<>> json(text);
    const char32_t one[] = {key, 0};
    json.String(reinterpret_cast<const rapidjson::UTF32<>::Ch*>(one), 1);
    for (const char* type : {"keyDown", "keyUp"}) {
      actions += std::string(actions.empty() ? "" : ",") + R"({"type":")" + type + R"(","value":)" +
                 text.GetString() + "}";
    }
  }
  command("POST", session_ + "/actions",
          R"({"actions":[{"type":"key","id":"keyboard","actions":[)" + actions + "]}]}");
}

void Browser::set_dark(bool dark) {
  devtools("Emulation.setEmulatedMedia",
           std::string(R"({"features":[{"name":"prefers-color-scheme","value":")") +
               (dark ? "dark" : "light") + R"("}]})");
}

void Browser::set_size(int width, int height) {
  devtools("Emulation.setDeviceMetricsOverride", R"({"width":)" + std::to_string(width) + R"(,"height":)" +
                                                     std::to_string(height) +
                                                     R"(,"deviceScaleFactor":1,"mobile":false})");
}

void Browser::save_screenshot(const std::string& name) {
  const char* const directory = std::getenv("LLMOBSERVE_SCREENSHOTS");
  if (directory == nullptr) return;
  const auto answer = command("GET", session_ + "/screenshot", "");
  std::ofstream(std::filesystem::path(directory) / (name + ".png"), std::ios::binary)
      << decoded_base64(answer["value"].GetString());
}

std::vector<std::string> Browser::console_errors() {
  const auto answer = command("POST", session_ + "/se/log", R"({"type":"browser"})");
  std::vector<std::string> errors;
  for (const rapidjson::Value& entry : answer["value"].GetArray()) {
    const std::string level = entry["level"].GetString();
    if (level == "SEVERE" || level == "WARNING") errors.emplace_back(entry["message"].GetString());
  }
  return errors;
}

}  // namespace llmo::test
