// What the walks of stress_ways.cpp are made of: the tree that one has come through so far, the ways that are
// open to it, and a generator that it can leave half-way.
#pragma once

#include <setjmp.h>

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <vector>

#if defined(__cpp_impl_coroutine)
#include <coroutine>
#define HAS_COROUTINES 1
#endif

#include "program.h"

// gcc calls the hooks of functions that it inlines, too; clang as these programs are built (program.h) does
// not.
#if defined(__clang__)
#define TRACED NOINLINE
#else
#define TRACED
#endif

struct Node {
  const char* name;
  Node* parent;
  std::vector<Node*> children;
  const char* end = nullptr;
  bool error = false;
};

// A point that a jump may go to, on the native stack of the walk.
struct JumpTarget {
  sigjmp_buf point;
  Node* node;
};

// What one flow of control knows: where it is in its tree, and which ways out it has.
struct Walk {
  std::uint64_t random;
  Node* current;
  std::deque<Node>* nodes;
  int budget;
  int catchers = 0;            // try blocks on this native stack
  JumpTarget* jump = nullptr;  // the innermost
  JumpTarget* out_of_signal = nullptr;
  bool may_exit_thread = false;
  Node* thread_base = nullptr;
  bool in_handler = false;

  PLAIN unsigned pick(unsigned count) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    return static_cast<unsigned>((random >> 33) % count);
  }

  PLAIN Node* begin(const char* name) {
    nodes->push_back(Node{name, current, {}});
    Node* const node = &nodes->back();
    if (current != nullptr) current->children.push_back(node);
    current = node;
    --budget;
    return node;
  }

  PLAIN void end(Node* node) { current = node->parent; }

  // All between here and `node` have been left at once.
  PLAIN void left_to(Node* node, const char* how, bool error) {
    for (; current != node; current = current->parent) {
      if (current->end != nullptr) std::abort();
      current->end = how;
      current->error = error;
    }
  }
};

// What a boundary hides: nothing may jump or throw across it.
struct Ways {
  int catchers;
  JumpTarget* jump;
  bool may_exit_thread;
};

PLAIN Ways close_ways(Walk& walk) {
  const Ways ways{walk.catchers, walk.jump, walk.may_exit_thread};
  walk.catchers = 0;
  walk.jump = nullptr;
  walk.may_exit_thread = false;
  return ways;
}

PLAIN void open_ways(Walk& walk, const Ways& ways) {
  walk.catchers = ways.catchers;
  walk.jump = ways.jump;
  walk.may_exit_thread = ways.may_exit_thread;
}

#if defined(HAS_COROUTINES)
struct Generator {
  struct promise_type {
    Generator get_return_object() {
      return Generator{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int) noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };

  std::coroutine_handle<promise_type> handle;
};
#endif
