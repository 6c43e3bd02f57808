// What the parts of the library do when it is loaded.
#pragma once

namespace llmo::hooks {

// Finds out whether another library with __cyg_profile hooks stands behind us; from then on it is called too.
void chain_cyg_profile_hooks();

// Finds what the hooks of threads go on to, while that is sure not to wait for anyone.
void find_thread_functions();

// The same for those of exceptions, which the loader may itself be waiting for.
void find_exception_functions();

// The same for those of jumps, ends and fibers, which signal handlers call.
void find_jump_functions();
void find_end_functions();
void find_fiber_functions();

// The same for those that start processes and programs.
void find_exec_functions();
void find_fork_functions();
void find_process_functions();

// Around a fork: the handlers of pthread_atfork(3).
void before_fork();
void after_fork_in_parent();
void after_fork_in_child();

}  // namespace llmo::hooks
