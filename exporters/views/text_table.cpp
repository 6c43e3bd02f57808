#include "exporters/views/text_table.h"

#include <algorithm>
#include <string_view>

#include "exporters/console/text.h"
#include "exporters/console/tree_line.h"

namespace llmo::views {
namespace {

using console::display_width;

constexpr std::size_t kGap = 2;
constexpr std::size_t kMinName = 20;

// Which columns are drawn, and how wide.
class Layout {
 public:
  Layout(const Table& table, std::size_t width) : table_(table) {
    for (std::size_t column = 0; column < table.columns.size(); ++column) measure(column);
    while (width != 0 && total(std::min(widths_[0], kMinName)) > width && leave_one_out()) {
    }
    if (width != 0 && total(widths_[0]) > width) {
      const std::size_t others = total(0);
      widths_[0] = std::max(kMinName, width > others ? width - others : 0);
    }
  }

  bool shows(std::size_t column) const { return widths_[column] != 0; }
  std::size_t width(std::size_t column) const { return widths_[column]; }

 private:
  void measure(std::size_t column) {
    std::size_t widest = 0;
    for (const auto& row : table_.rows) widest = std::max(widest, display_width(row[column]));
    const bool is_empty = widest == 0 && column != 0;
    widths_.push_back(is_empty ? 0 : std::max(widest, display_width(table_.columns[column].title)));
  }

  std::size_t total(std::size_t name) const {
    std::size_t sum = name;
    for (std::size_t column = 1; column < widths_.size(); ++column) {
      if (shows(column)) sum += kGap + widths_[column];
    }
    return sum;
  }

  bool leave_one_out() {
    std::size_t worst = 0;
    for (std::size_t column = 1; column < widths_.size(); ++column) {
      if (shows(column) && table_.columns[column].expendable > table_.columns[worst].expendable)
        worst = column;
    }
    if (worst != 0) widths_[worst] = 0;
    return worst != 0;
  }

  const Table& table_;
  std::vector<std::size_t> widths_;
};

template <typename TextOf>
std::string draw_row(const Layout& layout, std::size_t columns, TextOf text_of) {
  std::string name = console::fit(text_of(0), layout.width(0));
  name.append(layout.width(0) - display_width(name), ' ');
  std::string line = std::move(name);
  for (std::size_t column = 1; column < columns; ++column) {
    if (!layout.shows(column)) continue;
    const std::string_view text = text_of(column);
    line.append(kGap + layout.width(column) - display_width(text), ' ');
    line += text;
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::string draw_table(const Table& table, std::size_t width, bool colour) {
  const Layout layout(table, width);
  const std::size_t columns = table.columns.size();
  const std::string titles = draw_row(
      layout, columns, [&](std::size_t column) -> std::string_view { return table.columns[column].title; });
  std::string out;
  if (colour) out += console::style_start(console::Style::kWorkflow);
  out += titles;
  if (colour) out += console::kStyleEnd;
  out += '\n';
  for (const auto& row : table.rows) {
    out += draw_row(layout, columns, [&row](std::size_t column) -> std::string_view { return row[column]; });
    out += '\n';
  }
  return out;
}

}  // namespace llmo::views
