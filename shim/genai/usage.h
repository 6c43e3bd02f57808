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
  kImageOutput,
  kTextInput,
  kTextOutput,
  kTotal,           // only to find out what the others mean
  kUnbilledInput,   // what was counted, where what is billed is another count
  kUnbilledOutput,  //
  kCount,
};

// What a provider's counts hold and leave out.
struct UsageRules {
  bool input_excludes_cached = false;
  bool output_excludes_reasoning = false;
  bool only_input = false;  // the operation has no output: a total that stands alone is the input
};

class Usage {
 public:
  void begin(const UsageRules& rules) {
    rules_ = rules;
    present_ = 0;
  }
  // A later count of the same kind replaces an earlier one: streams send running totals.
  void set(Tokens kind, std::int64_t count);
  // Adds to what there is: where each of several texts has its own count.
  void add(Tokens kind, std::int64_t count);
  bool has(Tokens kind) const { return (present_ & bit(kind)) != 0; }
  // As the provider sent it, 0 where absent.
  std::int64_t get(Tokens kind) const { return has(kind) ? counts_[index(kind)] : 0; }
  // All input tokens, cached ones included, and all output tokens, reasoning included; -1 where absent.
  std::int64_t total_input() const;
  std::int64_t total_output() const;
  bool empty() const { return present_ == 0; }

  // gen_ai.usage.*, only what was sent.
  void write(journal::SpanDraft* draft) const;

 private:
  static constexpr std::size_t index(Tokens kind) { return static_cast<std::size_t>(kind); }
  static constexpr std::uint32_t bit(Tokens kind) { return 1U << index(kind); }
  bool reasoning_is_apart(std::int64_t output) const;

  UsageRules rules_;
  std::uint32_t present_ = 0;
  std::int64_t counts_[static_cast<std::size_t>(Tokens::kCount)];
};

}  // namespace llmo::genai
