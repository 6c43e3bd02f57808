// What the README says of the settings is what the program reads. Run from the top of the checkout.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "exporters/cli/setting_tables.h"

namespace {

std::string table_row(const llmo::config::SettingInfo& setting) {
  std::string row = "| `" + std::string(setting.variable) + "`";
  if (!setting.alias.empty()) row += ", `" + std::string(setting.alias) + "`";
  row += " | ";
  if (!setting.default_text.empty()) row += "`" + std::string(setting.default_text) + "`";
  return row + " | " + std::string(setting.meaning) + " |\n";
}

}  // namespace

TEST_CASE("the README's table of variables is the program's", "[readme]") {
  std::ifstream file("README.md");
  REQUIRE(file);
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  std::string table;
  for (const llmo::config::SettingInfo& setting : llmo::cli::all_settings()) table += table_row(setting);
  INFO(table);
  CHECK(readme.find(table) != std::string::npos);
}
