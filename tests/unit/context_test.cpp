// The W3C trace context as text.
#include <catch2/catch.hpp>
#include <string>

#include "shim/span/context.h"

using llmo::span::format_traceparent;
using llmo::span::parse_traceparent;
using llmo::span::SpanContext;
namespace journal = llmo::journal;

namespace {

constexpr char kExample[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string text_of(const SpanContext& context) {
  const auto text = format_traceparent(context);
  return {text.data(), text.size()};
}

}  // namespace

TEST_CASE("a traceparent is read and written without change", "[context]") {
  const auto context = parse_traceparent(kExample);
  REQUIRE(context);
  CHECK(context->trace.high == 0x0af7651916cd43dd);
  CHECK(context->trace.low == 0x8448eb211c80319c);
  CHECK(context->span == 0xb7ad6b7169203331);
  CHECK(context->flags == (journal::kFlagSampled | journal::kFlagParentRemote));
  CHECK(text_of(*context) == kExample);
}

TEST_CASE("unknown flags are not passed on, random is", "[context]") {
  const auto context = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff");
  REQUIRE(context);
  CHECK(text_of(*context) == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03");
}

TEST_CASE("blanks around a traceparent are trimmed", "[context]") {
  CHECK(parse_traceparent(std::string(" \t") + kExample + "\t "));
}

TEST_CASE("a higher version is read by its known part", "[context]") {
  const std::string higher = std::string("cc") + (kExample + 2);
  CHECK(parse_traceparent(higher));
  CHECK(parse_traceparent(higher + "-what-comes-later"));
  CHECK_FALSE(parse_traceparent(higher + "x"));
}

TEST_CASE("a traceparent that breaks a rule is ignored", "[context]") {
  const char* const text = GENERATE("", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
                                    "00-0af7651916cd43dd8448eb211c80319c.b7ad6b7169203331-01",
                                    "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                    "00-0af7651916cd43dd8448eb211c8031 c-b7ad6b7169203331-01");
  CAPTURE(text);
  CHECK_FALSE(parse_traceparent(text));
}
