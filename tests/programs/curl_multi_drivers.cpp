// Three workflows start requests, and a loop outside of them carries all out: by curl_multi_poll, _wait,
// _fdset with select(), _socket_action with epoll, or the old _socket and _socket_all. One request is added
// while the others run.
//
// usage: curl_multi_drivers URL poll|wait|fdset|epoll|old

// flags: -Wno-deprecated-declarations
// link: -lcurl
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include <cstring>

#include "curl_multi.h"

static std::deque<Job> jobs;
static std::string base;
static int epoll = -1;
static long timeout_millis = -1;

PLAIN void start(CURLM* multi, const char* name, const char* mock) {
  Job& job = jobs.emplace_back();
  prepare_chat(&job, name, base, mock);
  std::printf("add %s: %d\n", name, curl_multi_add_handle(multi, job.curl));
}

NOINLINE void first_agent(CURLM* multi) {
  start(multi, "first", "slow:100ms");
  start(multi, "second", "slow:250ms,status:429");
}
NOINLINE void second_agent(CURLM* multi) { start(multi, "third", "slow:400ms,pieces:50"); }
NOINLINE void late_agent(CURLM* multi) { start(multi, "late", ""); }

PLAIN int watch(CURL*, curl_socket_t socket, int what, void* multi, void* known) {
  epoll_event event{};
  event.data.fd = socket;
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  const int add = known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  epoll_ctl(epoll, what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL : add, socket, &event);
  curl_multi_assign(multi, socket, what == CURL_POLL_REMOVE ? nullptr : multi);
  return 0;
}

PLAIN int note_timeout(CURLM*, long millis, void*) {
  timeout_millis = millis;
  return 0;
}

PLAIN int drive_by_epoll(CURLM* multi) {
  epoll_event event{};
  int running = 0;
  const int ready = epoll_wait(epoll, &event, 1, timeout_millis < 0 ? 100 : static_cast<int>(timeout_millis));
  if (ready == 0) curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
  int what = (event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0;
  if ((event.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
  if (ready > 0) curl_multi_socket_action(multi, event.data.fd, what, &running);
  return running;
}

#undef curl_multi_socket  // a macro for curl_multi_socket_action()
PLAIN int drive_as_of_old(CURLM* multi) {
  int running = 0;
  curl_multi_wait(multi, nullptr, 0, 10, nullptr);
  curl_multi_socket(multi, CURL_SOCKET_TIMEOUT, &running);
  curl_multi_socket_all(multi, &running);
  return running;
}

PLAIN int drive_by_fdset(CURLM* multi) {
  fd_set read, write, error;
  FD_ZERO(&read);
  FD_ZERO(&write);
  FD_ZERO(&error);
  int highest = -1;
  curl_multi_fdset(multi, &read, &write, &error, &highest);
  timeval patience{0, 10'000};
  select(highest + 1, &read, &write, &error, &patience);
  int running = 0;
  curl_multi_perform(multi, &running);
  return running;
}

PLAIN int drive_once(CURLM* multi, const char* how) {
  if (std::strcmp(how, "epoll") == 0) return drive_by_epoll(multi);
  if (std::strcmp(how, "fdset") == 0) return drive_by_fdset(multi);
  if (std::strcmp(how, "old") == 0) return drive_as_of_old(multi);
  int running = 0;
  if (std::strcmp(how, "wait") == 0) curl_multi_wait(multi, nullptr, 0, 50, nullptr);
  if (std::strcmp(how, "poll") == 0) curl_multi_poll(multi, nullptr, 0, 50, nullptr);
  curl_multi_perform(multi, &running);
  return running;
}

int main(int, char** argv) {
  base = argv[1];
  epoll = epoll_create1(0);
  CURLM* const multi = curl_multi_init();
  if (std::strcmp(argv[2], "epoll") == 0) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &note_timeout);
  }
  first_agent(multi);
  second_agent(multi);
  for (bool late = false; drive_once(multi, argv[2]) > 0;) {
    int left = 0;
    const CURLMsg* const message = curl_multi_info_read(multi, &left);
    if (message == nullptr) continue;
    std::printf("message of %s: %d, %d left\n", name_of(message->easy_handle), message->data.result, left);
    curl_multi_remove_handle(multi, message->easy_handle);
    if (!late) late_agent(multi);
    late = true;
  }
  print_messages(multi);
  for (Job& job : jobs) {
    std::printf("%s: %s, %zu bytes\n", job.name.c_str(), job.error, job.body.size());
    curl_multi_remove_handle(multi, job.curl);
    finish(&job);
  }
  std::printf("cleanup: %d\n", curl_multi_cleanup(multi));
  close(epoll);
  return 0;
}
