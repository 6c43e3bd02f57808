// What a call of rd_kafka_producev() or rd_kafka_produceva() says of its message with the headers
// apart, so that others can be put in their place.
#pragma once

#include <cstdarg>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "shim/messaging/kafka_types.h"

namespace llmo::messaging::kafka {

// A message on its way out, as far as a span tells of it. Views of what the program passed.
struct OutgoingMessage {
  std::string_view topic;
  std::optional<std::int32_t> partition;
  const void* value = nullptr;
  std::size_t value_size = 0;
  std::optional<std::string_view> key;
};

// Nothing is copied but the list itself.
class Arguments {
 public:
  // Reads the variable arguments behind the client, up to their end, or a list of such. Nothing where that
  // says something unusual: a type that is not known, no topic, a list of headers beside another or beside
  // single ones (which librdkafka refuses). Nothing, too, where there is no memory.
  static std::optional<Arguments> read(va_list arguments);
  static std::optional<Arguments> read(std::span<const Argument> arguments);

  // The list of headers; nullptr where there is none.
  Headers* headers() const { return headers_; }
  // The headers that come one by one.
  std::span<const Argument> single_headers() const { return single_headers_; }
  // All but the headers, and `headers` (nullptr: none) in their place. Good until the next call.
  std::span<const Argument> list_with(Headers* headers);

  // The topic's handle, where it is named by that; nullptr: message().topic has its name.
  const Topic* topic() const;
  OutgoingMessage message() const;

 private:
  // False where it is not usual.
  bool take(const Argument& argument);
  bool take_all(va_list from);
  bool is_usual() const { return topics_ == 1 && (header_lists_ == 0 || single_headers_.empty()); }

  std::vector<Argument> list_;
  std::vector<Argument> single_headers_;
  Headers* headers_ = nullptr;
  unsigned topics_ = 0;
  unsigned header_lists_ = 0;
};

}  // namespace llmo::messaging::kafka
