// A callback leaves curl_multi_perform() by an exception, by longjmp(), or by ending its thread. libcurl
// refuses that multi from then on; others work.
//
// usage: curl_multi_left_by_callback URL throw|jump|exit

// link: -lcurl
#include <pthread.h>

#include <csetjmp>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "curl_multi.h"

static std::string way;
static std::jmp_buf back;

PLAIN std::size_t leaving(char*, std::size_t, std::size_t, void*) {
  if (way == "throw") throw std::runtime_error("from the callback");
  if (way == "jump") std::longjmp(back, 1);
  pthread_exit(nullptr);
}

NOINLINE void left_agent(CURLM* multi, Job* job) {
  curl_multi_add_handle(multi, job->curl);
  if (setjmp(back) == 0) drive(multi);
}

PLAIN void run_and_catch(CURLM* multi, Job* job) {
  try {
    left_agent(multi, job);
  } catch (const std::runtime_error& error) {
    std::printf("caught: %s\n", error.what());
  }
}

NOINLINE void next_agent(const std::string& base) {
  CURLM* const multi = curl_multi_init();
  Job job;
  prepare_chat(&job, "next", base);
  curl_multi_add_handle(multi, job.curl);
  drive(multi);
  print_messages(multi);
  std::printf("cleanup: %d\n", curl_multi_cleanup(multi));
  finish(&job);
}

int main(int, char** argv) {
  way = argv[2];
  CURLM* const multi = curl_multi_init();
  Job job;
  prepare_chat(&job, "left", argv[1]);
  curl_easy_setopt(job.curl, CURLOPT_WRITEFUNCTION, &leaving);
  if (way == "exit") {
    std::thread(run_and_catch, multi, &job).join();
  } else {
    run_and_catch(multi, &job);
  }
  int running = 0;
  std::printf("perform: %d\n", curl_multi_perform(multi, &running));
  std::printf("remove: %d\n", curl_multi_remove_handle(multi, job.curl));
  print_message(multi);
  std::printf("cleanup: %d\n", curl_multi_cleanup(multi));
  next_agent(argv[1]);
  return 0;
}
