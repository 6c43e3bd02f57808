// Feeds arbitrary bytes to the capture of content, whole and cut in two, and demands the same for both,
// within bounds and without our own marks. The first byte says where to cut, the second which API it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "shim/genai/content.h"
#include "tests/unit/genai_content.h"

namespace {

using namespace llmo;
using namespace llmo::genai;

Captured content_of(BodyShape shape, std::string_view first, std::string_view second) {
  ContentCapture content;
  content.begin(match_of(shape));
  for (DocumentSink* const sink : {content.request(), content.response()}) {
    // Twice, as what comes second goes on where the first one was.
    for (int document = 0; document < 2; ++document) {
      sink->on_document_begin();
      sink->on_document_bytes(first);
      sink->on_document_bytes(second);
      sink->on_document_end();
    }
  }
  return captured(&content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body{reinterpret_cast<const char*>(data) + 2, size - 2};
  const auto shape = static_cast<BodyShape>(data[1] % 9);
  const std::size_t cut = body.empty() ? 0 : data[0] * body.size() / 256;
  const Captured whole = content_of(shape, body, {});
  if (content_of(shape, body.substr(0, cut), body.substr(cut)) != whole) std::abort();
  for (const std::string* const text : {&whole.system, &whole.tools, &whole.input, &whole.output}) {
    if (text->size() > journal::kMaxLongValueSize) std::abort();
  }
  return 0;
}
