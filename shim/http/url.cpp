#include "shim/http/url.h"

#include "shim/config/text.h"
#include "shim/genai/percent.h"
#include "shim/genai/secrets.h"

namespace llmo::http {
namespace {

// Longer URLs are looked at no further: what comes later would not fit into the redacted one.
constexpr std::size_t kMaxInspected = 4 * kMaxRedactedUrlSize;

// The pieces of a URL as they were written.
struct RawUrl {
  std::string_view scheme;  // empty where there was none
  std::string_view userinfo;
  std::string_view host;  // with brackets
  std::string_view port;
  std::string_view path;
  std::string_view query;
  bool has_userinfo = false;
  bool has_port = false;
  bool has_query = false;
};

template <std::size_t Capacity>
void append_lower(std::string_view text, platform::FixedText<Capacity>* out) {
  for (const char byte : text) {
    const char small = config::to_lower(byte);
    out->append({&small, 1});
  }
}

bool is_scheme_byte(char byte) {
  return config::is_letter_or_digit(byte) || byte == '+' || byte == '-' || byte == '.';
}

// Takes `scheme:` and the slashes after it off the front. libcurl forgives one slash too few or too many, and
// a text like `localhost:8080/x` has no scheme at all.
std::string_view take_scheme(std::string_view* text) {
  std::size_t size = 0;
  while (size < text->size() && is_scheme_byte((*text)[size])) ++size;
  if (size == 0 || !text->substr(size).starts_with(":/")) return {};
  const std::string_view scheme = text->substr(0, size);
  text->remove_prefix(size + 1);
  for (int slashes = 0; slashes < 3 && text->starts_with('/'); ++slashes) text->remove_prefix(1);
  return scheme;
}

// Everything before the last `@` is user information: a host holds none, a badly written password might.
void split_authority(std::string_view authority, RawUrl* url) {
  if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
    url->has_userinfo = true;
    url->userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const std::size_t colon = bracket == authority.npos ? authority.npos : authority.find(':', bracket);
  url->host = authority.substr(0, colon);
  url->has_port = colon != authority.npos;
  if (url->has_port) url->port = authority.substr(colon + 1);
}

RawUrl split(std::string_view text) {
  RawUrl url;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  url.scheme = take_scheme(&text);
  text = text.substr(0, text.find('#'));
  const std::size_t authority_size = text.substr(0, text.find_first_of("/?")).size();
  split_authority(text.substr(0, authority_size), &url);
  text.remove_prefix(authority_size);
  const std::size_t question = text.find('?');
  url.path = text.substr(0, question);
  url.has_query = question != text.npos;
  if (url.has_query) url.query = text.substr(question + 1);
  return url;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return scheme == "ftp" ? 21 : 0;
}

// An empty port is as good as none. Returns false for what is no port.
bool parse_port(const RawUrl& raw, std::string_view scheme, std::uint16_t* port) {
  *port = default_port(scheme);
  std::uint32_t number = 0;
  for (const char byte : raw.port) {
    if (byte < '0' || byte > '9') return false;
    number = number * 10 + static_cast<std::uint32_t>(byte - '0');
    if (number > 0xffff) return false;
  }
  if (!raw.port.empty()) *port = static_cast<std::uint16_t>(number);
  return true;
}

bool is_host(std::string_view host) {
  for (const char byte : host) {
    if (static_cast<unsigned char>(byte) <= ' ' || byte == 0x7f || byte == '@' || byte == '[') {
      return false;
    }
  }
  return !host.empty() && !host.ends_with('.') && host.size() <= 255;
}

std::string_view bare_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

// Appends with everything but printable ASCII percent-encoded, so that whatever was in the URL is valid text.
// Returns false once `out` is full.
bool append_printable(std::string_view text, RedactedUrl* out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    const char encoded[] = {'%', kDigits[code >> 4], kDigits[code & 15]};
    const bool plain = code > ' ' && code < 0x7f;
    const std::string_view piece = plain ? std::string_view{&byte, 1} : std::string_view{encoded, 3};
    if (out->size() + piece.size() > kMaxRedactedUrlSize) return false;
    out->append(piece);
  }
  return true;
}

// The same, without the secrets that can be told by how they look.
bool append_safe(std::string_view text, RedactedUrl* out) {
  while (!text.empty()) {
    std::size_t secret = 0;
    const std::size_t before = genai::length_before_secret(text, genai::TextKind::kUrl, &secret);
    if (!append_printable(text.substr(0, before), out)) return false;
    if (secret != 0 && !append_printable(genai::kRedacted, out)) return false;
    text.remove_prefix(before + secret);
  }
  return true;
}

// True where there is a secret in what the text means once it is decoded. Decoded twice, as a URL may stand
// in a URL.
bool hides_secret(std::string_view text) {
  platform::FixedText<1024> plain;
  for (int round = 0; round < 2 && text.find('%') != text.npos; ++round) {
    platform::FixedText<1024> decoded;
    genai::percent_decode(text, &decoded);
    plain = decoded;
    text = plain.view();
    std::size_t secret = 0;
    genai::length_before_secret(text, genai::TextKind::kUrl, &secret);
    if (secret != 0) return true;
  }
  return false;
}

// A value whose name, if it has one, says nothing.
bool append_value(std::string_view value, RedactedUrl* out) {
  return hides_secret(value) ? append_printable(genai::kRedacted, out) : append_safe(value, out);
}

bool append_named_value(std::string_view key, std::string_view value, RedactedUrl* out) {
  if (!append_value(key, out) || !append_printable("=", out)) return false;
  const bool secret = !value.empty() && genai::is_secret_name(key);
  return secret ? append_printable(genai::kRedacted, out) : append_value(value, out);
}

// What stands below `/keys/`, `/token/` and the like, unless it is a word.
bool is_named_by(std::string_view parent, std::string_view label) {
  if (parent.ends_with('/')) parent.remove_suffix(1);
  if (parent.ends_with('s')) parent.remove_suffix(1);
  return label.size() >= 8 && label.find_first_of("0123456789") != label.npos &&
         genai::is_secret_name(parent);
}

// A label of the path, with the parameters that may follow it (RFC 3986, 3.3): `label;name=value`.
bool append_label(std::string_view label, std::string_view parent, RedactedUrl* out) {
  const std::string_view word = label.substr(0, label.find(';'));
  if (!(is_named_by(parent, word) ? append_printable(genai::kRedacted, out) : append_value(word, out))) {
    return false;
  }
  for (label.remove_prefix(word.size()); !label.empty();) {
    const std::string_view parameter = label.substr(1, label.find(';', 1) - 1);
    const std::size_t equals = parameter.find('=');
    if (!append_printable(";", out)) return false;
    const bool going = equals == parameter.npos ? append_value(parameter, out)
                                                : append_named_value(parameter.substr(0, equals),
                                                                     parameter.substr(equals + 1), out);
    if (!going) return false;
    label.remove_prefix(1 + parameter.size());
  }
  return true;
}

bool append_path(std::string_view path, RedactedUrl* out) {
  std::string_view parent;
  while (!path.empty()) {
    if (!append_printable("/", out)) return false;
    path.remove_prefix(1);
    std::string_view label = path.substr(0, path.find('/'));
    path.remove_prefix(label.size());
    // A URL in the path, with a user name of its own.
    const std::size_t user = parent.ends_with(":/") ? label.rfind('@') : label.npos;
    if (user != label.npos) {
      if (!append_printable(genai::kRedacted, out)) return false;
      label.remove_prefix(user);
    }
    if (!append_label(label, parent, out)) return false;
    // An empty label belongs to the one before it.
    parent = label.empty() && !parent.empty() ? std::string_view{parent.data(), parent.size() + 1} : label;
  }
  return true;
}

void append_query(std::string_view query, RedactedUrl* out) {
  bool going = true;
  const char* at = query.data();
  genai::for_each_query_parameter(query, [&](std::string_view key, std::string_view value, bool has_value) {
    if (!going) return;
    // What stood between this parameter and the one before it.
    going = append_printable({at, static_cast<std::size_t>(key.data() - at)}, out);
    at = key.data() + key.size() + (has_value ? 1 + value.size() : 0);
    if (going) going = has_value ? append_named_value(key, value, out) : append_value(key, out);
  });
  const char* const end = query.data() + query.size();
  if (going) append_printable({at, static_cast<std::size_t>(end - at)}, out);
}

}  // namespace

