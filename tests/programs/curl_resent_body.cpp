// A request body that a redirect makes libcurl send twice: by the same callback, and by another one that is
// set between the two.

// link: -lcurl
#include <algorithm>
#include <cstring>

#include "curl_program.h"

constexpr const char* kOtherBody =
    R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":"Other"}],"max_tokens":60})";

struct Source {
  const char* text;
  const char* at = text;
};

PLAIN std::size_t read_body(char* buffer, std::size_t size, std::size_t count, void* context) {
  auto& source = *static_cast<Source*>(context);
  const std::size_t given = std::min({size * count, std::strlen(source.at), std::size_t{7}});
  std::memcpy(buffer, source.at, given);
  source.at += given;
  return given;
}

PLAIN std::size_t read_other_body(char* buffer, std::size_t size, std::size_t count, void* context) {
  return read_body(buffer, size, count, context);
}

PLAIN int rewind_body(void* context, curl_off_t offset, int) {
  auto& source = *static_cast<Source*>(context);
  source.at = source.text + offset;
  return CURL_SEEKFUNC_OK;
}

struct Exchange {
  CURL* curl;
  Source* other;
};

PLAIN std::size_t exchange_source(char* line, std::size_t size, std::size_t count, void* context) {
  const auto& exchange = *static_cast<Exchange*>(context);
  const std::string text(line, size * count);
  if (text.rfind("HTTP/", 0) == 0 && text.find(" 307") != text.npos) {
    curl_easy_setopt(exchange.curl, CURLOPT_READFUNCTION, &read_other_body);
    curl_easy_setopt(exchange.curl, CURLOPT_READDATA, exchange.other);
  }
  return size * count;
}

PLAIN CURLcode send(const std::string& url, bool exchanges) {
  std::string body;
  Source source{kChatBody};
  Source other{kOtherBody};
  CURL* const curl = handle_for(url, &body);
  Exchange exchange{curl, &other};
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(std::strlen(kChatBody)));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &read_body);
  curl_easy_setopt(curl, CURLOPT_READDATA, &source);
  curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, &rewind_body);
  curl_easy_setopt(curl, CURLOPT_SEEKDATA, &source);
  if (exchanges) {
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &exchange_source);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  }
  const CURLcode code = curl_easy_perform(curl);
  std::printf("code %d, %zu bytes, %zu of the other\n", code, body.size(),
              static_cast<std::size_t>(other.at - other.text));
  curl_easy_cleanup(curl);
  return code;
}

NOINLINE CURLcode same_agent(const std::string& url) { return send(url, false); }
NOINLINE CURLcode other_agent(const std::string& url) { return send(url, true); }

int main(int, char** argv) {
  const std::string url = std::string(argv[1]) + "/redirect-307/v1/chat/completions";
  same_agent(url);
  other_agent(url);
  return 0;
}
