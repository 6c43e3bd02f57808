// System calls made directly, for code that runs inside the host.
//
// libc's wrappers may be interposed by the host or by another preload, are cancellation points, and set
// errno. These are none of that: they return the kernel's own answer, a negative errno value on failure.
// Async-signal-safe. Source: syscalls(2); System V psABI (AMD64) A.2.1 for the calling convention.
#pragma once

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

#if !defined(__x86_64__)
#error "llmobserve runs on x86-64 Linux only"
#endif

namespace llmo::platform::sys {

inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  long result = 0;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

template <typename T>
long as_long(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

inline int open(const char* path, int flags, unsigned mode = 0) {
  return static_cast<int>(call(SYS_openat, AT_FDCWD, as_long(path), flags | O_CLOEXEC, mode));
}
inline int close(int fd) { return static_cast<int>(call(SYS_close, fd)); }
inline long read(int fd, void* buffer, std::size_t size) {
  return call(SYS_read, fd, as_long(buffer), static_cast<long>(size));
}
inline long write(int fd, const void* buffer, std::size_t size) {
  return call(SYS_write, fd, as_long(buffer), static_cast<long>(size));
}
inline int ftruncate(int fd, std::size_t size) {
  return static_cast<int>(call(SYS_ftruncate, fd, static_cast<long>(size)));
}
inline int fstat(int fd, struct stat* status) {
  return static_cast<int>(call(SYS_newfstatat, fd, as_long(""), as_long(status), AT_EMPTY_PATH));
}
inline int stat(const char* path, struct stat* status, bool follow = true) {
  return static_cast<int>(
      call(SYS_newfstatat, AT_FDCWD, as_long(path), as_long(status), follow ? 0 : AT_SYMLINK_NOFOLLOW));
}
inline int mkdir(const char* path, unsigned mode) {
  return static_cast<int>(call(SYS_mkdirat, AT_FDCWD, as_long(path), mode));
}
inline int unlink(const char* path) {
  return static_cast<int>(call(SYS_unlinkat, AT_FDCWD, as_long(path), 0));
}
inline long readlink(const char* path, char* buffer, std::size_t size) {
  return call(SYS_readlinkat, AT_FDCWD, as_long(path), as_long(buffer), static_cast<long>(size));
}
inline int flock(int fd, int operation) { return static_cast<int>(call(SYS_flock, fd, operation)); }
inline long getcwd(char* buffer, std::size_t size) {
  return call(SYS_getcwd, as_long(buffer), static_cast<long>(size));
}

// Returns nullptr on failure.
inline void* mmap(void* address, std::size_t size, int protection, int flags, int fd, long offset) {
  const long result =
      call(SYS_mmap, as_long(address), static_cast<long>(size), protection, flags, fd, offset);
  return result < 0 && result > -4096 ? nullptr : reinterpret_cast<void*>(result);
}
inline int munmap(void* address, std::size_t size) {
  return static_cast<int>(call(SYS_munmap, as_long(address), static_cast<long>(size)));
}
inline int mprotect(void* address, std::size_t size, int protection) {
  return static_cast<int>(call(SYS_mprotect, as_long(address), static_cast<long>(size), protection));
}
inline int madvise(void* address, std::size_t size, int advice) {
  return static_cast<int>(call(SYS_madvise, as_long(address), static_cast<long>(size), advice));
}

inline int getpid() { return static_cast<int>(call(SYS_getpid)); }
inline int getppid() { return static_cast<int>(call(SYS_getppid)); }
inline int gettid() { return static_cast<int>(call(SYS_gettid)); }
inline unsigned geteuid() { return static_cast<unsigned>(call(SYS_geteuid)); }
inline long getrandom(void* buffer, std::size_t size, unsigned flags) {
  return call(SYS_getrandom, as_long(buffer), static_cast<long>(size), flags);
}
inline long futex(std::uint32_t* word, int operation, std::uint32_t value,
                  const timespec* timeout = nullptr) {
  return call(SYS_futex, as_long(word), operation, value, as_long(timeout));
}

}  // namespace llmo::platform::sys
