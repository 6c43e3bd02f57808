// Sessions of more processes than the exporter has descriptors for, and of processes in other pid namespaces.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "exporters/session/pid_namespace.h"
#include "tests/unit/exporter_sessions.h"

namespace llmo {
namespace {

using test::MemoryDir;
using test::Sleeper;

// Leaves `left` descriptors for as long as it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(next);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(next) + left;
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("a living process is not taken for dead where descriptors are few", "[exporter][session]") {
  const MemoryDir root;
  const std::string session = test::make_session(root);
  std::vector<std::unique_ptr<Sleeper>> processes;
  for (int i = 0; i < 40; ++i) {
    processes.push_back(std::make_unique<Sleeper>());
    auto image = test::living_journal(*processes.back());
    image.add_block(journal::BlockKind::kFrames);
    image.add_open_frame(0, {.span_id = 100 + static_cast<std::uint64_t>(i)});
    image.save(session);
  }
  auto options = test::options_for(root);
  options.once = true;
  const FewDescriptors few(static_cast<rlim_t>(GENERATE(60, 61)));
  const auto report = session::run_exporter(session, std::move(options));
  CHECK(report.end == session::ExportEnd::kLeft);
  CHECK(report.problem == "processes of the session are still running");
  CHECK(report.closed_spans == 0);
  CHECK(report.processes == 0);
}

std::uint64_t own_namespace() {
  struct stat status {};
  return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

TEST_CASE("a pid of another namespace means nobody here, whoever has the number", "[exporter][session]") {
  const Sleeper process;
  CHECK(session::watch_process(process.pid(), process.start(), own_namespace()).alive());
  CHECK(session::watch_process(process.pid(), process.start(), 0).alive());
  CHECK_FALSE(session::watch_process(process.pid(), process.start(), own_namespace() + 1).alive());
}

}  // namespace
}  // namespace llmo
