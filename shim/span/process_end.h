// The process is about to end, or to become another program: the journal says how, so that what is open then
// can be closed as it was.
#pragma once

#include "shim/journal/format.h"

namespace llmo::span {

// Called at the last moment that is seen of that end. The first one noted stays: exit() may still call
// abort(), std::terminate() does. Nothing where a child of vfork() calls it, which ends alone. Signals: safe.
// Keeps errno.
void note_process_end(journal::ProcessState end);

// It did not end after all: exec failed, or a handler of SIGABRT jumped away. Signals: safe.
void take_back_process_end();

// Waits, at the end, where the traces would end with the process (span/exit_wait.h). Signals: safe.
void note_process_end_and_wait(journal::ProcessState end, journal::EndKind open_calls);

// A child of vfork() runs on its parent's stack and memory, the calling thread's, until it ends or becomes
// another program: between these two nothing is recorded on the thread. Both keep errno.
void before_vfork();
void after_vfork_in_parent();

}  // namespace llmo::span
