#include <fmt/format.h>

#include <algorithm>

#include "exporters/console/text.h"
#include "exporters/functions/functions_report.h"

namespace llmo::functions {
namespace {

using console::format_count;
using console::printable;
using filter::Ground;
using filter::Verdict;

std::string count_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

std::string_view kind_name(ModuleKind kind) {
  switch (kind) {
    case ModuleKind::kProgram:
      return "program";
    case ModuleKind::kStaticProgram:
      return "static program";
    case ModuleKind::kLibrary:
      return "library";
    case ModuleKind::kObjectFile:
      return "object file";
  }
  return {};
}

std::string_view ground_name(Ground ground) {
  switch (ground) {
    case Ground::kObjectFile:
      return "the object file";
    case Ground::kNamespace:
      return "a namespace";
    case Ground::kSourceFile:
      return "the source path";
    case Ground::kName:
    case Ground::kNothing:
      break;
  }
  return {};
}

std::string location(const std::string& file, std::uint32_t line) {
  return line == 0 ? file : fmt::format("{}:{}", file, line);
}

// `2 of 3 inlined copies do not report (main agent.cpp:12, …)`
std::string copies(const FunctionRow& row) {
  constexpr std::size_t kShown = 3;
  if (row.copies == 0) return {};
  std::string text;
  if (row.silent_copies == 0) {
    text = count_of(row.copies, "inlined copy");
    if (row.copies != 1) text = fmt::format("{} inlined copies", format_count(row.copies));
    text += row.copies == 1 ? " reports too" : " report too";
  } else if (row.silent_copies == row.copies) {
    text = row.copies == 1 ? "its inlined copy does not report"
                           : fmt::format("its {} inlined copies do not report", format_count(row.copies));
  } else {
    text = fmt::format("{} of {} inlined copies do not report", format_count(row.silent_copies),
                       format_count(row.copies));
  }
  text += ": ";
  for (std::size_t index = 0; index < std::min(row.places.size(), kShown); ++index) {
    const InlinePlace& place = row.places[index];
    const std::string at = location(place.file.substr(place.file.rfind('/') + 1), place.line);
    text += fmt::format("{}in {}{}{}", index == 0 ? "" : ", ", place.caller, at.empty() ? "" : " at ", at);
  }
  return row.copies > kShown ? text + ", …" : text;
}

struct Line {
  std::string name;
  std::string rule;
  std::string where;
  std::string more;  // a line of its own
};

Line line_of(const FunctionRow& row) {
  Line line{row.name, row.rule, location(row.file, row.line), copies(row)};
  if (row.coroutine) line.name += " (coroutine)";
  if (row.verdict == Verdict::kExcluded && row.ground != Ground::kName) {
    line.rule = fmt::format("{}: {}", row.rule, ground_name(row.ground));
  }
  // That the whole module is not instrumented is said above.
  const std::string why = row.unseen == Unseen::kModule ? std::string() : why_unseen(row);
  if (!why.empty() && row.verdict == Verdict::kTraced) {
    line.more = line.more.empty() ? why : fmt::format("{}; {}", why, line.more);
  }
  return line;
}

class Text {
 public:
  explicit Text(const FunctionsReport& report) : report_(report) {}

  std::string whole() {
    add_rules();
    for (const ModuleReport& module : report_.modules) add_module(module);
    add_bare_modules();
    for (const std::string& blocker : report_.blockers)
      add("\nNothing will be seen: {}.\n", printable(blocker));
    if (!report_.notes.empty()) add("\n");
    for (const std::string& note : report_.notes) add("Note: {}.\n", printable(note));
    add_advice();
    add_summary();
    return std::move(text_);
  }

 private:
  template <typename... Arguments>
  void add(fmt::format_string<const Arguments&...> format, const Arguments&... arguments) {
    text_ += fmt::format(format, arguments...);
  }

  void add_rules() {
    add("patterns  {}  ({})\n", printable(report_.patterns.text), report_.patterns.origin);
    add("exclude   {}  ({})\n", printable(report_.exclusions.text), report_.exclusions.origin);
  }

  // One of many that has nothing to do with the hooks has one line with its kind.
  bool is_bare(const ModuleReport& module) const {
    return &module != &report_.modules.front() && module.problem.empty() && !module.is_instrumented() &&
           module.rows.empty();
  }

