// Arguments of a message, read and written, and what is said of them on a span.
#include "shim/messaging/kafka_arguments.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "shim/messaging/kafka_clients.h"
#include "shim/messaging/kafka_facts.h"

namespace llmo::messaging::kafka {
namespace {

auto* const kTopicHandle = reinterpret_cast<Topic*>(0x1000);
auto* const kList = reinterpret_cast<Headers*>(0x2000);

std::optional<Arguments> read(int marker, ...) {
  va_list list;
  va_start(list, marker);
  std::optional<Arguments> arguments = Arguments::read(list);
  va_end(list);
  return arguments;
}

int number_of(ArgumentType type) { return static_cast<int>(type); }

const int kEnd = number_of(ArgumentType::kEnd);
const int kName = number_of(ArgumentType::kTopicName);
const int kHandle = number_of(ArgumentType::kTopic);
const int kPartition = number_of(ArgumentType::kPartition);
const int kValue = number_of(ArgumentType::kValue);
const int kKey = number_of(ArgumentType::kKey);
const int kOpaque = number_of(ArgumentType::kOpaque);
const int kFlags = number_of(ArgumentType::kFlags);
const int kTimestamp = number_of(ArgumentType::kTimestamp);
const int kHeader = number_of(ArgumentType::kHeader);
const int kHeaders = number_of(ArgumentType::kHeaders);

TEST_CASE("variable arguments of every type are read as they were passed", "[messaging][kafka]") {
  char value[] = "value";
  const auto arguments =
      read(0, kHandle, kTopicHandle, kPartition, std::int32_t{-7}, kValue, value, std::size_t{5}, kKey, "key",
           std::size_t{3}, kOpaque, value, kFlags, 2, kTimestamp, std::int64_t{1} << 40, kHeader, "a", "1",
           ssize_t{1}, kHeader, "b", "22", ssize_t{-1}, kEnd);
  REQUIRE(arguments);
  CHECK(arguments->topic() == kTopicHandle);
  const OutgoingMessage message = arguments->message();
  CHECK(message.partition == -7);
  CHECK(message.value == value);
  CHECK(message.value_size == 5);
  CHECK(message.key == "key");
  REQUIRE(arguments->single_headers().size() == 2);
  CHECK(arguments->single_headers()[0].header.name == std::string("a"));
  CHECK(arguments->single_headers()[1].header.size == -1);
  CHECK(arguments->headers() == nullptr);
  std::optional<Arguments> changed = arguments;
  const auto list = changed->list_with(nullptr);
  REQUIRE(list.size() == 7);
  CHECK(list[4].pointer == value);
  CHECK(list[5].number == 2);
  CHECK(list[6].timestamp == std::int64_t{1} << 40);
}

TEST_CASE("a list of headers takes the place of the one before", "[messaging][kafka]") {
  auto arguments = read(0, kName, "docs", kHeaders, kList, kValue, nullptr, std::size_t{9}, kEnd);
  REQUIRE(arguments);
  CHECK(arguments->headers() == kList);
  CHECK(arguments->message().topic == "docs");
  CHECK(arguments->message().value_size == 0);
  auto* const other = reinterpret_cast<Headers*>(0x3000);
  CHECK(arguments->list_with(other).size() == 3);
  CHECK(arguments->list_with(kList).back().headers == kList);
  CHECK(arguments->list_with(kList).size() == 3);
  CHECK(arguments->list_with(nullptr).size() == 2);
}

TEST_CASE("arguments that librdkafka refuses are left to it", "[messaging][kafka]") {
  CHECK_FALSE(read(0, kEnd));
  CHECK_FALSE(read(0, kPartition, 1, kEnd));
  CHECK_FALSE(read(0, kName, nullptr, kEnd));
  CHECK_FALSE(read(0, kName, "docs", 99, 1, kEnd));
  CHECK_FALSE(read(0, kName, "docs", -1, 1, kEnd));
  CHECK_FALSE(read(0, kName, "docs", kHandle, kTopicHandle, kEnd));
  CHECK_FALSE(read(0, kName, "docs", kHeaders, kList, kHeaders, kList, kEnd));
  CHECK_FALSE(read(0, kName, "docs", kHeader, "a", "1", ssize_t{1}, kHeaders, kList, kEnd));
  CHECK_FALSE(read(0, kName, "docs", kHeaders, kList, kHeader, "a", "1", ssize_t{1}, kEnd));
  CHECK_FALSE(read(0, kName, "docs", kHeader, nullptr, "1", ssize_t{1}, kEnd));
  CHECK_FALSE(Arguments::read(std::span<const Argument>()));
}

TEST_CASE("only short text is recorded as a message's key", "[messaging][kafka]") {
  CHECK(is_plain_text("user-7"));
  CHECK(is_plain_text("gr\u00fc\u00dfe \u20ac \U0001f600"));
  CHECK(is_plain_text(std::string(kMaxKeySize, 'k')));
  CHECK_FALSE(is_plain_text(std::string(kMaxKeySize + 1, 'k')));
  CHECK_FALSE(is_plain_text(""));
  for (const char* const bytes :
       {"a\x01", "a\x7f", "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xe2\x28\xa1", "ok\xff"}) {
    INFO(bytes);
    CHECK_FALSE(is_plain_text(bytes));
  }
  CHECK_FALSE(is_plain_text(std::string_view("a\0b", 3)));
}

TEST_CASE("a topic's client is known until the last of its handles, or the client, has gone",
          "[messaging][kafka]") {
  auto* const client = reinterpret_cast<Client*>(0x10000);
  note_topic(kTopicHandle, client);
  CHECK(client_of(kTopicHandle) == nullptr);  // nobody has seen that client made
  note_client(client, 0, Api{});
  CHECK(client_of(kTopicHandle) == client);
  CHECK(group_of(client).empty());
  note_topic(kTopicHandle, client);
  forget_topic(kTopicHandle);
  CHECK(client_of(kTopicHandle) == client);
  forget_client(client);
  CHECK(client_of(kTopicHandle) == nullptr);
  note_client(client, 0, Api{});
  forget_topic(kTopicHandle);
  CHECK(client_of(kTopicHandle) == nullptr);
  forget_topic(kTopicHandle);
  forget_client(client);
}

}  // namespace
}  // namespace llmo::messaging::kafka
