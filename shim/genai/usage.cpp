#include "shim/genai/usage.h"

#include <string_view>

namespace llmo::genai {
namespace {

struct UsageAttribute {
  std::string_view key;
  Tokens kind;
  bool only_positive;  // providers send a zero for every modality that was not used
};

// Everything but the input total, which is a sum for some providers.
constexpr UsageAttribute kAttributes[] = {
    {"gen_ai.usage.output_tokens", Tokens::kOutput, false},
    {"gen_ai.usage.cache_read.input_tokens", Tokens::kCacheRead, false},
    {"gen_ai.usage.cache_write.input_tokens", Tokens::kCacheWrite, false},
    {"gen_ai.usage.reasoning.output_tokens", Tokens::kReasoning, false},
    {"gen_ai.usage.audio.input_tokens", Tokens::kAudioInput, true},
    {"gen_ai.usage.audio.output_tokens", Tokens::kAudioOutput, true},
    {"gen_ai.usage.image.input_tokens", Tokens::kImageInput, true},
    {"gen_ai.usage.text.input_tokens", Tokens::kTextInput, true},
};

// Counts come from the network: beyond this they are no counts, and sums of three of them stay exact.
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;

}  // namespace

void Usage::set(Tokens kind, std::int64_t count) {
  if (count < 0 || count > kMaxCount) return;
  counts_[static_cast<std::size_t>(kind)] = count;
  present_ |= bit(kind);
}

std::int64_t Usage::total_input() const {
  if (rule_ == InputRule::kIncludesCached) return get(Tokens::kInput);
  return get(Tokens::kInput) + get(Tokens::kCacheRead) + get(Tokens::kCacheWrite);
}

void Usage::write(journal::SpanDraft* draft) const {
  if (has(Tokens::kInput)) draft->add_int("gen_ai.usage.input_tokens", total_input());
  for (const UsageAttribute& attribute : kAttributes) {
    const bool wanted = has(attribute.kind) && (get(attribute.kind) > 0 || !attribute.only_positive);
    if (wanted) draft->add_int(attribute.key, get(attribute.kind));
  }
}

}  // namespace llmo::genai
