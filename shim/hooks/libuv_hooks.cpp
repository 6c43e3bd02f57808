// The functions of libuv that libllmobserve.so stands in front of.
//
//   uv_queue_work   the work and what follows it belong to whoever queues it   pools/uv_work.h
#include <cerrno>

#include "shim/platform/caller_function.h"
#include "shim/platform/export.h"
#include "shim/pools/uv_work.h"
#include "shim/span/tracer.h"

namespace {

namespace pools = llmo::pools;

constinit llmo::platform::CallerFunction<pools::UvQueueWork> real_uv_queue_work{"uv_queue_work", "libuv.so"};

}  // namespace

extern "C" LLMO_EXPORT int uv_queue_work(void* loop, void* request, pools::UvWorkCallback work,
                                         pools::UvAfterCallback after) {
  pools::UvQueueWork* const queue_work = real_uv_queue_work.get(__builtin_return_address(0));
  if (queue_work == nullptr) return -ENOSYS;  // UV_ENOSYS
  if (!llmo::span::recording()) return queue_work(loop, request, work, after);
  return pools::queue_uv_work(queue_work, loop, request, work, after, LLMO_STACK_ADDRESS());
}