  void add_module(const ModuleReport& module) {
    if (is_bare(module)) return;
    if (!module.problem.empty())
      return add("\n{}: cannot be looked at: {}\n", printable(module.path), module.problem);
    add("\n{}: {}, {}\n", printable(module.path), kind_name(module.kind), state_of(module));
    const bool reaches_us = report_.blockers.empty() && module.seen() != 0;
    add_rows(module, reaches_us ? "traced" : "would be traced",
             [](const FunctionRow& row) { return row.is_seen(); });
    add_rows(module, "excluded", [](const FunctionRow& row) { return row.verdict == Verdict::kExcluded; });
    add_rows(module, module.is_instrumented() ? "not seen, though their names match" : "would match",
             [](const FunctionRow& row) { return row.verdict == Verdict::kTraced && !row.instrumented; });
    add_rows(module, "instrumented, but not asked for",
             [](const FunctionRow& row) { return row.verdict == Verdict::kNoMatch; });
  }

  static std::string state_of(const ModuleReport& module) {
    if (!module.is_instrumented()) {
      return module.functions == 0 ? "not instrumented"
                                   : fmt::format("not instrumented: none of its {} reports",
                                                 count_of(module.functions, "function"));
    }
    const bool is_static = module.kind == ModuleKind::kStaticProgram;  // the C library's are in it
    const std::string hooks = module.defines_hooks && !is_static ? ", to hooks of its own" : "";
    if (module.nameless != 0) {
      return fmt::format("stripped; {} instrumented{}, {} of them without a name",
                         count_of(module.instrumented, "function"), hooks, format_count(module.nameless));
    }
    return fmt::format("{} of its {} report{}", format_count(module.instrumented),
                       count_of(module.functions, "function"), hooks);
  }

  void add_rows(const ModuleReport& module, std::string_view title, bool (*belongs)(const FunctionRow&)) {
    constexpr std::size_t kWidest = 60;
    std::vector<Line> lines;
    std::size_t name_width = 0;
    std::size_t rule_width = 0;
    for (const FunctionRow& row : module.rows) {
      if (!belongs(row)) continue;
      lines.push_back(line_of(row));
      name_width = std::max(name_width, std::min(lines.back().name.size(), kWidest));
      rule_width = std::max(rule_width, lines.back().rule.size());
    }
    if (lines.empty()) return;
    add("  {} ({})\n", title, format_count(lines.size()));
    for (const Line& line : lines) {
      std::string row = fmt::format("    {:<{}}  {:<{}}  {}", printable(line.name), name_width,
                                    printable(line.rule), rule_width, printable(line.where));
      row.resize(row.find_last_not_of(' ') + 1);
      add("{}\n", row);
      if (!line.more.empty()) add("        {}\n", printable(line.more));
    }
  }

  void add_bare_modules() {
    std::string names;
    for (const ModuleReport& module : report_.modules) {
      if (!is_bare(module)) continue;
      if (!names.empty()) names += ", ";
      names += module.path.substr(module.path.rfind('/') + 1);
    }
    if (!names.empty()) add("\nnot instrumented: {}\n", printable(names));
  }

  void add_advice() {
    const std::vector<std::string> sentences = advice(report_);
    if (!sentences.empty()) add("\nWhat to do:\n");
    for (const std::string& sentence : sentences) add("  - {}\n", printable(sentence));
  }

  void add_summary() {
    std::size_t seen = 0;
    std::size_t excluded = 0;
    std::size_t unseen = 0;
    std::size_t instrumented = 0;
    for (const ModuleReport& module : report_.modules) {
      seen += module.seen();
      excluded += module.excluded();
      unseen += module.unseen();
      instrumented += module.instrumented;
    }
    if (!report_.blockers.empty()) seen = 0;
    add("\n{} will be traced; {} excluded, {} not seen though matching; {} instrumented\n",
        count_of(seen, "function"), format_count(excluded), format_count(unseen), format_count(instrumented));
  }

  const FunctionsReport& report_;
  std::string text_;
};

}  // namespace

std::string report_text(const FunctionsReport& report) { return Text(report).whole(); }

}  // namespace llmo::functions
