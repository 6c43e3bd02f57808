// Tables for a terminal: the first column is a name, the others are numbers, which stand to the right.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace llmo::views {

struct TableColumn {
  std::string title;
  // Where not all fit, those with the greatest number go first; 0: never.
  int expendable = 0;
};

struct Table {
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::string>> rows;  // printable (console/text.h), a cell for each column
};

// `width`: columns of the terminal; 0: as wide as it is. Names are cut before columns are left out, but not
// below 20. A column without a text in any row is left out. `colour`: the titles stand out.
std::string draw_table(const Table& table, std::size_t width, bool colour);

}  // namespace llmo::views
