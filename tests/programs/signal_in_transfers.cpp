// A traced handler comes every few hundred microseconds, into transfers that nobody answers. Prints how many
// transfers and handlers there were.
// link: -lcurl
#include <curl/curl.h>
#include <sys/time.h>

#include <csignal>
#include <cstdio>

#include "program.h"

constexpr int kTransfers = 300;

static volatile long handled = 0;
static volatile long failed = 0;

NOINLINE void signal_agent() { handled = handled + 1; }

PLAIN static void on_alarm(int) { signal_agent(); }

NOINLINE void request_agent(CURL* handle) {
  if (curl_easy_perform(handle) != CURLE_OK) failed = failed + 1;
}

PLAIN static void let_signals_come(suseconds_t microseconds) {
  const itimerval interval{{0, microseconds}, {0, microseconds}};
  setitimer(ITIMER_REAL, &interval, nullptr);
}

int main() {
  CURL* const handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_URL, "http://127.0.0.1:1/");
  struct sigaction action {};
  action.sa_handler = on_alarm;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  request_agent(handle);
  let_signals_come(300);
  for (int transfer = 1; transfer < kTransfers; ++transfer) request_agent(handle);
  let_signals_come(0);
  curl_easy_cleanup(handle);
  std::printf("%ld %ld\n", failed, handled);
  return 0;
}
