#include "shim/platform/exporter_launch.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cstdint>

#include "shim/platform/signal_block.h"
#include "shim/platform/syscalls.h"

namespace llmo::platform {

namespace {

constexpr long kWaitClone = 0x80000000;  // __WCLONE: children without an exit signal, and no others
constexpr long kWaitAll = 0x40000000;    // __WALL

// What the new processes need. They run in the host's memory until they are the exporter (CLONE_VM), so
// nothing here may allocate, and everything is prepared before.
struct Launch {
  const char* program;
  const char* const* arguments;
  const char* const* environment;
  bool keeps_stderr;
  char* exporter_stack;
};

constexpr std::size_t kStackSize = 64U * 1024;

[[noreturn]] void leave() {
  for (;;) sys::call(SYS_exit, 0);
}

// /dev/null is opened above the standard streams first: one that the host has closed would be what open()
// gives.
void redirect_to_null(int first, int last) {
  const int opened = sys::open("/dev/null", O_RDWR);
  const long null = sys::call(SYS_fcntl, opened, F_DUPFD, 3);
  for (long fd = first; fd <= last && null >= 0; ++fd) sys::call(SYS_dup3, null, fd, 0);
}

// Handlers of the host must not run in its copy, and what it ignores would stay ignored. Only in this
// process: the table of dispositions is not shared (no CLONE_SIGHAND).
void reset_signals() {
  struct {
    void* handler;
    unsigned long flags;
    void* restorer;
    std::uint64_t mask;
  } action{};  // SIG_DFL; the kernel's layout of sigaction, rt_sigaction(2)
  for (int signal = 1; signal < 65; ++signal) {
    sys::call(SYS_rt_sigaction, signal, sys::as_long(&action), 0, sizeof action.mask);
  }
  const std::uint64_t none = 0;
  sys::call(SYS_rt_sigprocmask, SIG_SETMASK, sys::as_long(&none), 0, sizeof none);
}

// Before Linux 5.9 there is no close_range(2): then the usual range has to do.
void close_descriptors() {
  constexpr int kFirst = 3;
  constexpr int kUsualLimit = 1024;
  if (sys::call(SYS_close_range, kFirst, ~0U, 0) == 0) return;
  for (int fd = kFirst; fd < kUsualLimit; ++fd) sys::close(fd);
}

int become_exporter(void* argument) {
  const auto& launch = *static_cast<const Launch*>(argument);
  sys::call(SYS_setsid);
  redirect_to_null(0, launch.keeps_stderr ? 1 : 2);
  close_descriptors();
  reset_signals();
  sys::call(SYS_execve, sys::as_long(launch.program), sys::as_long(launch.arguments),
            sys::as_long(launch.environment));
  leave();
}

// Flags of clone(2). CLONE_VFORK holds the calling thread until the child has replaced its program or ended.
// Neither has an exit signal: wait() without __WCLONE does not see the child.
constexpr long kSharedMemory = CLONE_VM | CLONE_VFORK;
constexpr long kOwnMemory = 0;

// clone(2) by its raw system call: libc's takes no part in it, so no atfork handler runs. The child begins on
// `stack`, which grows downwards, and calls `body`.
long start_process(long flags, int (*body)(void*), void* argument, char* stack) {
  auto** top = reinterpret_cast<void**>(stack + kStackSize);
  *--top = argument;
  *--top = reinterpret_cast<void*>(body);
  long result = 0;
  register long r10 __asm__("r10") = 0;
  register long r8 __asm__("r8") = 0;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"  // the outermost frame: nothing to unwind into
      "pop %%rax\n\t"
      "pop %%rdi\n\t"
      "call *%%rax\n\t"
      "mov %%eax, %%edi\n\t"
      "mov %[exit], %%eax\n\t"
      "syscall\n\t"
      "hlt\n"
      "1:"
      : "=a"(result)
      : "a"(SYS_clone), "D"(flags), "S"(top), "d"(0L), "r"(r10), "r"(r8), [exit] "i"(SYS_exit)
      : "rcx", "r11", "memory");
  return result;
}

// The exporter's parent: gone at once, so that the exporter belongs to nobody here.
int start_and_leave(void* argument) {
  const auto& launch = *static_cast<const Launch*>(argument);
  return start_process(kSharedMemory, become_exporter, argument, launch.exporter_stack) > 0 ? 0 : 1;
}

// The same where orphans come to the host, as it is the first process of its pid namespace: the exporter's
// parent stays as long as the exporter. A copy of the host that runs nothing of it.
int start_and_stay(void* argument) {
  const auto& launch = *static_cast<const Launch*>(argument);
  redirect_to_null(0, launch.keeps_stderr ? 1 : 2);
  close_descriptors();
  const long exporter = start_process(kSharedMemory, become_exporter, argument, launch.exporter_stack);
  // Any kind of child: by execve() the exporter has become an ordinary one.
  if (exporter > 0) sys::call(SYS_wait4, exporter, 0, kWaitAll, 0);
  return 0;
}

// Orphans of a subreaper's descendants come to it, and it would find a child that it does not know: so it is
// none while the exporter loses its parent.
class NoSubreaper {
 public:
  NoSubreaper() {
    sys::call(SYS_prctl, PR_GET_CHILD_SUBREAPER, sys::as_long(&was_subreaper_));
    if (was_subreaper_ != 0) sys::call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0);
  }
  ~NoSubreaper() {
    if (was_subreaper_ != 0) sys::call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1);
  }
  NoSubreaper(const NoSubreaper&) = delete;
  NoSubreaper& operator=(const NoSubreaper&) = delete;

 private:
  int was_subreaper_ = 0;
};

bool launch_and_forget(Launch& launch, char* stack) {
  const NoSubreaper orphans_go_elsewhere;
  const long pid = start_process(kSharedMemory, start_and_leave, &launch, stack);
  int status = -1;
  // __WALL would do as well, but __WCLONE cannot take a child of the host by mistake.
  if (pid > 0) sys::call(SYS_wait4, pid, sys::as_long(&status), kWaitClone, 0);
  return pid > 0 && status == 0;
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> result;
  result.reserve(texts.size() + 2);
  for (const std::string& text : texts) result.push_back(text.c_str());
  result.push_back(nullptr);
  return result;
}

}  // namespace

bool launch_exporter(const ExporterCommand& command) {
  std::vector<const char*> arguments = pointers(command.arguments);
  arguments.insert(arguments.begin(), command.program.c_str());
  const std::vector<const char*> environment = pointers(command.environment);
  auto* const stacks = static_cast<char*>(sys::mmap(nullptr, 2 * kStackSize, PROT_READ | PROT_WRITE,
                                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0));
  if (stacks == nullptr) return false;
  Launch launch{command.program.c_str(), arguments.data(), environment.data(), command.keeps_stderr,
                stacks + kStackSize};

  // The children may share this memory: a host's handler that ran in one of them would change the host.
  const SignalBlock signals;
  const bool is_first_process = sys::getpid() == 1;
  const bool started = is_first_process ? start_process(kOwnMemory, start_and_stay, &launch, stacks) > 0
                                        : launch_and_forget(launch, stacks);
  sys::munmap(stacks, 2 * kStackSize);
  return started;
}

}  // namespace llmo::platform
