// Holds a text against a pattern and demands the answer that a plain recursion over the labels gives. The
// first byte is the separator, the first line after it the pattern, the rest the text. What the pattern
// captured is decoded as part of a URL would be.
#include "tests/fuzz/fuzz_input.h"

#include "shim/genai/label_pattern.h"
#include "shim/genai/percent.h"

namespace {

using namespace llmo;
using fuzz::demand;
using Labels = std::vector<std::string_view>;

constexpr std::size_t kMaxLabels = 12;  // the recursion takes its time

Labels labels_of(std::string_view text, char separator) {
  Labels labels;
  while (!text.empty()) {
    const std::string_view label = text.substr(0, text.find(separator));
    if (!label.empty()) labels.push_back(label);
    text.remove_prefix(label.size() < text.size() ? label.size() + 1 : text.size());
  }
  return labels;
}

bool fits(std::string_view pattern, std::string_view label) {
  std::string_view begin;
  std::string_view end;
  if (pattern[0] == '*') {
    end = pattern.substr(1);
  } else if (pattern[0] == '{' && pattern.find('}') != pattern.npos) {
    const std::string_view name = pattern.substr(0, pattern.find('}'));
    if (name.find('=') != name.npos) begin = name.substr(name.find('=') + 1);
    end = pattern.substr(name.size() + 1);
  } else {
    return pattern == label;
  }
  return label.size() > end.size() && label.ends_with(end) &&
         label.substr(0, label.size() - end.size()).starts_with(begin);
}

bool expected(const Labels& pattern, std::size_t at, const Labels& labels, std::size_t label) {
  if (at == pattern.size()) return label == labels.size();
  if (pattern[at] == "**") {
    for (std::size_t taken = label; taken <= labels.size(); ++taken) {
      if (expected(pattern, at + 1, labels, taken)) return true;
    }
    return false;
  }
  return label < labels.size() && fits(pattern[at], labels[label]) &&
         expected(pattern, at + 1, labels, label + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const char separator = static_cast<char>(data[0]);
  std::string_view text = fuzz::text_of(data + 1, size - 1);
  const std::string_view pattern = fuzz::take_line(&text);
  genai::LabelCaptures captures;
  const bool matches = genai::labels_match({pattern}, text, separator, &captures);
  for (std::size_t index = 0; index < captures.count; ++index) {
    demand(fuzz::lies_in(captures.captures[index].label, text));
    demand(fuzz::lies_in(captures.captures[index].name, pattern));
    platform::FixedText<32> decoded;
    genai::percent_decode(captures.captures[index].label, &decoded);
    demand(decoded.size() <= 32);
  }
  genai::for_each_query_parameter(text, [text](std::string_view key, std::string_view value, bool has_value) {
    demand(fuzz::lies_in(key, text) && fuzz::lies_in(value, text) && (has_value || value.empty()));
  });
  const Labels wanted = labels_of(pattern, separator);
  const Labels given = labels_of(text, separator);
  if (wanted.size() <= kMaxLabels && given.size() <= kMaxLabels)
    demand(matches == expected(wanted, 0, given, 0));
  return 0;
}
