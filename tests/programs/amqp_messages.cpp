// Sends messages by RabbitMQ and gets them: amqp_messages PORT STEP…, each step on a connection of its own.
//
// link: -lrabbitmq
// variants: gcc-O2
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "program.h"

constexpr amqp_channel_t kChannel = 1;
int port = 0;

PLAIN amqp_bytes_t bytes(const char* text) { return amqp_cstring_bytes(text); }

PLAIN void check(amqp_connection_state_t connection, const char* what) {
  if (amqp_get_rpc_reply(connection).reply_type == AMQP_RESPONSE_NORMAL) return;
  std::printf("%s failed\n", what);
  std::exit(1);
}

PLAIN amqp_connection_state_t connect() {
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t* const socket = amqp_tcp_socket_new(connection);
  if (amqp_socket_open(socket, "LocalHost", port) != AMQP_STATUS_OK) std::exit(2);
  amqp_login(connection, "/", 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  amqp_channel_open(connection, kChannel);
  check(connection, "open");
  return connection;
}

PLAIN void disconnect(amqp_connection_state_t connection) {
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
}

PLAIN void declare(amqp_connection_state_t connection) {
  amqp_exchange_declare(connection, kChannel, bytes("orders"), bytes("topic"), 0, 0, 0, 0, amqp_empty_table);
  amqp_queue_declare(connection, kChannel, bytes("billing"), 0, 0, 0, 0, amqp_empty_table);
  amqp_queue_bind(connection, kChannel, bytes("billing"), bytes("orders"), bytes("order.#"),
                  amqp_empty_table);
  check(connection, "declare");
}

PLAIN amqp_table_entry_t entry(const char* key, amqp_field_value_kind_t kind) {
  amqp_table_entry_t made{};
  made.key = bytes(key);
  made.value.kind = static_cast<std::uint8_t>(kind);
  return made;
}

PLAIN amqp_table_entry_t text(const char* key, const char* value,
                              amqp_field_value_kind_t kind = AMQP_FIELD_KIND_UTF8) {
  amqp_table_entry_t made = entry(key, kind);
  made.value.value.bytes = bytes(value);
  return made;
}

PLAIN amqp_table_t table(std::vector<amqp_table_entry_t>& entries) {
  return {static_cast<int>(entries.size()), entries.data()};
}

PLAIN amqp_basic_properties_t with_headers(std::vector<amqp_table_entry_t>& entries) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_HEADERS_FLAG;
  properties.headers = table(entries);
  return properties;
}

PLAIN int send(amqp_connection_state_t connection, const char* exchange, const char* key, const char* body,
               const amqp_basic_properties_t* properties) {
  return amqp_basic_publish(connection, kChannel, bytes(exchange), bytes(key), 0, 0, properties, bytes(body));
}

PLAIN void print_value(const amqp_field_value_t& value) {
  if (value.kind == AMQP_FIELD_KIND_UTF8 || value.kind == AMQP_FIELD_KIND_BYTES) {
    const std::string text(static_cast<const char*>(value.value.bytes.bytes), value.value.bytes.len);
    std::printf("%s", text.size() < 200 ? text.c_str() : "(long)");
  } else {
    std::printf("(%c)", value.kind);
  }
}

