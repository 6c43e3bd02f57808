// Uses one handle argv[2] times, with a header list of its own that must be the same afterwards.

// link: -lcurl
#include <cstdlib>

#include "curl_program.h"

NOINLINE int poll_agent(const char* base, int times) {
  std::string body;
  CURL* const curl = handle_for(std::string(base) + "/echo", &body);
  curl_slist* const headers = curl_slist_append(curl_slist_append(nullptr, "X-First: 1"), "X-Second: 2");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  int failures = 0;
  for (int i = 0; i < times; ++i) failures += curl_easy_perform(curl) != CURLE_OK;
  for (const curl_slist* line = headers; line != nullptr; line = line->next) std::printf("%s\n", line->data);
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return failures;
}

int main(int, char** argv) { return poll_agent(argv[1], std::atoi(argv[2])); }
