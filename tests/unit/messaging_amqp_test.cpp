// Messages of RabbitMQ: names, header tables, and what is remembered of connections.
#include <amqp.h>
#include <amqp_framing.h>
#include <dlfcn.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "shim/messaging/amqp_connections.h"
#include "shim/messaging/amqp_headers.h"
#include "shim/messaging/amqp_library.h"
#include "shim/messaging/amqp_names.h"
#include "shim/messaging/amqp_types.h"

namespace {

using namespace llmo::messaging::amqp;

// --- our declarations against the library's own header

#define LLMO_SAME_PLACE(ours, ours_member, theirs, their_member)                 \
  static_assert(offsetof(ours, ours_member) == offsetof(theirs, their_member) && \
                sizeof(ours::ours_member) == sizeof(theirs::their_member))

static_assert(sizeof(Channel) == sizeof(amqp_channel_t) && sizeof(Boolean) == sizeof(amqp_boolean_t));
static_assert(sizeof(Bytes) == sizeof(amqp_bytes_t));
LLMO_SAME_PLACE(Bytes, size, amqp_bytes_t, len);
LLMO_SAME_PLACE(Bytes, bytes, amqp_bytes_t, bytes);
static_assert(sizeof(Table) == sizeof(amqp_table_t));
LLMO_SAME_PLACE(Table, count, amqp_table_t, num_entries);
LLMO_SAME_PLACE(Table, entries, amqp_table_t, entries);
static_assert(sizeof(Array) == sizeof(amqp_array_t));
LLMO_SAME_PLACE(Array, count, amqp_array_t, num_entries);
LLMO_SAME_PLACE(Array, entries, amqp_array_t, entries);
static_assert(sizeof(FieldValue) == sizeof(amqp_field_value_t));
LLMO_SAME_PLACE(FieldValue, kind, amqp_field_value_t, kind);
LLMO_SAME_PLACE(FieldValue, value, amqp_field_value_t, value);
static_assert(sizeof(TableEntry) == sizeof(amqp_table_entry_t));
LLMO_SAME_PLACE(TableEntry, key, amqp_table_entry_t, key);
LLMO_SAME_PLACE(TableEntry, value, amqp_table_entry_t, value);
static_assert(sizeof(Properties) == sizeof(amqp_basic_properties_t));
LLMO_SAME_PLACE(Properties, flags, amqp_basic_properties_t, _flags);
LLMO_SAME_PLACE(Properties, content_type, amqp_basic_properties_t, content_type);
LLMO_SAME_PLACE(Properties, content_encoding, amqp_basic_properties_t, content_encoding);
LLMO_SAME_PLACE(Properties, headers, amqp_basic_properties_t, headers);
LLMO_SAME_PLACE(Properties, delivery_mode, amqp_basic_properties_t, delivery_mode);
LLMO_SAME_PLACE(Properties, priority, amqp_basic_properties_t, priority);
LLMO_SAME_PLACE(Properties, correlation_id, amqp_basic_properties_t, correlation_id);
LLMO_SAME_PLACE(Properties, reply_to, amqp_basic_properties_t, reply_to);
LLMO_SAME_PLACE(Properties, expiration, amqp_basic_properties_t, expiration);
LLMO_SAME_PLACE(Properties, message_id, amqp_basic_properties_t, message_id);
LLMO_SAME_PLACE(Properties, timestamp, amqp_basic_properties_t, timestamp);
LLMO_SAME_PLACE(Properties, type, amqp_basic_properties_t, type);
LLMO_SAME_PLACE(Properties, user_id, amqp_basic_properties_t, user_id);
LLMO_SAME_PLACE(Properties, app_id, amqp_basic_properties_t, app_id);
LLMO_SAME_PLACE(Properties, cluster_id, amqp_basic_properties_t, cluster_id);
static_assert(sizeof(Message) == sizeof(amqp_message_t));
LLMO_SAME_PLACE(Message, properties, amqp_message_t, properties);
LLMO_SAME_PLACE(Message, body, amqp_message_t, body);
LLMO_SAME_PLACE(Message, pool, amqp_message_t, pool);
static_assert(sizeof(Envelope) == sizeof(amqp_envelope_t));
LLMO_SAME_PLACE(Envelope, channel, amqp_envelope_t, channel);
LLMO_SAME_PLACE(Envelope, consumer_tag, amqp_envelope_t, consumer_tag);
LLMO_SAME_PLACE(Envelope, delivery_tag, amqp_envelope_t, delivery_tag);
LLMO_SAME_PLACE(Envelope, exchange, amqp_envelope_t, exchange);
LLMO_SAME_PLACE(Envelope, routing_key, amqp_envelope_t, routing_key);
LLMO_SAME_PLACE(Envelope, message, amqp_envelope_t, message);
static_assert(sizeof(Reply) == sizeof(amqp_rpc_reply_t));
LLMO_SAME_PLACE(Reply, type, amqp_rpc_reply_t, reply_type);
LLMO_SAME_PLACE(Reply, method, amqp_rpc_reply_t, reply);
LLMO_SAME_PLACE(Reply, library_error, amqp_rpc_reply_t, library_error);
LLMO_SAME_PLACE(Method, id, amqp_method_t, id);
LLMO_SAME_PLACE(Method, decoded, amqp_method_t, decoded);
LLMO_SAME_PLACE(BasicGetOk, delivery_tag, amqp_basic_get_ok_t, delivery_tag);
LLMO_SAME_PLACE(BasicGetOk, exchange, amqp_basic_get_ok_t, exchange);
LLMO_SAME_PLACE(BasicGetOk, routing_key, amqp_basic_get_ok_t, routing_key);
LLMO_SAME_PLACE(BasicConsumeOk, consumer_tag, amqp_basic_consume_ok_t, consumer_tag);
LLMO_SAME_PLACE(BasicDeliver, consumer_tag, amqp_basic_deliver_t, consumer_tag);
LLMO_SAME_PLACE(BasicDeliver, delivery_tag, amqp_basic_deliver_t, delivery_tag);
LLMO_SAME_PLACE(BasicDeliver, exchange, amqp_basic_deliver_t, exchange);
LLMO_SAME_PLACE(BasicDeliver, routing_key, amqp_basic_deliver_t, routing_key);
static_assert(sizeof(Frame) == sizeof(amqp_frame_t) && kBasicClass == AMQP_BASIC_CLASS);
LLMO_SAME_PLACE(Frame, type, amqp_frame_t, frame_type);
LLMO_SAME_PLACE(Frame, channel, amqp_frame_t, channel);
LLMO_SAME_PLACE(Frame, payload, amqp_frame_t, payload);
using FrameHeader = decltype(amqp_frame_t::payload.properties);
LLMO_SAME_PLACE(ContentHeader, class_id, FrameHeader, class_id);
LLMO_SAME_PLACE(ContentHeader, body_size, FrameHeader, body_size);
LLMO_SAME_PLACE(ContentHeader, decoded, FrameHeader, decoded);
static_assert(kBasicDeliver == AMQP_BASIC_DELIVER_METHOD);
static_assert(static_cast<int>(FrameType::kMethod) == AMQP_FRAME_METHOD &&
              static_cast<int>(FrameType::kHeader) == AMQP_FRAME_HEADER);
static_assert(kBasicGetOk == AMQP_BASIC_GET_OK_METHOD);
static_assert(kStatusOk == AMQP_STATUS_OK && kStatusUnsupported == AMQP_STATUS_UNSUPPORTED);
static_assert(static_cast<int>(ReplyType::kNormal) == AMQP_RESPONSE_NORMAL &&
              static_cast<int>(ReplyType::kLibraryException) == AMQP_RESPONSE_LIBRARY_EXCEPTION);

// --- tables

TableEntry entry(std::string_view key, FieldKind kind) {
  TableEntry made{};
  made.key = bytes_of(key);
  made.value.kind = kind;
  return made;
}

TableEntry text(std::string_view key, std::string_view value, FieldKind kind = FieldKind::kText) {
  TableEntry made = entry(key, kind);
  made.value.value.bytes = bytes_of(value);
  return made;
}

Table table(std::vector<TableEntry>& entries) { return {static_cast<int>(entries.size()), entries.data()}; }

Properties with_headers(std::vector<TableEntry>& entries) {
  Properties properties{};
  properties.flags = kHeaders;
  properties.headers = table(entries);
  return properties;
}

// "key=value" of each header; "?" for what is no text.
std::string headers_in(const Properties& properties) {
  std::string all;
  for (int i = 0; properties.has(kHeaders) && i < properties.headers.count; ++i) {
    const TableEntry& header = properties.headers.entries[i];
    const bool is_text = header.value.kind == FieldKind::kText;
    all.append(text_of(header.key)).append("=");
    all.append(is_text ? text_of(header.value.value.bytes) : "?").append(" ");
  }
  return all;
}

constexpr const char* kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// What librabbitmq itself writes, or a negative number.
int size_in_library(const Properties& properties) {
  using Encode = int(std::uint16_t, void*, amqp_bytes_t);
  static auto* const library = ::dlopen("librabbitmq.so.4", RTLD_NOW);
  REQUIRE(library != nullptr);
  auto* const encode = reinterpret_cast<Encode*>(::dlsym(library, "amqp_encode_properties"));
  std::string room(1 << 17, '\0');
  Properties copy = properties;
  return encode(AMQP_BASIC_CLASS, &copy, {room.size(), room.data()});
}

}  // namespace

