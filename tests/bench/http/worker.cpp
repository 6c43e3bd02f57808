#include "tests/bench/http/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include <array>

#include "tests/bench/process.h"

namespace llmo::bench {
namespace {

constexpr int kPatienceMillis = 60'000;

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const std::string& text : strings) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

Worker::Worker(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (pipe2(input.data(), O_CLOEXEC) != 0 || pipe2(output.data(), O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  const std::vector<char*> argument_list = pointers(arguments);
  const std::vector<char*> variables = pointers(environment);
  if (posix_spawn(&pid_, argument_list[0], &actions, nullptr, argument_list.data(), variables.data()) != 0)
    pid_ = 0;
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  input_ = input[1];
  output_ = output[0];
}

Worker::~Worker() {
  if (input_ >= 0) close(input_);
  if (pid_ > 0) wait_for(pid_, std::chrono::seconds{10});
  if (output_ >= 0) close(output_);
}

bool Worker::request() { return pid_ > 0 && write(input_, "\n", 1) == 1; }

std::optional<std::string> Worker::line() {
  while (pid_ > 0) {
    const std::size_t end = read_.find('\n');
    if (end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    pollfd ready{output_, POLLIN, 0};
    std::array<char, 256> bytes{};
    if (poll(&ready, 1, kPatienceMillis) <= 0) return std::nullopt;
    const ssize_t got = read(output_, bytes.data(), bytes.size());
    if (got <= 0) return std::nullopt;
    read_.append(bytes.data(), static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

}  // namespace llmo::bench
