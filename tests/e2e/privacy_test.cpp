// Secrets are sent through every place where one can stand, and every byte that is left behind is searched.
#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/privacy_server.h"
#include "tests/support/run.h"

namespace {

namespace fs = std::filesystem;
using namespace llmo::test;

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at + 2 < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t i) {
      return static_cast<unsigned>(static_cast<unsigned char>(bytes[at + i]));
    };
    const unsigned bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (int shift = 18; shift >= 0; shift -= 6) text += kDigits[bits >> shift & 63];
  }
  return text;
}

std::string percent_encoded(std::string_view text, const char* digits) {
  std::string encoded;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    encoded += {'%', digits[code >> 4], digits[code & 15]};
  }
  return encoded;
}

// A word as it may be written: plain, in base64 (whichever place it has in what was encoded),
// percent-encoded.
std::vector<std::string> spellings(const std::string& word) {
  std::vector<std::string> all{word, percent_encoded(word, "0123456789ABCDEF"),
                               percent_encoded(word, "0123456789abcdef")};
  for (std::size_t skip = 0; skip < 3; ++skip) all.push_back(base64(std::string_view{word}.substr(skip)));
  std::string small = word;
  for (char& byte : small) byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
  all.push_back(small);
  return all;
}

// The canaries that stand in `bytes`.
std::string found_in(const std::string& bytes) {
  std::string found;
  for (const char* const canary : kCanaries) {
    for (const std::string& spelling : spellings(canary)) {
      if (bytes.find(spelling) != bytes.npos) found += spelling + " ";
    }
  }
  return found;
}

// A journal is a sparse file: what was never written is left out.
void append_written(const fs::path& path, std::string* bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string page(4096, '\0');
  while (file.read(page.data(), static_cast<std::streamsize>(page.size())) || file.gcount() > 0) {
    const auto read = std::string_view{page}.substr(0, static_cast<std::size_t>(file.gcount()));
    if (read.find_first_not_of('\0') != read.npos) *bytes += read;
  }
}

// Every file below a directory that is there.
void append_files(const fs::path& directory, std::string* bytes) {
  std::error_code gone;
  for (fs::recursive_directory_iterator at(directory, gone), end; at != end; at.increment(gone)) {
    if (!at->is_regular_file(gone)) continue;
    *bytes += at->path().string() + "\n";
    append_written(at->path(), bytes);
  }
}

struct Leavings {
  std::string bytes;   // of every file and stream
  std::string traces;  // of the trace files alone
};

enum class Course { kToTheEnd, kKilled, kNothingExports };

// Runs the program and gathers what it leaves, also what lies in the journal while it runs.
Leavings leavings_of(PrivacyServer& server, Course course, const char* content) {
  Sandbox sandbox;
  Leavings left;
  RunOptions options;
  options.env = {{"LLMOBSERVE_CAPTURE_CONTENT", content},
                 {"LLMOBSERVE_EXPORTER", "file,console"},
                 {"LLMOBSERVE_DEBUG", "true"}};
  options.args = {server.address()};
  if (course == Course::kKilled) options.args.push_back("wait");
  if (course == Course::kNothingExports) {
    options.env["LLMOBSERVE_PROGRAM"] = "/nonexistent";
    options.wait_for_export = false;
  }
  options.while_running = [&](pid_t pid) {
    if (course != Course::kKilled) return;
    wait_until([&] { return server.is_waiting(); });
    append_files(sandbox.journal_dir(), &left.bytes);
    ::kill(pid, SIGKILL);
  };
  const Run run = sandbox.run({program_path("privacy_calls", "gcc-O2")}, options);
  CHECK((course == Course::kKilled ? run.signal == SIGKILL : run.exit_code == 0));
  append_files(sandbox.path(), &left.bytes);
  left.bytes += run.out + run.err + run.trace_text;
  left.traces = run.trace_text;
  return left;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_CASE("no secret of a request or an answer is in anything that is left, and no prompt by default",
          "[e2e][privacy]") {
  PrivacyServer server;
  const Leavings left = leavings_of(server, Course::kToTheEnd, "false");
  CHECK(found_in(left.bytes) == "");
  CHECK(left.bytes.find(kFirstWordOfPrompt) == left.bytes.npos);
  // They were really sent, and the calls really traced.
  CHECK(count_of(found_in(server.traffic()), " ") >= 30);
  CHECK(count_of(left.traces, "\"url.full\"") == 20);
  CHECK(left.traces.find("Incorrect API key provided: REDACTED") != left.traces.npos);
}

TEST_CASE("captured content shows the text and none of its secrets", "[e2e][privacy]") {
  PrivacyServer server;
  const Leavings left = leavings_of(server, Course::kToTheEnd, "true");
  CHECK(found_in(left.bytes) == "");
  CHECK(left.traces.find("gen_ai.input.messages") != left.traces.npos);
  CHECK(left.traces.find("ordinarily kind. token=REDACTED") != left.traces.npos);
  CHECK(left.traces.find("it is REDACTED ordinarily") != left.traces.npos);
  CHECK(left.traces.find("gen_ai.tool.definitions") != left.traces.npos);
}

TEST_CASE("a program killed in the middle of a call leaves no secret either", "[e2e][privacy]") {
  for (const char* const content : {"false", "true"}) {
    PrivacyServer server;
    const Leavings left = leavings_of(server, Course::kKilled, content);
    CHECK(found_in(left.bytes) == "");
    CHECK(left.traces.find("\"killed\"") != left.traces.npos);
  }
}

TEST_CASE("the journal by itself holds no secret", "[e2e][privacy]") {
  for (const char* const content : {"false", "true"}) {
    PrivacyServer server;
    const Leavings left = leavings_of(server, Course::kNothingExports, content);
    CHECK(left.bytes.find("url.full") != left.bytes.npos);
    CHECK(found_in(left.bytes) == "");
  }
}

TEST_CASE("a secret would be found however it is written", "[privacy]") {
  CHECK_FALSE(found_in("x" CANARY(07) "y").empty());
  CHECK_FALSE(found_in(base64("user:" CANARY(07) "x")).empty());
  CHECK_FALSE(found_in(base64("users:" CANARY(07) "x")).empty());
  CHECK_FALSE(found_in(base64("a:" CANARY(07) "xy")).empty());
  CHECK_FALSE(found_in(percent_encoded(CANARY(07), "0123456789abcdef")).empty());
  CHECK(found_in("Cnry").empty());
}

}  // namespace
