// Feeds arbitrary bytes to the facts of every body shape, as plain and as compressed bodies of every type,
// whole and in pieces, and demands the same facts and the same documents for every cut.
//
// The first four bytes choose: shape and direction, content type, coding, where to cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "shim/genai/body_facts.h"
#include "tests/unit/genai_attributes.h"

namespace {

using namespace llmo;
using namespace llmo::genai;

constexpr std::string_view kTypes[] = {"application/json",
                                       "text/event-stream",
                                       "application/x-ndjson",
                                       "application/vnd.amazon.eventstream",
                                       "application/stream+json",
                                       "",
                                       "audio/mpeg"};
constexpr std::string_view kCodings[] = {"", "gzip", "deflate", "br"};
constexpr std::string_view kOperations[] = {"chat", "embeddings", "upsert", "query"};
constexpr unsigned kShapes = static_cast<unsigned>(BodyShape::kMilvus) + 1;

class Listener final : public DocumentSink {
 public:
  void on_document_begin() override { heard += '<'; }
  void on_document_bytes(std::string_view bytes) override { heard += bytes; }
  void on_document_end() override { heard += '>'; }
  std::string heard;
};

struct Choice {
  ApiMatch match;
  ResponseHead head;
};

Choice choice_of(const std::uint8_t* data) {
  Choice choice;
  choice.match.shape = static_cast<BodyShape>(data[0] % kShapes);
  choice.match.kind = choice.match.shape >= BodyShape::kPinecone ? ApiKind::kDatabase : ApiKind::kGenAi;
  choice.match.operation = kOperations[data[1] >> 6];
  if ((data[1] & 0x20) != 0) choice.match.name_space.assign("ns");
  choice.head.content_type = kTypes[(data[1] & 0x1fU) % std::size(kTypes)];
  choice.head.content_encoding = kCodings[data[2] & 3];
  choice.head.http_status = (data[2] & 4) != 0 ? 400 : 200;
  return choice;
}

template <typename Facts>
void feed_in_pieces(Facts* facts, std::string_view body, std::size_t piece) {
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) facts->feed(body.substr(0, piece));
}

Attributes response_of(const Choice& choice, std::string_view body, std::size_t piece) {
  ResponseFacts facts;
  Listener listener;
  facts.listen(&listener);
  facts.begin(choice.match, choice.head);
  feed_in_pieces(&facts, body, piece);
  facts.finish(false);
  journal::SpanDraft draft;
  facts.write(&draft);
  Attributes found = attributes_of(draft);
  found["chunks"] = std::to_string(facts.chunks()) + (facts.content_started() ? "+" : "");
  found["heard"] = listener.heard;
  return found;
}

Attributes request_of(const Choice& choice, std::string_view body, std::size_t piece) {
  RequestFacts facts;
  Listener listener;
  facts.listen(&listener);
  facts.begin(choice.match);
  feed_in_pieces(&facts, body, piece);
  journal::SpanDraft draft;
  facts.write(&draft);
  Attributes found = attributes_of(draft);
  found["heard"] = listener.heard;
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const Choice choice = choice_of(data);
  const std::string_view body{reinterpret_cast<const char*>(data) + 4, size - 4};
  const Attributes response = response_of(choice, body, size);
  const Attributes request = request_of(choice, body, size);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2} + data[3] % 64}) {
    if (response_of(choice, body, piece) != response) std::abort();
    if (request_of(choice, body, piece) != request) std::abort();
  }
  return 0;
}
