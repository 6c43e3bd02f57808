// Keeps the host's errno over a stretch of our own work.
#pragma once

#include <cerrno>

namespace llmo::platform {

class ErrnoSaver {
 public:
  ErrnoSaver() : saved_(errno) {}
  ~ErrnoSaver() { errno = saved_; }
  ErrnoSaver(const ErrnoSaver&) = delete;
  ErrnoSaver& operator=(const ErrnoSaver&) = delete;

 private:
  const int saved_;
};

}  // namespace llmo::platform
