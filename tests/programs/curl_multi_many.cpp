// argv[2] handles in one multi, of ten workflows that are all open at once, one inside the other. Each
// request says in its path which workflow it belongs to. With a third argument, nothing is read and nothing
// removed.

// link: -lcurl
#include <cstdlib>

#include "curl_multi.h"

static std::deque<Job> jobs;
static std::string base;

PLAIN void start(CURLM* multi, int depth, int count) {
  for (int i = 0; i < count; ++i) {
    Job& job = jobs.emplace_back();
    prepare(&job, "job", base + "/echo?depth=" + std::to_string(depth));
    curl_multi_add_handle(multi, job.curl);
  }
}

NOINLINE void nested_agent(CURLM* multi, int depth, int count) {
  start(multi, depth, count / 2);
  if (depth + 1 < 10) nested_agent(multi, depth + 1, count);
  start(multi, depth, count - count / 2);
}

int main(int argc, char** argv) {
  base = argv[1];
  CURLM* const multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 10L);
  nested_agent(multi, 0, std::atoi(argv[2]) / 10);
  drive(multi);
  if (argc > 3) return 0;
  int good = 0;
  int left = 0;
  int sum = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    good += message->data.result == CURLE_OK;
    sum += left;
  }
  std::printf("%d good, sum of left %d\n", good, sum);
  for (Job& job : jobs) {
    curl_multi_remove_handle(multi, job.curl);
    finish(&job);
  }
  std::printf("cleanup: %d\n", curl_multi_cleanup(multi));
  return 0;
}
