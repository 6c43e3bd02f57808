// Code that is too hot, too deep or too short for a span each. argv[1]: which.
// link: -lcurl
#include <cstring>
#include <string>

#include "curl_program.h"

volatile int work = 0;

NOINLINE void tiny() { work = work + 1; }

NOINLINE void fetch(const char* url) {
  std::string body;
  CURL* const curl = handle_for(url, &body);
  curl_easy_perform(curl);
  curl_easy_cleanup(curl);
}

NOINLINE void middle(const char* url) {
  tiny();
  fetch(url);
}

NOINLINE void shorts(const char* url) {
  for (int call = 0; call < 10; ++call) tiny();
  middle(url);
}

NOINLINE void deep(int depth) {
  if (depth > 1) deep(depth - 1);
  work = work + 1;
}

NOINLINE void deeper(const char* url, int depth) {
  deep(3);
  if (depth > 1) {
    deeper(url, depth - 1);
  } else {
    fetch(url);
  }
  work = work + 1;
}

NOINLINE void hot(int value) { work = work + value; }

NOINLINE void recurring(int depth) {
  if (depth > 0) recurring(depth - 1);
  work = work + 1;
}

NOINLINE void calls_hot(long calls, const char* url) {
  for (long call = 0; call < calls; ++call) hot(1);
  fetch(url);
}

NOINLINE void calls_recurring(long calls) {
  for (long call = 0; call < calls; ++call) recurring(1);
  tiny();
}

int main(int, char** arguments) {
  const char* const url = arguments[2];
  if (std::strcmp(arguments[1], "short") == 0) shorts(url);
  if (std::strcmp(arguments[1], "deep") == 0) deeper(url, 3);
  if (std::strcmp(arguments[1], "hot") == 0) calls_hot(std::atol(arguments[3]), url);
  if (std::strcmp(arguments[1], "recurring") == 0) calls_recurring(std::atol(arguments[3]));
  return 0;
}
