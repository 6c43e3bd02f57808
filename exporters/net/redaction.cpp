#include "exporters/net/redaction.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "exporters/net/url_parts.h"
#include "shim/config/text.h"

namespace llmo::net {
namespace {

constexpr std::size_t kShortest = 4;
constexpr std::string_view kMark = "[redacted]";

// Each byte is moved once: an answer may be large, and made of nothing but secrets.
std::string replaced(std::string_view text, std::string_view what) {
  std::string out;
  for (std::size_t at = 0; (at = text.find(what)) != text.npos; text.remove_prefix(at + what.size())) {
    out.append(text.substr(0, at)).append(kMark);
  }
  return out.append(text);
}

// How a credential is meant, in front of it: a word that a message needs.
bool is_scheme(std::string_view word) {
  constexpr std::string_view kSchemes[] = {"bearer", "basic", "token", "apikey", "api-key"};
  return std::any_of(std::begin(kSchemes), std::end(kSchemes),
                     [word](std::string_view scheme) { return config::equal_ignoring_case(word, scheme); });
}

template <typename Visit>
void for_each_part(std::string_view text, char separator, Visit&& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

Redaction::Redaction(const std::string& url, const HttpHeaders& headers) {
  const UrlParts parts(url);
  for (const unsigned flags : {0U, static_cast<unsigned>(CURLU_URLDECODE)}) {
    add(parts.get(CURLUPART_USER, flags));
    add(parts.get(CURLUPART_PASSWORD, flags));
  }
  for_each_part(parts.get(CURLUPART_QUERY), '&', [this](std::string_view part) {
    const std::size_t equals = part.find('=');
    add(equals == part.npos ? part : part.substr(equals + 1));
  });
  for (const auto& [name, value] : headers) {
    add(value);
    for_each_part(value, ' ', [this](std::string_view word) { add(word); });
  }
  std::sort(secrets_.begin(), secrets_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void Redaction::add(std::string_view secret) {
  if (secret.size() >= kShortest && !is_scheme(secret)) secrets_.emplace_back(secret);
}

std::string Redaction::operator()(std::string text) const {
  for (const std::string& secret : secrets_) text = replaced(text, secret);
  return text;
}

}  // namespace llmo::net
