// The measured program: makes requests when it is told to, and says what a batch of them took.
//
//   http_client requests PORT API ANSWER HANDLES REQUESTS CPU
//   http_client memory   PORT API CYCLES HANDLES
//
// `requests`: for each byte on standard input one batch of so many requests, and one line
// `<wall nanoseconds> <processor nanoseconds>` on standard output. With one handle the requests follow each
// other by curl_easy_perform(); with more, all handles are in one multi handle at a time.
//
// `memory`: each cycle makes so many handles, uses each once, frees all, and prints
// `<bytes while all live> <bytes after>` of anonymous memory.
//
// API is `openai` or `unknown`. Handles keep their connections; a batch runs in one function that is traced.
// The first batch runs on whatever processor it is given, so that what a tracer starts stays behind.
#include <curl/curl.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/http/answers.h"
#include "tests/bench/processors.h"

namespace {

using llmo::bench::Answer;
using llmo::bench::kAnswerMark;

constexpr const char* kBody =
    R"({"model":"gpt-4o-mini","temperature":0.2,"max_tokens":256,"messages":[{"role":"system","content":)"
    R"("You are a careful assistant that answers in one short sentence."},{"role":"user","content":)"
    R"("What is the answer to life, the universe and everything, and why do people ask?"}]})";

std::size_t count_bytes(char*, std::size_t size, std::size_t count, void* total) {
  *static_cast<std::size_t*>(total) += size * count;
  return size * count;
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "http_client: %s\n", what);
  std::exit(1);
}

std::int64_t nanos_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// What every handle of a run asks for.
class Requests {
 public:
  Requests(int port, bool openai, std::size_t answer) : openai_(openai) {
    const std::string local = "127.0.0.1:" + std::to_string(port);
    const std::string query = "?" + std::string(kAnswerMark) + std::to_string(answer);
    url_ = openai ? "http://api.openai.com/v1/chat/completions" + query : "http://" + local + "/data" + query;
    headers_ = curl_slist_append(headers_, "Content-Type: application/json");
    headers_ = curl_slist_append(headers_, "Authorization: Bearer sk-bench");
    detour_ = curl_slist_append(detour_, ("api.openai.com:80:" + local).c_str());
  }

  CURL* make_handle() {
    CURL* const curl = curl_easy_init();
    if (curl == nullptr) fail("no handle");
    curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &count_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received_);
    if (openai_) {
      curl_easy_setopt(curl, CURLOPT_CONNECT_TO, detour_);
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, kBody);
    }
    return curl;
  }

 private:
  const bool openai_;
  std::string url_;
  curl_slist* headers_ = nullptr;
  curl_slist* detour_ = nullptr;
  std::size_t received_ = 0;
};

void check(CURL* curl, CURLcode result) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (result != CURLE_OK || status != 200) fail(curl_easy_strerror(result));
}

void run_easy(CURL* curl, std::size_t requests) {
  for (std::size_t request = 0; request < requests; ++request) check(curl, curl_easy_perform(curl));
}

std::size_t take_finished(CURLM* multi) {
  std::size_t finished = 0;
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    CURL* const curl = message->easy_handle;
    check(curl, message->data.result);
    curl_multi_remove_handle(multi, curl);
    ++finished;
  }
  return finished;
}

void run_multi(CURLM* multi, const std::vector<CURL*>& handles) {
  for (CURL* const curl : handles) curl_multi_add_handle(multi, curl);
  for (std::size_t finished = 0; finished < handles.size(); finished += take_finished(multi)) {
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK) fail("curl_multi_perform");
    if (running > 0 && curl_multi_poll(multi, nullptr, 0, 1000, nullptr) != CURLM_OK) fail("curl_multi_poll");
  }
}

}  // namespace

// The traced function around a batch: its name matches the default patterns.
void batch_workflow(CURLM* multi, const std::vector<CURL*>& handles, std::size_t requests) {
  if (handles.size() == 1) return run_easy(handles[0], requests);
  for (std::size_t done = 0; done < requests; done += handles.size()) run_multi(multi, handles);
}

namespace {

int measure_requests(Requests requests, std::size_t handle_count, std::size_t request_count, int cpu) {
  CURLM* const multi = curl_multi_init();
  std::vector<CURL*> handles;
  while (handles.size() < handle_count) handles.push_back(requests.make_handle());
  batch_workflow(multi, handles, handle_count);
  llmo::bench::stay_on(cpu);
  for (char command = 0; read(STDIN_FILENO, &command, 1) == 1;) {
    const std::int64_t wall = nanos_of(CLOCK_MONOTONIC);
    const std::int64_t processor = nanos_of(CLOCK_PROCESS_CPUTIME_ID);
    batch_workflow(multi, handles, request_count);
    std::printf("%lld %lld\n", static_cast<long long>(nanos_of(CLOCK_MONOTONIC) - wall),
                static_cast<long long>(nanos_of(CLOCK_PROCESS_CPUTIME_ID) - processor));
    std::fflush(stdout);
  }
  for (CURL* const curl : handles) curl_easy_cleanup(curl);
  curl_multi_cleanup(multi);
  return 0;
}

// Each handle that is used keeps descriptors of libcurl's.
void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Private memory that is there; the journal, which is shared, is not part of it. Opened before the handles
// take what descriptors there are.
class AnonymousMemory {
 public:
  AnonymousMemory() : status_(open("/proc/self/status", O_RDONLY | O_CLOEXEC)) {}

  long bytes() const {
    char text[8192] = {};
    if (pread(status_, text, sizeof text - 1, 0) <= 0) fail("no /proc/self/status");
    const char* const line = std::strstr(text, "RssAnon:");
    if (line == nullptr) fail("no RssAnon in /proc/self/status");
    return std::strtol(line + 8, nullptr, 10) * 1024;
  }

 private:
  const int status_;
};

int measure_memory(Requests requests, int cycles, std::size_t handle_count) {
  // One pool of connections for all handles: one each would need as many sockets.
  const AnonymousMemory memory;
  allow_many_files();
  CURLSH* const share = curl_share_init();
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
  for (int cycle = 0; cycle < cycles; ++cycle) {
    std::vector<CURL*> handles;
    while (handles.size() < handle_count) {
      handles.push_back(requests.make_handle());
      curl_easy_setopt(handles.back(), CURLOPT_SHARE, share);
      batch_workflow(nullptr, {handles.back()}, 1);
    }
    const long full = memory.bytes();
    for (CURL* const curl : handles) curl_easy_cleanup(curl);
    std::printf("%ld %ld\n", full, memory.bytes());
  }
  curl_share_cleanup(share);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  curl_global_init(CURL_GLOBAL_ALL);
  const auto number = [argv](int index) { return std::strtoul(argv[index], nullptr, 10); };
  const bool openai = std::string_view(argv[3]) == "openai";
  const int port = std::atoi(argv[2]);
  if (std::string_view(argv[1]) == "memory") {
    return measure_memory(Requests(port, openai, Answer::kOneKilobyte), std::atoi(argv[4]), number(5));
  }
  if (argc != 8) return 2;
  return measure_requests(Requests(port, openai, number(4)), number(5), number(6), std::atoi(argv[7]));
}
