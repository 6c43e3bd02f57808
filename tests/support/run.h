// Runs a test program under libllmobserve.so, in directories of its own, and hands back what it left: output,
// exit code, spans.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/otlp_reader.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace llmo::test {

// How programs of tests/programs are built: <build>/programs/<variant>/<name>.
inline constexpr const char* kVariants[] = {"gcc-O0", "gcc-O2", "clang-O0", "clang-O2"};

// The build directory, absolute: $LLMOBSERVE_TEST_BUILD, else where the test binary is.
std::filesystem::path build_dir();
std::filesystem::path library_path();     // libllmobserve.so
std::filesystem::path llmobserve_path();  // the llmobserve program
std::filesystem::path program_path(std::string_view program, std::string_view variant);

// The value of LD_PRELOAD for the library: a sanitizer's runtime before it where the library needs one.
std::string preload_value();

struct RunOptions {
  std::vector<std::string> args{};
  Environment env{};    // added to the environment that run_under_shim() makes, or in place of its values
  std::string input{};  // standard input
  bool preload = true;
  std::chrono::milliseconds timeout{30'000};
  std::optional<std::chrono::milliseconds> kill_after{};  // SIGKILL so long after the start
  bool wait_for_export = true;
  std::function<void(pid_t)> while_running{};
};

struct Run : Finished {
  std::vector<Span> spans;
  std::string trace_text;             // the trace files, one after the other
  std::vector<std::string> leftover;  // what is left below the journal directory, relative to it
};

// A journal and a trace directory for one or more runs. Everything in them is gone, and every exporter that
// still works for them is stopped, when the sandbox goes.
class Sandbox {
 public:
  // Neither directory exists yet: they are the product's to make.
  Sandbox() = default;
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return dir_.path(); }
  [[nodiscard]] std::filesystem::path journal_dir() const { return dir_.path() / "journal"; }
  [[nodiscard]] std::filesystem::path trace_dir() const { return dir_.path() / "traces"; }

  // clean_environment() with LLMOBSERVE_JOURNAL_DIR and LLMOBSERVE_TRACE_DIR of this sandbox. No LD_PRELOAD.
  [[nodiscard]] Environment environment() const;

  // Runs `argv` (a path, or a command in PATH) as RunOptions say; reads the spans when the export is over.
  // Throws std::runtime_error where the program or the export does not end in time.
  Run run(const std::vector<std::string>& argv, const RunOptions& options = {});

  // Runs the llmobserve program (`args` without its name) in this sandbox's environment, without preload.
  Finished llmobserve(const std::vector<std::string>& args, const Environment& env = {});

  // Waits until no session is left. Throws std::runtime_error, saying what is left, after 20 s.
  void wait_for_export() const;
  [[nodiscard]] std::vector<std::filesystem::path> sessions() const;
  [[nodiscard]] std::vector<pid_t> exporters() const;

  [[nodiscard]] std::vector<std::filesystem::path> trace_files() const;
  [[nodiscard]] std::string trace_text() const;
  [[nodiscard]] std::vector<Span> spans() const;

 private:
  TempDir dir_;
};

// Runs tests/programs/<program> of a variant in a sandbox of its own. A `program` with a slash is a path, and
// the variant then means nothing.
Run run_under_shim(std::string_view program, std::string_view variant = "gcc-O2",
                   const RunOptions& options = {});

}  // namespace llmo::test
