// A callback that does much: asks and sets options of its own handle, duplicates it, tries to perform it,
// and fetches something else meanwhile.

// link: -lcurl
#include "curl_program.h"

struct Work {
  CURL* curl = nullptr;
  std::string base;
  std::string first;
  std::string rest;
  int calls = 0;
};

PLAIN std::size_t busy(char* data, std::size_t size, std::size_t count, void* context) {
  auto& work = *static_cast<Work*>(context);
  ++work.calls;
  long status = 0;
  curl_easy_getinfo(work.curl, CURLINFO_RESPONSE_CODE, &status);
  std::printf("status %ld, again: %d\n", status, curl_easy_perform(work.curl) != CURLE_OK);

  std::string other;
  CURL* const second = handle_for(work.base + "/bytes/10", &other);
  const CURLcode other_code = curl_easy_perform(second);
  std::printf("other: %d, %zu bytes\n", other_code, other.size());
  curl_easy_cleanup(second);

  CURL* const copy = curl_easy_duphandle(work.curl);
  std::string copied;
  curl_easy_setopt(copy, CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(copy, CURLOPT_WRITEDATA, &copied);
  const CURLcode copy_code = curl_easy_perform(copy);
  std::printf("copy: %d, %s\n", copy_code, copied.empty() ? "empty" : "there");
  curl_easy_cleanup(copy);

  work.first.assign(data, size * count);
  curl_easy_setopt(work.curl, CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(work.curl, CURLOPT_WRITEDATA, &work.rest);
  return size * count;
}

NOINLINE int busy_workflow(const char* base) {
  Work work;
  work.base = base;
  std::string unused;
  CURL* const curl = work.curl = handle_for(work.base + "/v1/chat/completions", &unused);
  curl_slist* const headers = curl_slist_append(nullptr, "X-Mock: pieces:100,pause:20ms,chunked");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kChatBody);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &busy);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &work);
  const CURLcode code = curl_easy_perform(curl);
  std::printf("code %d, %d call, rest %s\n", code, work.calls, work.rest.empty() ? "empty" : "there");
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return 0;
}

int main(int, char** argv) { return busy_workflow(argv[1]); }
