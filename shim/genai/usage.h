// Token usage as providers count it, and the one form in which a span carries it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shim/journal/span_draft.h"

namespace llmo::genai {

// A count that a provider sends. What was not sent is absent, never zero.
enum class Tokens : std::uint8_t {
  kInput = 0,
  kOutput,
  kCacheRead,
  kCacheWrite,
  kReasoning,
  kAudioInput,
  kAudioOutput,
  kImageInput,
  kTextInput,
  kCount,
};

// Whether the provider's input count already holds the cached tokens.
enum class InputRule : std::uint8_t { kIncludesCached, kExcludesCached };

class Usage {
 public:
  void set_rule(InputRule rule) { rule_ = rule; }
  // A later count of the same kind replaces an earlier one: streams send running totals.
  void set(Tokens kind, std::int64_t count);
  bool has(Tokens kind) const { return (present_ & bit(kind)) != 0; }
  // 0 where absent.
  std::int64_t get(Tokens kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  // All input tokens, cached ones included, whatever the rule.
  std::int64_t total_input() const;
  bool empty() const { return present_ == 0; }

  // gen_ai.usage.*, only what was sent.
  void write(journal::SpanDraft* draft) const;

 private:
  static constexpr std::uint32_t bit(Tokens kind) { return 1U << static_cast<unsigned>(kind); }

  InputRule rule_ = InputRule::kIncludesCached;
  std::uint32_t present_ = 0;
  std::int64_t counts_[static_cast<std::size_t>(Tokens::kCount)] = {};
};

}  // namespace llmo::genai
