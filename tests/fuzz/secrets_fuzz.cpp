// Hides known secrets in arbitrary text and demands that none of them survives: neither in an error message,
// nor in captured content, nor in a URL. The first byte chooses the secret, the second the place.
#include "tests/fuzz/fuzz_input.h"

#include <iterator>
#include <string>

#include "shim/genai/secrets.h"
#include "shim/http/url.h"

namespace {

using namespace llmo;
using fuzz::demand;

struct Canary {
  std::string_view written;  // as it stands in the text
  std::string_view secret;   // what must not come out
};

// Made up; what makes them secrets is how they begin or what stands before them.
constexpr Canary kCanaries[] = {
    {"sk-proj-CanaryCanary0123456789abcdefABCDEF", "CanaryCanary0123456789"},
    {"sk-ant-api03-CanaryCanary0123456789abcdefABCDEF", "CanaryCanary0123456789"},
    {"AIzaSyCanaryCanary0123456789abcdefABCDE", "CanaryCanary0123456789"},
    {"AKIACANARYCANARY0123", "CANARYCANARY0123"},
    {"hf_CanaryCanary0123456789abcdefABCDEF", "CanaryCanary0123456789"},
    {"Authorization: Bearer CanaryCanary0123456789", "CanaryCanary0123456789"},
    {"https://user:CanaryCanary0123456789@example.test/", "CanaryCanary0123456789"},
    {"api_key=CanaryCanary0123456789", "CanaryCanary0123456789"},
};

std::string as_message(std::string_view text) {
  platform::FixedText<1024> out;
  genai::append_redacted(text, &out);
  return std::string(out.view());
}

std::string as_content(std::string text) {
  genai::redact_secrets(&text);
  return text;
}

bool holds(std::string_view text, std::string_view secret) { return text.find(secret) != text.npos; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Canary& canary = kCanaries[data[0] % std::size(kCanaries)];
  const std::string_view text = fuzz::text_of(data + 2, size - 2);
  const std::size_t place = data[1] * text.size() / 256;
  // Spaces around it: a word that the text goes on with is another word.
  const std::string hidden = std::string(text.substr(0, place)) + " " + std::string(canary.written) + " " +
                             std::string(text.substr(place));
  if (holds(text, canary.secret)) return 0;
  demand(!holds(as_message(hidden), canary.secret));
  demand(!holds(as_content(hidden), canary.secret));

  std::string query;
  for (const char byte : text.substr(0, place)) {
    if (byte > ' ' && byte != '#' && byte < 0x7f) query += byte;
  }
  if (holds(query, canary.secret)) return 0;  // put together by what was left out
  const std::string url = "https://api.example.test/v1?" + query + "&key=" + std::string(canary.secret);
  demand(!holds(http::redacted_url(url).view(), canary.secret));
  return 0;
}
