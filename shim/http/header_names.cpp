#include "shim/http/header_names.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace llmo::http {
namespace {

// In alphabetical order.
constexpr std::string_view kNames[] = {
    "apim-request-id",
    "cf-ray",
    "fireworks-prompt-tokens",
    "fireworks-server-processing-time",
    "fireworks-server-time-to-first-token",
    "mistral-correlation-id",
    "openai-processing-ms",
    "openai-version",
    "ratelimit",
    "ratelimit-policy",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "x-amzn-bedrock-cache-read-input-token-count",
    "x-amzn-bedrock-cache-write-input-token-count",
    "x-amzn-bedrock-input-token-count",
    "x-amzn-bedrock-invocation-latency",
    "x-amzn-bedrock-output-token-count",
    "x-amzn-errortype",
    "x-amzn-requestid",
    "x-compute-time",
    "x-compute-type",
    "x-debug-trace-id",
    "x-ds-trace-id",
    "x-endpoint-monthly-call-limit",
    "x-envoy-upstream-service-time",
    "x-generation-id",
    "x-inference-time",
    "x-kong-request-id",
    "x-litellm-call-id",
    "x-litellm-response-cost",
    "x-litellm-response-duration-ms",
    "x-ms-region",
    "x-ms-request-id",
    "x-pinecone-lsn-committed",
    "x-pinecone-lsn-reconciled",
    "x-pinecone-max-indexed-lsn",
    "x-pinecone-request-id",
    "x-pinecone-request-latency-ms",
    "x-queue-time",
    "x-request-id",
    "x-should-retry",
    "x-time-per-token",
    "x-total-time",
    "x-trial-endpoint-call-limit",
    "x-trial-endpoint-call-remaining",
};
static_assert(std::ranges::is_sorted(kNames));

// Quota headers that come with most answers: found at one look, though the rule below takes them as well.
constexpr std::string_view kCommonQuotas[] = {
    "anthropic-ratelimit-input-tokens-limit",
    "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-input-tokens-reset",
    "anthropic-ratelimit-output-tokens-limit",
    "anthropic-ratelimit-output-tokens-remaining",
    "anthropic-ratelimit-output-tokens-reset",
    "anthropic-ratelimit-requests-limit",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-tokens-limit",
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset",
    "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
};

// The names of quota headers are made of few words, and every provider puts them together in another way:
// x-ratelimit-remaining-requests-day, anthropic-ratelimit-input-tokens-reset, ratelimitbysize-query-cost. One
// of these beginnings, followed by nothing but these words.
constexpr std::string_view kQuotaBeginnings[] = {
    "anthropic-fast-",  "anthropic-priority-", "anthropic-ratelimit-", "ratelimit-",
    "ratelimitbysize-", "x-ratelimit-",        "x-ratelimitbysize-",   "x-tokenlimit-",
};
constexpr std::string_view kQuotaWords[] = {
    "adjusted",  "after",    "cache",   "claim",       "cost",   "day",       "dynamic",   "fallback",
    "generated", "hour",     "images",  "input",       "limit",  "minute",    "month",     "output",
    "over",      "overage",  "project", "prompt",      "query",  "remaining", "req",       "requests",
    "reset",     "retry",    "second",  "size",        "status", "surpassed", "threshold", "token",
    "tokens",    "uncached", "unified", "utilization",
};
static_assert(std::ranges::is_sorted(kQuotaWords));

// Hash tables of the texts above, made by the compiler: every header of every response is looked up. Four
// letters tell enough, as what is found is compared. They hold no pointer, so that they need no relocation.
constexpr std::size_t kSlots = 256;

constexpr std::size_t slot_of(std::string_view text) {
  const auto letter = [text](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[at]));
  };
  const std::size_t size = text.size();
  return (size * 37 + letter(size / 2) * 5 + letter(size - 1) * 11 + letter(size / 3) * 23 + letter(0)) %
         kSlots;
}

template <std::size_t kCount>
constexpr std::size_t size_of_all(const std::string_view (&texts)[kCount]) {
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  return size;
}

