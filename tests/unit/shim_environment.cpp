// The shim's parts, linked into this runner, find a journal directory of their own, and no exporter to start.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

namespace {

class ShimEnvironment : public Catch::TestEventListenerBase {
 public:
  using Catch::TestEventListenerBase::TestEventListenerBase;

  void testRunStarting(const Catch::TestRunInfo&) override {
    std::string pattern = (std::filesystem::temp_directory_path() / "llmobserve-unit-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return;
    directory_ = pattern;
    setenv("LLMOBSERVE_JOURNAL_DIR", directory_.c_str(), 1);
    setenv("LLMOBSERVE_PROGRAM", "/bin/true", 1);
    unsetenv("TRACEPARENT");
  }

  void testRunEnded(const Catch::TestRunStats&) override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

 private:
  std::string directory_;
};

CATCH_REGISTER_LISTENER(ShimEnvironment)

}  // namespace
