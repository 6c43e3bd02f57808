// Foreign text made harmless, widths, numbers.
#include "exporters/console/text.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

namespace llmo::console {
namespace {

TEST_CASE("what a terminal would obey is printed as an escape", "[console]") {
  CHECK(printable("plain_agent") == "plain_agent");
  CHECK(printable("a\x1b[2Jb") == "a\\x1b[2Jb");
  CHECK(printable("a\r\n\tb") == "a\\r\\n\\tb");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(printable("\x7f") == "\\x7f");
  CHECK(printable("\xc2\x9b[31m") == "\\x9b[31m");      // C1 control sequence introducer
  CHECK(printable("\xe2\x80\xaegpj") == "\\u202egpj");  // right-to-left override
  CHECK(printable("\xe2\x80\xa8") == "\\u2028");        // line separator
  CHECK(printable("naïve 日本語 🤖") == "naïve 日本語 🤖");
}

TEST_CASE("bytes that are no UTF-8 are escaped one by one", "[console]") {
  CHECK(printable("\xff") == "\\xff");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // past U+10FFFF
  CHECK(printable("a\xe6\x97") == "a\\xe6\\x97");                  // cut short
}

TEST_CASE("width counts columns, not bytes", "[console]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("├─ ") == 3);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\xcc\x81") == 1);  // combining acute
  CHECK(display_width("🤖") == 2);
}

TEST_CASE("a text is cut between characters and never exceeds its columns", "[console]") {
  CHECK(fit("claude-sonnet", 20) == "claude-sonnet");
  CHECK(fit("claude-sonnet", 13) == "claude-sonnet");
  CHECK(fit("claude-sonnet", 8) == "claude-…");
  CHECK(fit("日本語", 4) == "日…");
  CHECK(fit("日本語", 1) == "…");
  CHECK(fit("abc", 0).empty());
  const std::string text = "a日b🤖ce\xcc\x81";
  for (std::size_t columns = 0; columns < 12; ++columns) {
    CHECK(display_width(fit(text, columns)) <= columns);
  }
}

TEST_CASE("durations keep three digits or so and never round up to another unit's size", "[console]") {
  struct Case {
    std::uint64_t nanos;
    const char* text;
  };
  const Case cases[] = {
      {0, "0 ns"},
      {999, "999 ns"},
      {1'000, "1 µs"},
      {812'400, "812 µs"},
      {999'499, "999 µs"},
      {999'600, "1.0 ms"},
      {4'200'000, "4.2 ms"},
      {9'940'000, "9.9 ms"},
      {9'960'000, "0.01 s"},
      {60'000'000, "0.06 s"},
      {2'410'000'000, "2.41 s"},
      {59'994'000'000, "59.99 s"},
      {59'996'000'000, "1 min 00 s"},
      {185'000'000'000, "3 min 05 s"},
      {3'599'600'000'000, "1 h 00 min"},
      {7'620'000'000'000, "2 h 07 min"},
      {std::numeric_limits<std::uint64_t>::max(), "5124095 h 35 min"},
  };
  for (const Case& one : cases) CHECK(format_duration(one.nanos) == one.text);
}

TEST_CASE("counts are grouped in threes", "[console]") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1'942) == "1 942");
  CHECK(format_count(1'000'000) == "1 000 000");
}

TEST_CASE("money shows two significant digits at least", "[console]") {
  CHECK(format_usd(0.0113) == "$0.0113");
  CHECK(format_usd(12.4) == "$12.40");
  CHECK(format_usd(0.000012) == "$0.000012");
  CHECK(format_usd(0.00034) == "$0.00034");
  CHECK(format_usd(0) == "$0.0000");
  CHECK(format_usd(-1).empty());
  CHECK(format_usd(std::numeric_limits<double>::quiet_NaN()).empty());
  CHECK(format_usd(1e-300).size() < 20);
}

}  // namespace
}  // namespace llmo::console
