// The process forks while a transfer is under way. The child throws its copies away and makes a request of
// its own; the parent goes on.

// link: -lcurl
#include <sys/wait.h>
#include <unistd.h>

#include "curl_multi.h"

NOINLINE void child_agent(CURLM* multi, Job* inherited, const std::string& base) {
  Job job;
  prepare(&job, "child", base + "/bytes/9");
  std::printf("child: %d", curl_easy_perform(job.curl));
  finish(&job);
  std::printf(" remove: %d", curl_multi_remove_handle(multi, inherited->curl));
  finish(inherited);
  std::printf(" cleanup: %d\n", curl_multi_cleanup(multi));
}

NOINLINE void parent_agent(const std::string& base) {
  CURLM* const multi = curl_multi_init();
  Job job;
  Job waiting;
  prepare_chat(&job, "parent", base, "pieces:200,pause:50ms,chunked");
  prepare_chat(&waiting, "waiting", base);
  curl_multi_add_handle(multi, job.curl);
  drive_until(multi, job, 1);
  curl_multi_add_handle(multi, waiting.curl);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    child_agent(multi, &job, base);
    std::exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  std::printf("child ended with %d\n", status);
  drive(multi);
  print_messages(multi);
  curl_multi_remove_handle(multi, job.curl);
  curl_multi_remove_handle(multi, waiting.curl);
  finish(&job);
  finish(&waiting);
  std::printf("cleanup: %d\n", curl_multi_cleanup(multi));
}

int main(int, char** argv) {
  parent_agent(argv[1]);
  return 0;
}
