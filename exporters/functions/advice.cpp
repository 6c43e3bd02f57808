#include <fmt/format.h>

#include <algorithm>

#include "exporters/functions/functions_report.h"

namespace llmo::functions {
namespace {

using filter::Verdict;

bool any_row(const ModuleReport& module, bool (*test)(const FunctionRow&)) {
  return std::any_of(module.rows.begin(), module.rows.end(), test);
}

bool has_unseen(const ModuleReport& module, Unseen why) {
  return std::any_of(module.rows.begin(), module.rows.end(),
                     [why](const FunctionRow& row) { return row.unseen == why; });
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

class Advisor {
 public:
  explicit Advisor(const FunctionsReport& report) : report_(report) {}

  std::vector<std::string> sentences() {
    for (const ModuleReport& module : report_.modules) {
      if (module.problem.empty() && module.kind != ModuleKind::kStaticProgram) advise(module);
    }
    if (report_.blockers.empty() && !report_.anything_seen()) nothing_seen();
    return std::move(sentences_);
  }

 private:
  template <typename... Arguments>
  void say(fmt::format_string<const Arguments&...> format, const Arguments&... arguments) {
    sentences_.push_back(fmt::format(format, arguments...));
  }

  void advise(const ModuleReport& module) {
    const std::string name = file_name(module.path);
    if (module.is_instrumented()) {
      if (module.defines_hooks) {
        say("{} calls hooks of its own, so its functions do not report to the library: build it without a "
            "definition of __cyg_profile_func_enter",
            name);
      }
      advise_on_rows(module, name);
      advise_on_names(module, name);
    } else if (&module == &report_.modules.front() || !module.rows.empty()) {
      not_instrumented(module, name);
    }
  }

  void not_instrumented(const ModuleReport& module, const std::string& name) {
    if (module.imports_hooks) {
      say("{} is bound to the hooks, but none of its functions reports: were its own sources compiled with "
          "-finstrument-functions, or only something that was linked into it?",
          name);
      return;
    }
    say("{} is not instrumented: compile its sources with -finstrument-functions (gcc and clang have it; "
        "CXXFLAGS+=-finstrument-functions) and link it anew",
        name);
  }

  void advise_on_rows(const ModuleReport& module, const std::string& name) {
    if (has_unseen(module, Unseen::kUnit)) {
      say("some sources of {} were compiled without -finstrument-functions: compile all that matter with it",
          name);
    }
    if (has_unseen(module, Unseen::kMarked) || has_unseen(module, Unseen::kByItself)) {
      say("functions of {} that are marked __attribute__((no_instrument_function)) are never seen: take the "
          "mark "
          "off",
          name);
    }
    if (has_unseen(module, Unseen::kLeftOut) || has_unseen(module, Unseen::kByItself)) {
      say("look for -finstrument-functions-exclude-function-list and -exclude-file-list in the build of {}: "
          "gcc "
          "takes parts of names there",
          name);
    }
    if (has_unseen(module, Unseen::kNotTold) && !module.has_debug_info) {
      say("matching functions of {} do not report while others do: their sources were compiled without "
          "-finstrument-functions, or they are marked no_instrument_function, or "
          "-finstrument-functions-exclude-… leaves them out; with -g this page tells which",
          name);
    }
    if (module.leaves_inlined_out)
      inlined_by_clang(name);
    else if (has_unseen(module, Unseen::kInlined))
      inlined(name);
  }

  void inlined_by_clang(const std::string& name) {
    say("in {}, functions were inlined before they were instrumented: use clang's -finstrument-functions in "
        "place "
        "of -finstrument-functions-after-inlining, or mark them __attribute__((noinline))",
        name);
  }

  void inlined(const std::string& name) {
    say("functions of {} that exist only inside others are not seen there: compile their sources with "
        "-finstrument-functions, or mark them __attribute__((noinline))",
        name);
  }

  void advise_on_names(const ModuleReport& module, const std::string& name) {
    if (module.nameless != 0) {
      say("{} is stripped, so {} of its instrumented functions have no name and only `*` or `{}+*` takes "
          "them: "
          "keep the symbol table (strip -g, not strip), or install its debug file in /usr/lib/debug",
          name, module.nameless, name);
    }
    if (!module.has_debug_info && module.nameless == 0) {
      say("{} has no debug information: with -g spans have file and line, exclusion by source path works, "
          "and "
          "this page tells what was inlined",
          name);
    }
  }

  void nothing_seen() {
    const bool instrumented =
        std::any_of(report_.modules.begin(), report_.modules.end(),
                    [](const ModuleReport& module) { return module.is_instrumented(); });
    const bool asked_for =
        std::any_of(report_.modules.begin(), report_.modules.end(), [](const auto& module) {
          return any_row(module, [](const FunctionRow& row) { return row.verdict != Verdict::kNoMatch; });
        });
    if (!instrumented || asked_for) return;
    say("no instrumented function has a name that is asked for: --all lists them; name some in "
        "LLMOBSERVE_FUNCTION_PATTERNS (try it here with --patterns)");
  }

  const FunctionsReport& report_;
  std::vector<std::string> sentences_;
};

}  // namespace

bool FunctionsReport::anything_seen() const {
  return blockers.empty() && std::any_of(modules.begin(), modules.end(),
                                         [](const ModuleReport& module) { return module.seen() != 0; });
}

std::vector<std::string> advice(const FunctionsReport& report) { return Advisor(report).sentences(); }

std::string why_unseen(const FunctionRow& row) {
  switch (row.unseen) {
    case Unseen::kSeen:
      return {};
    case Unseen::kModule:
      return "not instrumented";
    case Unseen::kInlined:
      return "inlined away: it has no code of its own";
    case Unseen::kUnit:
      return fmt::format("{} was compiled without -finstrument-functions", row.unseen_detail);
    case Unseen::kMarked:
      return "marked no_instrument_function, or extern inline";
    case Unseen::kLeftOut:
      return fmt::format("left out by {}, or marked no_instrument_function", row.unseen_detail);
    case Unseen::kByItself:
      return "others of its source file are instrumented: it is marked no_instrument_function, or an option "
             "leaves it out";
    case Unseen::kNotTold:
      return "not instrumented, while others are";
  }
  return {};
}

}  // namespace llmo::functions
