// oneTBB's tasks: what is spawned or enqueued here and executed there, by a thread of the pool or by one that
// waits for something else.
//
// A task is an object with two virtual functions, execute() and cancel(), and no room for anything of ours.
// When it is handed over, its pointer to the table of them (Itanium C++ ABI 2.5.2) is exchanged for one to a
// table that is made for the place: it leads to us, who put the old pointer back before we go on to the
// task's own function. All tasks of one kind that are spawned at one place share a table, so that seldom one
// has to be made. A task may be gone when its function returns, or be spawned again, or have its memory used
// for another: nothing of ours points to it. One that is destroyed without having been executed leaves a
// table behind, nothing else.
#pragma once

#include "shim/span/thread_state.h"

namespace llmo::pools {

struct TbbTask;  // tbb::detail::d1::task

// Has `task` executed where the calling thread is in its trace. Call it while recording, before the task is
// handed over to the library. Keeps errno.
void carry_place(TbbTask& task, span::Address stack_address);

// Stands for tbb::detail::d1::delegate_base: work that a thread waits for, which may be done by another one.
// Its table of virtual functions is as that of the original: the library calls the operator, nothing else.
class TbbDelegate {
 public:
  TbbDelegate() = default;
  virtual bool operator()() const = 0;
  virtual ~TbbDelegate() = default;
  TbbDelegate(const TbbDelegate&) = delete;
  TbbDelegate& operator=(const TbbDelegate&) = delete;
};

// `delegate`, done where the calling thread is now. On the stack of who waits. Use it while recording.
class CarriedDelegate final : public TbbDelegate {
 public:
  CarriedDelegate(const TbbDelegate& delegate, span::Address stack_address);
  bool operator()() const override;

 private:
  const TbbDelegate& delegate_;
  const span::ThreadState* const asked_by_;
  const span::Inheritance place_;
};

// In a forked child.
void reset_tbb_tasks_after_fork();

}  // namespace llmo::pools
