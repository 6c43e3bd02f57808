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
  kOutputFormat,
  kPreviousResponse,
  kConversation,
  kGuardrail,
  kNamespace,
  kCollection,
  // The rest.
  kStream,
  kStopSequence,
  kEncodingFormat,
  kVector,      // an element: one vector or record that is sent
  kVectorId,    // the same, told by its id alone
  kBatchItem,   // an element: one of several queries
  kRowOrQuery,  // an element: a record is an object, a query a list of numbers
};
inline constexpr auto kFirstRequestNumber = RequestField::kTemperature;
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
  kErrorNumber,  // a code that is a number and worth less than a name
  // At the top of a document, where they tell of an error only if something else says that it is one.
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
  kItemName,   // the same, in an event of whatever kind
  kLooseType,  // of an event: what it is
  kErrorName,  // the type of an error within a longer text
  kEnd,        // true: the answer is whole
  // Counts.
  kRows,  // an array of returned rows
  kRow,   // an element of it
  kReadUnits,
  kUpserted,
  kCost,          // in USD, as the provider reckons it
  kCostTicks,     // the same in 10^-10 USD
  kAddedInput,    // input tokens of one of several texts
  kInputDetail,   // an element: what part of the input tokens are of one modality
  kOutputDetail,  // the same of the output
  kModality,
  kModalityTokens,
  kFirstToken,  // + Tokens
};
inline constexpr auto kFirstResponseText = ResponseField::kId;
inline constexpr auto kFirstResponseMessage = ResponseField::kErrorMessage;
inline constexpr auto kFirstResponseOther = ResponseField::kChoice;

// True for a number that some language without whole numbers has sent for one.
inline bool is_whole(double number) {
  constexpr double kMost = 9007199254740992.0;  // beyond 2^53 not every whole number can be told
  return number >= -kMost && number <= kMost &&
         number == static_cast<double>(static_cast<std::int64_t>(number));
}

// The wanted paths. Valid for every shape; kNone has none.
const JsonPaths& request_paths(BodyShape shape);
const JsonPaths& response_paths(BodyShape shape);
UsageRules usage_rules(BodyShape shape);

}  // namespace llmo::genai
