#include "shim/genai/event_stream.h"

#include <catch2/catch.hpp>

#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

class Recorder final : public EventStreamSink {
 public:
  void on_event_head(const EventHead& head) override {
    text.append(head.event_type)
        .append(",")
        .append(head.exception_type)
        .append(",")
        .append(head.error_message);
  }
  void on_document_begin() override { text += "<"; }
  void on_document_bytes(std::string_view bytes) override { text += bytes; }
  void on_document_end() override { text += ">"; }
  std::string text;
};

std::string read(const Pieces& pieces) {
  EventStreamReader reader;
  Recorder recorder;
  for (const std::string_view piece : pieces) reader.feed(piece, &recorder);
  reader.finish(&recorder);
  return recorder.text;
}

// `type,exception,message<payload>` for each message; the same for every cut.
std::string messages_of(std::string_view stream) {
  const std::string whole = read({stream});
  std::size_t different = 0;
  for (const Pieces& pieces : many_cuts_of(stream)) different += read(pieces) != whole ? 1U : 0U;
  CHECK(different == 0);
  return whole;
}

TEST_CASE("messages are named by their headers", "[event_stream]") {
  CHECK(messages_of(aws_event("messageStart", R"({"role":"assistant"})") + aws_event("messageStop", "{}")) ==
        R"(messageStart,,<{"role":"assistant"}>messageStop,,<{}>)");
}

TEST_CASE("errors are messages of another kind", "[event_stream]") {
  CHECK(messages_of(aws_message({{":exception-type", "throttlingException"}, {":message-type", "exception"}},
                                R"({"message":"Slow down"})")) ==
        R"(,throttlingException,<{"message":"Slow down"}>)");
  CHECK(messages_of(aws_message({{":message-type", "error"},
                                 {":error-code", "InternalError"},
                                 {":error-message", "It broke"}},
                                "") +
                    aws_event("x", "")) == ",InternalError,It broke<>x,,<>");
}

TEST_CASE("headers of every type are passed over", "[event_stream]") {
  std::string head;
  const auto add = [&head](std::string_view name, char type, std::string_view value) {
    head += static_cast<char>(name.size()) + std::string(name) + type + std::string(value);
  };
  add("t", '\0', "");
  add("f", '\1', "");
  add("byte", '\2', "b");
  add("short", '\3', "sh");
  add("int", '\4', "intg");
  add("long", '\5', "longlong");
  add("bytes", '\6', std::string_view{"\0\3abc", 5});
  add("empty", '\7', std::string_view{"\0\0", 2});
  add("time", '\10', "timetime");
  add("uuid", '\11', "uuiduuiduuiduuid");
  add("", '\0', "");
  add(":event-type", '\7', std::string_view{"\0\2ok", 4});
  const auto size = static_cast<std::uint32_t>(head.size());
  CHECK(messages_of(big_endian(size + 18, 4) + big_endian(size, 4) + "\1\2\3\4" + head + "{}" + "crc!") ==
        "ok,,<{}>");
}

TEST_CASE("a header of an unknown type hides those behind it, not the payload", "[event_stream]") {
  const std::string head = std::string("\1x\77") + "whatever this is";
  const auto size = static_cast<std::uint32_t>(head.size());
  CHECK(messages_of(big_endian(size + 18, 4) + big_endian(size, 4) + "\1\2\3\4" + head + "{}" + "crc!" +
                    aws_event("y", "1")) == ",,<{}>y,,<1>");
}

TEST_CASE("lengths that cannot be stop the reading", "[event_stream]") {
  const std::string good = aws_event("x", "{}");
  CHECK(messages_of(good + big_endian(15, 4) + big_endian(0, 4) + std::string(40, 'x')) == "x,,<{}>");
  CHECK(messages_of(good + big_endian(0xffffffff, 4) + big_endian(0, 4) + std::string(40, 'x')) == "x,,<{}>");
  CHECK(messages_of(good + big_endian(100, 4) + big_endian(0xfffffff0, 4) + std::string(40, 'x')) ==
        "x,,<{}>");
  CHECK(messages_of(good + big_endian(20, 4) + big_endian(5, 4) + std::string(40, 'x')) == "x,,<{}>");
}

TEST_CASE("a value that is longer than the headers ends with them", "[event_stream]") {
  const std::string head = std::string("\13:event-type\7\xff\xff") + "cut";
  const auto size = static_cast<std::uint32_t>(head.size());
  CHECK(messages_of(big_endian(size + 18, 4) + big_endian(size, 4) + "\1\2\3\4" + head + "{}" + "crc!" +
                    aws_event("y", "1")) == "cut,,<{}>y,,<1>");
}

TEST_CASE("a message that is cut ends with the stream", "[event_stream]") {
  const std::string whole = aws_event("x", R"({"a":1})");
  CHECK(messages_of(whole.substr(0, whole.size() - 8)) == R"(x,,<{"a>)");
  CHECK(messages_of(whole.substr(0, 30)).empty());
}

}  // namespace
}  // namespace llmo::genai
