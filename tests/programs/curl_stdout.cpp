// Lets libcurl write to standard output by itself, between lines of the program's own; then headers with
// the body, then into a file that is full.

// link: -lcurl
#include "curl_program.h"

NOINLINE int print_agent(const char* base) {
  CURL* const curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, (std::string(base) + "/v1/chat/completions").c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kChatBody);
  std::printf("before\n");
  std::printf("\ncode %d\n", curl_easy_perform(curl));

  // The pointer without a function: headers go to that file by the function for the body.
  std::FILE* const heads = std::tmpfile();
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, heads);
  std::printf("\ncode %d\n", curl_easy_perform(curl));
  std::printf("headers %s\n", std::ftell(heads) > 100 ? "in the file" : "lost");
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, nullptr);

  curl_easy_setopt(curl, CURLOPT_HEADER, 1L);
  std::FILE* const both = std::tmpfile();
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, both);
  std::printf("code %d\n", curl_easy_perform(curl));
  std::printf("all %s\n", std::ftell(both) > std::ftell(heads) + 500 ? "in the file" : "lost");

  std::FILE* const full = std::fopen("/dev/full", "w");
  std::setvbuf(full, nullptr, _IONBF, 0);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, full);
  std::printf("code %d\n", curl_easy_perform(curl));
  curl_easy_cleanup(curl);
  return 0;
}

int main(int, char** argv) { return print_agent(argv[1]); }
