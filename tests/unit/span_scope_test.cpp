// Scopes on the span stack: frames that are no calls, of spans that are open elsewhere.
#include "shim/span/scope.h"

#include <catch2/catch.hpp>
#include <vector>

#include "shim/span/current.h"
#include "tests/unit/span_stack_calls.h"

namespace journal = llmo::journal;
namespace span = llmo::span;
using journal::EndKind;
using llmo::test::Closed;
using llmo::test::functions_of;
using llmo::test::kSite;
using llmo::test::kStack;
using llmo::test::on_new_thread;
using span::ScopeKind;

namespace {

const span::SpanContext kElsewhere{{1, 2}, 3, journal::kFlagSampled};

span::Scope context_scope(std::uintptr_t owner = 7) {
  return {.kind = ScopeKind::kContext, .owner = owner, .context = kElsewhere, .home = nullptr};
}

bool leave(std::uintptr_t owner = 7) {
  return span::leave_scope(ScopeKind::kContext, owner, EndKind::kUnwound);
}

}  // namespace

TEST_CASE("calls in a scope hang under its context, those after it under the call around", "[scope]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    REQUIRE(span::enter_scope(context_scope(), kStack - 50));
    CHECK(span::current_context(kStack - 60) == kElsewhere);
    span::enter(2, kSite, kStack - 100);
    span::exit(2, kSite, kStack - 100);
    CHECK(leave());
    span::enter(3, kSite, kStack - 100);
    span::exit(3, kSite, kStack - 100);
    span::exit(1, kSite, kStack);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 3, 1});
  CHECK(calls[0].parent == kElsewhere.span);
  CHECK(calls[0].trace == kElsewhere.trace);
  CHECK(calls[1].parent == calls[2].id);
}

TEST_CASE("a scope with an empty context begins roots", "[scope]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    REQUIRE(span::enter_scope({.kind = ScopeKind::kContext, .owner = 1, .context = {}, .home = nullptr},
                              kStack - 50));
    span::enter(2, kSite, kStack - 100);
    span::exit(2, kSite, kStack - 100);
    CHECK(leave(1));
    span::exit(1, kSite, kStack);
  });
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].parent == 0);
  CHECK_FALSE(calls[0].trace == calls[1].trace);
}

TEST_CASE("a scope that was left without a word is gone at the next event above it", "[scope]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    REQUIRE(span::enter_scope(context_scope(), kStack - 500));
    span::enter(2, kSite, kStack - 50);
    span::exit(2, kSite, kStack - 50);
    CHECK_FALSE(leave());
    span::exit(1, kSite, kStack);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 1});
  CHECK(calls[0].parent == calls[1].id);
}

TEST_CASE("a scope at the stack address of an event is alive", "[scope]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    REQUIRE(span::enter_scope(context_scope(), kStack - 100));
    span::enter(2, kSite, kStack - 100);
    span::exit(2, kSite, kStack - 100);
    CHECK(leave());
    span::exit(1, kSite, kStack);
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 1});
  CHECK(calls[0].parent == kElsewhere.span);
}

TEST_CASE("a function that returns out of its own scope is closed, and the scope with it", "[scope]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    REQUIRE(span::enter_scope(context_scope(), kStack));
    span::enter(2, kSite, kStack - 100);
    span::exit(1, kSite, kStack);
    CHECK(span::current_context(kStack - 10).empty());
    CHECK_FALSE(leave());
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{2, 1});
  CHECK(calls[1].end_kind == EndKind::kReturned);
}

TEST_CASE("leaving an outer scope leaves the inner ones and ends their calls", "[scope]") {
  const auto calls = on_new_thread([] {
    REQUIRE(span::enter_scope(context_scope(1), kStack));
    REQUIRE(span::enter_scope(context_scope(2), kStack - 100));
    span::enter(1, kSite, kStack - 200);
    CHECK(span::leave_scope(ScopeKind::kContext, 1, EndKind::kDestroyed));
    CHECK_FALSE(leave(2));
    CHECK(span::current_context(kStack).empty());
  });
  REQUIRE(functions_of(calls) == std::vector<std::uint32_t>{1});
  CHECK(calls[0].end_kind == EndKind::kDestroyed);
}

TEST_CASE("a scope of a handler that interrupts a call in opening leaves its slot alone", "[scope]") {
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    const auto* const claimed = span::thread_state.stack.top++;  // and not filled
    REQUIRE(span::enter_scope(context_scope(), kStack - 300));
    CHECK(span::thread_state.stack.top - 1 > claimed);
    span::enter(2, kSite, kStack - 400);
    span::exit(2, kSite, kStack - 400);
    CHECK(leave());
    CHECK(claimed->word.load() == 0);
  });
  REQUIRE_FALSE(calls.empty());
  CHECK(calls[0].parent == kElsewhere.span);
}

TEST_CASE("scopes and calls cross the ends of segments", "[scope]") {
  constexpr std::uint32_t kDepth = journal::kFramesPerBlock * 3;
  const auto calls = on_new_thread([] {
    for (std::uint32_t depth = 0; depth < kDepth; ++depth) {
      if (depth % 2 == 0) {
        REQUIRE(span::enter_scope(context_scope(depth + 1), kStack - depth * 64));
      } else {
        span::enter(1, kSite, kStack - depth * 64);
      }
    }
    for (std::uint32_t depth = kDepth; depth-- > 0;) {
      if (depth % 2 == 0) {
        REQUIRE(leave(depth + 1));
      } else {
        span::exit(1, kSite, kStack - depth * 64);
      }
    }
    CHECK_FALSE(llmo::test::has_open_calls());
  });
  REQUIRE(calls.size() == kDepth / 2);
  for (const Closed& call : calls) {
    REQUIRE(call.parent == kElsewhere.span);
    REQUIRE(call.end_kind == EndKind::kReturned);
  }
}

TEST_CASE("a thread that is started in a scope inherits its context while the span is open", "[scope]") {
  journal::Frame home{};
  home.span_id = kElsewhere.span;
  home.word = journal::make_word(sizeof home, journal::RecordKind::kOpenFrame, journal::kFlagSampled);
  on_new_thread([&] {
    span::Scope scope = context_scope();
    scope.home = &home;
    REQUIRE(span::enter_scope(scope, kStack));
    const span::Inheritance position = span::current_position(kStack - 10);
    CHECK(position.context == kElsewhere);
    CHECK(position.starter == &home);
    CHECK(position.starter_is_open());
    home.word = 0;
    CHECK_FALSE(position.starter_is_open());
    CHECK(leave());
  });
}
