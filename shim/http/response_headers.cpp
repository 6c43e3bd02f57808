#include "shim/http/response_headers.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "shim/config/text.h"

namespace llmo::http {
namespace {

constexpr std::string_view kKeyBegin = "http.response.header.";
constexpr std::string_view kContentEncoding = "content-encoding";

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
// letters tell enough, as what is found is compared.
constexpr std::size_t hash_of(std::string_view text) {
  const auto letter = [text](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[at]));
  };
  const std::size_t size = text.size();
  return size * 37 + letter(size / 2) * 5 + letter(size - 1) * 11 + letter(size / 3) * 23 + letter(0);
}

template <std::size_t kCount>
class TextSet {
 public:
  explicit constexpr TextSet(const std::string_view (&texts)[kCount]) {
    for (const std::string_view text : texts) {
      std::size_t slot = hash_of(text) % kSlots;
      while (!slots_[slot].empty()) slot = (slot + 1) % kSlots;
      slots_[slot] = text;
    }
  }

  constexpr bool has(std::string_view text) const {
    if (text.empty()) return false;
    for (std::size_t slot = hash_of(text) % kSlots; !slots_[slot].empty(); slot = (slot + 1) % kSlots) {
      if (slots_[slot] == text) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kSlots = 256;
  static_assert(kCount < kSlots / 2);
  std::array<std::string_view, kSlots> slots_{};
};

constexpr TextSet kNameSet{kNames};
constexpr TextSet kCommonQuotaSet{kCommonQuotas};
constexpr TextSet kQuotaWordSet{kQuotaWords};

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
    if (!kQuotaWordSet.has(words.substr(0, end))) return false;
    if (end == words.npos) return true;
    words.remove_prefix(end + 1);
  }
}

// First letters of all that is kept: most headers of a response begin with another one.
constexpr bool may_begin(char lower_letter) {
  switch (lower_letter) {
    case 'a':
    case 'c':
    case 'f':
    case 'm':
    case 'o':
    case 'r':
    case 'x':
      return true;
    default:
      return false;
  }
}
static_assert(std::ranges::all_of(kNames, [](std::string_view name) { return may_begin(name[0]); }));
static_assert(std::ranges::all_of(kQuotaBeginnings,
                                  [](std::string_view name) { return may_begin(name[0]); }));

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

std::string_view kept_header(std::string_view name, std::span<char, kMaxHeaderName> lower_name) {
  if (name.empty() || name.size() > kMaxHeaderName || !may_begin(static_cast<char>(name[0] | 0x20)))
    return {};
  to_lower(name, lower_name.data());
  const std::string_view lowered{lower_name.data(), name.size()};
  const bool kept = kNameSet.has(lowered) || kCommonQuotaSet.has(lowered) || is_quota_header(lowered);
  return kept ? lowered : std::string_view{};
}

// --- the headers of a response
// -------------------------------------------------------------------------------

void ResponseHeaders::note_line(std::string_view line) {
  size_before_line_ = size_;
  count_before_line_ = count_;
  if (line.starts_with("HTTP/")) {
    size_ = 0;
    count_ = 0;
    content_encoding_.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0) return;
  const std::string_view name = line.substr(0, colon);
  if (!may_begin(static_cast<char>(name[0] | 0x20))) return;
  const std::string_view value = config::trim(line.substr(colon + 1));
  if (config::equal_ignoring_case(name, kContentEncoding)) {
    if (content_encoding_.empty()) content_encoding_.assign(value);
  } else {
    note(name, value);
  }
}

void ResponseHeaders::forget_line() {
  size_ = size_before_line_;
  count_ = count_before_line_;
}

void ResponseHeaders::note(std::string_view name, std::string_view value) {
  char lower_name[kMaxHeaderName];
  const std::string_view kept = kept_header(name, lower_name);
  const std::string_view cut = value.substr(0, kMaxHeaderValue);
  const std::size_t key_size = kKeyBegin.size() + kept.size();
  if (kept.empty() || cut.empty() || count_ == kMaxHeaders || key_size + cut.size() > sizeof text_ - size_)
    return;
  char* const key = text_ + size_;
  std::memcpy(key, kKeyBegin.data(), kKeyBegin.size());
  std::memcpy(key + kKeyBegin.size(), kept.data(), kept.size());
  std::memcpy(key + key_size, cut.data(), cut.size());
  entries_[count_++] = {size_, static_cast<std::uint16_t>(key_size), static_cast<std::uint16_t>(cut.size()),
                        static_cast<std::uint16_t>(hash_of(kept))};
  size_ = static_cast<std::uint16_t>(size_ + key_size + cut.size());
}

std::string_view ResponseHeaders::value(std::string_view lower_name) const {
  const Entry* const end = entries_ + count_;
  const Entry* const found = std::find_if(entries_, end, [&](const Entry& entry) {
    return key_of(entry).substr(kKeyBegin.size()) == lower_name;
  });
  return found == end ? std::string_view{} : value_of(*found);
}

// True where an entry of the same key stands before it.
bool ResponseHeaders::is_repeated(const Entry& entry) const {
  return std::any_of(entries_, &entry, [&](const Entry& other) { return is_same_key(other, entry); });
}

// What was sent several times is one list.
void ResponseHeaders::write(journal::SpanDraft* draft) const {
  std::string_view values[kMaxHeaders];
  const Entry* const end = entries_ + count_;
  for (const Entry* first = entries_; first != end; ++first) {
    if (is_repeated(*first)) continue;
    std::size_t value_count = 0;
    values[value_count++] = value_of(*first);
    for (const Entry* other = first + 1; other != end; ++other) {
      if (is_same_key(*other, *first)) values[value_count++] = value_of(*other);
    }
    draft->add_strings(key_of(*first), {values, value_count});
  }
}

}  // namespace llmo::http
