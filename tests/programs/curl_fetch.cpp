// Fetches argv[1], giving up after argv[2] milliseconds (0: never), within a workflow where argv[3] says
// so. Prints curl's code, the status and the size of the body.

// link: -lcurl
#include <cstdlib>
#include <cstring>

#include "curl_program.h"

NOINLINE int fetch(char** argv) {
  std::string body;
  char error[CURL_ERROR_SIZE] = "";
  CURL* const curl = handle_for(argv[1], &body);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::atol(argv[2]));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  const CURLcode result = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  std::printf("code %d status %ld body %zu error %d\n", result, status, body.size(), error[0] != '\0');
  curl_easy_cleanup(curl);
  return 0;
}

NOINLINE int fetch_workflow(char** argv) { return fetch(argv); }

int main(int argc, char** argv) { return argc > 3 ? fetch_workflow(argv) : fetch(argv); }
