#include "shim/genai/secrets.h"

#include <cstring>

#include "shim/genai/percent.h"

namespace llmo::genai {
namespace {

// How the keys of the providers begin. Short ones would also take ordinary words, so a key needs a tail, see
// kMinKeyTail, and has to begin where a word begins.
constexpr std::string_view kKeyPrefixes[] = {
    "sk-",    // OpenAI, Anthropic, DeepSeek, OpenRouter
    "sk_",    //
    "pk-",    //
    "rk-",    //
    "sess-",  // OpenAI session keys
    "pcsk_",  // Pinecone
    "gsk_",   // Groq
    "xai-",   // xAI
    "pplx-",  // Perplexity
    "hf_",    // Hugging Face
    "fw_",    // Fireworks
    "pa-",    // Voyage
    "jina_",  // Jina
    "AIza",   // Google
    "ya29.",  // Google access tokens
    "AKIA",   // AWS access key ids
    "ASIA",   //
    "ghp_",   // GitHub
    "github_pat_",
    "xoxb-",  // Slack
    "eyJ",    // JSON web tokens
};
constexpr std::size_t kMinKeyTail = 12;

// Words that announce a credential in a message. The longest that stays a plain word after them is
// kMinBearer.
constexpr std::string_view kBearer = "bearer ";
constexpr std::size_t kMinBearer = 8;

// Names are compared without their separators and in lower case.
constexpr std::string_view kSecretNames[] = {
    "key", "sig", "auth", "pwd", "pass", "jwt", "sas", "code", "authorization", "awsaccesskeyid", "cookie",
};
constexpr std::string_view kSecretEndings[] = {
    "apikey",     "accesskey",   "secretkey",  "privatekey", "subscriptionkey", "functionskey",
    "token",      "secret",      "password",   "passwd",     "passphrase",      "signature",
    "credential", "credentials", "sessionkey", "authkey",    "licensekey",
};

bool is_alphanumeric(char byte) {
  const char lower = static_cast<char>(byte | 0x20);
  return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z');
}

// Providers mask the middle of a key with asterisks when they quote it; what they leave is still part of it.
bool is_key_byte(char byte) {
  return is_alphanumeric(byte) || byte == '-' || byte == '_' || byte == '.' || byte == '*';
}
// After `Bearer ` anything may stand, also plain base64.
bool is_token_byte(char byte) {
  return is_key_byte(byte) || byte == '+' || byte == '/' || byte == '=' || byte == '~';
}

// The length of the word that `text` begins with. A full stop at its end belongs to the sentence.
std::size_t word_length(std::string_view text, bool (*is_word_byte)(char)) {
  std::size_t size = 0;
  while (size < text.size() && is_word_byte(text[size])) ++size;
  while (size > 0 && text[size - 1] == '.') --size;
  return size;
}

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; }

bool starts_with_any_case(std::string_view text, std::string_view lower_prefix) {
  if (text.size() < lower_prefix.size()) return false;
  for (std::size_t at = 0; at < lower_prefix.size(); ++at) {
    if (lower(text[at]) != lower_prefix[at]) return false;
  }
  return true;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  // The end of a name says what it is, so of a long one the end is kept; none of the names in the tables is
  // as long.
  char letters[32];
  std::size_t size = 0;
  while (!name.empty()) {
    const char small = lower(take_decoded(&name));
    if (!is_alphanumeric(small)) continue;
    if (size == sizeof letters) std::memmove(letters, letters + 1, --size);
    letters[size++] = small;
  }
  const std::string_view plain{letters, size};
  for (const std::string_view secret : kSecretNames) {
    if (plain == secret) return true;
  }
  for (const std::string_view ending : kSecretEndings) {
    if (plain.ends_with(ending)) return true;
  }
  return false;
}

std::size_t secret_length(std::string_view text) {
  for (const std::string_view prefix : kKeyPrefixes) {
    if (!text.starts_with(prefix)) continue;
    const std::size_t size = word_length(text, is_key_byte);
    if (size >= prefix.size() + kMinKeyTail) return size;
  }
  return 0;
}

std::size_t length_before_secret(std::string_view text, std::size_t* secret) {
  bool word_begins = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (word_begins) {
      if (*secret = secret_length(text.substr(at)); *secret != 0) return at;
      if (starts_with_any_case(text.substr(at), kBearer)) {
        const std::size_t after = at + kBearer.size();
        *secret = word_length(text.substr(after), is_token_byte);
        if (*secret >= kMinBearer) return after;
      }
    }
    word_begins = !is_alphanumeric(text[at]);
  }
  *secret = 0;
  return text.size();
}

}  // namespace llmo::genai
