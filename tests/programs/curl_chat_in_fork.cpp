// Asks the chat model at argv[1] in a workflow, and again in a forked child.

// link: -lcurl
#include <sys/wait.h>
#include <unistd.h>

#include "curl_program.h"

NOINLINE CURLcode ask(const char* base) {
  std::string body;
  CURL* const curl = handle_for(std::string(base) + "/v1/chat/completions", &body);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kChatBody);
  const CURLcode result = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return result;
}

NOINLINE CURLcode parent_agent(const char* base) { return ask(base); }
NOINLINE CURLcode child_agent(const char* base) { return ask(base); }

int main(int, char** argv) {
  const CURLcode result = parent_agent(argv[1]);
  const pid_t child = fork();
  if (child == 0) _exit(child_agent(argv[1]));
  int status = 0;
  waitpid(child, &status, 0);
  return result == CURLE_OK && status == 0 ? 0 : 1;
}