TEST_CASE("RabbitMQ destinations have the names that the conventions give them", "[messaging][amqp]") {
  CHECK(destination_name({"orders", "new", {}}).view() == "orders:new");
  CHECK(destination_name({"orders", {}, {}}).view() == "orders");
  CHECK(destination_name({{}, "jobs", {}}).view() == "jobs");
  CHECK(destination_name({{}, {}, {}}).view() == "amq.default");
  CHECK(destination_name({"orders", "new", "billing"}).view() == "orders:new:billing");
  CHECK(destination_name({{}, "jobs", "jobs"}).view() == "jobs");
  CHECK(destination_name({"orders", {}, "billing"}).view() == "orders:billing");
  const std::string part(255, 'x'), other(255, 'y'), third(255, 'z');
  CHECK(destination_name({part, other, third}).view() == part + ":" + other + ":" + third);
  CHECK(destination_name({std::string(5000, 'x'), "k", {}}).size() <= 767);
}

TEST_CASE("names that the server has made up are in no span's name", "[messaging][amqp]") {
  CHECK(span_name("publish", {{}, "jobs", {}}).view() == "publish jobs");
  CHECK(span_name("publish", {{}, {}, {}}).view() == "publish amq.default");
  CHECK(span_name("publish", {{}, "amq.gen-JzTY20", {}}).view() == "publish");
  CHECK(span_name("publish", {{}, "amq.rabbitmq.reply-to.g1h2", {}}).view() == "publish");
  CHECK(span_name("consume", {"orders", "new", "amq.gen-JzTY20"}).view() == "consume orders:new");
  CHECK(is_anonymous({"orders", "new", "amq.gen-JzTY20"}));
  CHECK_FALSE(is_anonymous({"amq.topic", "new", "billing"}));
}

