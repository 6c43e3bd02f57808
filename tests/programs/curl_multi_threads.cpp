// Threads with a multi each, and handles that share connections and go from thread to thread: each is
// prepared by one, driven by the next, cleaned up by the main thread.

// link: -lcurl
#include <array>
#include <mutex>
#include <thread>
#include <vector>

#include "curl_multi.h"

constexpr int kThreads = 4;
constexpr int kJobs = 5;

static std::array<std::mutex, CURL_LOCK_DATA_LAST> locks;

PLAIN void lock(CURL*, curl_lock_data data, curl_lock_access, void*) { locks[data].lock(); }
PLAIN void unlock(CURL*, curl_lock_data data, void*) { locks[data].unlock(); }

PLAIN CURLSH* make_share() {
  CURLSH* const share = curl_share_init();
  curl_share_setopt(share, CURLSHOPT_LOCKFUNC, &lock);
  curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, &unlock);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
  return share;
}

NOINLINE void thread_workflow(std::deque<Job>* jobs, int* failures) {
  CURLM* const multi = curl_multi_init();
  for (Job& job : *jobs) *failures += curl_multi_add_handle(multi, job.curl) != CURLM_OK;
  drive(multi);
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    *failures += message->data.result != CURLE_OK;
  }
  for (Job& job : *jobs) curl_multi_remove_handle(multi, job.curl);
  *failures += curl_multi_cleanup(multi) != CURLM_OK;
}

int main(int, char** argv) {
  curl_global_init(CURL_GLOBAL_ALL);
  CURLSH* const share = make_share();
  std::array<std::deque<Job>, kThreads> jobs;
  std::array<int, kThreads> failures{};
  for (std::deque<Job>& of_thread : jobs) {
    for (int i = 0; i < kJobs; ++i) {
      Job& job = of_thread.emplace_back();
      prepare(&job, "job", std::string(argv[1]) + "/bytes/1000");
      curl_easy_setopt(job.curl, CURLOPT_SHARE, share);
    }
  }
  for (int round = 0; round < 2; ++round) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back(thread_workflow, &jobs[(i + static_cast<std::size_t>(round)) % kThreads],
                           &failures[i]);
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (std::size_t i = 0; i < kThreads; ++i) {
    std::size_t bytes = 0;
    for (Job& job : jobs[i]) {
      bytes += job.body.size();
      finish(&job);
    }
    std::printf("%d failures, %zu bytes\n", failures[i], bytes);
  }
  std::printf("share: %d\n", curl_share_cleanup(share));
  return 0;
}
