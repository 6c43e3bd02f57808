#include "shim/genai/inflate.h"

#include <catch2/catch.hpp>

#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

class Recorder final : public InflatedSink {
 public:
  void on_inflated(std::string_view bytes) override {
    size += bytes.size();
    if (text.size() < 100'000) text += bytes;
  }
  std::string text;
  std::uint64_t size = 0;
};

std::string read(Coding coding, const Pieces& pieces) {
  const std::unique_ptr<Inflate> inflate = Inflate::make(coding);
  Recorder recorder;
  for (const std::string_view piece : pieces) inflate->feed(piece, &recorder);
  return recorder.text;
}

// The same for every cut.
std::string inflated(Coding coding, std::string_view bytes) {
  const std::string whole = read(coding, {bytes});
  std::size_t different = 0;
  for (const Pieces& pieces : many_cuts_of(bytes)) different += read(coding, pieces) != whole ? 1U : 0U;
  CHECK(different == 0);
  return whole;
}

std::string some_text() {
  std::string text;
  for (int line = 0; line < 2000; ++line) text += "line " + std::to_string(line * line) + "\n";
  return text;
}

TEST_CASE("codings have names in any case, and most are not read", "[inflate]") {
  CHECK(coding_of("") == Coding::kNone);
  CHECK(coding_of(" Identity ") == Coding::kNone);
  CHECK(coding_of("GZip") == Coding::kGzip);
  CHECK(coding_of("x-gzip") == Coding::kGzip);
  CHECK(coding_of("deflate") == Coding::kDeflate);
  CHECK(coding_of("br") == Coding::kUnknown);
  CHECK(coding_of("zstd") == Coding::kUnknown);
  CHECK(coding_of("gzip, gzip") == Coding::kUnknown);
}

TEST_CASE("gzip and both kinds of deflate come out as they went in", "[inflate]") {
  const std::string text = some_text();
  CHECK(read(Coding::kGzip, {deflated(text, 31)}) == text);
  CHECK(read(Coding::kDeflate, {deflated(text, 15)}) == text);
  CHECK(read(Coding::kDeflate, {deflated(text, -15)}) == text);
  CHECK(inflated(Coding::kGzip, deflated("short", 31)) == "short");
  CHECK(inflated(Coding::kDeflate, deflated("short", 15)) == "short");
  CHECK(inflated(Coding::kDeflate, deflated("short", -15)) == "short");
  CHECK(inflated(Coding::kGzip, deflated("", 31)).empty());
}

TEST_CASE("gzip may be several members, and what follows them is left out", "[inflate]") {
  const std::string two = deflated("one", 31) + deflated("two", 31);
  CHECK(inflated(Coding::kGzip, two) == "onetwo");
  CHECK(inflated(Coding::kGzip, two + std::string(20, '\0')) == "onetwo");
  CHECK(inflated(Coding::kGzip, two + "garbage" + deflated("x", 31)) == "onetwo");
  CHECK(inflated(Coding::kDeflate, deflated("one", 15) + "garbage") == "one");
}

TEST_CASE("what is damaged, cut or another format gives what came before", "[inflate]") {
  const std::string text = some_text();
  std::string bytes = deflated(text, 31);
  const std::string beginning = inflated(Coding::kGzip, bytes.substr(0, 2000));
  CHECK(text.starts_with(beginning));
  CHECK(beginning.size() > 1000);
  bytes[1500] = static_cast<char>(bytes[1500] ^ 0x55);
  inflated(Coding::kGzip, std::string_view{bytes}.substr(0, 2800));
  CHECK(inflated(Coding::kGzip, "{\"not\":\"compressed\"}").empty());
  CHECK(inflated(Coding::kDeflate, "{\"not\":\"compressed\"}").size() < 1000);
  CHECK(inflated(Coding::kGzip, "\x1f\x8b").empty());
  CHECK(inflated(Coding::kDeflate, "x").empty());
}

TEST_CASE("a bomb is followed up to a limit", "[inflate]") {
  std::string bomb = deflated(std::string(1U << 20, 'x'), 31);
  const std::unique_ptr<Inflate> inflate = Inflate::make(Coding::kGzip);
  Recorder recorder;
  for (int member = 0; member < 300; ++member) inflate->feed(bomb, &recorder);
  CHECK(recorder.size == 256U << 20);
}

}  // namespace
}  // namespace llmo::genai
