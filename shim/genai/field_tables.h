// Which JSON paths of which bodies mean what: one table of paths for each body shape and direction.
//
// Providers differ in paths; what is found under them goes into a few slots that are the same for all. A
// shape that has another layout needs rows here and no code, as long as it says the same things.
#pragma once

#include <cstdint>

#include "shim/genai/json_scanner.h"
#include "shim/genai/providers.h"
#include "shim/genai/usage.h"

namespace llmo::genai {

// What a value of a request body means.
enum class RequestField : std::uint8_t {
  kNone = 0,
  // Numbers that stay numbers with a fraction.
  kTemperature,
  kTopP,
  kFrequencyPenalty,
  kPresencePenalty,
  // Whole numbers.
  kMaxTokens,
  kTopK,
  kSeed,
  kChoiceCount,
  kDimensions,
  kDatabaseTopK,
  // Texts, of which the last one seen counts.
  kModel,
  kReasoningLevel,
  kServiceTier,
  kEncodingFormat,
  kOutputFormat,
  kPreviousResponse,
  kConversation,
  kNamespace,
  // The rest.
  kStream,
  kStopSequence,
  kVector,  // an element: one vector or record that is sent
};
inline constexpr auto kFirstRequestDouble = RequestField::kTemperature;
inline constexpr auto kFirstRequestInteger = RequestField::kMaxTokens;
inline constexpr auto kFirstRequestText = RequestField::kModel;
inline constexpr auto kFirstRequestOther = RequestField::kStream;

// What a value of a response body, or of one event of a stream, means.
enum class ResponseField : std::uint8_t {
  kNone = 0,
  // Texts, of which the last one seen counts.
  kId,
  kModel,
  kStatus,            // completed, incomplete, failed … of a response that has no finish reasons
  kIncompleteReason,  // why it is incomplete
  kServiceTier,
  kFingerprint,
  kNamespace,
  kErrorType,
  kErrorCode,
  // At the top of a document, where they tell of an error only if something else says that it is one.
  kLooseType,  // of an event: what it is
  kLooseCode,
  // Longer texts, meant for people.
  kErrorMessage,
  kLooseMessage,
  // Choices.
  kChoice,  // an element: one choice begins
  kChoiceIndex,
  kFinishReason,  // of the choice
  kStopReason,    // of an answer that has but one
  kContent,       // generated content, of which only matters whether there is some
  kToolName,
  kItemName,  // the same, in an event of whatever kind
  // Counts.
  kRows,  // an array of returned rows
  kRow,   // an element of it
  kReadUnits,
  kUpserted,
  kFirstToken,  // + Tokens
};
inline constexpr auto kFirstResponseText = ResponseField::kId;
inline constexpr auto kFirstResponseMessage = ResponseField::kErrorMessage;
inline constexpr auto kFirstResponseOther = ResponseField::kChoice;

// The wanted paths. Valid for every shape; kNone has none.
const JsonPaths& request_paths(BodyShape shape);
const JsonPaths& response_paths(BodyShape shape);
InputRule input_rule(BodyShape shape);

}  // namespace llmo::genai
