// Handles that a preload does not see: made and used by functions from dlsym(), as ctypes and other FFIs have
// them. One is then put into a multi by functions that the program is linked with.

// link: -lcurl -ldl
#include <dlfcn.h>

#include "curl_multi.h"

static void* libcurl = nullptr;

template <typename Function>
PLAIN Function* by_name(const char* name, Function*) {
  return reinterpret_cast<Function*>(dlsym(libcurl, name));
}
#define BY_NAME(function) by_name(#function, &(function))

PLAIN CURL* make(const std::string& url, std::string* body, curl_slist* headers) {
  CURL* const curl = BY_NAME(curl_easy_init)();
  const auto set = BY_NAME(curl_easy_setopt);
  set(curl, CURLOPT_URL, url.c_str());
  set(curl, CURLOPT_WRITEFUNCTION, &append_body);
  set(curl, CURLOPT_WRITEDATA, body);
  set(curl, CURLOPT_HTTPHEADER, headers);
  return curl;
}

NOINLINE void foreign_agent(const std::string& base, curl_slist* headers) {
  std::string body;
  CURL* const curl = make(base + "/v1/chat/completions", &body, headers);
  const auto set = BY_NAME(curl_easy_setopt);
  set(curl, CURLOPT_POSTFIELDS, kChatBody);
  for (int time = 0; time < 2; ++time) {
    const CURLcode code = BY_NAME(curl_easy_perform)(curl);
    std::printf("foreign: %d, %s\n", code, body.empty() ? "empty" : "there");
  }
  set(curl, CURLOPT_URL, (base + "/redirect/1").c_str());
  set(curl, CURLOPT_FOLLOWLOCATION, 1L);
  set(curl, CURLOPT_HTTPGET, 1L);
  std::printf("redirected: %d\n", BY_NAME(curl_easy_perform)(curl));
  BY_NAME(curl_easy_cleanup)(curl);
}

NOINLINE void mixed_agent(const std::string& base, curl_slist* headers) {
  std::string body;
  CURL* const curl = make(base + "/echo", &body, headers);
  std::printf("linked: %d", curl_easy_perform(curl));
  CURLM* const multi = curl_multi_init();
  std::printf(" %d\n", curl_multi_add_handle(multi, curl));
  drive(multi);
  print_messages(multi);
  curl_multi_remove_handle(multi, curl);
  curl_multi_add_handle(multi, curl);
  drive(multi);
  std::printf("own header: %d\n", body.find("X-Own") != body.npos);
  BY_NAME(curl_easy_cleanup)(curl);
  print_messages(multi);
  std::printf("cleanup: %d\n", curl_multi_cleanup(multi));
}

int main(int, char** argv) {
  libcurl = dlopen("libcurl.so.4", RTLD_NOW);
  curl_slist* const headers = curl_slist_append(nullptr, "X-Own: 1");
  foreign_agent(argv[1], headers);
  mixed_agent(argv[1], headers);
  curl_slist_free_all(headers);
  return 0;
}
