#include "shim/genai/secrets.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#include "shim/config/text.h"
#include "shim/genai/percent.h"
#include "shim/genai/secret_names.h"

namespace llmo::genai {
namespace {

// Words that announce a credential. What follows `Basic` has to look like base64, as it is a word of every
// day.
constexpr std::string_view kBearer = "bearer ";
constexpr std::string_view kBasic = "basic ";
constexpr std::size_t kMinCredential = 8;
constexpr std::string_view kPrivateKeyBegin = "-----BEGIN ";
constexpr std::string_view kPrivateKey = "PRIVATE KEY";
constexpr std::string_view kPrivateKeyEnd = "-----END ";
// The longest user name and password of a URL that is looked for.
constexpr std::size_t kMaxUserInfo = 256;
constexpr std::size_t kMaxName = 64;

// Where a secret stands in what was looked at; `size` 0: there is none.
struct Place {
  std::size_t at = 0;
  std::size_t size = 0;
};

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_upper(char byte) { return byte >= 'A' && byte <= 'Z'; }

// Providers mask the middle of a key with asterisks when they quote it; what they leave is still part of it.
bool is_key_byte(char byte) {
  return config::is_letter_or_digit(byte) || byte == '-' || byte == '_' || byte == '.' || byte == '*';
}
// After `Bearer ` anything may stand, also plain base64.
bool is_token_byte(char byte) {
  return is_key_byte(byte) || byte == '+' || byte == '/' || byte == '=' || byte == '~';
}
bool is_name_byte(char byte) {
  return config::is_letter_or_digit(byte) || byte == '-' || byte == '_' || byte == '.' || byte == '%';
}
bool is_quote(char byte) { return byte == '"' || byte == '\'' || byte == '`'; }
bool ends_value(char byte) {
  return static_cast<unsigned char>(byte) <= ' ' || is_quote(byte) ||
         std::string_view{",;&)}]<>\\"}.find(byte) != std::string_view::npos;
}
bool ends_line(char byte) { return byte == '\n' || byte == '\r' || is_quote(byte) || byte == '\\'; }

template <typename Predicate>
std::size_t run_length(std::string_view text, std::size_t most, Predicate fits) {
  std::size_t size = 0;
  while (size < text.size() && size < most && fits(text[size])) ++size;
  return size;
}

// The length of the word that `text` begins with. A full stop at its end belongs to the sentence.
std::size_t word_length(std::string_view text, bool (*is_word_byte)(char)) {
  std::size_t size = run_length(text, text.size(), is_word_byte);
  while (size > 0 && text[size - 1] == '.') --size;
  return size;
}

bool has_digit(std::string_view text) { return std::any_of(text.begin(), text.end(), is_digit); }

// --- what a word is --------------------------------------------------------------------------------------

// The bytes that known keys begin with: one look spares most words the search.
constexpr bool begins_key(char byte) {
  for (const std::string_view prefix : kKeyPrefixes) {
    if (prefix.front() == byte) return true;
  }
  return false;
}
constexpr auto kKeyBegins = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) table[byte] = begins_key(static_cast<char>(byte));
  return table;
}();

Place known_key(std::string_view text) {
  if (!kKeyBegins[static_cast<unsigned char>(text.front())]) return {};
  for (const std::string_view prefix : kKeyPrefixes) {
    if (!text.starts_with(prefix)) continue;
    const std::size_t size = word_length(text, is_key_byte);
    if (size >= prefix.size() + kMinKeyTail) return {0, size};
  }
  return {};
}

Place credential(std::string_view text) {
  if (config::starts_ignoring_case(text, kBearer)) {
    const std::size_t size = word_length(text.substr(kBearer.size()), is_token_byte);
    if (size >= kMinCredential) return {kBearer.size(), size};
  }
  if (config::starts_ignoring_case(text, kBasic)) {
    const std::string_view word = text.substr(kBasic.size());
    const std::size_t size = word_length(word, is_token_byte);
    const std::string_view inner = word.substr(0, size).substr(size > 0 ? 1 : 0);
    const bool encoded = std::any_of(inner.begin(), inner.end(), [](char byte) {
      return is_digit(byte) || is_upper(byte) || byte == '=';
    });
    if (size >= kMinCredential && encoded) return {kBasic.size(), size};
  }
  return {};
}

// A bot's number, a colon, its key: as Telegram forms them and puts them into paths.
Place bot_token(std::string_view text) {
  const std::size_t prefix = text.starts_with("bot") ? 3 : 0;
  const std::size_t digits = run_length(text.substr(prefix), 16, is_digit);
  const std::size_t colon = prefix + digits;
  if (digits < 5 || colon >= text.size() || text[colon] != ':') return {};
  const std::size_t key = run_length(text.substr(colon + 1), text.size(), is_key_byte);
  return key >= 24 ? Place{prefix, digits + 1 + key} : Place{};
}

