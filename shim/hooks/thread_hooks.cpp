// Threads begin where their starter is in its trace.
//
//   pthread_create   the new thread inherits the caller's context   span/thread_state.h
//
// std::thread and std::async come through here too. A thread's end is told by a thread-specific
// destructor (span/tracer.cpp), so the host's function runs in a frame that has nothing to clean up.
#include <pthread.h>

#include <cerrno>
#include <new>

#include "shim/hooks/library.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/real_function.h"
#include "shim/span/current.h"
#include "shim/span/fibers.h"
#include "shim/span/stack_area.h"
#include "shim/span/thread_state.h"
#include "shim/span/tracer.h"

namespace llmo::hooks {

namespace {

constinit platform::RealFunction<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>
    real_pthread_create{"pthread_create"};

struct ThreadStart {
  void* (*body)(void*);
  void* argument;
  span::Inheritance inherited;
  std::size_t stack_size;
};

// Not noexcept: pthread_exit() and cancellation leave through here.
void* run_thread(void* start) {
  const ThreadStart copy = *static_cast<ThreadStart*>(start);
  delete static_cast<ThreadStart*>(start);
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

// nullptr for a thread that has nothing to begin with.
ThreadStart* start_of(void* (*body)(void*), void* argument, const pthread_attr_t* attributes,
                      span::Address stack_address) {
  if (!span::recording()) return nullptr;
  const platform::ErrnoSaver keep;
  const span::Inheritance position = span::current_position(stack_address);
  if (position.context.empty() && !span::fibers_exist()) return nullptr;
  return new (std::nothrow) ThreadStart{body, argument, position, stack_size_of(attributes)};
}

}  // namespace

void find_thread_functions() { real_pthread_create.get(); }

}  // namespace llmo::hooks

extern "C" LLMO_EXPORT int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                          void* (*body)(void*), void* argument) {
  using namespace llmo::hooks;
  auto* const create = real_pthread_create.get();
  if (create == nullptr) return EAGAIN;
  const llmo::span::Address stack_address = LLMO_STACK_ADDRESS();
  ThreadStart* const start = start_of(body, argument, attributes, stack_address);
  if (start == nullptr) return create(thread, attributes, body, argument);
  const int result = create(thread, attributes, run_thread, start);
  if (result != 0) delete start;
  return result;
}