template <std::size_t kTextSize>
class TextSet {
 public:
  template <std::size_t kCount>
  constexpr void add(const std::string_view (&texts)[kCount]) {
    for (const std::string_view text : texts) {
      std::size_t slot = slot_of(text);
      while (slots_[slot].size != 0) slot = (slot + 1) % kSlots;
      slots_[slot] = {used_, static_cast<std::uint16_t>(text.size())};
      for (const char letter : text) text_[used_++] = letter;
    }
  }

  // Where the text stands among kSlots, KeptHeader::kNowhere where it does not.
  std::size_t find(std::string_view text) const {
    if (text.empty()) return KeptHeader::kNowhere;
    for (std::size_t at = slot_of(text); slots_[at].size != 0; at = (at + 1) % kSlots) {
      const Slot slot = slots_[at];
      if (slot.size == text.size() && std::memcmp(&text_[slot.begin], text.data(), text.size()) == 0)
        return at;
    }
    return KeptHeader::kNowhere;
  }

 private:
  struct Slot {
    std::uint16_t begin;
    std::uint16_t size;  // 0: nothing is here
  };

  std::array<Slot, kSlots> slots_{};
  std::array<char, kTextSize> text_{};
  std::uint16_t used_ = 0;
};

constexpr auto kNameSet = [] {
  TextSet<size_of_all(kNames) + size_of_all(kCommonQuotas)> set;
  set.add(kNames);
  set.add(kCommonQuotas);
  return set;
}();
static_assert(std::size(kNames) + std::size(kCommonQuotas) < kSlots / 2);

constexpr auto kQuotaWordSet = [] {
  TextSet<size_of_all(kQuotaWords)> set;
  set.add(kQuotaWords);
  return set;
}();

std::string_view without_quota_beginning(std::string_view name) {
  for (const std::string_view beginning : kQuotaBeginnings) {
    if (name[0] == beginning[0] && name.starts_with(beginning)) return name.substr(beginning.size());
  }
  return {};
}

bool is_quota_header(std::string_view name) {
  std::string_view words = without_quota_beginning(name);
  while (true) {
    const std::size_t end = words.find('-');
    if (kQuotaWordSet.find(words.substr(0, end)) == KeptHeader::kNowhere) return false;
    if (end == words.npos) return true;
    words.remove_prefix(end + 1);
  }
}

static_assert(std::ranges::all_of(kNames, may_begin_kept_header,
                                  [](std::string_view name) { return name[0]; }));
static_assert(std::ranges::all_of(kQuotaBeginnings, may_begin_kept_header,
                                  [](std::string_view name) { return name[0]; }));

// Eight letters at a time. A capital letter lacks one bit of the small one; other characters of names have
// it, and what it makes of the rest is in no table or was in no name.
void to_lower(std::string_view text, char* out) {
  constexpr std::uint64_t kSmall = 0x2020202020202020;
  const auto eight_from = [&](std::size_t at) {
    std::uint64_t letters = 0;
    std::memcpy(&letters, text.data() + at, sizeof letters);
    letters |= kSmall;
    std::memcpy(out + at, &letters, sizeof letters);
  };
  if (text.size() < sizeof kSmall) {
    for (std::size_t at = 0; at < text.size(); ++at) out[at] = static_cast<char>(text[at] | 0x20);
    return;
  }
  for (std::size_t at = 0; at + sizeof kSmall < text.size(); at += sizeof kSmall) eight_from(at);
  eight_from(text.size() - sizeof kSmall);
}

}  // namespace

KeptHeader find_kept_header(std::string_view name, char* lower_name) {
  if (name.empty() || name.size() > kMaxHeaderName || !may_begin_kept_header(name[0])) return {};
  to_lower(name, lower_name);
  const std::string_view lowered{lower_name, name.size()};
  const std::size_t place = kNameSet.find(lowered);
  if (place == KeptHeader::kNowhere && !is_quota_header(lowered)) return {};
  return {lowered, place};
}

}  // namespace llmo::http
