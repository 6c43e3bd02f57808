// Which call is linked to the senders of the messages that its thread has got.
#include "shim/messaging/received_messages.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "shim/span/fibers.h"
#include "shim/span/scope.h"
#include "tests/unit/span_stack_calls.h"

namespace journal = llmo::journal;
namespace span = llmo::span;
using llmo::messaging::ReceivedMessages;
using llmo::test::Closed;
using llmo::test::kSite;
using llmo::test::kStack;
using llmo::test::on_new_thread;

namespace {

constexpr std::string_view kSender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

void receive(std::string_view traceparent = kSender) {
  ReceivedMessages received(kStack - 500);
  received.add({traceparent, {}}, {});
  journal::SpanDraft facts;
  facts.set_name("poll topic");
  received.publish(facts);
}

void call(
    std::uint32_t function, span::Address stack_address, const std::function<void()>& body = [] {}) {
  span::enter(function, kSite, stack_address);
  body();
  span::exit(function, kSite, stack_address);
}

bool is_linked(const Closed& closed) { return !closed.attributes.empty(); }

std::vector<std::uint32_t> linked_of(const std::vector<Closed>& calls) {
  std::vector<std::uint32_t> linked;
  for (const Closed& closed : calls) {
    if (is_linked(closed)) linked.push_back(closed.function);
  }
  return linked;
}

using Functions = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("the first call after a message is linked to its sender, and no other", "[messaging]") {
  const auto calls = on_new_thread([] {
    call(1, kStack, [] {
      receive();
      call(2, kStack - 100, [] { call(3, kStack - 200); });
      call(4, kStack - 100);
    });
  });
  CHECK(linked_of(calls) == Functions{2});
}

TEST_CASE("a message that a traced function fetches is handled by the call after it", "[messaging]") {
  const auto calls = on_new_thread([] {
    call(1, kStack, [] {
      call(2, kStack - 100, [] { call(3, kStack - 200, [] { receive(); }); });
      call(4, kStack - 100);
    });
  });
  CHECK(linked_of(calls) == Functions{4});
}

TEST_CASE("a thread without a stack yet gives the link to its first call", "[messaging]") {
  CHECK(linked_of(on_new_thread([] {
          receive();
          call(1, kStack);
          call(2, kStack);
        })) == Functions{1});
}

TEST_CASE("a thread that asks for another message has done with the last one", "[messaging]") {
  const auto calls = on_new_thread([] {
    call(1, kStack, [] {
      receive();
      { const ReceivedMessages none(kStack - 500); }
      call(2, kStack - 100);
      receive("nonsense");
      call(3, kStack - 100);
    });
  });
  CHECK(linked_of(calls).empty());
}

TEST_CASE("a message that a fiber gets is handled on its stack, wherever the thread goes meanwhile",
          "[messaging][fiber]") {
  static constexpr span::StackArea kMemory{0x70'0000'0000, 0x70'0001'0000};
  constexpr span::Address kInFiber = kMemory.high - 1000;
  const auto calls = llmo::test::on_own_stack([](span::Address own) {
    span::note_fiber(kMemory, nullptr, own);
    span::note_switch(kMemory.high - 64, own);
    receive();
    span::note_switch(own - 10, kInFiber);
    call(1, own - 100);
    { const ReceivedMessages none(own - 100); }
    span::note_switch(kInFiber, own);
    call(2, kInFiber);
    call(3, kInFiber);
    receive();
    span::note_fiber_end(kInFiber);
  });
  CHECK(linked_of(calls) == Functions{2});
}

TEST_CASE("what is no span leaves the link to the next call", "[messaging]") {
  const auto calls = on_new_thread([] {
    call(1, kStack, [] {
      receive();
      const span::Scope scope{span::ScopeKind::kContext, 77, {{1, 2}, 3, journal::kFlagSampled}, nullptr};
      REQUIRE(span::enter_scope(scope, kStack - 100));
      call(2, kStack - 200);
      span::leave_scope(span::ScopeKind::kContext, 77, journal::EndKind::kUnwound);
      receive();
      span::enter_muted(5, kSite, kStack - 100, journal::LeftOutReason::kThrottled);
      call(3, kStack - 200);
      span::exit(5, kSite, kStack - 100);
    });
  });
  CHECK(linked_of(calls) == Functions{2, 3});
}

TEST_CASE("links of a whole batch go to one call", "[messaging]") {
  const auto calls = on_new_thread([] {
    ReceivedMessages received(kStack - 500);
    for (int message = 0; message < 3; ++message) received.add({kSender, "vendor=1"}, {});
    CHECK(received.count() == 3);
    journal::SpanDraft facts;
    facts.set_name("poll topic");
    received.publish(facts);
    call(1, kStack);
  });
  REQUIRE(calls.size() == 1);
  std::size_t links = 0;
  for (std::size_t at = 0; (at = calls[0].attributes.find("vendor=1", at)) != std::string::npos; ++at)
    ++links;
  CHECK(links == 3);
}