TEST_CASE("a status has the name that the library's header gives it", "[messaging][amqp]") {
  CHECK(status_name(AMQP_STATUS_NO_MEMORY) == "AMQP_STATUS_NO_MEMORY");
  CHECK(status_name(AMQP_STATUS_TABLE_TOO_BIG) == "AMQP_STATUS_TABLE_TOO_BIG");
  CHECK(status_name(AMQP_STATUS_UNSUPPORTED) == "AMQP_STATUS_UNSUPPORTED");
  CHECK(status_name(AMQP_STATUS_TCP_ERROR) == "AMQP_STATUS_TCP_ERROR");
  CHECK(status_name(AMQP_STATUS_SSL_SET_ENGINE_FAILED) == "AMQP_STATUS_SSL_SET_ENGINE_FAILED");
  for (const int unknown : {1, -0x15, -0x102, -0x205, -0x300, INT_MIN, INT_MAX}) {
    CHECK(status_name(unknown) == "_OTHER");
  }
}

TEST_CASE("a message gives the context in its headers, whichever type of text they have",
          "[messaging][amqp]") {
  std::vector<TableEntry> headers{entry("a", FieldKind::kInt32),
                                  text("traceparent", kParent, FieldKind::kBytes), text("tracestate", "a=1"),
                                  text("traceparent", "second")};
  Properties properties = with_headers(headers);
  CHECK(carried_by(properties).traceparent == kParent);
  CHECK(carried_by(properties).tracestate == "a=1");
  properties.flags = 0;
  CHECK(carried_by(properties).traceparent.empty());
  CHECK_FALSE(has_header(properties, "traceparent"));

  std::vector<TableEntry> odd{entry("traceparent", FieldKind::kInt64), text("Traceparent", kParent)};
  odd[0].value.value.number = 7;
  properties = with_headers(odd);
  CHECK(carried_by(properties).traceparent.empty());
  CHECK(has_header(properties, "traceparent"));
  properties.headers = {-5, odd.data()};
  CHECK_FALSE(has_header(properties, "traceparent"));
  properties.headers = {5, nullptr};
  CHECK_FALSE(has_header(properties, "traceparent"));
  std::vector<TableEntry> none{text("traceparent", {})};
  properties = with_headers(none);
  CHECK(carried_by(properties).traceparent.empty());
}

