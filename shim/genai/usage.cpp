#include "shim/genai/usage.h"

#include <string_view>

namespace llmo::genai {
namespace {

struct UsageAttribute {
  std::string_view key;
  Tokens kind;
  bool only_positive;  // providers send a zero for every modality that was not used
};

// Everything but the totals, which are sums for some providers.
constexpr UsageAttribute kAttributes[] = {
    {"gen_ai.usage.cache_read.input_tokens", Tokens::kCacheRead, false},
    {"gen_ai.usage.cache_write.input_tokens", Tokens::kCacheWrite, false},
    {"gen_ai.usage.reasoning.output_tokens", Tokens::kReasoning, false},
    {"gen_ai.usage.audio.input_tokens", Tokens::kAudioInput, true},
    {"gen_ai.usage.audio.output_tokens", Tokens::kAudioOutput, true},
    {"gen_ai.usage.image.input_tokens", Tokens::kImageInput, true},
    {"gen_ai.usage.image.output_tokens", Tokens::kImageOutput, true},
    {"gen_ai.usage.text.input_tokens", Tokens::kTextInput, true},
    {"gen_ai.usage.text.output_tokens", Tokens::kTextOutput, true},
};

// Counts come from the network: beyond this they are no counts, and sums of three of them stay exact.
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;

}  // namespace

void Usage::set(Tokens kind, std::int64_t count) {
  if (count < 0 || count > kMaxCount) return;
  counts_[index(kind)] = count;
  present_ |= bit(kind);
}

void Usage::add(Tokens kind, std::int64_t count) {
  if (count >= 0 && count <= kMaxCount) set(kind, get(kind) + count);
}

std::int64_t Usage::total_input() const {
  if (!has(Tokens::kInput)) {
    if (has(Tokens::kUnbilledInput)) return get(Tokens::kUnbilledInput);
    return rules_.only_input && has(Tokens::kTotal) ? get(Tokens::kTotal) : -1;
  }
  if (!rules_.input_excludes_cached) return get(Tokens::kInput);
  return get(Tokens::kInput) + get(Tokens::kCacheRead) + get(Tokens::kCacheWrite);
}

std::int64_t Usage::total_output() const {
  const bool billed = has(Tokens::kOutput);
  if (!billed && !has(Tokens::kUnbilledOutput)) {
    // Gemini leaves the count of the answer out where all that was allowed went into thinking.
    return rules_.output_excludes_reasoning && has(Tokens::kReasoning) ? get(Tokens::kReasoning) : -1;
  }
  const std::int64_t output = get(billed ? Tokens::kOutput : Tokens::kUnbilledOutput);
  return reasoning_is_apart(output) ? output + get(Tokens::kReasoning) : output;
}

// Of those who speak OpenAI's language some count reasoning in, as OpenAI does, and some (xAI, Perplexity)
// beside. The counts themselves tell: a part is not bigger than the whole, and the parts add up to the total.
bool Usage::reasoning_is_apart(std::int64_t output) const {
  if (rules_.output_excludes_reasoning) return true;
  const std::int64_t reasoning = get(Tokens::kReasoning);
  if (reasoning > output) return true;
  return reasoning > 0 && has(Tokens::kTotal) && has(Tokens::kInput) &&
         get(Tokens::kTotal) == get(Tokens::kInput) + output + reasoning;
}

void Usage::write(journal::SpanDraft* draft) const {
  if (const std::int64_t input = total_input(); input >= 0)
    draft->add_int("gen_ai.usage.input_tokens", input);
  if (const std::int64_t output = total_output(); output >= 0)
    draft->add_int("gen_ai.usage.output_tokens", output);
  for (const UsageAttribute& attribute : kAttributes) {
    const bool wanted = has(attribute.kind) && (get(attribute.kind) > 0 || !attribute.only_positive);
    if (wanted) draft->add_int(attribute.key, get(attribute.kind));
  }
}

}  // namespace llmo::genai
