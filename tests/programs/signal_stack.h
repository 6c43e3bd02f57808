// A signal handler of the C programs, with a signal stack to run on.
#pragma once

#include <signal.h>
#include <string.h>

#include "program.h"

// `flags`: SA_ONSTACK has the handler run there.
PLAIN static void set_handler(int signal_number, void (*handler)(int), int flags) {
  static char memory[64 * 1024];
  stack_t stack;
  memset(&stack, 0, sizeof(stack));
  stack.ss_sp = memory;
  stack.ss_size = sizeof(memory);
  sigaltstack(&stack, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal_number, &action, NULL);
}
