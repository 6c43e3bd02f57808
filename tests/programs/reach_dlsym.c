// Takes libcurl's functions by dlsym() on a handle of their own, as ctypes and other foreign function
// interfaces do: no preload stands in between.

// link: -ldl
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>

#include "program.h"

#define FUNCTION(name) ((__typeof__(&name))dlsym(libcurl, #name))

PLAIN static size_t print_body(char* data, size_t size, size_t count, void* nothing) {
  (void)nothing;
  return fwrite(data, size, count, stdout);
}

NOINLINE int foreign_workflow(const char* library, const char* url) {
  void* const libcurl = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (libcurl == NULL) return 90;
#undef curl_easy_setopt
  CURLcode (*set)(CURL*, CURLoption, ...) = FUNCTION(curl_easy_setopt);
  CURL* const curl = FUNCTION(curl_easy_init)();
  struct curl_slist* headers = FUNCTION(curl_slist_append)(NULL, "X-Own: 1");
  headers = FUNCTION(curl_slist_append)(headers, "Authorization: Bearer mine");
  set(curl, CURLOPT_URL, url);
  set(curl, CURLOPT_HTTPHEADER, headers);
  set(curl, CURLOPT_WRITEFUNCTION, print_body);
  CURLcode code = FUNCTION(curl_easy_perform)(curl);
  if (code == CURLE_OK) code = FUNCTION(curl_easy_perform)(curl);
  FUNCTION(curl_easy_cleanup)(curl);
  FUNCTION(curl_slist_free_all)(headers);
  return (int)code;
}

int main(int argc, char** argv) { return argc == 3 ? foreign_workflow(argv[1], argv[2]) : 2; }
