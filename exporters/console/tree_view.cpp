#include "exporters/console/tree_view.h"

#include <algorithm>
#include <string>

#include "exporters/console/text.h"
#include "exporters/console/tree_line.h"
#include "exporters/console/tree_walk.h"

namespace llmo::console {
namespace {

constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);
constexpr std::size_t kMaxIndent = 48;  // levels; deeper ones say their depth
constexpr std::size_t kSubjectGap = 3;
constexpr std::size_t kOperationGap = 3;
constexpr std::size_t kNoteGap = 2;
constexpr std::size_t kDurationGap = 3;
constexpr std::size_t kDurationGapAfterNote = 1;  // the bracket stands out enough
constexpr std::size_t kMaxSubject = 60;
constexpr std::size_t kMinSubject = 14;
constexpr std::size_t kMinName = 20;
constexpr std::size_t kTailToKeep =
    36;  // for which names and subjects give way; the rest of a tail is cut first

// Column widths of a trace, and how far names and subjects were cut to make its lines fit.
struct Layout {
  std::size_t name_cap = kUnlimited;
  std::size_t subject_cap = kMaxSubject;
  std::size_t operation_at = 0;  // columns, counted from the left edge
  std::size_t subject_at = 0;
  std::size_t note_at = 0;
  std::size_t duration_at = 0;
  std::size_t duration_width = 0;
  std::size_t longest_name = 0;
  std::size_t longest_subject = 0;
  std::size_t longest_line = 0;
};

struct LineWidths {
  std::size_t name = 0;  // with its branch
  std::size_t subject = 0;
  std::size_t operation = 0;
  std::size_t note = 0;
  std::size_t duration = 0;
  std::size_t tail = 0;
};

LineWidths widths_of(const TreeLine& line, std::size_t branch_width, const Layout& layout) {
  LineWidths widths;
  widths.name = branch_width + std::min(display_width(line.name), layout.name_cap);
  widths.subject = std::min(display_width(line.subject), layout.subject_cap);
  widths.operation = display_width(line.operation);
  widths.note = display_width(line.note);
  widths.duration = display_width(line.duration);
  for (const TailPart& part : line.tail) widths.tail += part.gap + display_width(part.text);
  return widths;
}

std::size_t max_indent(const ViewOptions& options) {
  if (options.width == 0) return kMaxIndent;
  return std::clamp<std::size_t>(options.width / 9, 4, kMaxIndent);
}

// Column starts depend on each other from left to right, so each takes a look at all lines. The lines are
// made once here and once when they are drawn; keeping them would cost more memory than making them costs
// time.
class Measure {
 public:
  Measure(const Forest& forest, const TraceSlice& trace, std::size_t indent) {
    lines_.reserve(trace.end_node - trace.first_node);
    const Layout uncut;
    for (TreeWalk walk(forest, trace, indent); !walk.done(); walk.next()) {
      const TreeLine line = line_of(forest, walk.index());
      branches_.push_back(walk.branch_width());
      lines_.push_back(widths_of(line, walk.branch_width(), uncut));
    }
  }

  Layout layout(std::size_t name_cap, std::size_t subject_cap) const {
    Layout out;
    out.name_cap = name_cap;
    out.subject_cap = subject_cap;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      out.longest_name = std::max(out.longest_name, lines_[i].name - branches_[i]);
      out.longest_subject = std::max(out.longest_subject, lines_[i].subject);
      out.duration_width = std::max(out.duration_width, lines_[i].duration);
      if (lines_[i].subject != 0) out.subject_at = std::max(out.subject_at, name_end(i, out) + kSubjectGap);
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].operation != 0) {
        out.operation_at = std::max(out.operation_at, subject_end(i, out) + kOperationGap);
      }
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].note != 0) out.note_at = std::max(out.note_at, operation_end(i, out) + kNoteGap);
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      out.duration_at = std::max(out.duration_at, duration_start(i, out));
    }
    for (const LineWidths& line : lines_) {
      out.longest_line =
          std::max(out.longest_line, out.duration_at + out.duration_width + std::min(line.tail, kTailToKeep));
    }
    return out;
  }

 private:
  std::size_t name_end(std::size_t i, const Layout& layout) const {
    return branches_[i] + std::min(lines_[i].name - branches_[i], layout.name_cap);
  }
  std::size_t subject_end(std::size_t i, const Layout& layout) const {
    if (lines_[i].subject == 0) return name_end(i, layout);
    return layout.subject_at + std::min(lines_[i].subject, layout.subject_cap);
  }
  std::size_t operation_end(std::size_t i, const Layout& layout) const {
    if (lines_[i].operation == 0) return subject_end(i, layout);
    return layout.operation_at + lines_[i].operation;
  }
  std::size_t duration_start(std::size_t i, const Layout& layout) const {
    if (lines_[i].note == 0) return operation_end(i, layout) + kDurationGap;
    return layout.note_at + lines_[i].note + kDurationGapAfterNote;
  }

  std::vector<LineWidths> lines_;
  std::vector<std::size_t> branches_;
};

