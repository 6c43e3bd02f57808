// What is known of the functions of one program or library: which of them report, which are asked for, and
// what stands against the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "exporters/functions/file_type.h"
#include "exporters/functions/function_list.h"
#include "exporters/functions/inlined_calls.h"
#include "shim/filter/function_filter.h"

namespace llmo::functions {

// Why a function that is asked for does not report.
enum class Unseen {
  kSeen,
  kModule,    // no function of the module does
  kInlined,   // it has no code of its own, and its copies do not report
  kUnit,      // its source file was compiled without -finstrument-functions
  kMarked,    // it is marked no_instrument_function
  kLeftOut,   // an option of gcc may leave it out: -finstrument-functions-exclude-…
  kByItself,  // others of its source file report: marked, or left out by an option
  kNotTold,   // without debug information no reason can be told
};

struct FunctionRow {
  std::string name;           // qualified; `app+0x1139` where it has none
  std::string symbol;         // mangled; may be empty
  std::uint64_t address = 0;  // in the file; 0: it has no code of its own
  filter::Verdict verdict = filter::Verdict::kNoMatch;
  filter::Ground ground = filter::Ground::kNothing;
  std::string rule;           // the pattern or exclusion rule that decided
  bool instrumented = false;  // its own code reports
  bool coroutine = false;
  std::string file;  // where it is declared, absolute where that is known
  std::uint32_t line = 0;

  std::vector<InlinePlace> places;  // copies in other functions, the first ones
  std::uint64_t copy = 0;           // where the first one lies
  std::size_t copies = 0;           // all of them
  std::size_t silent_copies = 0;    // those that do not report
  Unseen unseen = Unseen::kSeen;
  std::string unseen_detail;  // kUnit: the source file; kLeftOut: the option

  bool is_seen() const { return verdict == filter::Verdict::kTraced && instrumented; }
};

struct ModuleReport {
  std::string path;
  std::string problem;  // why it could not be read; nothing else is known then
  ModuleKind kind = ModuleKind::kProgram;
  bool imports_hooks = false;
  bool defines_hooks = false;  // and calls those: they do not reach the library
  NameSource names = NameSource::kNone;
  bool has_debug_info = false;
  std::size_t functions = 0;        // with code of their own
  std::size_t instrumented = 0;     // of them
  std::size_t nameless = 0;         // instrumented ones without a name
  bool leaves_inlined_out = false;  // clang left functions out that it had inlined before

  // Sorted by name: those asked for, whether they report or not; those excluded, if they report; with
  // InspectOptions::all the other ones that report.
  std::vector<FunctionRow> rows;

  bool is_instrumented() const { return instrumented != 0; }
  std::size_t seen() const;
  std::size_t excluded() const;
  std::size_t unseen() const;
};

}  // namespace llmo::functions
