// Whether the loader really takes libllmobserve.so, found out by letting it.
#pragma once

#include <string>

namespace llmo::cli {

struct PreloadTrial {
  bool works = false;
  std::string complaint;  // what was written or how the program ended, where it does not work
};

// Runs /bin/true with `library` preloaded and every symbol resolved at once, tracing switched off.
PreloadTrial try_preload(const std::string& library);

}  // namespace llmo::cli
