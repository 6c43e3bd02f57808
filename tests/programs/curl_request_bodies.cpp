// The same request body in every way that libcurl takes one.

// link: -lcurl
#include <algorithm>
#include <cstring>

#include "curl_program.h"

struct Source {
  const char* at = kChatBody;
};

PLAIN std::size_t read_body(char* buffer, std::size_t size, std::size_t count, void* context) {
  auto& source = *static_cast<Source*>(context);
  const std::size_t given = std::min({size * count, std::strlen(source.at), std::size_t{7}});
  std::memcpy(buffer, source.at, given);
  source.at += given;
  return given;
}

PLAIN CURL* chat_handle(const char* base, std::string* body) {
  return handle_for(std::string(base) + "/v1/chat/completions", body);
}

NOINLINE CURLcode pointer_agent(const char* base, std::string* body) {
  CURL* const curl = chat_handle(base, body);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kChatBody);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return code;
}

NOINLINE CURLcode copy_agent(const char* base, std::string* body) {
  CURL* const curl = curl_easy_init();
  {
    const std::string own = std::string(kChatBody) + "behind the end";
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(std::strlen(kChatBody)));
    curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, own.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_URL, (std::string(base) + "/v1/chat/completions").c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return code;
}

NOINLINE CURLcode callback_agent(const char* base, std::string* body) {
  Source source;
  CURL* const curl = chat_handle(base, body);
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(std::strlen(kChatBody)));
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &read_body);
  curl_easy_setopt(curl, CURLOPT_READDATA, &source);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return code;
}

NOINLINE CURLcode file_agent(const char* base, std::string* body) {
  std::FILE* const file = std::tmpfile();
  std::fputs(kChatBody, file);
  std::rewind(file);
  CURL* const curl = chat_handle(base, body);
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(std::strlen(kChatBody)));
  curl_easy_setopt(curl, CURLOPT_READDATA, file);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return code;
}

int main(int, char** argv) {
  std::string body;
  for (auto* const agent : {pointer_agent, copy_agent, callback_agent, file_agent}) {
    const CURLcode code = agent(argv[1], &body);
    const bool answered = body.find("\"object\":\"chat.completion\"") != body.npos;
    std::printf("code %d, %s\n", code, answered ? "answer" : body.c_str());
    body.clear();
  }
  return 0;
}
