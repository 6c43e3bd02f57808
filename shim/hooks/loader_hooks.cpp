// Code that comes and goes.
//
//   dlopen    a module that looks past us (RTLD_DEEPBIND) is bound to our hooks   platform/module_binding.h
//   dlclose   decisions about functions of unloaded modules are forgotten         span/function_table.h
//             and so is where calls went on to                                    platform/caller_function.h
//
// glibc's dlopen() looks at its return address: whose RPATH and RUNPATH count, and which namespace. So the
// hook jumps into it and leaves no frame of its own; only where nothing depends on the caller, and where
// there is something to bind afterwards, is it called from here.
#include <dlfcn.h>

#include <atomic>

#include "shim/platform/caller_function.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/module_binding.h"
#include "shim/platform/out_of_memory.h"
#include "shim/platform/real_function.h"
#include "shim/platform/stack_walk.h"
#include "shim/span/cpp_runtime.h"
#include "shim/span/function_table.h"
#include "shim/span/module_definitions.h"
#include "shim/span/tracer.h"

namespace {

using OpenFunction = void*(const char*, int);

constinit llmo::platform::RealFunction<OpenFunction> real_dlopen{"dlopen"};
constinit llmo::platform::RealFunction<int(void*)> real_dlclose{"dlclose"};

// Hooks that go on to what their caller's module would have found.
constexpr const char* kPerCaller[] = {
    "GOMP_", "ompt_", "curl_", "amqp_", "uv_", "g_thread_pool_", "_ZN3tbb6detail2r1", "rd_kafka_"};

void* open_nothing(const char*, int) { return nullptr; }

// Not noexcept, nor are those of dlclose(): destructors of the host's modules run beneath it.
int close_library(int (*close)(void*), void* handle) {
  const llmo::platform::ModulesMayGo going;
  return close(handle);
}

// Not noexcept: constructors of the host's modules run beneath it.
void* open_deep_bound(const char* file, int mode) {
  const std::uint64_t loaded_before = llmo::platform::modules_loaded();
  void* const handle = real_dlopen.get()(file, mode);
  if (handle == nullptr) return nullptr;
  const llmo::platform::ErrnoSaver keep;
  llmo::platform::had_memory_for([&] { llmo::platform::bind_to_hooks(handle, loaded_before, kPerCaller); });
  return handle;
}

bool is_to_be_bound(const char* file, int mode, const void* caller) {
  return (mode & RTLD_DEEPBIND) != 0 && file != nullptr && *file != '\0' && llmo::span::recording() &&
         !llmo::platform::depends_on_caller(file, caller);
}

}  // namespace

extern "C" {

// The real one, once it is known; the hook below reads it.
__attribute__((visibility("hidden"))) constinit std::atomic<OpenFunction*> llmo_real_dlopen{nullptr};

// Where the hook jumps to for these arguments of dlopen().
__attribute__((visibility("hidden"))) OpenFunction* llmo_choose_dlopen(const char* file, int mode,
                                                                       const void* caller) {
  const llmo::platform::ErrnoSaver keep;
  OpenFunction* const real = real_dlopen.get();
  if (real == nullptr) return open_nothing;
  llmo_real_dlopen.store(real, std::memory_order_relaxed);
  return is_to_be_bound(file, mode, caller) ? open_deep_bound : real;
}

// System V psABI (AMD64) 3.2: file in rdi, mode in esi, the return address on top of the stack, which is then
// 8 short of a multiple of 16. Without RTLD_DEEPBIND (8) two tests and a jump.
LLMO_EXPORT __attribute__((naked)) void* dlopen(const char*, int) {
  __asm__(
      "endbr64\n\t"
      "testl $8, %esi\n\t"
      "jnz 1f\n\t"
      "movq llmo_real_dlopen(%rip), %rax\n\t"
      "testq %rax, %rax\n\t"
      "jz 1f\n\t"
      "jmp *%rax\n"
      "1:\n\t"
      "pushq %rdi\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "pushq %rsi\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "movq 16(%rsp), %rdx\n\t"
      "subq $8, %rsp\n\t"
      ".cfi_adjust_cfa_offset 8\n\t"
      "call llmo_choose_dlopen\n\t"
      "addq $8, %rsp\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %rsi\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "popq %rdi\n\t"
      ".cfi_adjust_cfa_offset -8\n\t"
      "jmp *%rax\n");
}
static_assert(RTLD_DEEPBIND == 8);

LLMO_EXPORT int dlclose(void* handle) {
  auto* const close = real_dlclose.get();
  if (close == nullptr) return -1;
  const int result = close_library(close, handle);
  llmo::span::forget_unloaded_modules();
  llmo::span::forget_unloaded_numbers();
  llmo::span::forget_cpp_runtime();
  llmo::platform::forget_frame_rules();
  return result;
}

}  // extern "C"
