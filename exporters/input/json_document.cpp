#include "exporters/input/json_document.h"

#include <fmt/format.h>

#include <algorithm>

namespace llmo::input {
namespace {

constexpr std::size_t kEnough = 1U << 20;    // bytes of spans to be passed on together
constexpr std::size_t kMaxPart = 64U << 20;  // of one span, resource or scope
constexpr std::string_view kNextRequest = "{\"resourceSpans\"";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool ends_scalar(char c) { return is_blank(c) || c == ',' || c == ']' || c == '}'; }

bool put(std::string* copy, std::string_view bytes) {
  if (copy == nullptr) return true;
  if (copy->size() + bytes.size() > kMaxPart) return false;
  *copy += bytes;
  return true;
}

}  // namespace

bool JsonDocument::read() {
  const bool whole = read_object([this](std::string_view key) {
    return key == "resourceSpans" ? read_array([this] { return read_resource_spans(); })
                                  : read_value(nullptr);
  });
  hand_over();
  return whole;
}

bool JsonDocument::read_resource_spans() {
  hand_over();
  resource_.clear();
  return read_object([this](std::string_view key) {
    if (key == "resource") return read_value(&resource_);
    return key == "scopeSpans" ? read_array([this] { return read_scope_spans(); }) : read_value(nullptr);
  });
}

bool JsonDocument::read_scope_spans() {
  hand_over();
  scope_.clear();
  return read_object([this](std::string_view key) {
    if (key == "scope") return read_value(&scope_);
    return key == "spans" ? read_array([this] { return read_span(); }) : read_value(nullptr);
  });
}

bool JsonDocument::read_span() {
  if (spans_.size() > kEnough) hand_over();
  const std::size_t before = spans_.size();
  if (before != 0) spans_ += ',';
  if (read_value(&spans_)) return true;
  spans_.resize(before);
  return false;
}

void JsonDocument::hand_over() {
  if (spans_.empty()) return;
  const auto or_empty = [](const std::string& text) { return text.empty() ? std::string_view("{}") : text; };
  take_(fmt::format(R"({{"resourceSpans":[{{"resource":{},"scopeSpans":[{{"scope":{},"spans":[{}]}}]}}]}})",
                    or_empty(resource_), or_empty(scope_), spans_));
  spans_.clear();
}

// The next character that is not blank, or -1 where there is none, also when asked again.
int JsonDocument::peek() {
  for (;;) {
    const std::string_view view = window_.view();
    const auto at = std::find_if_not(view.begin(), view.end(), is_blank);
    const bool line_begins = at != view.begin() && *(at - 1) == '\n';
    if (!style_known_ && std::find(view.begin(), at, '\n') != at) {
      style_known_ = true;
      indented_ = !line_begins;
    }
    window_.consume(static_cast<std::size_t>(at - view.begin()));
    if (at == view.end()) {
      if (!window_.fill()) return -1;
      continue;
    }
    cut_off_ = cut_off_ || (line_begins && next_request_begins());
    if (cut_off_) return -1;
    return static_cast<unsigned char>(window_.view().front());
  }
}

bool JsonDocument::expect(char wanted) {
  if (peek() != static_cast<unsigned char>(wanted)) return false;
  window_.consume(1);
  return true;
}

template <typename Member>
bool JsonDocument::read_object(Member member) {
  if (!expect('{')) return false;
  if (expect('}')) return true;
  std::string key;
  do {
    key.clear();
    if (peek() != '"' || !read_text(&key) || !expect(':')) return false;
    if (!member(std::string_view(key).substr(1, key.size() - 2))) return false;
  } while (expect(','));
  return expect('}');
}

template <typename Element>
bool JsonDocument::read_array(Element element) {
  if (peek() != '[') return read_value(nullptr);
  window_.consume(1);
  if (expect(']')) return true;
  do {
    if (!element()) return false;
  } while (expect(','));
  return expect(']');
}

// A string, an object or an array, as it is written. A line does not end within a string.
bool JsonDocument::read_text(std::string* copy) {
  std::size_t depth = 0;
  bool in_string = false;
  bool escaped = false;
  for (;;) {
    const std::string_view view = window_.view();
    std::size_t size = 0;
    bool done = false;
    bool line_ends = false;
    while (size < view.size() && !done && !line_ends) {
      const char c = view[size++];
      if (in_string) {
        in_string = escaped || c != '"';
        escaped = !escaped && c == '\\';
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        --depth;
      } else {
        in_string = c == '"';
      }
      line_ends = c == '\n';
      done = depth == 0 && !in_string;
    }
    if (line_ends && in_string) --size;
    if (!put(copy, view.substr(0, size))) return false;
    window_.consume(size);
    if (done) return true;
    if (line_ends && (in_string || next_request_begins())) return false;
    if (window_.view().empty() && !window_.fill()) return false;
  }
}

bool JsonDocument::read_value(std::string* copy) {
  const int first = peek();
  if (first < 0) return false;
  if (first == '"' || first == '{' || first == '[') return read_text(copy);
  for (;;) {
    const std::string_view view = window_.view();
    const auto end = std::find_if(view.begin(), view.end(), ends_scalar);
    const std::string_view piece(view.begin(), end);
    if (!put(copy, piece)) return false;
    const bool whole = end != view.end();
    window_.consume(piece.size());
    if (whole) return true;
    if (!window_.fill()) return false;
  }
}

// Asked at the beginning of a line. Where lines are indented, only a request begins at their edge.
bool JsonDocument::next_request_begins() {
  window_.want(kNextRequest.size());
  return window_.view().starts_with(kNextRequest) || (indented_ && window_.view().starts_with('{'));
}

}  // namespace llmo::input
