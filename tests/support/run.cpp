// Programs under the preload, and what they leave. See run.h.
#include "tests/support/run.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace llmo::test {
namespace {

namespace fs = std::filesystem;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// A library built under a sanitizer wants its runtime loaded before anything else, and gcc's is a shared one.
std::string sanitizer_runtime() {
  const std::string dynamic = run_command({.argv = {"readelf", "-d", library_path().string()}}).out;
  for (const char* name : {"libasan.so", "libtsan.so"}) {
    const std::size_t at = dynamic.find(name);
    if (at == std::string::npos) continue;
    const std::string file = dynamic.substr(at, dynamic.find(']', at) - at);
    return first_line(run_command({.argv = {"gcc", "-print-file-name=" + file}}).out) + ":";
  }
  return {};
}

std::vector<fs::path> entries(const fs::path& directory) {
  std::vector<fs::path> result;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) result.push_back(entry.path());
  std::sort(result.begin(), result.end());
  return result;
}

// An exporter may be clearing a session away at this moment: what goes while it is listed ends the list.
std::vector<std::string> left_below(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code gone;
  fs::recursive_directory_iterator entry(directory, gone);
  for (; !gone && entry != fs::recursive_directory_iterator{}; entry.increment(gone)) {
    names.push_back(entry->path().lexically_relative(directory).string());
  }
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += " " + word;
  return text.empty() ? " nothing" : text;
}

Environment merged(Environment base, const Environment& more) {
  for (const auto& [name, value] : more) base[name] = value;
  return base;
}

}  // namespace

fs::path build_dir() {
  const char* const given = std::getenv("LLMOBSERVE_TEST_BUILD");
  return given != nullptr && *given != '\0' ? fs::path(given)
                                            : fs::read_symlink("/proc/self/exe").parent_path();
}
fs::path library_path() { return build_dir() / "libllmobserve.so"; }
fs::path llmobserve_path() { return build_dir() / "llmobserve"; }

fs::path program_path(std::string_view program, std::string_view variant) {
  if (program.find('/') != std::string_view::npos) return program;
  return build_dir() / "programs" / variant / program;
}

std::string preload_value() {
  static const std::string value = sanitizer_runtime() + library_path().string();
  return value;
}

Sandbox::~Sandbox() {
  for (const pid_t pid : exporters()) ::kill(pid, SIGKILL);
}

Environment Sandbox::environment() const {
  Environment environment = clean_environment();
  environment["LLMOBSERVE_JOURNAL_DIR"] = journal_dir().string();
  environment["LLMOBSERVE_TRACE_DIR"] = trace_dir().string();
  // Programs that are not built with a sanitizer leak as they like.
  environment["ASAN_OPTIONS"] = "detect_leaks=0";
  return environment;
}

Run Sandbox::run(const std::vector<std::string>& argv, const RunOptions& options) {
  Command command;
  command.argv = argv;
  command.argv.insert(command.argv.end(), options.args.begin(), options.args.end());
  command.environment = environment();
  if (options.preload) command.environment["LD_PRELOAD"] = preload_value();
  command.environment = merged(std::move(command.environment), options.env);
  command.input = options.input;
  command.directory = path();
  command.timeout = options.timeout;
  command.kill_after = options.kill_after;
  command.while_running = options.while_running;

  Run run;
  static_cast<Finished&>(run) = run_command(command);
  if (options.wait_for_export) wait_for_export();
  run.trace_text = trace_text();
  run.spans = read_otlp_lines(run.trace_text);
  run.leftover = left_below(journal_dir());
  return run;
}

Finished Sandbox::llmobserve(const std::vector<std::string>& args, const Environment& env) {
  Command command;
  command.argv = {llmobserve_path().string()};
  command.argv.insert(command.argv.end(), args.begin(), args.end());
  command.environment = merged(environment(), env);
  command.directory = path();
  return run_command(command);
}

void Sandbox::wait_for_export() const {
  if (wait_until([this] { return sessions().empty(); })) return;
  std::string exporting;
  for (const pid_t pid : exporters()) exporting += " " + std::to_string(pid);
  throw std::runtime_error("the export did not end; exporters:" + (exporting.empty() ? " none" : exporting) +
                           "; left in the journal directory:" + joined(left_below(journal_dir())));
}

std::vector<fs::path> Sandbox::sessions() const {
  std::vector<fs::path> result = entries(journal_dir());
  std::erase_if(result, [](const fs::path& path) { return !fs::is_directory(path); });
  return result;
}

std::vector<pid_t> Sandbox::exporters() const { return processes_with_argument(journal_dir().string()); }

std::vector<fs::path> Sandbox::trace_files() const {
  std::vector<fs::path> result = entries(trace_dir());
  std::erase_if(result, [](const fs::path& path) { return path.extension() != ".jsonl"; });
  return result;
}

std::string Sandbox::trace_text() const {
  std::string text;
  for (const fs::path& path : trace_files()) text += read_text(path);
  return text;
}

std::vector<Span> Sandbox::spans() const { return read_otlp_lines(trace_text()); }

Run run_under_shim(std::string_view program, std::string_view variant, const RunOptions& options) {
  Sandbox sandbox;
  return sandbox.run({program_path(program, variant).string()}, options);
}

}  // namespace llmo::test