PLAIN void print(const amqp_message_t& message) {
  std::printf("%.*s:", static_cast<int>(message.body.len), static_cast<const char*>(message.body.bytes));
  const bool has_headers = (message.properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0;
  const amqp_table_t headers = has_headers ? message.properties.headers : amqp_empty_table;
  for (int i = 0; i < headers.num_entries && headers.num_entries < 20; ++i) {
    const amqp_table_entry_t& header = headers.entries[i];
    std::printf(" %.*s=", static_cast<int>(header.key.len), static_cast<const char*>(header.key.bytes));
    print_value(header.value);
  }
  if (headers.num_entries >= 20) std::printf(" (%d headers)", headers.num_entries);
  std::printf("\n");
}

// --- sending

constexpr const char* kCarried = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// The program finds its own properties as it left them.
NOINLINE void order_workflow(amqp_connection_state_t connection) {
  std::vector<amqp_table_entry_t> headers{text("lang", "cpp"), entry("tries", AMQP_FIELD_KIND_I32)};
  amqp_basic_properties_t properties = with_headers(headers);
  properties._flags |= AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG;
  properties.message_id = bytes("m-1");
  properties.correlation_id = bytes("c-1");
  const amqp_basic_properties_t before = properties;
  send(connection, "orders", "order.new", "with headers", &properties);
  if (std::memcmp(&before, &properties, sizeof before) != 0 || headers.size() != 2)
    std::printf("properties were changed\n");
  send(connection, "orders", "order.new", "without properties", nullptr);
  std::vector<amqp_table_entry_t> own{text("a", "1"), text("traceparent", kCarried, AMQP_FIELD_KIND_BYTES)};
  properties = with_headers(own);
  send(connection, "", "billing", "carries its own", &properties);
}

PLAIN void publish_by(void (*workflow)(amqp_connection_state_t)) {
  const amqp_connection_state_t connection = connect();
  declare(connection);
  workflow(connection);
  disconnect(connection);
}

PLAIN void publish() { publish_by(order_workflow); }

// What no sender should send, and what still has to arrive.
NOINLINE void odd_workflow(amqp_connection_state_t connection) {
  std::vector<amqp_table_entry_t> number{entry("traceparent", AMQP_FIELD_KIND_I64)};
  amqp_basic_properties_t properties = with_headers(number);
  send(connection, "", "billing", "number", &properties);

  std::vector<amqp_table_entry_t> broken{text("traceparent", "00-\xff\xfe"), text("Traceparent", kCarried)};
  properties = with_headers(broken);
  send(connection, "", "billing", "broken", &properties);

  const std::string long_text(100'000, 'x');
  std::vector<amqp_table_entry_t> many;
  for (int i = 0; i < 3000; ++i) many.push_back(text("k", "v"));
  properties = with_headers(many);
  send(connection, "", "billing", "many", &properties);
  std::vector<amqp_table_entry_t> large{text("text", long_text.c_str())};
  properties = with_headers(large);
  send(connection, "", "billing", "large", &properties);

  std::vector<std::vector<amqp_table_entry_t>> levels(10, {text("leaf", "1")});
  for (std::size_t i = 1; i < levels.size(); ++i) {
    levels[i].push_back(entry("below", AMQP_FIELD_KIND_TABLE));
    levels[i].back().value.value.table = table(levels[i - 1]);
  }
  properties = with_headers(levels.back());
  properties._flags |= AMQP_BASIC_CONTENT_TYPE_FLAG;
  properties.content_type = bytes("text/plain");
  send(connection, "", "billing", "nested", &properties);
}

PLAIN void publish_odd() { publish_by(odd_workflow); }

NOINLINE void reply_workflow(amqp_connection_state_t connection) {
  const amqp_queue_declare_ok_t* const queue =
      amqp_queue_declare(connection, kChannel, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
  const std::string name(static_cast<const char*>(queue->queue.bytes), queue->queue.len);
  send(connection, "", name.c_str(), "reply", nullptr);
  ::shutdown(amqp_get_sockfd(connection), SHUT_RDWR);
  std::printf("%s\n", amqp_error_string2(send(connection, "orders", "order.lost", "lost", nullptr)));
}

PLAIN void publish_and_fail() {
  const amqp_connection_state_t connection = connect();
  reply_workflow(connection);
  amqp_destroy_connection(connection);
}

// A task for Celery (message protocol 2), whose worker listens to the queue `celery`.
NOINLINE void task_workflow(amqp_connection_state_t connection) {
  std::vector<amqp_table_entry_t> headers{text("lang", "py"), text("task", "jobs.note"), text("id", "job-1"),
                                          text("root_id", "job-1")};
  amqp_basic_properties_t properties = with_headers(headers);
  properties._flags |=
      AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG;
  properties.content_type = bytes("application/json");
  properties.content_encoding = bytes("utf-8");
  properties.correlation_id = bytes("job-1");
  send(connection, "", "celery", R"([[20, 22], {}, {}])", &properties);
}

PLAIN void publish_task() {
  const amqp_connection_state_t connection = connect();
  amqp_queue_declare(connection, kChannel, bytes("celery"), 0, 1, 0, 0, amqp_empty_table);
  check(connection, "declare");
  task_workflow(connection);
  disconnect(connection);
}

// --- getting

NOINLINE void handle_workflow(const amqp_message_t& message) { print(message); }
NOINLINE void tidy_workflow() {}

// Until none comes for a moment.
PLAIN void consume() {
  const amqp_connection_state_t connection = connect();
  declare(connection);
  amqp_basic_consume(connection, kChannel, bytes("billing"), amqp_empty_bytes, 0, 1, 0, amqp_empty_table);
  check(connection, "consume");
  for (;;) {
    amqp_maybe_release_buffers(connection);
    amqp_envelope_t envelope;
    const timeval timeout{0, 200'000};
    const amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, &timeout, 0);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
      std::printf("%s\n", amqp_error_string2(reply.library_error));
      break;
    }
    handle_workflow(envelope.message);
    amqp_destroy_envelope(&envelope);
  }
  tidy_workflow();
  disconnect(connection);
}

PLAIN bool get_one(amqp_connection_state_t connection) {
  amqp_maybe_release_buffers(connection);
  const amqp_rpc_reply_t reply = amqp_basic_get(connection, kChannel, bytes("billing"), 1);
  if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD) return false;
  amqp_message_t message;
  amqp_read_message(connection, kChannel, &message, 0);
  handle_workflow(message);
  amqp_destroy_message(&message);
  return true;
}

PLAIN void get() {
  const amqp_connection_state_t connection = connect();
  declare(connection);
  while (get_one(connection)) {
  }
  tidy_workflow();
  disconnect(connection);
}

// Until none comes for a moment; bodies are short enough to come in one frame.
PLAIN void read_frames() {
  const amqp_connection_state_t connection = connect();
  declare(connection);
  amqp_basic_consume(connection, kChannel, bytes("billing"), amqp_empty_bytes, 0, 1, 0, amqp_empty_table);
  check(connection, "consume");
  amqp_frame_t frame;
  amqp_message_t message{};
  const timeval timeout{0, 200'000};
  while (amqp_simple_wait_frame_noblock(connection, &frame, &timeout) == AMQP_STATUS_OK) {
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD)
      continue;
    amqp_simple_wait_frame(connection, &frame);
    message.properties = *static_cast<amqp_basic_properties_t*>(frame.payload.properties.decoded);
    amqp_simple_wait_frame(connection, &frame);
    message.body = frame.payload.body_fragment;
    handle_workflow(message);
  }
  tidy_workflow();
  disconnect(connection);
}

// A message that no queue takes comes back: nobody has sent it to this program.
PLAIN void read_returned() {
  const amqp_connection_state_t connection = connect();
  declare(connection);
  amqp_basic_publish(connection, kChannel, bytes("orders"), bytes("nowhere"), 1, 0, nullptr,
                     bytes("returned"));
  amqp_frame_t frame;
  amqp_simple_wait_frame(connection, &frame);
  amqp_message_t message;
  amqp_read_message(connection, kChannel, &message, 0);
  print(message);
  tidy_workflow();
  amqp_destroy_message(&message);
  disconnect(connection);
}

int main(int count, char** words) {
  const std::map<std::string, void (*)()> steps{
      {"publish", publish}, {"odd", publish_odd}, {"fail", publish_and_fail}, {"task", publish_task},
      {"consume", consume}, {"get", get},         {"frames", read_frames},    {"returned", read_returned}};
  port = std::atoi(words[1]);
  for (int i = 2; i < count; ++i) steps.at(words[i])();
}
