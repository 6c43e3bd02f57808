// Price files: what is written can be read, and what is wrong is said and not used.
#include "exporters/span/price_file.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "exporters/cli/price_check.h"
#include "exporters/span/shipped_prices.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace llmo;

const std::string kFile = R"({
  "date": "2026-01-15",
  "source": "our contract",
  "comment": {"anything": [1, "two"]},
  "origins": [{"provider": "openai", "date": "2026-01-10", "source": "a page"}],
  "prices": [
    {"provider": "openai", "model": "gpt-4o", "input": 2.5, "cached_input": 1.25, "output": 10, "comment": "x"},
    {"provider": "gcp.gemini", "model": "gemini-2.5-pro", "input": 1.25, "output": 10, "reasoning": 12,
     "tiers": [{"above_input_tokens": 200000, "input": 2.5, "output": 15},
               {"above_input_tokens": 500000, "input": 5}]}
  ]
})";

std::string error_of(const std::string& json) { return parse_prices(json).error; }

// A file with one price of which `members` are the members.
std::string error_of_price(const std::string& members) {
  return error_of(R"({"prices":[{)" + members + "}]}");
}

std::string write(const test::TempDir& directory, const std::string& text) {
  const std::string path = (directory.path() / "prices.json").string();
  std::ofstream(path) << text;
  return path;
}

}  // namespace

