// Sets options on a handle as an application might, a line of the input each, and looks at what comes of
// them. Header lines go into one list; a header has to be found where a plain search finds it.
#include "tests/fuzz/fuzz_input.h"

#include <string>

#include "shim/http/handle_options.h"
#include "shim/http/request_tag.h"

namespace {

using namespace llmo;
using fuzz::demand;
using http::HandleOptions;

constexpr std::string_view kNames[] = {"traceparent", "tracestate", "authorization", "content-type", "x"};

// A header list whose nodes and texts live as long as it does.
class HeaderList {
 public:
  void add(std::string_view line) { lines_.emplace_back(line); }
  curl_slist* list() {
    nodes_.resize(lines_.size());
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      nodes_[i] = {lines_[i].data(), i + 1 < lines_.size() ? &nodes_[i + 1] : nullptr};
    }
    return nodes_.empty() ? nullptr : nodes_.data();
  }
  bool has(std::string_view lower_name) const {
    for (const std::string& line : lines_) {
      const std::string_view text = line.c_str();
      std::size_t end = text.find_first_of(":; \t");
      if (end == text.npos) continue;
      std::string name(text.substr(0, end));
      for (char& letter : name)
        letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
      end = text.find_first_not_of(" \t", end);
      if (name == lower_name && end != text.npos && (text[end] == ':' || text[end] == ';')) return true;
    }
    return false;
  }

 private:
  std::vector<std::string> lines_;
  std::vector<curl_slist> nodes_;
};

void note_text(HandleOptions& options, CURLoption option, std::string text) {
  options.note(option, text.data());
}

void note_number(HandleOptions& options, CURLoption option, std::string_view line) {
  options.note(option, reinterpret_cast<void*>(static_cast<std::intptr_t>(line.size() % 3) - 1));
}

// libcurl refuses a size that is larger than what it is then given.
void note_body(HandleOptions& options, std::string body) {
  options.note(CURLOPT_POSTFIELDSIZE, reinterpret_cast<void*>(static_cast<std::intptr_t>(body.size() / 2)));
  options.note(CURLOPT_COPYPOSTFIELDS, body.data());
}

void apply(HandleOptions& options, HeaderList& headers, std::string_view line) {
  if (line.empty()) return;
  const std::string_view rest = line.substr(1);
  switch (line[0]) {
    case 'h':
      return headers.add(rest);
    case 'u':
      return note_text(options, CURLOPT_URL, std::string(rest));
    case 'm':
      return note_text(options, CURLOPT_CUSTOMREQUEST, std::string(rest));
    case 's':
      return note_text(options, CURLOPT_DEFAULT_PROTOCOL, std::string(rest));
    case 'b':
      return note_body(options, std::string(rest));
    case 'n':
      return note_number(options, CURLOPT_NOBODY, rest);
    case 'g':
      return note_number(options, CURLOPT_HTTPGET, rest);
    case 'p':
      return note_number(options, CURLOPT_POST, rest);
    case 'r':
      return options.note(CURLOPT_POSTFIELDS, nullptr);
    default:
      return;
  }
}

void look_at(const HandleOptions& options, const HeaderList& headers) {
  demand(!options.method().empty());
  (void)options.body_from_callback();
  std::size_t sum = 0;
  for (const char byte : options.body_in_memory()) sum += static_cast<unsigned char>(byte);
  demand(sum != 1 || !options.body_in_memory().empty());
  for (const std::string_view name : kNames) demand(options.has_header(name) == headers.has(name));
  const bool left_alone = http::must_not_be_tagged(options, false);
  demand(left_alone || !options.has_header("traceparent"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  HandleOptions options;
  HeaderList headers;
  while (!text.empty()) apply(options, headers, fuzz::take_line(&text));
  options.note(CURLOPT_HTTPHEADER, headers.list());
  look_at(options, headers);
  const HandleOptions copy = options;
  look_at(copy, headers);
  return 0;
}
