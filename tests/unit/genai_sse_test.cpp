#include "shim/genai/sse.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/genai_attributes.h"

namespace llmo::genai {
namespace {

// Writes down the events: `<data>` for each.
class Recorder final : public SseSink {
 public:
  void on_sse_data(std::string_view bytes) override { data += bytes; }
  void on_sse_event_end() override {
    log += "<" + data + ">";
    data.clear();
  }
  std::string data;
  std::string log;
};

std::string read_pieces(const std::vector<std::string_view>& pieces) {
  SseReader reader;
  Recorder recorder;
  for (const std::string_view piece : pieces) reader.feed(piece, &recorder);
  reader.finish(&recorder);
  return recorder.log + recorder.data;
}

std::string read(std::string_view text) {
  const std::string whole = read_pieces({text});
  std::size_t different = 0;
  for (const auto& pieces : cuts_of(text)) different += read_pieces(pieces) != whole ? 1 : 0;
  CHECK(different == 0);
  return whole;
}

TEST_CASE("events end at blank lines, whichever line ends are used", "[sse]") {
  CHECK(read("data: a\n\ndata: b\n\n") == "<a><b>");
  CHECK(read("data: a\r\n\r\ndata: b\r\n\r\n") == "<a><b>");
  CHECK(read("data: a\r\rdata: b\r\r") == "<a><b>");
  CHECK(read("data: a\r\n\ndata: b\n\r\n") == "<a><b>");
}

TEST_CASE("one space after the colon is syntax, a second one is data", "[sse]") {
  CHECK(read("data:a\n\n") == "<a>");
  CHECK(read("data: a\n\n") == "<a>");
  CHECK(read("data:  a \n\n") == "< a >");
}

TEST_CASE("comments and other fields are no data", "[sse]") {
  CHECK(read(": OPENROUTER PROCESSING\n\nevent: x\nid: 7\nretry: 5\ndata: a\n\n") == "<a>");
  CHECK(read("event: message_stop\n\n:\n\n") == "");
  CHECK(read("datax: no\ndat: no\ndata : no\nDATA: no\n data: no\n\n") == "");
}

TEST_CASE("data lines of one event are joined by a newline", "[sse]") {
  CHECK(read("data: a\ndata: b\n\n") == "<a\nb>");
  CHECK(read("data: a\nevent: e\ndata: b\n\n") == "<a\nb>");
  CHECK(read("data\ndata\n\n") == "<\n>");
}

TEST_CASE("an event with empty data is an event", "[sse]") {
  CHECK(read("data:\n\n") == "<>");
  CHECK(read("data: \n\n") == "<>");
  CHECK(read("data\n\n") == "<>");
}

TEST_CASE("the end of the stream ends the last event", "[sse]") {
  CHECK(read("data: a\n") == "<a>");
  CHECK(read("data: a") == "<a>");
  CHECK(read("data: a\n\n") == "<a>");
  CHECK(read("data") == "<>");
  CHECK(read("dat") == "");
  CHECK(read("") == "");
}

TEST_CASE("a byte order mark may begin the stream and stands for nothing anywhere else", "[sse]") {
  CHECK(read("\xef\xbb\xbf"
             "data: a\n\n") == "<a>");
  CHECK(read("\xef\xbb"
             "data: a\n\ndata: b\n\n") == "<b>");
  CHECK(read("\n\xef\xbb\xbf"
             "data: a\n\n") == "");
}

TEST_CASE("characters and bytes of every kind reach the sink as they are", "[sse]") {
  CHECK(read("data: é😀\xff\n\n") == "<é😀\xff>");
  CHECK(read(std::string("data: a\0b\n\n", 11)) == std::string("<a\0b>", 5));
}

}  // namespace
}  // namespace llmo::genai
