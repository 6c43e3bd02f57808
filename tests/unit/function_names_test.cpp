// Names of functions, found in the definitions that were written of them.
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <string_view>

#include "shim/journal/format.h"
#include "shim/span/function_names.h"

namespace llmo::span {
namespace {

std::string function_record(std::uint32_t function, std::string_view name) {
  journal::FunctionRecord record{};
  record.function = function;
  record.module = function + 1;
  record.address = 0x1000 + function;
  record.name_size = static_cast<std::uint32_t>(name.size());
  std::string bytes(reinterpret_cast<const char*>(&record), sizeof record);
  bytes.append(name);
  bytes.resize(journal::aligned_record_size(bytes.size()), '\0');
  const std::uint32_t word = journal::make_word(bytes.size(), journal::RecordKind::kFunction);
  std::memcpy(bytes.data(), &word, sizeof word);
  return bytes;
}

TEST_CASE("a function that is defined later is found then, and one that is not is nowhere",
          "[function_names]") {
  FunctionNames names;
  std::string definitions = function_record(0, "first") + function_record(2, "acme::third");
  CHECK(names.find(definitions, 0) == "first");
  CHECK(names.find(definitions, 1).empty());
  CHECK(names.find(definitions, 2) == "acme::third");
  CHECK(names.find(definitions, UINT32_MAX).empty());
  definitions += function_record(1, "second");
  CHECK(names.find(definitions, 1) == "second");
  const auto place = names.place(definitions, 1);
  REQUIRE(place);
  CHECK(place->module == 2);
  CHECK(place->address == 0x1001);
  CHECK_FALSE(names.place(definitions, 7));
}

}  // namespace
}  // namespace llmo::span
