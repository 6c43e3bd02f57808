// argv[1] workflows, each with a call within. Each prints the traceparent that requests from it would carry.
// With a URL as argv[2], fetches it in a workflow and has a child print its TRACEPARENT instead; with argv[1]
// "kill" it kills itself in one.
// link: -lcurl
// variants: gcc-O2
#include <llmobserve/llmobserve.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "curl_program.h"

NOINLINE void print_place() {
  llmobserve_workflow workflow;
  if (llmobserve_current_workflow(&workflow)) std::printf("%s\n", workflow.traceparent);
}

NOINLINE void inner_agent() { print_place(); }

NOINLINE void root_workflow() { inner_agent(); }

NOINLINE int fetch_workflow(const char* url) {
  print_place();
  std::string body;
  CURL* const curl = handle_for(url, &body);
  const CURLcode result = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  std::fflush(stdout);
  return result != CURLE_OK || std::system("printenv TRACEPARENT") != 0;
}

NOINLINE void killed_workflow() { std::raise(SIGKILL); }

int main(int argc, char** argv) {
  if (argv[1] == std::string("kill")) killed_workflow();
  if (argc > 2) return fetch_workflow(argv[2]);
  for (int left = std::atoi(argv[1]); left > 0; --left) root_workflow();
}