TEST_CASE("a tagged message has its own headers first, and the program's properties are as they were",
          "[messaging][amqp]") {
  std::vector<TableEntry> headers{text("lang", "cpp"), entry("n", FieldKind::kInt32)};
  Properties properties = with_headers(headers);
  properties.flags |= kMessageId | kPriority;
  properties.message_id = bytes_of("m-1");
  properties.priority = 3;
  const Properties before = properties;
  const TaggedProperties tagged(&properties, kParent, "a=1");
  REQUIRE(tagged.is_tagged());
  CHECK(headers_in(*tagged.get()) == std::string("lang=cpp n=? traceparent=") + kParent + " tracestate=a=1 ");
  CHECK(tagged.get()->flags == before.flags);
  CHECK(text_of(tagged.get()->message_id) == "m-1");
  CHECK(tagged.get()->priority == 3);
  CHECK(std::memcmp(&before, &properties, sizeof before) == 0);
  CHECK(headers_in(properties) == "lang=cpp n=? ");
}

TEST_CASE("headers that are switched off by the flags stay off", "[messaging][amqp]") {
  std::vector<TableEntry> headers{text("secret", "1")};
  Properties properties = with_headers(headers);
  properties.flags = kPriority;
  const TaggedProperties tagged(&properties, kParent, {});
  CHECK(headers_in(*tagged.get()) == std::string("traceparent=") + kParent + " ");
  const TaggedProperties alone(nullptr, kParent, {});
  CHECK(headers_in(*alone.get()) == std::string("traceparent=") + kParent + " ");
  CHECK(alone.get()->flags == kHeaders);
}

TEST_CASE("what a message carries already is not added again", "[messaging][amqp]") {
  std::vector<TableEntry> headers{entry("traceparent", FieldKind::kInt64)};
  Properties properties = with_headers(headers);
  const TaggedProperties left(&properties, kParent, "a=1");
  CHECK_FALSE(left.is_tagged());
  CHECK(left.get() == &properties);

  std::vector<TableEntry> state{text("tracestate", "b=2")};
  properties = with_headers(state);
  const TaggedProperties tagged(&properties, kParent, "a=1");
  CHECK(headers_in(*tagged.get()) == std::string("tracestate=b=2 traceparent=") + kParent + " ");
}

TEST_CASE("a message that would not fit the smallest frame any more goes as it is", "[messaging][amqp]") {
  const std::size_t needed = 1 + 11 + 1 + 4 + 55;
  for (const std::size_t room : {needed - 1, needed, needed + 1}) {
    const std::string large(kMaxPropertiesSize - room - 2 - 4 - (1 + 1 + 1 + 4), 'x');
    std::vector<TableEntry> headers{text("k", large)};
    const Properties properties = with_headers(headers);
    CHECK(encoded_size(properties) == kMaxPropertiesSize - room);
    const TaggedProperties tagged(&properties, kParent, "a=1");
    // Counted as if the table were new, to be on the safe side.
    CHECK(tagged.is_tagged() == (room >= needed + 4));
  }
  std::vector<TableEntry> many(3000, text("k", "v"));
  const Properties properties = with_headers(many);
  CHECK(TaggedProperties(&properties, kParent, {}).get() == &properties);
  std::vector<TableEntry> some(300, text("k", "v"));
  const Properties fewer = with_headers(some);
  const TaggedProperties tagged(&fewer, kParent, std::string(1000, 's'));
  REQUIRE(tagged.is_tagged());
  CHECK(tagged.get()->headers.count == 302);
}

TEST_CASE("sizes are those that the library writes", "[messaging][amqp]") {
  std::vector<TableEntry> inner{text("leaf", "12"), entry("flag", FieldKind::kBoolean)};
  std::vector<FieldValue> list{text("", "one").value, entry("", FieldKind::kUint16).value};
  std::vector<TableEntry> headers;
  for (const char kind : std::string("tbBsuIilLfdDTV"))
    headers.push_back(entry("some key", static_cast<FieldKind>(kind)));
  headers.push_back(text("text", "value"));
  headers.push_back(text("bytes", "value", FieldKind::kBytes));
  headers.push_back(entry("table", FieldKind::kTable));
  headers.back().value.value.table = table(inner);
  headers.push_back(entry("array", FieldKind::kArray));
  headers.back().value.value.array = {static_cast<int>(list.size()), list.data()};
  Properties properties = with_headers(headers);
  CHECK(static_cast<int>(encoded_size(properties).value()) == size_in_library(properties));
  properties.flags = 0xfffc;
  properties.content_type = bytes_of("text/plain");
  properties.content_encoding = bytes_of("utf-8");
  properties.correlation_id = bytes_of("c");
  properties.reply_to = properties.expiration = properties.type = properties.app_id = bytes_of("abc");
  properties.message_id = bytes_of("m");
  CHECK(static_cast<int>(encoded_size(properties).value()) == size_in_library(properties));
  const TaggedProperties tagged(&properties, kParent, "a=1");
  REQUIRE(tagged.is_tagged());
  CHECK(static_cast<int>(encoded_size(*tagged.get()).value()) == size_in_library(*tagged.get()));
}

