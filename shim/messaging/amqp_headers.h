// Header tables of AMQP messages: what a message carries, and what is put into a copy of them.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "shim/messaging/amqp_types.h"
#include "shim/messaging/received_messages.h"

namespace llmo::messaging::amqp {

// The context that a message carries: views of its headers. Of two headers of one name the first counts;
// those that are no text are as none.
CarriedContext carried_by(const Properties& properties);

// Whether there is a header of that very name, of whatever type.
bool has_header(const Properties& properties, std::string_view name);

// Bytes that the properties take on the wire; nothing where that is more than kMaxPropertiesSize, or where
// they hold something that the library itself would refuse. Bounded in time and depth.
std::optional<std::size_t> encoded_size(const Properties& properties);

// Every peer takes frames of 4096 bytes (AMQP 0-9-1, frame-min-size), of which a content header has 8 around
// it and 12 in front of the properties.
inline constexpr std::size_t kMaxPropertiesSize = 4096 - 8 - 12;

// The properties of a message with two headers more, behind its own: a copy that shares the program's texts
// and tables. The library reads it while it publishes, and no longer.
class TaggedProperties {
 public:
  // `original` may be nullptr: there are none. What the message has already is not added again, and nothing
  // is where it would make the properties longer than any peer takes: a message that would have been sent
  // without us is sent.
  TaggedProperties(const Properties* original, std::string_view traceparent, std::string_view tracestate);
  TaggedProperties(const TaggedProperties&) = delete;
  TaggedProperties& operator=(const TaggedProperties&) = delete;

  // The copy; where nothing is added, the program's own.
  const Properties* get() const { return is_tagged_ ? &copy_ : original_; }
  bool is_tagged() const { return is_tagged_; }

 private:
  // More headers than messages have; the others take memory.
  static constexpr std::size_t kFew = 24;

  TableEntry* room_for(std::size_t entries);
  void tag(std::string_view traceparent, std::string_view tracestate);

  const Properties* const original_;
  bool is_tagged_ = false;
  Properties copy_{};
  std::array<TableEntry, kFew> few_;
  std::unique_ptr<TableEntry[]> many_;
};

}  // namespace llmo::messaging::amqp
