// Starts that fail, or that a host does in an unusual way: prints what comes back, which is to be the same
// with and without a preload.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "program.h"

char echo_path[] = "/bin/echo";
char* echo[] = {echo_path, const_cast<char*>("echoed"), nullptr};
char missing[] = "/does/not/exist";

PLAIN void say(const char* what, int result) {
  std::printf("%s: %d %s\n", what, result, result < 0 ? std::strerror(errno) : "");
  errno = 0;
}

PLAIN int in_child(void (*exec)()) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    exec();
    _exit(errno);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

PLAIN int spawned(char** arguments, char** environment) {
  pid_t child = 0;
  const int result = posix_spawn(&child, arguments[0], nullptr, nullptr, arguments, environment);
  int status = 0;
  if (result == 0) waitpid(child, &status, 0);
  return result != 0 ? result : 1000 + status;
}

char truth[] = "/bin/true";
char* nothing_to_say[] = {truth, nullptr};

PLAIN std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// As near to what the system takes as can be: a few bytes more are too many.
PLAIN std::vector<std::string> greatest_environment() {
  std::vector<std::string> all(24, "FILLER=" + std::string(120'000, 'x'));
  const auto fits = [&all] { return spawned(nothing_to_say, pointers_to(all).data()) != E2BIG; };
  // Also where the limit is not what it usually is.
  while (all.size() > 1 && !fits()) all.pop_back();
  std::size_t low = 8;
  std::size_t high = 131'000;
  all.emplace_back();
  while (low + 1 < high) {
    const std::size_t middle = (low + high) / 2;
    all.back() = "LAST=" + std::string(middle, 'y');
    (fits() ? low : high) = middle;
  }
  all.back() = "LAST=" + std::string(low, 'y');
  return all;
}

PLAIN void too_big() {
  std::vector<std::string> texts = greatest_environment();
  std::printf("greatest: %d\n", spawned(nothing_to_say, pointers_to(texts).data()));
  std::string more(40'000, 'z');
  char* arguments[] = {truth, more.data(), nullptr};
  std::printf("greater: %d\n", spawned(arguments, pointers_to(texts).data()));
}

PLAIN void commands() {
  say("no command", system(nullptr));
  say("exit", system("exit 3"));
  say("empty", system(""));
  say("syntax", system("then; echo never"));
  say("option", system("-x"));
  say("comment", system("# nothing"));
  say("quotes", system("echo \"it's\" '$0' \\\"x\\\"; echo $0 $# $LINENO"));
  say("lines", system("echo a\necho b $LINENO\ncat <<END\nhere\nEND\n"));
  say("signal", system("kill -TERM $$"));
  const std::string too_long = "echo " + std::string(140'000, 'x');
  say("too long", system(too_long.c_str()));
  const std::string longest = ": " + std::string(131'000, 'x');
  say("longest", system(longest.c_str()));
  errno = 0;
  std::printf("bad mode: %s %s\n", popen("true", "q") == nullptr ? "null" : "pipe", std::strerror(errno));
  std::FILE* const pipe = popen("cat; exit 5", "w");
  std::fputs("piped\n", pipe);
  say("popen", pclose(pipe));
}

// An environment that leaves room for a short command, and for hardly more.
PLAIN void command_beside_great_environment() {
  for (int number = 0; number < 400; ++number) {
    const std::string name = "FILLER" + std::to_string(number);
    setenv(name.c_str(), std::string(100'000, 'x').c_str(), 1);
    if (spawned(nothing_to_say, environ) != E2BIG) continue;
    unsetenv(name.c_str());
    break;
  }
  std::size_t low = 0;
  std::size_t high = 131'000;
  while (low + 1 < high) {
    const std::size_t middle = (low + high) / 2;
    setenv("LAST", std::string(middle, 'y').c_str(), 1);
    (spawned(nothing_to_say, environ) != E2BIG ? low : high) = middle;
  }
  setenv("LAST", std::string(low - 64, 'y').c_str(), 1);
  say("beside", system("exit 3"));
}

PLAIN int run_truth(void* environment) {
  execve(truth, nothing_to_say, static_cast<char**>(environment));
  return errno;
}

// In a child with a stack of one page, above one that cannot be written to.
PLAIN void small_stack() {
  std::vector<std::string> texts(400, "FILLER=x");
  std::vector<char*> environment = pointers_to(texts);
  constexpr std::size_t kPage = 4096;
  auto* const pages = static_cast<char*>(
      mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  mprotect(pages, kPage, PROT_NONE);
  const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
  const pid_t child = clone(run_truth, pages + 2 * kPage, flags, environment.data());
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("small stack: %d\n", status);
}

PLAIN void* run_command(void*) {
  system("exec sleep 30");
  return nullptr;
}

PLAIN void cancelled() {
  pthread_t thread;
  pthread_create(&thread, nullptr, run_command, nullptr);
  usleep(100'000);
  pthread_cancel(thread);
  void* result = nullptr;
  pthread_join(thread, &result);
  std::printf("cancelled: %d\n", result == PTHREAD_CANCELED ? 1 : 0);
}

NOINLINE void failing_workflow() {
  errno = 0;
  char* none[] = {nullptr};
  char* missing_arguments[] = {missing, nullptr};
  say("execve", execve(missing, echo, none));
  say("execv", execv(missing, echo));
  say("execvp", execvp("no-such-program-here", echo));
  say("execl", execl("/etc/hostname", "x", nullptr));
  say("fexecve", fexecve(-1, echo, environ));
  say("no environment", in_child([] { execve(echo_path, echo, nullptr); }));
  say("empty environment", in_child([] {
        char* nothing[] = {nullptr};
        execve("/usr/bin/env", echo + 2, nothing);
      }));
  std::printf("spawn: %d\n", spawned(missing_arguments, environ));
  std::printf("spawn nothing: %d\n", spawned(echo, none));
  too_big();
  small_stack();
  commands();
  cancelled();
  say("great environment", in_child([] {
        command_beside_great_environment();
        std::fflush(stdout);
      }));
  std::fflush(stdout);
  // On the own stack still, and as it was.
  say("last", execve(missing, echo, environ));
}

PLAIN int main() {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  failing_workflow();
  execl("/bin/sh", "sh", "-c", "echo replaced; exit 6", nullptr);
  return 1;
}
