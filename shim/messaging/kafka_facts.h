// What spans of Kafka messages say (OpenTelemetry, messaging conventions, "Kafka").
#pragma once

#include <string_view>

#include "shim/journal/span_draft.h"
#include "shim/messaging/kafka_arguments.h"
#include "shim/messaging/kafka_types.h"

namespace llmo::messaging::kafka {

// Longest key that is recorded. What is longer is data, not a name for alike messages.
inline constexpr std::size_t kMaxKeySize = 128;

// Whether a key is text that may be recorded: short, UTF-8, without control characters.
bool is_plain_text(std::string_view key);

// The span of a message that is sent.
void describe_sent(const OutgoingMessage& message, journal::SpanDraft* span);
// Of several at once. `partition`: where all of them go; kAnyPartition where that is not said.
void describe_sent_batch(std::string_view topic, std::int32_t partition, std::int64_t count,
                         journal::SpanDraft* span);

enum class Receipt {
  kPoll,     // handed out
  kProcess,  // given to a callback
};

// The span of one message that has come.
void describe_received(Receipt receipt, const Message& message, std::string_view topic,
                       std::string_view group, journal::SpanDraft* span);
// Of several. `topic`: of all of them; empty where they are of several.
void describe_received_batch(std::string_view topic, std::int64_t count, journal::SpanDraft* span);
// The link to who sent it.
void describe_link(const Message& message, journal::SpanDraft* link);

}  // namespace llmo::messaging::kafka
