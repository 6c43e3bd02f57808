#include "shim/http/response_headers.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "shim/genai/fixed_text.h"

namespace llmo::http {
namespace {

constexpr std::string_view kKeyBegin = "http.response.header.";

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
  for (std::size_t at = 0; at < text.size(); at += sizeof kSmall) {
    const std::size_t count = std::min(sizeof kSmall, text.size() - at);
    std::uint64_t letters = 0;
    std::memcpy(&letters, text.data() + at, count);
    letters |= kSmall;
    std::memcpy(out + at, &letters, count);
  }
}

bool is_space(char letter) { return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view kept_header(std::string_view name, std::span<char, kMaxHeaderName> lower_name) {
  if (name.empty() || name.size() > kMaxHeaderName || !may_begin(static_cast<char>(name[0] | 0x20)))
    return {};
  to_lower(name, lower_name.data());
  const std::string_view lowered{lower_name.data(), name.size()};
  return kNameSet.has(lowered) || is_quota_header(lowered) ? lowered : std::string_view{};
}

// --- the headers of a response
// -------------------------------------------------------------------------------

void ResponseHeaders::note_line(std::string_view line) {
  size_before_line_ = size_;
  count_before_line_ = count_;
  if (line.starts_with("HTTP/")) {
    size_ = 0;
    count_ = 0;
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon != line.npos) note(line.substr(0, colon), trimmed(line.substr(colon + 1)));
}

void ResponseHeaders::forget_line() {
  size_ = size_before_line_;
  count_ = count_before_line_;
}

void ResponseHeaders::note(std::string_view name, std::string_view value) {
  char lower_name[kMaxHeaderName];
  const std::string_view kept = kept_header(name, lower_name);
  const std::string_view cut = value.substr(0, kMaxHeaderValue);
  if (kept.empty() || cut.empty() || count_ == kMaxHeaders || kept.size() + cut.size() > sizeof text_ - size_)
    return;
  std::memcpy(text_ + size_, kept.data(), kept.size());
  std::memcpy(text_ + size_ + kept.size(), cut.data(), cut.size());
  entries_[count_++] = {size_, static_cast<std::uint16_t>(kept.size()),
                        static_cast<std::uint16_t>(cut.size())};
  size_ = static_cast<std::uint16_t>(size_ + kept.size() + cut.size());
}

std::string_view ResponseHeaders::name_of(const Entry& entry) const {
  return {text_ + entry.begin, entry.name_size};
}

std::string_view ResponseHeaders::value_of(const Entry& entry) const {
  return {text_ + entry.begin + entry.name_size, entry.value_size};
}

// What was sent several times is one list.
void ResponseHeaders::write(journal::SpanDraft* draft) const {
  genai::FixedText<kKeyBegin.size() + kMaxHeaderName> key;
  bool written[kMaxHeaders] = {};
  std::string_view values[kMaxHeaders];
  for (std::size_t first = 0; first < count_; ++first) {
    if (written[first]) continue;
    const std::string_view name = name_of(entries_[first]);
    std::size_t value_count = 0;
    for (std::size_t other = first; other < count_; ++other) {
      if (name_of(entries_[other]) != name) continue;
      values[value_count++] = value_of(entries_[other]);
      written[other] = true;
    }
    key.assign(kKeyBegin);
    key.append(name);
    draft->add_strings(key.view(), {values, value_count});
  }
}

}  // namespace llmo::http
