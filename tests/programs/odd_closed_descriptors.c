// Closes descriptors 0, 1 and 2, makes a traced call, and ends with the number of the next descriptor.
#include <fcntl.h>
#include <unistd.h>

#include "program.h"

volatile int work = 0;

NOINLINE void small_agent(void) { work = work + 1; }

PLAIN int main(void) {
  for (int fd = 0; fd <= 2; ++fd) close(fd);
  small_agent();
  return open("/dev/null", O_RDONLY);
}
