#include "tests/bench/interruption.h"

#include <csignal>
#include <initializer_list>

namespace llmo::bench {
namespace {

volatile std::sig_atomic_t asked = 0;

}  // namespace

void end_early_on_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { asked = 1; };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

bool interrupted() { return asked != 0; }

}  // namespace llmo::bench
