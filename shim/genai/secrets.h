// Secrets that stand in text which is otherwise worth keeping: error messages that quote an API key, URLs,
// prompts that hold a password.
//
// Nobody can know every secret. What is known here: how the keys of many services begin; what stands after
// `Bearer`; what stands after a name that says so (`api_key=…`, `"password": "…"`, `Cookie: …`); user names
// and passwords in URLs; private keys. Where a text is of the kind that quotes credentials, long random words
// count as well. Rather one too many than one too few.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "shim/platform/fixed_text.h"

namespace llmo::genai {

inline constexpr std::string_view kRedacted = "REDACTED";

// True for the name of a parameter or header whose value is likely a secret: `key`, `X-Api-Key`,
// `access_token`, `X-Amz-Signature` … in any case, percent-encoded or not, words joined by `-`, `_`, `.` or
// nothing. Rather one too many than one too few.
bool is_secret_name(std::string_view name);

// How likely a long random word is a secret in a text.
enum class TextKind : std::uint8_t {
  kContent,  // what people and models write: hashes and ids are no secrets there
  kMessage,  // an error message: very long ones are keys that it quotes
  kUrl,      // a part of a URL: also shorter ones, unless they are ids of the form `file-…`
};

// Length of the beginning of `text` that holds no secret; the secret's own length goes to `secret`, 0 where
// there is none. What stands before `text` must not be part of a word.
std::size_t length_before_secret(std::string_view text, TextKind kind, std::size_t* secret);

// Appends `text`, an error message or a name, to `out` with each secret in it replaced by `REDACTED`, as far
// as it fits.
template <std::size_t Capacity>
void append_redacted(std::string_view text, platform::FixedText<Capacity>* out) {
  while (!text.empty()) {
    std::size_t secret = 0;
    const std::size_t before = length_before_secret(text, TextKind::kMessage, &secret);
    if (!out->append(text.substr(0, before))) return;
    if (secret != 0 && !out->append(kRedacted)) return;
    text.remove_prefix(before + secret);
  }
}

// `name`, or `REDACTED` where there is a secret in it: people do put a key where the model's name belongs.
std::string_view without_secret(std::string_view name);

// Replaces each secret in captured content. Allocates only where there is one.
void redact_secrets(std::string* text);

// True for a byte that no key or token holds: what ends one in a text.
bool is_word_end(char byte);

}  // namespace llmo::genai
