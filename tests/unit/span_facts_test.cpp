// What an open call has to say beyond that it is one, and what a thread's end does to calls.
#include "shim/span/call_facts.h"

#include <pthread.h>

#include <catch2/catch.hpp>
#include <vector>

#include "shim/span/thread_end.h"
#include "tests/unit/span_stack_calls.h"

namespace journal = llmo::journal;
namespace span = llmo::span;
using journal::EndKind;
using llmo::test::functions_of;
using llmo::test::kSite;
using llmo::test::kStack;
using llmo::test::on_new_thread;

namespace {

// The facts of the innermost call, with one attribute.
void add_fact(std::string_view value) {
  span::ThreadState& thread = span::thread_state;
  const span::SlowSection section(thread);
  journal::SpanDraft* const draft = span::facts_of(thread.stack, *span::innermost_call(thread));
  REQUIRE(draft != nullptr);
  draft->add("fact", value);
}

}  // namespace

TEST_CASE("facts of a call are in its record, and in no other", "[facts]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    add_fact("outer");
    span::enter(2, kSite, kStack - 100);
    add_fact("inner");
    add_fact("again");
    span::exit(2, kSite, kStack - 100);
    span::enter(3, kSite, kStack - 100);
    span::exit(3, kSite, kStack - 100);
    span::exit(1, kSite, kStack);
    CHECK(span::thread_state.stack.facts == nullptr);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 3, 1});
  CHECK(calls[0].attributes.find("inner") != std::string::npos);
  CHECK(calls[0].attributes.find("again") != std::string::npos);
  CHECK(calls[1].attributes.empty());
  CHECK(calls[2].attributes.find("outer") != std::string::npos);
  CHECK(calls[2].end_kind == EndKind::kReturned);
}

TEST_CASE("a call's status is in its record", "[facts]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    add_fact("x");
    span::thread_state.stack.facts->draft.set_status(journal::SpanStatus::kError);
    span::exit(1, kSite, kStack);
  });
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].status == journal::SpanStatus::kError);
}

TEST_CASE("facts of calls that are not sampled go with them", "[facts]") {
  const auto calls = on_new_thread([] {
    span::thread_state.stack.inherited = {{{1, 2}, 3, 0}, nullptr};
    span::enter(1, kSite, kStack);
    add_fact("x");
    span::exit(1, kSite, kStack);
    CHECK(span::thread_state.stack.facts == nullptr);
  });
  CHECK(calls.empty());
}

TEST_CASE("thousands of calls with facts fill block after block", "[facts]") {
  const std::string large(1000, 'x');
  const auto calls = on_new_thread([&] {
    for (int round = 0; round < 500; ++round) {
      span::enter(1, kSite, kStack);
      add_fact(large);
      span::exit(1, kSite, kStack);
    }
  });
  REQUIRE(calls.size() == 500);
  for (const auto& call : calls) REQUIRE(call.attributes.size() > large.size());
}

TEST_CASE("a thread that leaves by pthread_exit says so of each call, whoever closes it", "[thread_end]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite, kStack - 100);
    span::note_thread_exit();
    span::exit(2, kSite, kStack - 100);   // as gcc's cleanups do
    span::enter(3, kSite, kStack - 100);  // a destructor
    span::exit(3, kSite, kStack - 100);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 3, 1});
  CHECK(calls[0].end_kind == EndKind::kThreadExit);
  CHECK(calls[1].end_kind == EndKind::kReturned);
  CHECK(calls[1].parent == calls[2].id);
  CHECK(calls[2].end_kind == EndKind::kThreadExit);
}

TEST_CASE("a thread that is to be cancelled returns from calls as ever until it is", "[thread_end]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    span::enter(2, kSite, kStack - 100);
    span::note_thread_cancel(pthread_self());
    span::exit(2, kSite, kStack - 100);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 1});
  CHECK(calls[0].end_kind == EndKind::kReturned);
  CHECK(calls[1].end_kind == EndKind::kThreadCancel);
}
