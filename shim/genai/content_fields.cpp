#include "shim/genai/content_fields.h"

#include <iterator>

namespace llmo::genai {
namespace {

using P = ContentPath;

// Names, ids and media types.
constexpr JsonField at(std::string_view path, P what) { return {path, static_cast<std::uint8_t>(what)}; }
// An address is looked at as far as it may be shown. So is one that is the data itself: that begins with its
// type.
constexpr JsonField address_at(std::string_view path, P what) {
  return {path, static_cast<std::uint8_t>(what), 512};
}
// Data of which not a byte is wanted.
constexpr JsonField data_at(std::string_view path, P what) {
  return {path, static_cast<std::uint8_t>(what), 0};
}
constexpr JsonField text_at(std::string_view path, P what) {
  return {path, static_cast<std::uint8_t>(what), 0, JsonKeep::kPieces};
}
constexpr JsonField json_at(std::string_view path, P what) {
  return {path, static_cast<std::uint8_t>(what), 0, JsonKeep::kRaw};
}

// OpenAI: chat, responses (`input`), completions and images (`prompt`), embeddings (`input`).
constexpr JsonPaths kOpenAiRequest{{
    at("messages[]", P::kMessage),
    at("messages[].role", P::kRole),
    at("messages[].tool_call_id", P::kResultOf),
    text_at("messages[].content", P::kText),
    text_at("messages[].content[]", P::kPart),
    text_at("messages[].content[].text", P::kPartText),
    text_at("messages[].content[].refusal", P::kPartText),
    address_at("messages[].content[].image_url", P::kUri),
    address_at("messages[].content[].image_url.url", P::kUri),
    address_at("messages[].content[].video_url.url", P::kUri),
    at("messages[].content[].input_audio.format", P::kAudioFormat),
    at("messages[].content[].file.file_id", P::kFileId),
    text_at("messages[].refusal", P::kText),
    text_at("messages[].reasoning", P::kReasoning),
    text_at("messages[].reasoning_content", P::kReasoning),
    at("messages[].tool_calls[]", P::kToolCall),
    at("messages[].tool_calls[].id", P::kCallId),
    at("messages[].tool_calls[].function.name", P::kToolName),
    json_at("messages[].tool_calls[].function.arguments", P::kArguments),
    at("messages[].tool_calls[].custom.name", P::kToolName),
    json_at("messages[].tool_calls[].custom.input", P::kArguments),
    at("messages[].function_call.name", P::kToolName),
    json_at("messages[].function_call.arguments", P::kArguments),
    json_at("tools", P::kTools),
    json_at("functions", P::kTools),
    text_at("instructions", P::kSystem),
    text_at("prompt", P::kPrompt),
    text_at("prompt[]", P::kMessage),
    text_at("input", P::kPrompt),
    text_at("input[]", P::kMessage),
    at("input[].role", P::kRole),
    text_at("input[].content", P::kText),
    text_at("input[].content[]", P::kPart),
    text_at("input[].content[].text", P::kPartText),
    text_at("input[].content[].refusal", P::kPartText),
    address_at("input[].content[].image_url", P::kUri),
    at("input[].content[].file_id", P::kFileId),
    at("input[].call_id", P::kCallId),
    at("input[].name", P::kToolName),
    json_at("input[].arguments", P::kArguments),
    json_at("input[].output", P::kResult),
    text_at("input[].summary[].text", P::kPartReasoning),
}};

constexpr JsonPaths kOpenAiResponse{{
    at("choices[]", P::kChoice),
    at("choices[].index", P::kChoiceNumber),
    text_at("choices[].text", P::kText),
    at("choices[].message.role", P::kRole),
    text_at("choices[].message.content", P::kText),
    text_at("choices[].message.refusal", P::kText),
    text_at("choices[].message.reasoning", P::kReasoning),
    text_at("choices[].message.reasoning_content", P::kReasoning),
    text_at("choices[].message.audio.transcript", P::kText),
    at("choices[].message.tool_calls[]", P::kToolCall),
    at("choices[].message.tool_calls[].id", P::kCallId),
    at("choices[].message.tool_calls[].function.name", P::kToolName),
    json_at("choices[].message.tool_calls[].function.arguments", P::kArguments),
    at("choices[].message.tool_calls[].custom.name", P::kToolName),
    json_at("choices[].message.tool_calls[].custom.input", P::kArguments),
    at("choices[].message.function_call.name", P::kToolName),
    json_at("choices[].message.function_call.arguments", P::kArguments),
    at("choices[].delta.role", P::kRole),
    text_at("choices[].delta.content", P::kText),
    text_at("choices[].delta.refusal", P::kText),
    text_at("choices[].delta.reasoning", P::kReasoning),
    text_at("choices[].delta.reasoning_content", P::kReasoning),
    at("choices[].delta.tool_calls[]", P::kToolCall),
    at("choices[].delta.tool_calls[].index", P::kOwnNumber),
    at("choices[].delta.tool_calls[].id", P::kCallId),
    at("choices[].delta.tool_calls[].function.name", P::kToolName),
    json_at("choices[].delta.tool_calls[].function.arguments", P::kArguments),
    at("choices[].delta.tool_calls[].custom.name", P::kToolName),
    json_at("choices[].delta.tool_calls[].custom.input", P::kArguments),
    at("choices[].delta.function_call.name", P::kToolName),
    json_at("choices[].delta.function_call.arguments", P::kArguments),
    // Responses, and the events of its streams: text comes in pieces, and all of it once more at the end.
    at("output[]", P::kPart),
    at("output[].role", P::kRole),
    at("output[].content[]", P::kPart),
    text_at("output[].content[].text", P::kPartText),
    text_at("output[].content[].refusal", P::kPartText),
    text_at("output[].summary[].text", P::kPartReasoning),
    at("output[].call_id", P::kCallId),
    at("output[].name", P::kToolName),
    json_at("output[].arguments", P::kArguments),
    at("type", P::kEventType),
    text_at("delta", P::kEventText),
    at("output_index", P::kPartNumber),
    at("item.call_id", P::kCallId),
    at("item.name", P::kToolName),
    at("response.output", P::kWhole),
    at("response.output[]", P::kPart),
    at("response.output[].role", P::kRole),
    at("response.output[].content[]", P::kPart),
    text_at("response.output[].content[].text", P::kPartText),
    text_at("response.output[].content[].refusal", P::kPartText),
    text_at("response.output[].summary[].text", P::kPartReasoning),
    at("response.output[].call_id", P::kCallId),
    at("response.output[].name", P::kToolName),
    json_at("response.output[].arguments", P::kArguments),
    // Transcriptions.
    text_at("text", P::kEventWholeText),
}};

// Anthropic, and what else is asked for by way of Bedrock's invoke: Nova, Llama, Mistral, Titan.
constexpr JsonPaths kAnthropicRequest{{
    text_at("system", P::kSystem),
    text_at("system[].text", P::kSystem),
    at("messages[]", P::kMessage),
    at("messages[].role", P::kRole),
    text_at("messages[].content", P::kText),
    at("messages[].content[]", P::kPart),
    text_at("messages[].content[].text", P::kPartText),
    text_at("messages[].content[].thinking", P::kPartReasoning),
    at("messages[].content[].id", P::kCallId),
    at("messages[].content[].name", P::kToolName),
    json_at("messages[].content[].input", P::kArguments),
    at("messages[].content[].tool_use_id", P::kPartResultOf),
    text_at("messages[].content[].content", P::kResult),
    text_at("messages[].content[].content[].text", P::kResult),
    at("messages[].content[].source.media_type", P::kMime),
    address_at("messages[].content[].source.url", P::kUri),
    at("messages[].content[].source.file_id", P::kFileId),
    at("messages[].content[].image.format", P::kImageFormat),
    json_at("tools", P::kTools),
    json_at("toolConfig.tools", P::kTools),
    text_at("prompt", P::kPrompt),
    text_at("inputText", P::kPrompt),
}};

constexpr JsonPaths kAnthropicResponse{{
    at("role", P::kRole),
    at("content[]", P::kPart),
    text_at("content[].text", P::kPartText),
    text_at("content[].thinking", P::kPartReasoning),
    at("content[].id", P::kCallId),
    at("content[].name", P::kToolName),
    json_at("content[].input", P::kArguments),
    at("index", P::kPartNumber),
    at("message.role", P::kRole),
    text_at("content_block.text", P::kPartText),
    text_at("content_block.thinking", P::kPartReasoning),
    at("content_block.id", P::kCallId),
    at("content_block.name", P::kToolName),
    text_at("delta.text", P::kPartText),
    text_at("delta.thinking", P::kPartReasoning),
    text_at("delta.partial_json", P::kArguments),
    text_at("completion", P::kText),
    text_at("generation", P::kText),
    at("outputs[]", P::kChoice),
    text_at("outputs[].text", P::kText),
    at("results[]", P::kChoice),
    text_at("results[].outputText", P::kText),
    text_at("outputText", P::kText),
    at("output.message.role", P::kRole),
    at("output.message.content[]", P::kPart),
    text_at("output.message.content[].text", P::kPartText),
    text_at("contentBlockDelta.delta.text", P::kPartText),
    at("contentBlockDelta.contentBlockIndex", P::kPartNumber),
}};

// Google accepts its names in both ways of writing them.
constexpr JsonPaths kGeminiRequest{{
    text_at("systemInstruction.parts[].text", P::kSystem),
    text_at("system_instruction.parts[].text", P::kSystem),
    at("contents[]", P::kMessage),
    at("contents[].role", P::kRole),
    at("contents[].parts[]", P::kPart),
    text_at("contents[].parts[].text", P::kPartText),
    at("contents[].parts[].thought", P::kPartIsReasoning),
    at("contents[].parts[].functionCall.id", P::kCallId),
    at("contents[].parts[].functionCall.name", P::kToolName),
    json_at("contents[].parts[].functionCall.args", P::kArguments),
    at("contents[].parts[].function_call.name", P::kToolName),
    json_at("contents[].parts[].function_call.args", P::kArguments),
    at("contents[].parts[].functionResponse.id", P::kPartResultOf),
    at("contents[].parts[].functionResponse.name", P::kToolName),
    json_at("contents[].parts[].functionResponse.response", P::kResult),
    at("contents[].parts[].function_response.name", P::kToolName),
    json_at("contents[].parts[].function_response.response", P::kResult),
    at("contents[].parts[].inlineData.mimeType", P::kMime),
    at("contents[].parts[].inline_data.mime_type", P::kMime),
    at("contents[].parts[].fileData.mimeType", P::kMime),
    address_at("contents[].parts[].fileData.fileUri", P::kUri),
    address_at("contents[].parts[].file_data.file_uri", P::kUri),
    json_at("tools", P::kTools),
    // Embeddings, of one text, of several, and Vertex's.
    at("content.parts[]", P::kPart),
    text_at("content.parts[].text", P::kPartText),
    at("requests[]", P::kMessage),
    at("requests[].content.parts[]", P::kPart),
    text_at("requests[].content.parts[].text", P::kPartText),
    text_at("instances[].content", P::kPrompt),
    text_at("instances[].prompt", P::kPrompt),
}};

constexpr JsonPaths kGeminiResponse{{
    at("candidates[]", P::kChoice),
    at("candidates[].index", P::kChoiceNumber),
    at("candidates[].content.role", P::kRole),
    at("candidates[].content.parts[]", P::kPart),
    text_at("candidates[].content.parts[].text", P::kPartText),
    at("candidates[].content.parts[].thought", P::kPartIsReasoning),
    at("candidates[].content.parts[].functionCall.id", P::kCallId),
    at("candidates[].content.parts[].functionCall.name", P::kToolName),
    json_at("candidates[].content.parts[].functionCall.args", P::kArguments),
    at("candidates[].content.parts[].inlineData.mimeType", P::kMime),
}};

constexpr JsonPaths kBedrockRequest{{
    text_at("system[].text", P::kSystem),
    at("messages[]", P::kMessage),
    at("messages[].role", P::kRole),
    at("messages[].content[]", P::kPart),
    text_at("messages[].content[].text", P::kPartText),
    at("messages[].content[].image.format", P::kImageFormat),
    at("messages[].content[].document.format", P::kFileFormat),
    at("messages[].content[].toolUse.toolUseId", P::kCallId),
    at("messages[].content[].toolUse.name", P::kToolName),
    json_at("messages[].content[].toolUse.input", P::kArguments),
    at("messages[].content[].toolResult.toolUseId", P::kPartResultOf),
    text_at("messages[].content[].toolResult.content[].text", P::kResult),
    json_at("messages[].content[].toolResult.content[].json", P::kResult),
    text_at("messages[].content[].reasoningContent.reasoningText.text", P::kPartReasoning),
    json_at("toolConfig.tools", P::kTools),
}};

constexpr JsonPaths kBedrockResponse{{
    at("output.message.role", P::kRole),
    at("output.message.content[]", P::kPart),
    text_at("output.message.content[].text", P::kPartText),
    at("output.message.content[].toolUse.toolUseId", P::kCallId),
    at("output.message.content[].toolUse.name", P::kToolName),
    json_at("output.message.content[].toolUse.input", P::kArguments),
    text_at("output.message.content[].reasoningContent.reasoningText.text", P::kPartReasoning),
    at("role", P::kRole),
    at("contentBlockIndex", P::kPartNumber),
    at("start.toolUse.toolUseId", P::kCallId),
    at("start.toolUse.name", P::kToolName),
    text_at("delta.text", P::kPartText),
    text_at("delta.toolUse.input", P::kArguments),
    text_at("delta.reasoningContent.text", P::kPartReasoning),
}};

constexpr JsonPaths kCohereRequest{{
    at("messages[]", P::kMessage),
    at("messages[].role", P::kRole),
    at("messages[].tool_call_id", P::kResultOf),
    text_at("messages[].content", P::kText),
    text_at("messages[].content[]", P::kPart),
    text_at("messages[].content[].text", P::kPartText),
    json_at("messages[].content[].document.data", P::kPartText),
    address_at("messages[].content[].image_url.url", P::kUri),
    text_at("messages[].tool_plan", P::kReasoning),
    at("messages[].tool_calls[]", P::kToolCall),
    at("messages[].tool_calls[].id", P::kCallId),
    at("messages[].tool_calls[].function.name", P::kToolName),
    json_at("messages[].tool_calls[].function.arguments", P::kArguments),
    json_at("tools", P::kTools),
    // The first version, embeddings and reranking.
    text_at("preamble", P::kSystem),
    at("chat_history[]", P::kMessage),
    at("chat_history[].role", P::kRole),
    text_at("chat_history[].message", P::kText),
    text_at("message", P::kPrompt),
    text_at("texts[]", P::kMessage),
    at("inputs[]", P::kMessage),
    text_at("inputs[].content[].text", P::kPartText),
    text_at("query", P::kPrompt),
}};

constexpr JsonPaths kCohereResponse{{
    at("message.role", P::kRole),
    at("message.content[]", P::kPart),
    text_at("message.content[].text", P::kPartText),
    text_at("message.content[].thinking", P::kPartReasoning),
    text_at("message.tool_plan", P::kReasoning),
    at("message.tool_calls[]", P::kToolCall),
    at("message.tool_calls[].id", P::kCallId),
    at("message.tool_calls[].function.name", P::kToolName),
    json_at("message.tool_calls[].function.arguments", P::kArguments),
    at("index", P::kPartNumber),
    at("delta.message.role", P::kRole),
    text_at("delta.message.content.text", P::kPartText),
    text_at("delta.message.content.thinking", P::kPartReasoning),
    text_at("delta.message.tool_plan", P::kReasoning),
    at("delta.message.tool_calls.id", P::kCallId),
    at("delta.message.tool_calls.function.name", P::kToolName),
    json_at("delta.message.tool_calls.function.arguments", P::kArguments),
    text_at("text", P::kText),
    at("tool_calls[]", P::kToolCall),
    at("tool_calls[].name", P::kToolName),
    json_at("tool_calls[].parameters", P::kArguments),
}};

constexpr JsonPaths kOllamaRequest{{
    text_at("system", P::kSystem),
    at("messages[]", P::kMessage),
    at("messages[].role", P::kRole),
    text_at("messages[].content", P::kText),
    text_at("messages[].thinking", P::kReasoning),
    data_at("messages[].images[]", P::kImageData),
    at("messages[].tool_calls[]", P::kToolCall),
    at("messages[].tool_calls[].function.name", P::kToolName),
    json_at("messages[].tool_calls[].function.arguments", P::kArguments),
    json_at("tools", P::kTools),
    text_at("prompt", P::kPrompt),
    text_at("input", P::kPrompt),
    text_at("input[]", P::kMessage),
}};

constexpr JsonPaths kOllamaResponse{{
    at("message.role", P::kRole),
    text_at("message.content", P::kText),
    text_at("message.thinking", P::kReasoning),
    at("message.tool_calls[]", P::kToolCall),
    at("message.tool_calls[].function.name", P::kToolName),
    json_at("message.tool_calls[].function.arguments", P::kArguments),
    text_at("response", P::kText),
    text_at("thinking", P::kReasoning),
}};

constexpr JsonPaths kHuggingFaceRequest{{
    text_at("inputs", P::kPrompt),
    text_at("inputs[]", P::kMessage),
    json_at("tools", P::kTools),
}};

// A stream has the tokens and, in its last event, the whole text.
constexpr JsonPaths kHuggingFaceResponse{{
    text_at("token.text", P::kText),
    text_at("generated_text", P::kWhole),
    text_at("[].generated_text", P::kWhole),
}};

constexpr JsonPaths kNothing{};

struct Tables {
  const JsonPaths* request;
  const JsonPaths* response;
};

// In the order of BodyShape.
constexpr Tables kTables[] = {
    {&kNothing, &kNothing},
    {&kOpenAiRequest, &kOpenAiResponse},
    {&kAnthropicRequest, &kAnthropicResponse},
    {&kGeminiRequest, &kGeminiResponse},
    {&kBedrockRequest, &kBedrockResponse},
    {&kAnthropicRequest, &kAnthropicResponse},  // of Bedrock's InvokeModel, Anthropic's models only
    {&kCohereRequest, &kCohereResponse},
    {&kOllamaRequest, &kOllamaResponse},
    {&kHuggingFaceRequest, &kHuggingFaceResponse},
};
static_assert(static_cast<std::size_t>(BodyShape::kHuggingFace) + 1 == std::size(kTables));

// Databases stand behind the models, and hold no content.
const Tables& tables_of(BodyShape shape) {
  return shape <= BodyShape::kHuggingFace ? kTables[static_cast<std::size_t>(shape)] : kTables[0];
}

}  // namespace

const JsonPaths& request_content(BodyShape shape) { return *tables_of(shape).request; }
const JsonPaths& response_content(BodyShape shape) { return *tables_of(shape).response; }

}  // namespace llmo::genai
