// A callback throws through curl_easy_perform(); the program goes on with another handle.

// link: -lcurl
#include <stdexcept>

#include "curl_program.h"

PLAIN std::size_t throwing(char*, std::size_t, std::size_t, void*) {
  throw std::runtime_error("from the callback");
}

NOINLINE void ask_agent(const char* base, curl_write_callback callback) {
  std::string body;
  CURL* const curl = handle_for(std::string(base) + "/v1/chat/completions", &body);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kChatBody);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, callback);
  const CURLcode code = curl_easy_perform(curl);
  std::printf("code %d, body %s\n", code, body.empty() ? "empty" : "there");
  curl_easy_cleanup(curl);
}

int main(int, char** argv) {
  try {
    ask_agent(argv[1], throwing);
  } catch (const std::exception& error) {
    std::printf("caught: %s\n", error.what());
  }
  ask_agent(argv[1], append_body);
  return 0;
}
