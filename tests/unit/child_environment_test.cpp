// What a program that is started is told of the trace, by its environment.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "shim/span/child_environment.h"

using llmo::span::ArrayKind;
using llmo::span::ChildEnvironment;
using llmo::span::ChildFacts;
using llmo::span::names_library;
using llmo::span::read_start_environment;
using llmo::span::StartEnvironment;

namespace {

using Texts = std::vector<std::string>;

constexpr char kBefore[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kHere[] = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
constexpr char kOurs[] = "/opt/lib/libllmobserve.so";
const std::string kPreload = std::string("LD_PRELOAD=") + kOurs;
const std::string kParent = std::string("TRACEPARENT=") + kHere;

std::vector<const char*> pointers(const Texts& texts) {
  std::vector<const char*> result;
  for (const std::string& text : texts) result.push_back(text.c_str());
  result.push_back(nullptr);
  return result;
}

StartEnvironment started_with(const Texts& texts) {
  return read_start_environment(pointers(texts).data(), kOurs);
}

const StartEnvironment kStart = started_with({kPreload, "LLMOBSERVE_DEBUG=true", "PATH=/bin"});
const ChildFacts kFacts{kHere, {}, "/dev/shm/j/1"};

// What the child gets of `given`; the array itself must stay as it is, and nothing be written beyond size().
Texts child_of(const Texts& given, ArrayKind kind = ArrayKind::kMade, const StartEnvironment& start = kStart,
               const ChildFacts& facts = kFacts) {
  const std::vector<const char*> array = pointers(given);
  const std::vector<const char*> before = array;
  const ChildEnvironment child(array.data(), kind, start, facts);
  if (!child.differs()) return given;
  std::vector<char*> memory(child.size() / sizeof(char*) + 2, nullptr);
  auto* const bytes = reinterpret_cast<char*>(memory.data());
  bytes[child.size()] = '#';
  Texts result;
  for (char** entry = child.write(bytes); *entry != nullptr; ++entry) result.emplace_back(*entry);
  CHECK(bytes[child.size()] == '#');
  CHECK(array == before);
  return result;
}

std::string command_of(const Texts& own, const ChildFacts& facts, const StartEnvironment& start = kStart) {
  const std::vector<const char*> array = pointers(own);
  const ChildEnvironment child(array.data(), ArrayKind::kOwn, start, facts);
  std::string text(child.shell_size() + 1, '#');
  CHECK(child.write_shell(text.data()) == text.data() + child.shell_size());
  CHECK(text.back() == '#');
  text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("a child is told the innermost span and the session", "[child]") {
  CHECK(child_of({"PATH=/bin", kPreload}) ==
        Texts{"PATH=/bin", kPreload, kParent, "LLMOBSERVE_SESSION=/dev/shm/j/1"});
}

TEST_CASE("without an open span the traceparent of the environment stays", "[child]") {
  const std::string before = std::string("TRACEPARENT=") + kBefore;
  CHECK(child_of({kPreload, before, "TRACESTATE=a=b"}, ArrayKind::kMade, started_with({kPreload, before}),
                 {}) == Texts{kPreload, before, "TRACESTATE=a=b"});
}

TEST_CASE("what the process was started with is replaced, and each of several", "[child]") {
  const std::string before = std::string("TRACEPARENT=") + kBefore;
  CHECK(child_of({before, kPreload, before}, ArrayKind::kOwn, started_with({kPreload, before}),
                 {kHere, {}, {}}) == Texts{kPreload, kParent});
}

TEST_CASE("a traceparent of the program's own is left alone, with its tracestate", "[child]") {
  const Texts own{kPreload, std::string("TRACEPARENT=") + kBefore, "TRACESTATE=a=b"};
  CHECK(child_of(own, ArrayKind::kMade, kStart, {kHere, "c=d", {}}) == own);
}

TEST_CASE("a tracestate goes with its traceparent and not without", "[child]") {
  const StartEnvironment start = started_with({kPreload, std::string("TRACEPARENT=") + kBefore});
  CHECK(child_of({kPreload, "TRACESTATE=old=1"}, ArrayKind::kMade, start, {kHere, {}, {}}) ==
        Texts{kPreload, kParent});
  CHECK(child_of({kPreload, "TRACESTATE=old=1"}, ArrayKind::kMade, start, {kHere, "a=b", {}}) ==
        Texts{kPreload, kParent, "TRACESTATE=a=b"});
}

TEST_CASE("an array made by hand is given the preload and our settings", "[child]") {
  CHECK(child_of({"PATH=/usr/bin"}) == Texts{"PATH=/usr/bin", "LLMOBSERVE_DEBUG=true", kParent,
                                             "LLMOBSERVE_SESSION=/dev/shm/j/1", kPreload});
  CHECK(child_of({"A=1"}, ArrayKind::kMade, kStart, {}) == Texts{"A=1", "LLMOBSERVE_DEBUG=true", kPreload});
}

TEST_CASE("an array made by hand is given what the process was started with, too", "[child]") {
  const std::string before = std::string("TRACEPARENT=") + kBefore;
  const StartEnvironment start =
      started_with({kPreload, before, "TRACESTATE=a=b", "LLMOBSERVE_SESSION=/j/0"});
  CHECK(child_of({"A=1"}, ArrayKind::kMade, start, {}) ==
        Texts{"A=1", before, "TRACESTATE=a=b", "LLMOBSERVE_SESSION=/j/0", kPreload});
  CHECK(child_of({"A=1", "TRACEPARENT=x"}, ArrayKind::kMade, start, {}) ==
        Texts{"A=1", "TRACEPARENT=x", "LLMOBSERVE_SESSION=/j/0", kPreload});
  CHECK(child_of({kPreload}, ArrayKind::kMade, start, {}) == Texts{kPreload});
}

TEST_CASE("settings that the array has are not given again", "[child]") {
  CHECK(child_of({"LLMOBSERVE_DEBUG=false"}, ArrayKind::kMade, kStart, {}) ==
        Texts{"LLMOBSERVE_DEBUG=false", kPreload});
}

TEST_CASE("who takes the preload out, or empties it, is not followed", "[child]") {
  const Texts without{"PATH=/bin", std::string("TRACEPARENT=") + kBefore};
  CHECK(child_of(without, ArrayKind::kOwn) == without);
  CHECK(child_of(without, ArrayKind::kMadeWithout) == without);
  CHECK(child_of({"LD_PRELOAD="}) == Texts{"LD_PRELOAD="});
  CHECK(child_of({"LD_PRELOAD= "}) == Texts{"LD_PRELOAD= "});
  CHECK(child_of({}) == Texts{});
  CHECK_FALSE(ChildEnvironment(nullptr, ArrayKind::kMade, kStart, kFacts).differs());
}

TEST_CASE("the library goes behind other preloads, once", "[child]") {
  const ChildFacts none;
  CHECK(child_of({"LD_PRELOAD=a.so b.so"}, ArrayKind::kMade, kStart, none) ==
        Texts{std::string("LD_PRELOAD=a.so b.so:") + kOurs});
  const std::string there =
      GENERATE("libllmobserve.so", "x.so:./libllmobserve.so", "/other/libllmobserve.so a.so");
  CHECK(child_of({"LD_PRELOAD=" + there}, ArrayKind::kMade, kStart, none) == Texts{"LD_PRELOAD=" + there});
}

TEST_CASE("a library that was not preloaded adds no preload", "[child]") {
  const StartEnvironment linked = started_with({"LD_PRELOAD=/opt/lib/notlibllmobserve.so"});
  CHECK(linked.preload.empty());
  CHECK(child_of({"A=1"}, ArrayKind::kOwn, linked, {kHere, {}, {}}) == Texts{"A=1", kParent});
}

TEST_CASE("a child with other settings has a session of its own", "[child]") {
  CHECK(child_of({kPreload, "LLMOBSERVE_TRACE_DIR=/elsewhere"}, ArrayKind::kMade, kStart, {{}, {}, "/j/1"}) ==
        Texts{kPreload, "LLMOBSERVE_TRACE_DIR=/elsewhere"});
  CHECK(child_of({kPreload, "LLMOBSERVE_SESSION=/own"}, ArrayKind::kMade, kStart, {{}, {}, "/j/1"}) ==
        Texts{kPreload, "LLMOBSERVE_SESSION=/own"});
}

TEST_CASE("baggage is added where an array made by hand has none", "[child]") {
  const StartEnvironment start = started_with({kPreload, "BAGGAGE=user=7"});
  CHECK(child_of({kPreload}, ArrayKind::kMade, start, {}) == Texts{kPreload, "BAGGAGE=user=7"});
  CHECK(child_of({kPreload}, ArrayKind::kOwn, start, {}) == Texts{kPreload});
  CHECK(child_of({kPreload, "BAGGAGE="}, ArrayKind::kMade, start, {}) == Texts{kPreload, "BAGGAGE="});
}

TEST_CASE("entries without a name or a value, and thousands of them, are passed on", "[child]") {
  Texts odd{"", "=", "NOVALUE", "TRACEPARENT", "=TRACEPARENT=x", kPreload};
  for (int i = 0; i < 5000; ++i) odd.push_back("V" + std::to_string(i) + "=1");
  Texts expected = odd;
  expected.push_back(kParent);
  CHECK(child_of(odd, ArrayKind::kOwn, kStart, {kHere, {}, {}}) == expected);
}

TEST_CASE("a command for sh sets the same, quoted", "[child]") {
  CHECK(command_of({kPreload}, {kHere, {}, {}}) == "export TRACEPARENT='" + std::string(kHere) + "'; ");
  CHECK(command_of({kPreload, "TRACESTATE=a"}, {kHere, {}, "/tmp/it's $x"}) ==
        "export TRACEPARENT='" + std::string(kHere) +
            "' LLMOBSERVE_SESSION='/tmp/it'\\''s $x'; unset TRACESTATE; ");
  CHECK(command_of({kPreload}, {}).empty());
}

TEST_CASE("the preload is found by its file's name", "[child]") {
  CHECK(names_library("/a/b.so:libllmobserve.so", kOurs));
  CHECK(names_library("$ORIGIN/libllmobserve.so", kOurs));
  CHECK_FALSE(names_library("libllmobserve.so.1 :: ", kOurs));
  CHECK_FALSE(names_library("", kOurs));
  CHECK_FALSE(names_library("libllmobserve.so", ""));
}
