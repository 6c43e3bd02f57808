// libuv's pool: work that a loop hands to a thread, and what the loop calls when it is done.
#pragma once

#include "shim/span/thread_state.h"

namespace llmo::pools {

// uv_work_cb, uv_after_work_cb and uv_queue_work of uv.h. Nothing of a loop or a request is read here, only
// the request's address.
using UvWorkCallback = void (*)(void* request);
using UvAfterCallback = void (*)(void* request, int status);
using UvQueueWork = int(void* loop, void* request, UvWorkCallback work, UvAfterCallback after);

// As `queue_work`, which is libuv's own: `work` and `after` run where the caller is in its trace. Where that
// is nowhere, or where there is no memory, libuv gets what the program has given. Call it while recording.
int queue_uv_work(UvQueueWork* queue_work, void* loop, void* request, UvWorkCallback work,
                  UvAfterCallback after, span::Address stack_address);

// In a forked child: the loop may go on there with what is done (uv_loop_fork).
void reset_uv_work_after_fork();

}  // namespace llmo::pools
