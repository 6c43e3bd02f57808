// Asks the chat model at argv[1] within a workflow, with a key that must go nowhere else.

// link: -lcurl
#include "curl_program.h"

NOINLINE CURLcode ask(const char* base) {
  std::string body;
  CURL* const curl = handle_for(std::string(base) + "/v1/chat/completions", &body);
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Authorization: Bearer sk-very-secret");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kChatBody);
  const CURLcode result = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  curl_slist_free_all(headers);
  std::printf("%s\n", body.c_str());
  return result;
}

NOINLINE CURLcode research_agent(const char* base) { return ask(base); }

int main(int, char** argv) { return research_agent(argv[1]); }
