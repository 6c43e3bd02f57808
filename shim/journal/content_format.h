// How captured prompts and completions stand in a span record: the contract between ContentCapture in the
// host, which picks them out of the bodies, and the exporter, which makes the conventions' JSON of them.
//
//   text     := message*
//   message  := 0x1e role part*
//   part     := 0x1d kind field*          kind: one letter, see below
//   field    := 0x1f letter bytes         letter: one of ContentField
//
// The text may end anywhere: what is cut is still read. None of these bytes stands inside a role or a field.
// The tools stand as the JSON that the request had, with a kCut field at its end where it was cut.
#pragma once

#include <string_view>

namespace llmo::journal {

inline constexpr char kContentMessage = '\x1e';
inline constexpr char kContentPart = '\x1d';
inline constexpr char kContentField = '\x1f';

enum class ContentKind : char {
  kUnknown = '?',
  kText = 't',
  kReasoning = 'h',
  kToolCall = 'c',
  kToolResult = 'o',
  kBlob = 'b',  // data that is not recorded
  kUri = 'u',
  kFile = 'f',  // one that the provider keeps
};

enum class ContentField : char {
  kText = 'x',  // text, arguments, result or address
  kId = 'i',
  kName = 'n',
  kMime = 'm',
  kCut = '!',  // something was left out here
};

// Attributes of a span record; the exporter replaces them by `gen_ai.*`.
inline constexpr std::string_view kContentSystem = "llmobserve.content.system";
inline constexpr std::string_view kContentInput = "llmobserve.content.input";
inline constexpr std::string_view kContentOutput = "llmobserve.content.output";
inline constexpr std::string_view kContentTools = "llmobserve.content.tools";
// How many messages at the beginning of the input are not there. Stays as it is.
inline constexpr std::string_view kContentOmitted = "llmobserve.content.omitted_messages";

}  // namespace llmo::journal
