// A signal handler leaves by siglongjmp() argv[1] microseconds after a row of functions began, each called
// for the first time: what each of them is, is being found out. Afterwards another thread makes first calls
// too.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "program.h"

volatile int work = 0;
sigjmp_buf landing;

template <int Number>
NOINLINE void numbered_agent() {
  work = work + Number;
}

template <int First, int... Numbers>
PLAIN void call_all(std::integer_sequence<int, Numbers...>) {
  (numbered_agent<First + Numbers>(), ...);
}

PLAIN void on_alarm(int) { siglongjmp(landing, 1); }

PLAIN void* body(void*) {
  call_all<1000>(std::make_integer_sequence<int, 10>());
  return nullptr;
}

PLAIN int main(int argc, char** argv) {
  if (argc != 2) return 2;
  signal(SIGALRM, on_alarm);
  const itimerval once = {{0, 0}, {0, std::atol(argv[1])}};
  if (sigsetjmp(landing, 1) == 0) {
    setitimer(ITIMER_REAL, &once, nullptr);
    call_all<0>(std::make_integer_sequence<int, 200>());  // clang nests no fold deeper than 256
    call_all<200>(std::make_integer_sequence<int, 200>());
    for (;;) work = work + 1;
  }
  pthread_t thread;
  if (pthread_create(&thread, nullptr, body, nullptr) != 0) return 3;
  pthread_join(thread, nullptr);
  std::puts("done");
  return 0;
}
