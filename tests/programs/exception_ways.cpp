// Exceptions on every way that they can take: the argument says which.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <future>
#include <stdexcept>
#include <thread>

#include "program.h"

namespace {

volatile int sink;

struct Guard {
  ~Guard() { sink = sink + 1; }
};

// Deep, so that what unwinding runs later lies above the calls that are dead by then.
NOINLINE void throw_deep(int depth) {
  volatile char room[200];
  room[0] = static_cast<char>(depth);
  const Guard guard;
  if (depth == 0) throw std::runtime_error("quota exceeded");
  throw_deep(depth - 1);
  sink = room[0];
}

// --- leaves two calls, is caught in a third

NOINLINE void leaf_agent() { throw_deep(3); }

NOINLINE void middle_agent() {
  const Guard guard;
  leaf_agent();
  sink = 2;
}

NOINLINE void catching_workflow() {
  try {
    middle_agent();
  } catch (const std::exception& error) {
    std::puts(error.what());
  }
}

// --- caught where it is thrown

NOINLINE void careful_agent() {
  try {
    throw_deep(2);
  } catch (...) {
    sink = 3;
  }
}

// --- thrown again, by a call that was open at the throw and by one that was not

NOINLINE void rethrow_agent() { throw; }

NOINLINE void repeating_agent() {
  try {
    leaf_agent();
  } catch (...) {
    rethrow_agent();
  }
}

NOINLINE void rethrow_workflow() {
  try {
    repeating_agent();
  } catch (const std::runtime_error&) {
    sink = 4;
  }
}

// --- another one in a destructor that runs meanwhile, caught there

NOINLINE void inner_agent() { throw std::logic_error("inner"); }

NOINLINE void cleanup_handler() {
  try {
    inner_agent();
  } catch (const std::logic_error&) {
    sink = 5;
  }
}

struct CleaningUp {
  ~CleaningUp() { cleanup_handler(); }
};

NOINLINE void outer_agent() {
  const CleaningUp cleaning;
  throw_deep(12);
}

NOINLINE void nested_workflow() {
  try {
    outer_agent();
  } catch (const std::runtime_error&) {
    sink = 6;
  }
}

// --- carried to other threads

NOINLINE void worker_agent() { throw std::out_of_range("worker"); }

NOINLINE void take_agent(const std::exception_ptr& carried) { std::rethrow_exception(carried); }

NOINLINE void carry_workflow() {
  std::exception_ptr carried;
  std::thread worker([&] {
    try {
      worker_agent();
    } catch (...) {
      carried = std::current_exception();
    }
  });
  worker.join();
  try {
    take_agent(carried);
  } catch (const std::out_of_range&) {
    sink = 7;
  }
}

// --- thrown by constructors and destructors

struct Part {
  Part() { sink = 8; }
  ~Part() { sink = 9; }
};

struct BadBuild {
  NOINLINE BadBuild() { build_agent(); }
  NOINLINE static void build_agent() { throw std::invalid_argument("constructor"); }
  Part part;
};

struct BadEnd {
  NOINLINE ~BadEnd() noexcept(false) { end_agent(); }
  NOINLINE static void end_agent() { throw std::domain_error("destructor"); }
};

NOINLINE void build_workflow() {
  try {
    const BadBuild bad;
  } catch (const std::invalid_argument&) {
    sink = 10;
  }
  try {
    const BadEnd bad;
  } catch (const std::domain_error&) {
    sink = 11;
  }
}

// --- a function-try block

NOINLINE void block_agent() try { throw_deep(1); } catch (const std::runtime_error&) {
  throw std::range_error("instead");
}

NOINLINE void block_workflow() try { block_agent(); } catch (const std::range_error&) {
  sink = 12;
}

// --- through a function of C's

NOINLINE int compare_handler(const void*, const void*) { throw std::length_error("in qsort"); }

NOINLINE void sort_workflow() {
  int values[] = {2, 1};
  try {
    std::qsort(values, 2, sizeof *values, compare_handler);
  } catch (const std::length_error&) {
    sink = 13;
  }
}

// --- things of every type

struct Plain {
  int code;
};

class Named : public std::exception {
 public:
  NOINLINE const char* what() const noexcept override { return name_handler(); }
  NOINLINE static const char* name_handler() { return "named"; }
};

struct Tag {
  virtual ~Tag() = default;
  int tag = 1;
};
struct Left : virtual std::exception {};
struct Right : virtual std::exception {
  const char* what() const noexcept override { return "diamond"; }
};
struct Diamond : Tag, Left, Right {};
struct Hidden : private std::exception {};
struct Silent : std::exception {
  const char* what() const noexcept override { return nullptr; }
};

template <typename Thrown>
NOINLINE void typed_agent(const Thrown& thrown) {
  throw thrown;
}

template <typename Thrown>
PLAIN void throw_one(const Thrown& thrown) {
  try {
    typed_agent(thrown);
  } catch (...) {
    sink = 14;
  }
}

NOINLINE void types_workflow() {
  throw_one(42);
  throw_one("text");
  throw_one(Plain{7});
  throw_one(Named{});
  throw_one(Diamond{});
  throw_one(Hidden{});
  throw_one(Silent{});
}

// --- a function that the compiler may put into the one that catches

inline void small_agent() { throw_deep(0); }

NOINLINE void inlining_workflow() {
  try {
    const Guard guard;
    small_agent();
  } catch (const std::runtime_error&) {
    sink = 15;
  }
  sink = 16;
}

// --- more at a time than are kept

NOINLINE void layered_agent(int layers) {
  try {
    throw_deep(0);
  } catch (...) {
    if (layers > 0) layered_agent(layers - 1);
    throw;
  }
}

NOINLINE void layers_workflow() {
  try {
    layered_agent(12);
  } catch (...) {
    sink = 17;
  }
}

struct Way {
  const char* name;
  void (*take)();
};

constexpr Way kWays[] = {
    {"catching", catching_workflow}, {"careful", careful_agent},  {"rethrow", rethrow_workflow},
    {"nested", nested_workflow},     {"carry", carry_workflow},   {"build", build_workflow},
    {"block", block_workflow},       {"sort", sort_workflow},     {"types", types_workflow},
    {"inlining", inlining_workflow}, {"layers", layers_workflow},
};

}  // namespace

int main(int argc, char** argv) {
  for (const Way& way : kWays) {
    if (argc > 1 && std::strcmp(argv[1], way.name) == 0) return way.take(), 0;
  }
  return 2;
}
