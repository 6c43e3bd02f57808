// Exceptions that are gone by the time somebody might ask for them.
//
//   terminate   std::terminate() after one was caught and freed
//   inlined     thrown by a function that was inlined into the one which catches, and calls another after
//   that
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

#include "program.h"

inline __attribute__((always_inline)) void throw_agent(const std::string& text) {
  throw std::runtime_error(text);
}

NOINLINE void later_agent() { std::puts("later"); }

NOINLINE void catching_workflow(const std::string& text) {
  try {
    throw_agent(text);
  } catch (const std::exception&) {
  }
  later_agent();
}

NOINLINE void ending_workflow(const std::string& text) {
  try {
    throw std::runtime_error(text);
  } catch (const std::exception&) {
  }
  std::terminate();
}

int main(int argc, char** argv) {
  const std::string text(300, 'x');  // on the heap, and freed with the exception
  if (argc == 2 && std::strcmp(argv[1], "terminate") == 0) ending_workflow(text);
  catching_workflow(text);
  return 0;
}
