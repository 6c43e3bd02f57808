// Threads begin where their starter is in its trace.
//
//   pthread_create, thrd_create   the new thread inherits the caller's context   span/thread_state.h
//
// std::thread and std::async come through pthread_create() too; C11's threads do not, as libc makes them by a
// name of its own. A thread's end is told by a thread-specific destructor (span/tracer.cpp), so the host's
// function runs in a frame that has nothing to clean up.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <new>

#include "shim/hooks/library.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/pools/library_threads.h"
#include "shim/span/current.h"
#include "shim/span/fibers.h"
#include "shim/span/stack_area.h"
#include "shim/span/thread_state.h"
#include "shim/span/tracer.h"

namespace llmo::hooks {

namespace {

constinit platform::RealFunction<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>
    real_pthread_create{"pthread_create"};
constinit platform::RealFunction<int(thrd_t*, thrd_start_t, void*)> real_thrd_create{"thrd_create"};

// `Result` is what the function of the thread returns: a pointer by POSIX, an int by C11.
template <typename Result>
struct ThreadStart {
  Result (*body)(void*);
  void* argument;
  span::Inheritance inherited;
  std::size_t stack_size;
};

// Not noexcept: pthread_exit() and cancellation leave through here.
template <typename Result>
Result run_thread(void* start) {
  const ThreadStart<Result> copy = *static_cast<ThreadStart<Result>*>(start);
  delete static_cast<ThreadStart<Result>*>(start);
  span::thread_state.stack.inherited = copy.inherited;
  span::note_thread_stack(copy.stack_size);
  return copy.body(copy.argument);
}

// Threads that are given no size have that of RLIMIT_STACK (pthread_create(3)).
std::size_t stack_size_of(const pthread_attr_t* attributes) {
  std::size_t size = 0;
  const bool is_given = attributes != nullptr && pthread_attr_getstacksize(attributes, &size) == 0;
  return is_given ? size : span::usual_stack_size();
}

// nullptr for a thread that has nothing to begin with. One that a pool makes for itself inherits nothing.
template <typename Result>
ThreadStart<Result>* start_of(Result (*body)(void*), void* argument, const pthread_attr_t* attributes,
                              span::Address stack_address) {
  if (!span::recording()) return nullptr;
  const platform::ErrnoSaver keep;
  const bool is_pools = pools::is_library_thread(reinterpret_cast<const void*>(body), argument);
  const span::Inheritance position = is_pools ? span::Inheritance() : span::current_position(stack_address);
  if (position.context.empty() && !span::fibers_exist()) return nullptr;
  return new (std::nothrow) ThreadStart<Result>{body, argument, position, stack_size_of(attributes)};
}

// Has `create` make the thread, of a function and its argument; returns what that returns, 0 for success.
template <typename Result, typename Create>
int create_thread(Result (*body)(void*), void* argument, const pthread_attr_t* attributes,
                  span::Address stack_address, Create create) {
  ThreadStart<Result>* const start = start_of(body, argument, attributes, stack_address);
  if (start == nullptr) return create(body, argument);
  const int result = create(&run_thread<Result>, start);
  if (result != 0) delete start;
  return result;
}
static_assert(thrd_success == 0);

}  // namespace

LLMO_COLD void find_thread_functions() {
  real_pthread_create.get();
  real_thrd_create.get();
}

}  // namespace llmo::hooks

extern "C" LLMO_EXPORT int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                          void* (*body)(void*), void* argument) {
  using namespace llmo::hooks;
  auto* const create = real_pthread_create.get();
  if (create == nullptr) return EAGAIN;
  return create_thread(
      body, argument, attributes, LLMO_STACK_ADDRESS(),
      [=](void* (*run)(void*), void* with) { return create(thread, attributes, run, with); });
}

extern "C" LLMO_EXPORT int thrd_create(thrd_t* thread, thrd_start_t body, void* argument) {
  using namespace llmo::hooks;
  auto* const create = real_thrd_create.get();
  if (create == nullptr) return thrd_error;
  return create_thread(body, argument, nullptr, LLMO_STACK_ADDRESS(),
                       [=](thrd_start_t run, void* with) { return create(thread, run, with); });
}