bool parse_url(std::string_view text, Url* url) {
  const RawUrl raw = split(text);
  const std::string_view host = bare_host(raw.host);
  Url parsed;
  append_lower(raw.scheme.empty() ? "http" : raw.scheme, &parsed.scheme_);
  if (!is_host(host) || !parse_port(raw, parsed.scheme_.view(), &parsed.port_)) return false;
  append_lower(host, &parsed.host_);
  parsed.has_userinfo_ = raw.has_userinfo;
  parsed.path_ = raw.path.empty() ? "/" : raw.path;
  parsed.query_ = raw.query;
  *url = parsed;
  return true;
}

RedactedUrl redacted_url(std::string_view text) {
  RedactedUrl out;
  text = text.substr(0, kMaxInspected);
  Url url;
  if (!parse_url(text, &url)) return out;
  const RawUrl raw = split(text);
  out.append(url.scheme());
  out.append("://");
  if (raw.has_userinfo) out.append("REDACTED:REDACTED@");
  const bool bracketed = raw.host.starts_with('[');
  out.append(bracketed ? "[" : "");
  append_safe(url.host(), &out);
  out.append(bracketed ? "]" : "");
  if (!raw.port.empty()) {
    out.append(":");
    out.append(raw.port);
  }
  if (!append_path(url.path(), &out) || !raw.has_query) return out;
  if (append_printable("?", &out)) append_query(raw.query, &out);
  return out;
}

}  // namespace llmo::http
