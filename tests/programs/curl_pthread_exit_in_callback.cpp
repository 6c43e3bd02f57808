// A callback ends its thread by pthread_exit(), through curl_easy_perform().

// link: -lcurl
#include <pthread.h>

#include "curl_program.h"

PLAIN std::size_t leaving(char*, std::size_t, std::size_t, void*) { pthread_exit(const_cast<char*>("left")); }

NOINLINE void thread_agent(const char* base) {
  CURL* const curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, (std::string(base) + "/v1/chat/completions").c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kChatBody);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &leaving);
  std::printf("not reached %d\n", curl_easy_perform(curl));
}

PLAIN void* body_of_thread(void* base) {
  thread_agent(static_cast<const char*>(base));
  return nullptr;
}

int main(int, char** argv) {
  pthread_t thread;
  void* result = nullptr;
  pthread_create(&thread, nullptr, body_of_thread, argv[1]);
  pthread_join(thread, &result);
  std::printf("%s\n", result == nullptr ? "returned" : static_cast<const char*>(result));
  return 0;
}