// A word too long and too mixed to be one that people made up.
bool is_random(std::string_view word, TextKind kind, bool is_id) {
  bool digit = false;
  bool small = false;
  bool capital = false;
  for (const char byte : word) {
    digit |= is_digit(byte);
    capital |= is_upper(byte);
    small |= !is_digit(byte) && !is_upper(byte);
  }
  if (kind == TextKind::kMessage) return word.size() >= 32 && digit && (small || capital);
  return word.size() >= (is_id ? 32 : 20) && digit && small && capital;
}

// --- what a name says ------------------------------------------------------------------------------------

bool is_one_of(std::string_view plain, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), plain) != names.end();
}

// A name in lower case without its separators. The end of a name says what it is, so of a long one the end is
// kept; none of the names in the tables is as long.
platform::FixedText<32> plain_name(std::string_view name) {
  char letters[32];
  std::size_t size = 0;
  while (!name.empty()) {
    const char small = config::to_lower(take_decoded(&name));
    if (!config::is_letter_or_digit(small)) continue;
    if (size == sizeof letters) std::memmove(letters, letters + 1, --size);
    letters[size++] = small;
  }
  platform::FixedText<32> plain;
  plain.assign({letters, size});
  return plain;
}

bool has_secret_ending(std::string_view plain) {
  return std::any_of(std::begin(kSecretEndings), std::end(kSecretEndings),
                     [plain](std::string_view ending) { return plain.ends_with(ending); });
}

struct Separator {
  std::size_t size = 0;  // 0: there is none
  bool name_quoted = false;
  bool spaced = false;
  bool is_equals = false;
  bool escaped = false;  // the value's quote
  char quote = 0;        // that the value stands in, 0: none
};

// What stands between a name and its value: `=`, `: `, `":"`, `\": \"` …
Separator separator(std::string_view text) {
  Separator found;
  std::size_t at = 0;
  const auto skip = [&](char byte) {
    at += run_length(text.substr(at), 4, [&](char b) { return b == byte; });
  };
  const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  skip('\\');
  if (is_quote(peek())) {
    found.name_quoted = true;
    ++at;
  }
  skip(' ');
  if (peek() != ':' && peek() != '=') return {};
  found.is_equals = peek() == '=';
  found.spaced = at > 0 && text[at - 1] == ' ';
  ++at;
  if (peek() == '>' || peek() == '=') ++at;
  const std::size_t before = at;
  skip(' ');
  found.spaced |= at != before;
  const std::size_t backslash = at;
  skip('\\');
  found.escaped = at != backslash;
  if (is_quote(peek())) found.quote = text[at++];
  found.size = at;
  return found;
}

std::size_t quoted_length(std::string_view text, const Separator& separator) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != separator.quote && !(separator.escaped && text[at] == '\\')) {
    at += text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
  }
  return at;
}

// Words that stand where a value could: a type in source code, a variable of a shell.
bool could_be_value(std::string_view value, const Separator& separator) {
  if (value.empty() || separator.name_quoted || value[0] == '$' || value[0] == '{' || value[0] == '(') {
    return false;
  }
  if (separator.is_equals && !separator.spaced) return true;
  return value.size() >= 6 && has_digit(value) && value.find('(') == value.npos;
}

// A name that announces a secret, and the secret. `in_query`: it stands where a URL's parameters stand.
Place named_secret(std::string_view text, bool in_query) {
  const std::size_t name_size = run_length(text, kMaxName, is_name_byte);
  if (name_size == text.size()) return {};
  const Separator between = separator(text.substr(name_size));
  if (between.size == 0) return {};
  const platform::FixedText<32> name = plain_name(text.substr(0, name_size));
  const std::size_t at = name_size + between.size;
  const std::string_view rest = text.substr(at);
  if (is_one_of(name.view(), kSecretHeaders)) {
    if (between.quote != 0) return {at, quoted_length(rest, between)};
    return {at, run_length(rest, rest.size(), [](char byte) { return !ends_line(byte); })};
  }
  const bool secret = is_one_of(name.view(), kSecretNames) || has_secret_ending(name.view()) ||
                      (in_query && is_one_of(name.view(), kShortSecretNames));
  if (!secret) return {};
  if (between.quote != 0) return {at, quoted_length(rest, between)};
  const std::size_t size = run_length(rest, rest.size(), [](char byte) { return !ends_value(byte); });
  return could_be_value(rest.substr(0, size), between) ? Place{at, size} : Place{};
}

