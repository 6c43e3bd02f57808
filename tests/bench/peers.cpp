// The peers that Debian has: uftrace and LTTng-UST, each recording and each with a filter that lets nothing
// pass.
#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <thread>

#include "tests/bench/process.h"
#include "tests/bench/subject.h"

namespace llmo::bench {
namespace {

namespace fs = std::filesystem;

bool in_path(std::string_view program) {
  for (const char* directory : {"/usr/local/bin", "/usr/bin", "/bin"}) {
    if (fs::exists(fs::path{directory} / program)) return true;
  }
  return false;
}

std::string whole_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// The number after `label`, or 0: what the peers print about events they lost.
unsigned long number_after(const std::string& text, std::string_view label) {
  const std::size_t at = text.find(label);
  return at == text.npos ? 0 : std::strtoul(text.c_str() + at + label.size(), nullptr, 10);
}

// --- uftrace -----------------------------------------------------------------------------------------------

Subject uftrace(std::string name, const Places& places, const std::vector<std::string>& filter) {
  const fs::path data = places.scratch / "uftrace";
  Subject subject;
  subject.name = std::move(name);
  subject.wrapper = {"uftrace", "record", "--no-libcall", "--no-event", "-d", data.string()};
  subject.wrapper.insert(subject.wrapper.end(), filter.begin(), filter.end());
  subject.hooks = "libmcount";
  subject.finish = [data](const Result&) {
    std::error_code ignored;
    fs::remove_all(data, ignored);
    return std::string{};
  };
  return subject;
}

// --- LTTng -------------------------------------------------------------------------------------------------

// Named with its version: the bare name belongs to the development package.
constexpr std::string_view kLttngHooks = "liblttng-ust-cyg-profile-fast.so.1";
constexpr std::string_view kLttngEvents = "lttng_ust_cyg_profile_fast:*";
constexpr std::string_view kLttngSession = "llmobserve-bench";
// The superuser's session daemon is always here, whatever the environment says; anybody else's is below
// LTTNG_HOME.
constexpr std::string_view kSystemRunDirectory = "/var/run/lttng";

bool has_lttng_hooks() {
  for (const char* directory :
       {"/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib/x86_64-linux-gnu"}) {
    if (fs::exists(fs::path{directory} / kLttngHooks)) return true;
  }
  return false;
}

std::set<fs::path> shared_wait_files() {
  std::set<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{"/dev/shm", error}) {
    if (entry.path().filename().string().starts_with("lttng-ust-wait-")) files.insert(entry.path());
  }
  return files;
}

}  // namespace

void add_uftrace(const Places& places, SubjectList& list) {
  if (!in_path("uftrace")) {
    list.missing.emplace_back("uftrace is not installed");
    return;
  }
  list.subjects.push_back(uftrace("uftrace, recording", places, {}));
  // A filter on a function that exists and is never called: uftrace ignores one that matches nothing, and
  // this form is cheaper for it than leaving functions out by -N.
  list.subjects.push_back(
      uftrace("uftrace, filter rejects all", places, {"-F", "llmo::bench::never_called"}));
}

// What the daemon and the subjects share; it outlives neither the daemon nor the list.
struct LttngDaemon::State {
  Places places;
  pid_t pid = 0;
  bool made_run_directory = false;
  std::set<fs::path> wait_files_before;

  bool control(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"lttng", "--no-sessiond"});
    return run({arguments, common_environment(places), (places.scratch / "lttng.out").string()}) == 0;
  }
  std::string said() const { return whole_file(places.scratch / "lttng.out"); }

  bool start_daemon() {
    pid = start({{"lttng-sessiond", "--no-kernel"},
                 common_environment(places),
                 (places.scratch / "sessiond.out").string()});
    if (pid < 0) pid = 0;
    // The daemon answers once its sockets are there, about a second after its start.
    for (int attempt = 0; pid != 0 && attempt < 50; ++attempt) {
      if (control({"list"})) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    return false;
  }

  // Buffers large enough for a whole run, so that nothing waits for the disk and nothing is lost.
  bool start_session(const std::vector<std::string>& filter) const {
    const std::string name{kLttngSession};
    std::vector<std::string> enable = {"enable-event",           "-u", "-s", name, "-c", "calls",
                                       std::string{kLttngEvents}};
    enable.insert(enable.end(), filter.begin(), filter.end());
    return control({"create", name, "--output=" + (places.scratch / "lttng").string()}) &&
           control({"enable-channel", "-u", "-s", name, "calls", "--subbuf-size=8M", "--num-subbuf=8"}) &&
           control(enable) && control({"start", name});
  }

  std::string stop_session() const {
    const std::string name{kLttngSession};
    control({"stop", name});
    control({"list", name});
    const unsigned long lost = number_after(said(), "Discarded events: ");
    control({"destroy", name});
    std::error_code ignored;
    fs::remove_all(places.scratch / "lttng", ignored);
    return lost == 0 ? std::string{} : std::to_string(lost) + " events discarded";
  }
};

Subject LttngDaemon::subject(std::string name, std::vector<std::string> filter) const {
  Subject subject;
  subject.name = std::move(name);
  subject.environment = {"LD_PRELOAD=" + std::string{kLttngHooks}};
  subject.hooks = kLttngHooks;
  subject.prepare = [state = state_, filter = std::move(filter)] { return state->start_session(filter); };
  subject.finish = [state = state_](const Result&) { return state->stop_session(); };
  return subject;
}

LttngDaemon::LttngDaemon(const Places& places, SubjectList& list) : state_{std::make_shared<State>()} {
  state_->places = places;
  state_->wait_files_before = shared_wait_files();
  state_->made_run_directory = !fs::exists(kSystemRunDirectory);
  if (!in_path("lttng-sessiond") || !in_path("lttng") || !has_lttng_hooks()) {
    list.missing.emplace_back("LTTng-UST: lttng-tools or liblttng-ust is not installed");
  } else if (state_->control({"list"})) {
    list.missing.emplace_back("LTTng-UST: another session daemon is running and is left alone");
  } else if (!state_->start_daemon()) {
    list.missing.emplace_back("LTTng-UST: its session daemon did not start");
  } else {
    list.subjects.push_back(subject("LTTng-UST, recording", {}));
    list.subjects.push_back(subject("LTTng-UST, filter rejects all", {"--filter", "addr == 1"}));
  }
}

LttngDaemon::~LttngDaemon() {
  if (state_->pid == 0) return;
  kill(state_->pid, SIGTERM);
  wait_for(state_->pid, std::chrono::seconds{10});
  std::error_code ignored;
  for (const fs::path& file : shared_wait_files()) {
    if (!state_->wait_files_before.contains(file)) fs::remove(file, ignored);
  }
  if (state_->made_run_directory) fs::remove_all(kSystemRunDirectory, ignored);
}

int LttngDaemon::pid() const { return state_->pid; }

}  // namespace llmo::bench
