// Works with many handles when no more memory is to be had but what the program has put aside.

// link: -lcurl
#include <curl/curl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "program.h"

enum { kHandles = 3000, kPutAside = 200 << 20 };

static size_t swallow(char* data, size_t size, size_t count, void* unused) {
  (void)data, (void)unused;
  return size * count;
}

PLAIN static CURL* handle_for(const char* url) {
  CURL* const curl = curl_easy_init();
  if (curl == NULL) exit(3);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "{\"model\":\"gpt-4o-mini\"}");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
  return curl;
}

// The heap keeps what is freed below another block.
PLAIN static void put_memory_aside(void) {
  char* volatile memory = malloc(kPutAside);
  memset(memory, 1, kPutAside);
  char* volatile above = malloc(64);
  free(memory);
  above[0] = 1;
  const struct rlimit nothing_more = {1 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_AS, &nothing_more);
}

NOINLINE void call_agent(const char* url) {
  CURL* const first = handle_for(url);
  printf("%d\n", curl_easy_perform(first));
  put_memory_aside();

  CURLM* const multi = curl_multi_init();
  for (int i = 0; i < kHandles; ++i) {
    CURL* const curl = handle_for(url);
    if (i % 300 == 0) printf("%d\n", curl_easy_perform(curl));
    printf("%d", curl_multi_add_handle(multi, curl));
  }
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 1L);
  int running = 0;
  printf("\n%d\n", curl_multi_perform(multi, &running));
  printf("%d\n", curl_easy_perform(first));
}

PLAIN int main(int argc, char** argv) {
  if (argc != 2) return 2;
  mallopt(M_TRIM_THRESHOLD, kPutAside * 2);
  mallopt(M_MMAP_MAX, 0);
  curl_global_init(CURL_GLOBAL_ALL);
  char url[256];
  snprintf(url, sizeof url, "%s/v1/chat/completions", argv[1]);
  call_agent(url);
  return 0;
}
