// A callback leaves curl_easy_perform() by longjmp(). libcurl refuses the handle from then on; others work.

// link: -lcurl
#include <csetjmp>

#include "curl_program.h"

static std::jmp_buf back;

PLAIN std::size_t jumping(char*, std::size_t, std::size_t, void*) { std::longjmp(back, 1); }

NOINLINE void jump_agent(CURL* curl) {
  if (setjmp(back) == 0) {
    std::printf("not reached %d\n", curl_easy_perform(curl));
  }
}

NOINLINE void again_agent(CURL* curl) { std::printf("code %d\n", curl_easy_perform(curl)); }

int main(int, char** argv) {
  std::string body;
  const std::string url = std::string(argv[1]) + "/v1/chat/completions";
  CURL* const curl = handle_for(url, &body);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kChatBody);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &jumping);
  jump_agent(curl);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append_body);
  again_agent(curl);
  CURL* const other = handle_for(url, &body);
  curl_easy_setopt(other, CURLOPT_POSTFIELDS, kChatBody);
  again_agent(other);
  std::printf("body %s\n", body.empty() ? "empty" : "there");
  curl_easy_cleanup(other);
  return 0;
}