// `API key provided: 0123…`, `invalid access token 0123…`: the first word after it that is no plain one.
Place announced_secret(std::string_view text) {
  for (const std::string_view phrase : kSecretPhrases) {
    if (!config::starts_ignoring_case(text, phrase)) continue;
    std::size_t at = phrase.size();
    for (int words = 0; words < 5 && at < text.size(); ++words) {
      at += run_length(text.substr(at), 8,
                       [](char byte) { return !config::is_letter_or_digit(byte) && byte != '\n'; });
      const std::size_t size = word_length(text.substr(at), is_token_byte);
      if (size >= 12 && has_digit(text.substr(at, size))) return {at, size};
      if (size == 0) break;
      at += size;
    }
  }
  return {};
}

// --- what no word begins ---------------------------------------------------------------------------------

// Everything between `://` and the last at sign before the path.
Place user_info(std::string_view text) {
  if (!text.starts_with("://")) return {};
  const std::size_t size = run_length(text.substr(3), kMaxUserInfo, [](char byte) {
    return static_cast<unsigned char>(byte) > ' ' && byte != '/' && byte != '?' && byte != '#' &&
           byte != '"' && byte != '<' && byte != '>';
  });
  const std::size_t at_sign = text.substr(3, size).rfind('@');
  return at_sign == text.npos ? Place{} : Place{3, at_sign};
}

Place private_key(std::string_view text) {
  if (!text.starts_with(kPrivateKeyBegin)) return {};
  if (text.substr(0, kMaxName).find(kPrivateKey) == text.npos) return {};
  const std::size_t end = std::min(text.size(), text.find(kPrivateKeyEnd));
  return {kPrivateKeyBegin.size(), end - kPrivateKeyBegin.size()};
}

// The secret that the word begins with, or announces. `before` is what stands in front of it.
Place secret_of_word(std::string_view text, std::string_view before, TextKind kind) {
  if (const Place key = known_key(text); key.size != 0) return key;
  if (const Place found = credential(text); found.size != 0) return found;
  if (const Place token = bot_token(text); token.size != 0) return token;
  const char last = before.empty() ? '\0' : before.back();
  if (const Place named = named_secret(text, last == '?' || last == '&'); named.size != 0) return named;
  if (const Place announced = announced_secret(text); announced.size != 0) return announced;
  if (kind == TextKind::kContent) return {};
  const std::size_t size = run_length(text, text.size(), config::is_letter_or_digit);
  const bool is_id = (last == '-' || last == '_') && before.size() > 1 &&
                     config::is_letter_or_digit(before[before.size() - 2]);
  return is_random(text.substr(0, size), kind, is_id) ? Place{0, size} : Place{};
}

}  // namespace

bool is_secret_name(std::string_view name) {
  const platform::FixedText<32> plain = plain_name(name);
  return is_one_of(plain.view(), kSecretNames) || is_one_of(plain.view(), kShortSecretNames) ||
         is_one_of(plain.view(), kSecretHeaders) || has_secret_ending(plain.view());
}

bool is_word_end(char byte) { return !is_token_byte(byte); }

std::size_t length_before_secret(std::string_view text, TextKind kind, std::size_t* secret) {
  bool word_begins = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool letter = config::is_letter_or_digit(text[at]);
    Place place;
    if (letter && word_begins) place = secret_of_word(text.substr(at), text.substr(0, at), kind);
    if (text[at] == ':') place = user_info(text.substr(at));
    if (text[at] == '-') place = private_key(text.substr(at));
    if (place.size != 0) {
      *secret = place.size;
      return at + place.at;
    }
    word_begins = !letter;
  }
  *secret = 0;
  return text.size();
}

std::string_view without_secret(std::string_view name) {
  // What is shorter than any key has to name its secret, or to announce it, and no plain name does.
  if (name.size() < kMinKeyTail && std::all_of(name.begin(), name.end(), is_key_byte)) return name;
  std::size_t secret = 0;
  length_before_secret(name, TextKind::kContent, &secret);
  return secret == 0 ? name : kRedacted;
}

void redact_secrets(std::string* text) {
  std::size_t secret = 0;
  std::size_t before = length_before_secret(*text, TextKind::kContent, &secret);
  if (secret == 0) return;
  std::string clean;
  std::string_view rest = *text;
  while (!rest.empty()) {
    clean.append(rest.substr(0, before));
    if (secret != 0) clean.append(kRedacted);
    rest.remove_prefix(before + secret);
    before = length_before_secret(rest, TextKind::kContent, &secret);
  }
  *text = std::move(clean);
}

}  // namespace llmo::genai
