// Output on both streams, input read, a thread, a caught exception, and an odd exit code.
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include "program.h"

NOINLINE void failing_agent() { throw std::runtime_error("expected"); }

NOINLINE int talking_workflow() {
  std::string line;
  while (std::getline(std::cin, line)) std::cout << "read " << line << "\n";
  std::thread([] { std::fputs("from a thread\n", stderr); }).join();
  try {
    failing_agent();
  } catch (const std::exception& error) {
    std::cout << "caught " << error.what() << "\n";
  }
  return 42;
}

int main() { return talking_workflow(); }
