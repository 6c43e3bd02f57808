// The tables of handles and multis, and the queue of messages.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "shim/http/handle_table.h"
#include "shim/http/multi_table.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

CURL* address(std::uintptr_t number) { return reinterpret_cast<CURL*>(number * 64); }

std::unique_ptr<Handle> handle_for(CURL* curl) { return std::make_unique<Handle>(curl, nullptr); }

TEST_CASE("a handle is found until it is taken out", "[http][handle_table]") {
  HandleTable table;
  CHECK(table.find(address(1)) == nullptr);
  table.insert(handle_for(address(1)));
  REQUIRE(table.find(address(1)) != nullptr);
  CHECK(table.find(address(1))->curl == address(1));
  CHECK(table.find(address(2)) == nullptr);
  CHECK(table.take(address(1)) != nullptr);
  CHECK(table.find(address(1)) == nullptr);
  CHECK(table.take(address(1)) == nullptr);
}

TEST_CASE("many more handles than buckets are all found", "[http][handle_table]") {
  constexpr std::uintptr_t kHandles = 10'000;
  HandleTable table;
  for (std::uintptr_t i = 1; i <= kHandles; ++i) table.insert(handle_for(address(i)));
  for (std::uintptr_t i = 1; i <= kHandles; i += 2) CHECK(table.take(address(i)) != nullptr);
  for (std::uintptr_t i = 1; i <= kHandles; ++i) {
    const bool kept = i % 2 == 0;
    REQUIRE((table.find(address(i)) != nullptr) == kept);
    if (kept) table.take(address(i));
  }
}

TEST_CASE("a handle at the address of one that went unseen takes its place", "[http][handle_table]") {
  HandleTable table;
  table.insert(handle_for(address(1)));
  curl_slist list{};
  table.find(address(1))->options.headers = &list;
  const std::unique_ptr<Handle> stale = table.insert(handle_for(address(1)));
  REQUIRE(stale != nullptr);
  CHECK(stale->options.headers == &list);
  CHECK(table.find(address(1))->options.headers == nullptr);
  table.take(address(1));
  CHECK(table.find(address(1)) == nullptr);
}

CURLMsg message_of(CURL* curl) {
  CURLMsg message{};
  message.easy_handle = curl;
  return message;
}

TEST_CASE("messages come out in the order in which they went in", "[http][multi_table]") {
  MessageQueue queue;
  CHECK(queue.pop() == nullptr);
  CURLMsg messages[3] = {message_of(address(1)), message_of(address(2)), message_of(address(3))};
  for (int round = 0; round < 3; ++round) {
    for (CURLMsg& message : messages) {
      REQUIRE(queue.reserve());
      REQUIRE(queue.reserve());  // asking twice makes room for one all the same
      queue.push(&message);
    }
    CHECK(queue.size() == 3);
    for (CURLMsg& message : messages) CHECK(queue.pop() == &message);
    CHECK(queue.pop() == nullptr);
    CHECK(queue.size() == 0);
  }
}

TEST_CASE("a message is erased wherever it stands, and others can follow", "[http][multi_table]") {
  CURLMsg messages[3] = {message_of(address(1)), message_of(address(2)), message_of(address(3))};
  for (std::size_t out = 0; out < 3; ++out) {
    CAPTURE(out);
    MessageQueue queue;
    for (CURLMsg& message : messages) {
      REQUIRE(queue.reserve());
      queue.push(&message);
    }
    queue.erase(messages[out].easy_handle);
    queue.erase(messages[out].easy_handle);
    queue.erase(address(9));
    REQUIRE(queue.reserve());
    queue.push(&messages[out]);
    CHECK(queue.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      if (i != out) CHECK(queue.pop() == &messages[i]);
    }
    CHECK(queue.pop() == &messages[out]);
    CHECK(queue.pop() == nullptr);
  }
}

TEST_CASE("handles and multis may go in any order", "[http][multi_table]") {
  auto first = handle_for(address(1));
  auto second = handle_for(address(2));
  auto multi = std::make_unique<Multi>(address(9), nullptr);
  CHECK_FALSE(multi->has_handles());
  first->multi = second->multi = multi.get();
  first->link_last(multi->added);
  second->link_last(multi->added);
  CHECK(multi->added.next == first.get());
  first->link_last(multi->driven);
  CHECK(multi->added.next == second.get());
  first.reset();
  CHECK(multi->driven.alone());
  CHECK(multi->has_handles());
  multi.reset();
  CHECK(second->multi == nullptr);
  CHECK(second->alone());
}

}  // namespace
}  // namespace llmo::http
