// Secrets that stand in text which is otherwise worth keeping: error messages that quote an API key, URLs.
#pragma once

#include <cstddef>
#include <string_view>

#include "shim/genai/fixed_text.h"

namespace llmo::genai {

inline constexpr std::string_view kRedacted = "REDACTED";

// True for the name of a parameter or header whose value is likely a secret: `key`, `X-Api-Key`,
// `access_token`, `X-Amz-Signature` … in any case, percent-encoded or not, words joined by `-`, `_`, `.` or
// nothing. Rather one too many than one too few.
bool is_secret_name(std::string_view name);

// The length of the secret that begins `text`, or 0: an API key as the known providers form them (`sk-…`),
// the word after `Bearer `, a JSON web token. What stands before `text` must not be part of a word.
std::size_t secret_length(std::string_view text);

// Appends `text` to `out` with each secret in it replaced by `REDACTED`, as far as it fits.
template <std::size_t Capacity>
void append_redacted(std::string_view text, FixedText<Capacity>* out);

// Length of the beginning of `text` that holds no secret; the secret's own length goes to `secret`.
std::size_t length_before_secret(std::string_view text, std::size_t* secret);

template <std::size_t Capacity>
void append_redacted(std::string_view text, FixedText<Capacity>* out) {
  while (!text.empty()) {
    std::size_t secret = 0;
    const std::size_t before = length_before_secret(text, &secret);
    if (!out->append(text.substr(0, before))) return;
    if (secret != 0 && !out->append(kRedacted)) return;
    text.remove_prefix(before + secret);
  }
}

}  // namespace llmo::genai
