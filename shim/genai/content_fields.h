// Which JSON paths of which bodies hold what people and models said: a table of paths for each body shape and
// direction. Other tables (field_tables.h) tell the facts.
#pragma once

#include <cstdint>

#include "shim/genai/json_scanner.h"
#include "shim/genai/providers.h"

namespace llmo::genai {

enum class ContentPath : std::uint8_t {
  kNone = 0,
  // Where something begins.
  kMessage,   // an element: a message; a string is one by itself
  kChoice,    // an element: the next choice of an answer
  kPart,      // an element: a part of a message; a string is a text
  kToolCall,  // an element: a call of a tool
  kWhole,     // of a stream: the answer comes again, whole; what came before is forgotten
  // Of a message.
  kRole,
  kResultOf,        // the call that the message is the result of
  kText,            // a text of it, in pieces
  kReasoning,       // the same
  kPrompt,          // a message by itself, in pieces
  kChoiceNumber,    //
  kPartNumber,      // of all parts of the document
  kEventType,       // what kind of event the document is
  kEventText,       // whose meaning depends on that, in pieces
  kEventWholeText,  // of a document that is no event, in pieces
  // Of a part.
  kPartText,       // in pieces
  kPartReasoning,  // in pieces
  kPartIsReasoning,
  kOwnNumber,  // of this part
  kCallId,
  kToolName,
  kArguments,  // in pieces, raw
  kPartResultOf,
  kResult,  // in pieces, raw
  kMime,
  kImageFormat,  // `png`
  kAudioFormat,
  kFileFormat,
  kImageData,
  kUri,
  kFileId,
  // Of the request.
  kSystem,  // in pieces
  kTools,   // in pieces, raw
};

// Valid for every shape; those that hold no content have no paths.
const JsonPaths& request_content(BodyShape shape);
const JsonPaths& response_content(BodyShape shape);

}  // namespace llmo::genai