TEST_CASE("a price file is read as it stands", "[prices]") {
  const ParsedPrices parsed = parse_prices(kFile);
  REQUIRE(parsed.error.empty());
  CHECK(parsed.table.size() == 2);
  CHECK(parsed.table.origin.date == "2026-01-15");
  CHECK(parsed.table.origin.source == "our contract");
  CHECK(parsed.table.origin_of.find("openai")->second.date == "2026-01-10");
  const Price* const gpt = parsed.table.find("openai", "gpt-4o-2024-08-06");
  REQUIRE(gpt != nullptr);
  CHECK(gpt->rates.cached_input == 1.25);
  CHECK_FALSE(gpt->rates.cache_write);
  const Price* const gemini = parsed.table.find("gcp.gemini", "gemini-2.5-pro");
  REQUIRE(gemini != nullptr);
  CHECK(gemini->rates_of(200'000).input == 1.25);
  CHECK(gemini->rates_of(200'001).input == 2.5);
  CHECK(gemini->rates_of(500'001).input == 5.0);
  CHECK(gemini->rates_of(500'001).output == 15.0);
  CHECK(gemini->rates_of(500'001).reasoning == 12.0);
  CHECK(parsed.table.find("anthropic", "claude-sonnet-4-5") == nullptr);
}

TEST_CASE("the shipped table comes back the same from the file that is printed of it", "[prices]") {
  const std::string printed = write_prices(shipped_prices());
  const ParsedPrices parsed = parse_prices(printed);
  CHECK(parsed.error.empty());
  CHECK(parsed.table == shipped_prices());
  CHECK(printed.find(
            R"({"provider":"openai","model":"gpt-4o","input":2.5,"cached_input":1.25,"output":10.0})") !=
        std::string::npos);
  CHECK(parse_prices(write_prices(PriceTable())).error.empty());
}

TEST_CASE("a price file that is cut anywhere is an error, and says where", "[prices]") {
  for (std::size_t size = 0; size < kFile.size(); ++size) {
    const std::string error = error_of(kFile.substr(0, size));
    INFO(size << ": " << error);
    CHECK(error.starts_with("line "));
  }
  CHECK(error_of(kFile + "x").starts_with("line 12, column "));
  CHECK(error_of("{\n  \"prices\": [\n    nope]}").starts_with("line 3, column "));
}

TEST_CASE("a price file with any byte replaced is read or refused, nothing else", "[prices]") {
  for (std::size_t i = 0; i < kFile.size(); ++i) {
    for (const char c : {'\0', '"', '{', ']', ',', '9', '-', '\xff'}) {
      std::string damaged = kFile;
      damaged[i] = c;
      const ParsedPrices parsed = parse_prices(damaged);
      CHECK((parsed.error.empty() || parsed.table.size() == 0));
    }
  }
}

TEST_CASE("what is wrong in a price file is told by row, member and reason", "[prices]") {
  CHECK(error_of("[]") == "the file is not an object");
  CHECK(error_of("{}") == "the file has no member `prices`");
  CHECK(error_of(R"({"prices":{}})") == "prices is not an array");
  CHECK(error_of(R"({"prices":[7]})") == "prices[0] is not an object");
  CHECK(error_of(R"({"date":2026,"prices":[]})") == "date is not a string");
  CHECK(error_of(R"({"price":[],"prices":[]})") == "price is no member that is known here");
  CHECK(error_of(R"({"prices":[],"prices":[]})") == "prices stands there twice");
  CHECK(error_of(R"({"prices":[],"origins":[{"date":"x"}]})") == "origins[0] has no provider");
  CHECK(error_of(R"({"prices":[],"origins":[{"provider":"p"},{"provider":"p"}]})") ==
        "origins[1] (p) stands there twice");

  const std::string names = R"("provider":"p","model":"m")";
  CHECK(error_of_price(names) == "prices[0] (p m) has neither an input nor an output price");
  CHECK(error_of_price(R"("provider":"p","input":1)") == "prices[0] (p) has no provider or no model");
  CHECK(error_of_price(R"("provider":"","model":"m","input":1)") ==
        "prices[0] ( m) has no provider or no model");
  const std::string no_price = "is not a price: US dollars for a million tokens";
  for (const char* const value : {"-1", "\"1\"", "null", "true", "1000001", "1e300", "[1]"}) {
    CHECK(error_of_price(names + ",\"input\":" + value) == "prices[0] (p m): input " + no_price);
  }
  CHECK(error_of_price(names + R"(,"cache_input":1)") ==
        "prices[0] (p m): cache_input is no member that is known here");
  CHECK(error_of_price(names + R"(,"input":1,"input":2)") == "prices[0] (p m): input stands there twice");
  CHECK(error_of_price(names + R"(,"input":1},{)" + names + R"(,"output":1)") ==
        "prices[1] (p m) stands there twice");
  CHECK(error_of_price(R"("provider":")" + std::string(257, 'p') + R"(","model":"m","input":1)")
            .ends_with("provider is longer than 256 bytes"));
  CHECK(error_of_price(names + R"(,"input":1e999)").starts_with("line 1, column "));
}

TEST_CASE("tiers have rising limits", "[prices]") {
  const auto error = [](const std::string& tiers) {
    return error_of_price(R"("provider":"p","model":"m","input":1,"tiers":)" + tiers);
  };
  CHECK(error("[]").empty());
  CHECK(error("{}") == "prices[0] (p m): tiers is not an array");
  CHECK(error("[1]") == "prices[0] (p m): tiers[0] is not an object");
  const std::string no_limit = " has no above_input_tokens that is larger than those before";
  CHECK(error("[{}]") == "prices[0] (p m): tiers[0]" + no_limit);
  CHECK(error(R"([{"above_input_tokens":-5}])") == "prices[0] (p m): tiers[0]" + no_limit);
  CHECK(error(R"([{"above_input_tokens":5},{"above_input_tokens":5}])") ==
        "prices[0] (p m): tiers[1]" + no_limit);
  CHECK(error(R"([{"above_input_tokens":1.5}])") ==
        "prices[0] (p m): tiers[0]: above_input_tokens is not a whole number");
}

TEST_CASE("a price file of any depth does not use up the stack", "[prices]") {
  CHECK_FALSE(error_of(std::string(4'000'000, '[')).empty());
  CHECK_FALSE(error_of(R"({"prices":)" + std::string(4'000'000, '[')).empty());
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  CHECK(error_of(R"({"comment":)" + deep + R"(,"prices":[]})").empty());
}

TEST_CASE("a price file that cannot be used leaves the shipped table in place, and says so", "[prices]") {
  const test::TempDir directory;
  CHECK(load_prices("").problem.empty());
  CHECK(load_prices("").table.get() == &shipped_prices());

  const PricesInUse good = load_prices(write(directory, kFile));
  CHECK(good.problem.empty());
  CHECK(good.table->size() == 2);

  const std::string path = write(directory, R"({"prices":[{"provider":"p","model":"m","input":"1"}]})");
  const PricesInUse bad = load_prices(path);
  CHECK(bad.table.get() == &shipped_prices());
  CHECK(bad.problem == "LLMOBSERVE_PRICES: " + path +
                           " cannot be used: prices[0] (p m): input is not a price: US dollars for a million "
                           "tokens; costs are by the table that is built in");
  CHECK(load_prices(directory.path().string()).problem.find("it is not a file") != std::string::npos);
  CHECK(load_prices("/dev/zero").problem.find("it is not a file") != std::string::npos);
  CHECK(load_prices("/nowhere/prices.json").problem.find("No such file") != std::string::npos);
  CHECK(load_prices(write(directory, std::string(kMaxPriceFileBytes + 1, ' ')))
            .problem.find("larger than 8 MiB") != std::string::npos);
}

TEST_CASE("check tells which prices are in use, and never calls a bad file fatal", "[prices][cli]") {
  const test::TempDir directory;
  config::Settings settings;
  CHECK(cli::check_prices(settings).text.starts_with("built in, "));
  CHECK(cli::check_prices(settings).verdict == cli::Verdict::kGood);
  settings.prices = write(directory, kFile);
  CHECK(cli::check_prices(settings).text == settings.prices + ", 2 models, of 2026-01-15");
  settings.prices = write(directory, "{");
  CHECK(cli::check_prices(settings).verdict == cli::Verdict::kNote);
  CHECK(cli::check_prices(settings).text.find("line 1, column 2") != std::string::npos);
}
