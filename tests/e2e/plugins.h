// Plug-ins for test programs to load, compiled when they are needed.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace llmo::test {

// A plug-in that makes one request with two headers of its own, starts a thread, and holds pointers to
// functions of libcurl in its data.
inline constexpr const char* kRequestPlugin = R"(
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static size_t ignore(char* data, size_t size, size_t count, void* nothing) {
  (void)data, (void)nothing;
  return size * count;
}

CURLcode (*const volatile perform_in_table[])(CURL*) = {curl_easy_perform};
CURLcode (*volatile perform_in_data)(CURL*) = curl_easy_perform;

static const char* backend_of(CURL* curl) {
  struct curl_tlssessioninfo* session = NULL;
  curl_easy_getinfo(curl, CURLINFO_TLS_SSL_PTR, &session);
  if (session == NULL) return "none";
  return session->backend == CURLSSLBACKEND_GNUTLS ? "gnutls"
         : session->backend == CURLSSLBACKEND_OPENSSL ? "openssl" : "another";
}

__attribute__((noinline)) static int fetch(const char* url, CURLcode (*perform)(CURL*)) {
  CURL* const curl = curl_easy_init();
  struct curl_slist* headers = curl_slist_append(NULL, "X-Own: 1");
  headers = curl_slist_append(headers, "Authorization: Bearer mine");
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
  const CURLcode code = perform == NULL ? curl_easy_perform(curl) : perform(curl);
  printf("code %d, backend %s\n", code, backend_of(curl));
  curl_easy_cleanup(curl);
  curl_slist_free_all(headers);
  return code;
}

int plugin_agent(const char* url) { return fetch(url, NULL); }
int table_agent(const char* url) { return fetch(url, perform_in_table[0]); }
int data_agent(const char* url) { return fetch(url, perform_in_data); }

static void* in_thread(void* url) {
  fetch(url, NULL);
  return NULL;
}

int thread_agent(const char* url) {
  pthread_t thread;
  const int error = pthread_create(&thread, NULL, in_thread, (void*)url);
  return error != 0 ? error : pthread_join(thread, NULL);
}

int pointers(const char* nothing) {
  (void)nothing;
  CURLcode (*const volatile direct)(CURL*) = curl_easy_perform;
  printf("pointers %s\n", direct == perform_in_data && direct == perform_in_table[0] ? "equal" : "differ");
  return 0;
}
)";

// Compiles `source` to the library `name` below `directory`; returns its path.
inline std::string make_library(const std::filesystem::path& directory, const std::string& name,
                                const std::string& source, const std::vector<std::string>& flags = {}) {
  const std::filesystem::path text = directory / (name + ".c");
  const std::string library = directory / ("lib" + name + ".so");
  write_text(text, source);
  std::vector<std::string> argv = {"gcc", "-shared", "-fPIC", "-O1", "-finstrument-functions",
                                   text,  "-o",      library};
  argv.insert(argv.end(), flags.begin(), flags.end());
  const Finished built = run_command({.argv = argv});
  INFO(built.err);
  REQUIRE(built.exit_code == 0);
  return library;
}

}  // namespace llmo::test