TEST_CASE("properties that the library would refuse, or that never end, have no size", "[messaging][amqp]") {
  std::vector<TableEntry> unknown{entry("k", static_cast<FieldKind>('?'))};
  CHECK_FALSE(encoded_size(with_headers(unknown)));
  std::vector<TableEntry> long_key{text(std::string(256, 'k'), "v")};
  CHECK_FALSE(encoded_size(with_headers(long_key)));
  std::vector<TableEntry> wild{text("k", {reinterpret_cast<const char*>(1), SIZE_MAX / 2})};
  CHECK_FALSE(encoded_size(with_headers(wild)));
  std::vector<TableEntry> within_itself{entry("k", FieldKind::kTable)};
  within_itself[0].value.value.table = table(within_itself);
  CHECK_FALSE(encoded_size(with_headers(within_itself)));
  FieldValue array{};
  array.kind = FieldKind::kArray;
  array.value.array = {1, &array};
  std::vector<TableEntry> arrays{{bytes_of("k"), array}};
  CHECK_FALSE(encoded_size(with_headers(arrays)));
  Properties flags{};
  flags.flags = 1U << 20;
  CHECK_FALSE(encoded_size(flags));
}

TEST_CASE("a connection is remembered until it goes", "[messaging][amqp]") {
  int objects[3] = {};
  const auto* const connection = reinterpret_cast<const Connection*>(&objects[0]);
  const auto* const other = reinterpret_cast<const Connection*>(&objects[1]);
  const auto* const socket = reinterpret_cast<const Socket*>(&objects[2]);
  note_server(socket, "Rabbit.Example", 5672);
  REQUIRE(server_of(socket) != nullptr);
  CHECK(server_of(socket)->host.view() == "rabbit.example");
  CHECK(server_of(socket)->port == 5672);
  note_server(socket, "other", 5673);
  CHECK(server_of(socket)->host.view() == "other");

  note_consumer(connection, 1, "tag", "jobs");
  note_consumer(connection, 1, "tag", "orders");
  CHECK(queue_of(connection, 1, "tag").view() == "orders");
  CHECK(queue_of(connection, 2, "tag").empty());
  CHECK(queue_of(other, 1, "tag").empty());
  for (int i = 0; i < 64; ++i) note_consumer(connection, 1, "tag" + std::to_string(i), "q");
  CHECK(queue_of(connection, 1, "tag63").view() == "q");
  CHECK(queue_of(connection, 1, "tag").empty());

  auto message = std::make_unique<Announced>();
  message->channel = 3;
  note_announced(connection, std::move(message));
  CHECK(take_announced(connection, 4) == nullptr);
  CHECK(take_announced(other, 3) == nullptr);
  CHECK(take_announced(connection, 3) != nullptr);
  CHECK(take_announced(connection, 3) == nullptr);
  note_announced(connection, std::make_unique<Announced>());
  note_announced(connection, nullptr);
  CHECK(take_announced(connection, 0) == nullptr);

  forget_connection(connection, socket);
  CHECK(queue_of(connection, 1, "tag1").empty());
  CHECK(server_of(socket) == nullptr);
  forget_connection(connection, nullptr);
}

TEST_CASE("a library is known by its soname", "[messaging][amqp]") {
  void* const library = ::dlopen("librabbitmq.so.4", RTLD_NOW);
  REQUIRE(library != nullptr);
  CHECK(is_known_library(::dlsym(library, "amqp_basic_publish")));
  CHECK_FALSE(is_known_library(reinterpret_cast<const void*>(&std::printf)));
  CHECK(is_known_library(::dlsym(library, "amqp_basic_get")));
  CHECK_FALSE(is_known_library(nullptr));
}
