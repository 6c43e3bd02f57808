// What the programs that use libcurl share. They are foreign programs: nothing of llmobserve is included.
#pragma once

#include <curl/curl.h>

#include <cstdio>
#include <string>

#include "program.h"

PLAIN inline std::size_t append_body(char* data, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

// A handle that collects the body of `url` in `body`.
PLAIN inline CURL* handle_for(const std::string& url, std::string* body) {
  CURL* const curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
  return curl;
}

constexpr const char* kChatBody =
    R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}],"max_tokens":50})";
