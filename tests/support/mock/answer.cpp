#include "tests/support/mock/answer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace llmo::test {
namespace {

// What large texts are made of: with a quoted key that looks like a count, and a character of three bytes.
constexpr std::string_view kFiller = R"(Spans are nested – \"usage\":{\"prompt_tokens\":7}. )";

std::string filler(std::size_t size) {
  std::string text;
  text.reserve(size + kFiller.size());
  do {
    text += kFiller;
  } while (text.size() < size);
  return text;
}

}  // namespace

std::string Asked::value(std::string_view behaviour, const std::string& otherwise) const {
  const auto found = behaviours.find(behaviour);
  return found == behaviours.end() ? otherwise : found->second;
}

std::size_t size_of(const std::string& text) {
  char* unit = nullptr;
  const std::size_t number = std::strtoul(text.c_str(), &unit, 10);
  if (*unit == 'K') return number << 10;
  return *unit == 'M' ? number << 20 : number;
}

Answer json_answer(std::string body, int status) { return {.status = status, .pieces = {std::move(body)}}; }

Answer sse_answer(std::vector<std::string> events) {
  return {.content_type = "text/event-stream; charset=utf-8", .pieces = std::move(events)};
}

std::string sse_event(const std::string& name, const std::string& data) {
  return "event: " + name + "\ndata: " + data + "\n\n";
}

std::string sse_data(const std::string& data) { return "data: " + data + "\n\n"; }

std::vector<std::string> words_of(const Asked& asked) {
  const std::size_t count = std::max<std::size_t>(1, size_of(asked.value("chunks", "3")));
  if (asked.has("content"))
    return std::vector<std::string>(count, filler(size_of(asked.value("content", "")) / count));
  std::vector<std::string> words{"Spans ", "are ", R"(\"nested\" – always.)"};
  words.resize(count, "and so on ");
  return words;
}

std::string text_of(const Asked& asked) {
  std::string text;
  for (const std::string& word : words_of(asked)) text += word;
  return text;
}

std::string replaced(std::string text, std::string_view word, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size()) {
    text.replace(at, word.size(), by);
  }
  return text;
}

// The text comes last, so that it is not searched: it may be large, and it is somebody else's.
std::string fill(const Asked& asked, std::string text) {
  text = replaced(replaced(std::move(text), "$ID", asked.id), "$MODEL", asked.model);
  return text.find("$TEXT") == std::string::npos ? text : replaced(std::move(text), "$TEXT", text_of(asked));
}

void fail_stream(const Asked& asked, std::vector<std::string>& pieces, std::size_t keep, std::string error) {
  if (!asked.has("error-in-stream")) return;
  pieces.resize(std::min(keep, pieces.size()));
  pieces.push_back(std::move(error));
}

Headers no_headers(const Asked&) { return {}; }

}  // namespace llmo::test
