// A program with one request in it, for whatever way of linking the file that includes it asks for.
#pragma once

#include <curl/curl.h>
#include <stdio.h>

#include "program.h"

PLAIN static size_t print_body(char* data, size_t size, size_t count, void* nothing) {
  (void)nothing;
  return fwrite(data, size, count, stdout);
}

NOINLINE int fetch_agent(const char* url) {
  CURL* const curl = curl_easy_init();
  struct curl_slist* headers = curl_slist_append(NULL, "X-Own: 1");
  headers = curl_slist_append(headers, "Authorization: Bearer mine");
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, print_body);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  curl_slist_free_all(headers);
  return (int)code;
}

int main(int argc, char** argv) { return argc == 2 ? fetch_agent(argv[1]) : 2; }
