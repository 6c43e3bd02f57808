#include "exporters/html/thin_block.h"

#include <rapidjson/document.h>

#include "exporters/html/json_columns.h"

namespace llmo::html {
namespace {

// Takes every number for that of a text: some are not, and keep a text that nobody needs.
void mark_numbers(const rapidjson::Value& value, std::vector<bool>& used) {
  if (value.IsUint() && value.GetUint() < used.size()) used[value.GetUint()] = true;
  if (!value.IsArray()) return;
  for (const rapidjson::Value& item : value.GetArray()) mark_numbers(item, used);
}

}  // namespace

std::string with_rows_only(const std::string& block, const std::vector<std::uint32_t>& rows) {
  rapidjson::Document document;
  document.Parse(block.data(), block.size());
  auto all_rows = document["rows"].GetArray();
  auto strings = document["strings"].GetArray();

  std::vector<bool> kept(all_rows.Size());
  for (const std::uint32_t row : rows) kept[row] = true;
  std::vector<bool> used(strings.Size());
  mark_numbers(document["resources"], used);
  for (rapidjson::SizeType row = 0; row < all_rows.Size(); ++row) {
    if (kept[row]) {
      mark_numbers(all_rows[row], used);
    } else {
      all_rows[row].SetInt(0);
    }
  }
  for (rapidjson::SizeType number = 0; number < strings.Size(); ++number) {
    if (!used[number]) strings[number].SetString("");
  }
  rapidjson::StringBuffer text;
  JsonWriter json(text);
  document.Accept(json);
  return {text.GetString(), text.GetSize()};
}

}  // namespace llmo::html
