// Handles that are duplicated, reset, used again, and cleaned up in odd orders.

// link: -lcurl
#include "curl_program.h"

PLAIN void show(const char* what, CURLcode code, std::string& body) {
  std::printf("%s: code %d, %s header, body %zu\n", what, code,
              body.find("X-Mine") == body.npos ? "no" : "own",
              body.size() > 0 ? std::size_t{1} : std::size_t{0});
  body.clear();
}

NOINLINE int handles_workflow(const char* base) {
  std::string body;
  const std::string url = std::string(base) + "/echo";
  CURL* const curl = handle_for(url, &body);
  curl_slist* const headers = curl_slist_append(nullptr, "X-Mine: 1");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  CURL* const copy = curl_easy_duphandle(curl);
  show("original", curl_easy_perform(curl), body);
  curl_easy_cleanup(curl);
  show("duplicate", curl_easy_perform(copy), body);

  curl_easy_reset(copy);
  curl_easy_setopt(copy, CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(copy, CURLOPT_WRITEDATA, &body);
  show("reset, no URL", curl_easy_perform(copy), body);
  curl_easy_setopt(copy, CURLOPT_URL, url.c_str());
  show("reset", curl_easy_perform(copy), body);
  curl_slist_free_all(headers);
  curl_easy_cleanup(copy);
  curl_easy_cleanup(nullptr);
  return 0;
}

int main(int, char** argv) { return handles_workflow(argv[1]); }
