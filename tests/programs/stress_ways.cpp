// Every way in and out of a function, at random.
//
// Two threads walk through trees that their seeds choose: calls, exceptions, jumps, signal handlers,
// generators that are interleaved or destroyed half-way, fibers, threads that end in the middle. Each notes
// what it does; at the end the true trees stand on standard output, in the words of the test that compares
// them.
//
//   stress_ways FIRST_SEED SEEDS [WAYS]     WAYS: letters of the ways to use, all where it is left out
//
// link: -rdynamic
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "program.h"
#include "stress_walk.h"

namespace {

// c: catch, d: destructors that call, t: throw, j: longjmp, s: signals, h: jumps out of handlers,
// g: generators, f: fibers, p: threads, n: pthread_exit
const char* wanted_ways = "cdtjshgfpn";

thread_local Walk* walk_of_thread = nullptr;

struct Thrown {
  int value;
};

void body(Walk& walk, int depth);

#define STEP(number)                                            \
  TRACED void step_##number##_workflow(Walk& walk, int depth) { \
    Node* const node = walk.begin("step_" #number "_workflow"); \
    body(walk, depth);                                          \
    walk.end(node);                                             \
  }

STEP(0);
STEP(1);
STEP(2);
STEP(3);
STEP(4);
STEP(5);
STEP(6);
STEP(7);

struct Method {
  TRACED void run_agent(Walk& walk, int depth) const {
    Node* const node = walk.begin("(anonymous namespace)::Method::run_agent");
    body(walk, depth);
    walk.end(node);
  }
};

// Small enough to be inlined.
TRACED inline void small_agent(Walk& walk) {
  Node* const node = walk.begin("small_agent");
  walk.end(node);
}

void untraced(Walk& walk, int depth);

void call_one(Walk& walk, int depth) {
  if (walk.budget <= 0) return;
  switch (walk.pick(12)) {
    case 0:
      return step_0_workflow(walk, depth);
    case 1:
      return step_1_workflow(walk, depth);
    case 2:
      return step_2_workflow(walk, depth);
    case 3:
      return step_3_workflow(walk, depth);
    case 4:
      return step_4_workflow(walk, depth);
    case 5:
      return step_5_workflow(walk, depth);
    case 6:
      return step_6_workflow(walk, depth);
    case 7:
      return step_7_workflow(walk, depth);
    case 8:
      return Method{}.run_agent(walk, depth);
    case 9:
      return small_agent(walk);
    default:
      return untraced(walk, depth);
  }
}

NOINLINE void untraced(Walk& walk, int depth) {
  volatile char room[256] = {};
  room[walk.pick(256)] = 1;
  call_one(walk, depth);
  room[0] = 2;
}

// --- exceptions --------------------------------------------------------------------------------------------

void throw_something(Walk& walk) {
  switch (walk.pick(3)) {
    case 0:
      throw Thrown{1};
    case 1:
      throw std::runtime_error("as it happens");
    default:
      throw 7;
  }
}

// Calls a traced function while its block is left, in whichever way.
class Guard {
 public:
  explicit Guard(Walk& walk) : walk_(walk), node_(walk.current) {}
  ~Guard() {
    // While an exception leaves, the walk still stands where it was thrown.
    Node* const at = std::exchange(walk_.current, node_);
    const Ways ways = close_ways(walk_);
    step_7_workflow(walk_, 0);
    open_ways(walk_, ways);
    walk_.current = at;
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Walk& walk_;
  Node* node_;
};

NOINLINE void call_guarded(Walk& walk, int depth) {
  const Guard guard(walk);
  call_one(walk, depth);
}

NOINLINE void call_catching(Walk& walk, int depth) {
  Node* const here = walk.current;
  JumpTarget* const jump = walk.jump;
  const int catchers = walk.catchers++;
  try {
    call_one(walk, depth);
    if (walk.pick(3) == 0 && walk.budget > 0) throw_something(walk);
  } catch (...) {
    walk.left_to(here, "exception", true);
    walk.jump = jump;
    walk.catchers = catchers;
    if (catchers > 0 && walk.pick(3) == 0) throw;
    call_one(walk, depth);
  }
  walk.catchers = catchers;
}

// --- jumps -------------------------------------------------------------------------------------------------

NOINLINE void call_jumping(Walk& walk, int depth) {
  JumpTarget target;
  JumpTarget* const outer = walk.jump;
  target.node = walk.current;
  const int catchers = walk.catchers;
  Walk* const volatile kept = &walk;
  const volatile int kept_depth = depth;
  if (sigsetjmp(target.point, 1) == 0) {
    walk.jump = &target;
    walk.catchers = 0;  // a jump over try blocks is not defined; none may be open in between
    call_one(walk, depth);
  } else {
    kept->left_to(target.node, "longjmp", false);
    kept->jump = outer;
    kept->catchers = catchers;
    call_one(*kept, kept_depth);
  }
  kept->jump = outer;
  kept->catchers = catchers;
}

// --- signal handlers ---------------------------------------------------------------------------------------

TRACED void in_handler_agent(Walk& walk) {
  Node* const node = walk.begin("in_handler_agent");
  if (walk.out_of_signal != nullptr) siglongjmp(walk.out_of_signal->point, 1);
  call_one(walk, 0);
  walk.end(node);
}

void on_signal(int) {
  Walk& walk = *walk_of_thread;
  const Ways ways = close_ways(walk);
  const bool was_in_handler = std::exchange(walk.in_handler, true);
  in_handler_agent(walk);
  walk.in_handler = was_in_handler;
  open_ways(walk, ways);
}

NOINLINE void be_signalled(Walk& walk, int signal) {
  JumpTarget* const out_of_signal = std::exchange(walk.out_of_signal, nullptr);
  raise(signal);
  walk.out_of_signal = out_of_signal;
}

NOINLINE void leave_by_jump(Walk& walk, int signal) {
  JumpTarget target;
  target.node = walk.current;
  Walk* const volatile kept = &walk;
  const Ways ways{walk.catchers, walk.jump, walk.may_exit_thread};
  JumpTarget* const volatile outer = walk.out_of_signal;
  if (sigsetjmp(target.point, 1) == 0) {
    walk.out_of_signal = &target;
    raise(signal);
  } else {
    kept->left_to(target.node, "longjmp", false);
    kept->in_handler = false;
    open_ways(*kept, ways);
  }
  kept->out_of_signal = outer;
}

// --- generators --------------------------------------------------------------------------------------------

#if defined(HAS_COROUTINES)

#define GENERATOR(number)                                             \
  TRACED Generator numbers_##number##_agent(Walk& walk, Node* node) { \
    for (unsigned rest = walk.pick(4); rest > 0; --rest) {            \
      call_one(walk, 1);                                              \
      co_yield 1;                                                     \
      walk.current = node;                                            \
    }                                                                 \
    call_one(walk, 0);                                                \
  }

GENERATOR(0)
GENERATOR(1)

// The coroutine function runs to its first suspension at once, before a line of its body.
struct Running {
  Generator generator;
  Node* node;
};

PLAIN Running start_generator(Walk& walk) {
  const bool first = walk.pick(2) == 0;
  Node* const node = walk.begin(first ? "numbers_0_agent" : "numbers_1_agent");
  Running running{first ? numbers_0_agent(walk, node) : numbers_1_agent(walk, node), node};
  walk.end(node);
  return running;
}

NOINLINE void resume_generator(Walk& walk, Running& running) {
  Node* const here = std::exchange(walk.current, running.node);
  const Ways ways = close_ways(walk);
  running.generator.handle.resume();
  open_ways(walk, ways);
  walk.current = here;
}

NOINLINE void run_generators(Walk& walk) {
  Running running[2] = {start_generator(walk), start_generator(walk)};
  for (unsigned rest = walk.pick(8); rest > 0; --rest) {
    Running& one = running[walk.pick(2)];
    if (!one.generator.handle.done()) resume_generator(walk, one);
    if (walk.pick(3) == 0) call_one(walk, 0);
  }
  for (Running& one : running) {
    if (!one.generator.handle.done()) one.node->end = "destroyed";
    one.generator.handle.destroy();
  }
}

#endif

// --- fibers ------------------------------------------------------------------------------------------------

constexpr std::size_t kFiberStack = 256 * 1024;

struct Fiber {
  ucontext_t own;
  ucontext_t back;
  Walk walk;
  bool done = false;
  void* stack = nullptr;
};

void fiber_main(unsigned low, unsigned high) {
  auto* const fiber = reinterpret_cast<Fiber*>(static_cast<std::uintptr_t>(high) << 32 | low);
  for (unsigned rest = 1 + fiber->walk.pick(3); rest > 0; --rest) {
    call_one(fiber->walk, 1);
    swapcontext(&fiber->own, &fiber->back);
  }
  fiber->done = true;
  swapcontext(&fiber->own, &fiber->back);
}

// A traced function that is in the middle of its work when its fiber is left for a while.
NOINLINE void run_fiber(Walk& walk, int depth) {
  Fiber fiber{};
  fiber.walk = walk;
  fiber.walk.random ^= 0x5bd1e995;
  close_ways(fiber.walk);
  fiber.stack = mmap(nullptr, kFiberStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  getcontext(&fiber.own);
  fiber.own.uc_stack.ss_sp = fiber.stack;
  fiber.own.uc_stack.ss_size = kFiberStack;
  fiber.own.uc_link = nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(&fiber);
  makecontext(&fiber.own, reinterpret_cast<void (*)()>(fiber_main), 2, static_cast<unsigned>(address),
              static_cast<unsigned>(address >> 32));
  while (!fiber.done) {
    walk_of_thread = &fiber.walk;
    swapcontext(&fiber.back, &fiber.own);
    walk_of_thread = &walk;
    const Ways ways = close_ways(walk);
    if (walk.pick(2) == 0) call_one(walk, depth);
    open_ways(walk, ways);
  }
  munmap(fiber.stack, kFiberStack);
}

// --- threads -----------------------------------------------------------------------------------------------

struct ThreadStart {
  Walk walk;
};

void* thread_main(void* start) {
  Walk& walk = static_cast<ThreadStart*>(start)->walk;
  walk_of_thread = &walk;
  std::vector<char> room(SIGSTKSZ * 4);
  call_one(walk, 2);
  return nullptr;
}

NOINLINE void run_thread(Walk& walk) {
  ThreadStart start{walk};
  close_ways(start.walk);
  start.walk.random ^= 0x27d4eb2f;
  start.walk.may_exit_thread = true;
  start.walk.thread_base = walk.current;
  pthread_t thread;
  if (pthread_create(&thread, nullptr, thread_main, &start) != 0) std::abort();
  pthread_join(thread, nullptr);
}

// --- the walk ----------------------------------------------------------------------------------------------

PLAIN bool is_wanted(char way) { return std::strchr(wanted_ways, way) != nullptr; }

void go_one_way(Walk& walk, int depth) {
  switch (walk.pick(16)) {
    case 0:
      if (is_wanted('c')) return call_catching(walk, depth);
      break;
    case 1:
      if (is_wanted('d')) return call_guarded(walk, depth);
      break;
    case 2:
      if (is_wanted('t') && walk.catchers > 0 && walk.pick(2) == 0) throw_something(walk);
      break;
    case 3:
      if (is_wanted('j')) return call_jumping(walk, depth);
      break;
    case 4:
      if (is_wanted('j') && walk.jump != nullptr && walk.catchers == 0) siglongjmp(walk.jump->point, 1);
      break;
    case 5:
      if (is_wanted('s') && !walk.in_handler) return be_signalled(walk, SIGUSR1);
      break;
    case 6:
      if (is_wanted('s') && !walk.in_handler) return be_signalled(walk, SIGUSR2);
      break;
    case 7:
      if (is_wanted('h') && !walk.in_handler)
        return leave_by_jump(walk, walk.pick(2) == 0 ? SIGUSR1 : SIGUSR2);
      break;
#if defined(HAS_COROUTINES)
    case 8:
    case 9:
      if (is_wanted('g')) return run_generators(walk);
      break;
#endif
    case 10:
      if (is_wanted('f') && !walk.in_handler) return run_fiber(walk, depth);
      break;
    case 11:
      if (is_wanted('p') && !walk.in_handler) return run_thread(walk);
      break;
    case 12:
      if (is_wanted('n') && walk.may_exit_thread && walk.catchers == 0 && walk.pick(4) == 0) {
        walk.left_to(walk.thread_base, "thread_exit", false);
        pthread_exit(nullptr);
      }
      break;
    default:
      break;
  }
  call_one(walk, depth);
}

void body(Walk& walk, int depth) {
  if (depth <= 0) return;
  for (unsigned rest = 1 + walk.pick(3); rest > 0 && walk.budget > 0; --rest) go_one_way(walk, depth - 1);
}

TRACED void seed_workflow(Walk& walk) {
  Node* const node = walk.begin("seed_workflow");
  body(walk, 6);
  walk.end(node);
}

PLAIN void print(const Node& node, std::size_t depth, std::string& out) {
  out.append(2 * depth, ' ').append("workflow.");
  if (std::strchr(node.name, ':') == nullptr) out.append("(anonymous namespace)::");
  out.append(node.name);
  if (node.error) out.append(" ERROR");
  if (node.end != nullptr) out.append(" end=").append(node.end);
  out.append("\n");
  for (const Node* child : node.children) print(*child, depth + 1, out);
}

struct Seeds {
  std::uint64_t first;
  std::uint64_t end;
  std::string out;
};

PLAIN void install_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_NODEFER;
  sigaction(SIGUSR1, &action, nullptr);
  action.sa_flags = SA_NODEFER | SA_ONSTACK;
  sigaction(SIGUSR2, &action, nullptr);
}

PLAIN void walk_seed(std::uint64_t seed, std::string& out) {
  std::deque<Node> nodes;
  Walk walk{seed * 0x9e3779b97f4a7c15U + 1, nullptr, &nodes, 60};
  walk_of_thread = &walk;
  seed_workflow(walk);
  print(nodes.front(), 0, out);
}

// Every second seed.
PLAIN void* walk_seeds(void* argument) {
  auto& seeds = *static_cast<Seeds*>(argument);
  std::vector<char> alternate(256 * 1024);
  stack_t stack = {};
  stack.ss_sp = alternate.data();
  stack.ss_size = alternate.size();
  sigaltstack(&stack, nullptr);
  for (std::uint64_t seed = seeds.first; seed < seeds.end; seed += 2) walk_seed(seed, seeds.out);
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, nullptr);
  return nullptr;
}

}  // namespace

PLAIN int main(int argc, char** argv) {
  if (argc < 3) return 2;
  if (argc > 3) wanted_ways = argv[3];
  install_handlers();
  const std::uint64_t first = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t end = first + std::strtoull(argv[2], nullptr, 10);
  std::array<Seeds, 2> seeds{Seeds{first, end, {}}, Seeds{first + 1, end, {}}};
  std::array<pthread_t, 2> threads{};
  for (std::size_t index = 0; index < 2; ++index) {
    pthread_create(&threads[index], nullptr, walk_seeds, &seeds[index]);
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  for (const Seeds& half : seeds) std::fwrite(half.out.data(), 1, half.out.size(), stdout);
  return 0;
}
