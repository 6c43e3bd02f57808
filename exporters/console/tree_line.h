// The cells of one line of the tree: which words, in which colour, before anything is laid out.
#pragma once

#include <string>
#include <vector>

#include "exporters/console/trace_tree.h"

namespace llmo::console {

enum class Style : std::uint8_t { kPlain, kDim, kWorkflow, kCall, kMoney, kError, kWarning };

// The escape sequence that begins a style; empty for kPlain. kStyleEnd ends any.
std::string_view style_start(Style style);
inline constexpr std::string_view kStyleEnd = "\x1b[0m";

struct TailPart {
  std::string text;
  Style style = Style::kPlain;
  std::size_t gap = 3;  // blanks before it
};

struct TreeLine {
  std::string name;
  Style name_style = Style::kPlain;
  std::string subject;
  std::string operation;
  std::string note;  // `(thread 2)`, `(process 123)`, `(parent missing)`
  std::string duration;
  Style duration_style = Style::kPlain;
  std::vector<TailPart> tail;
};

TreeLine line_of(const Forest& forest, std::uint32_t node);

}  // namespace llmo::console