// Where lines are too long, subjects give way first (a model's name is known by its beginning), then names.
// What is still too long is cut at the edge when it is drawn.
Layout fitting_layout(const Measure& measure, std::size_t width) {
  Layout layout = measure.layout(kUnlimited, kMaxSubject);
  const auto cut = [&](std::size_t longest, std::size_t least) {
    const std::size_t excess = layout.longest_line - width;
    return std::max(longest > excess ? longest - excess : 0, least);
  };
  if (width != 0 && layout.longest_line > width) {
    layout = measure.layout(kUnlimited, cut(layout.longest_subject, kMinSubject));
  }
  if (width != 0 && layout.longest_line > width) {
    layout = measure.layout(cut(layout.longest_name, kMinName), layout.subject_cap);
  }
  return layout;
}

// A line under way: knows the column it is in, cuts at the edge, paints.
class LineWriter {
 public:
  explicit LineWriter(const ViewOptions& options) : options_(options) {}

  void put(std::string_view text, Style style) {
    if (full_ || text.empty()) return;
    const std::size_t width = display_width(text);
    if (options_.width != 0 && column_ + width > options_.width) {
      full_ = true;
      paint(fit(text, options_.width - column_), style);
      return;
    }
    column_ += width;
    paint(text, style);
  }

  void pad_to(std::size_t column) {
    if (column <= column_ || full_) return;
    if (options_.width != 0 && column >= options_.width) {
      full_ = true;
      return;
    }
    out_.append(column - column_, ' ');
    column_ = column;
  }

  std::size_t column() const { return column_; }

  const std::string& finish() {
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    out_ += '\n';
    return out_;
  }

 private:
  void paint(std::string_view text, Style style) {
    const std::string_view start = options_.colour ? style_start(style) : std::string_view();
    out_ += start;
    out_ += text;
    if (!start.empty()) out_ += kStyleEnd;
  }

  const ViewOptions& options_;
  std::string out_;
  std::size_t column_ = 0;
  bool full_ = false;
};

// Where the cell begins that stands after the name (or the subject) of this line: a text that was to be cut
// may run on over the empty cells before it.
std::size_t next_cell_at(const TreeLine& line, const Layout& layout, bool after_subject) {
  if (!after_subject && !line.subject.empty()) return layout.subject_at;
  if (!line.operation.empty()) return layout.operation_at;
  return line.note.empty() ? layout.duration_at : layout.note_at;
}

std::size_t room(std::size_t cap, std::size_t start, std::size_t next_cell) {
  return next_cell > start + kNoteGap ? std::max(cap, next_cell - start - kNoteGap) : cap;
}

void draw_line(const TreeLine& line, const std::string& branch, const Layout& layout, LineWriter& writer) {
  const auto cell = [&writer](std::string_view text, std::size_t column, Style style) {
    if (text.empty()) return;
    writer.pad_to(column);
    writer.put(text, style);
  };
  writer.put(branch, Style::kDim);
  const std::size_t name_room = room(layout.name_cap, writer.column(), next_cell_at(line, layout, false));
  writer.put(fit(line.name, name_room), line.name_style);
  const std::size_t subject_room =
      room(layout.subject_cap, layout.subject_at, next_cell_at(line, layout, true));
  cell(fit(line.subject, subject_room), layout.subject_at, Style::kPlain);
  cell(line.operation, layout.operation_at, Style::kPlain);
  cell(line.note, layout.note_at, Style::kDim);
  writer.pad_to(layout.duration_at + layout.duration_width - display_width(line.duration));
  writer.put(line.duration, line.duration_style);
  for (const TailPart& part : line.tail) cell(part.text, writer.column() + part.gap, part.style);
}

}  // namespace

void draw_trace(const Forest& forest, const TraceSlice& trace, const ViewOptions& options, const Sink& sink) {
  const std::size_t indent = max_indent(options);
  const Layout layout = fitting_layout(Measure(forest, trace, indent), options.width);
  for (TreeWalk walk(forest, trace, indent); !walk.done(); walk.next()) {
    LineWriter writer(options);
    draw_line(line_of(forest, walk.index()), walk.branch(), layout, writer);
    sink(writer.finish());
  }
}

}  // namespace llmo::console
