#include "exporters/functions/unseen.h"

#include <string>

namespace llmo::functions {
namespace {

constexpr const char* kInstrument = "-finstrument-functions";
constexpr const char* kLeaveOut = "-finstrument-functions-exclude-";

struct Reason {
  Unseen unseen;
  std::string detail;
};

// `-finstrument-functions-exclude-function-list=a,b`: its list goes up to the next option.
std::string leaving_out(const CompileUnit& unit) {
  const std::size_t start = unit.producer.find(kLeaveOut);
  return unit.producer.substr(start, unit.producer.find(' ', start) - start);
}

// clang has the mark and no option that leaves functions out.
Reason reason_in(const CompileUnit& unit, bool instrumented) {
  if (unit.by_clang()) return instrumented ? Reason{Unseen::kMarked, {}} : Reason{Unseen::kUnit, unit.source};
  if (unit.has_option(kLeaveOut)) return {Unseen::kLeftOut, leaving_out(unit)};
  if (unit.has_option(kInstrument)) return {Unseen::kMarked, {}};
  if (unit.tells_options() || !instrumented) return {Unseen::kUnit, unit.source};
  return {Unseen::kByItself, {}};
}

Reason reason_of(const FunctionRow& row, const ModuleReport& report, const CompileUnits& units,
                 const std::vector<bool>& instrumented_units) {
  if (!report.is_instrumented()) return {Unseen::kModule, {}};
  const bool has_code = row.address != 0;
  const auto unit = units.find(has_code ? row.address : row.copy);
  if (!unit) return {has_code ? Unseen::kNotTold : Unseen::kInlined, {}};
  Reason reason = reason_in(units[*unit], instrumented_units[*unit]);
  if (has_code || reason.unseen == Unseen::kUnit) return reason;
  return {Unseen::kInlined, {}};
}

bool any_unit_by_clang(const CompileUnits& units, const std::vector<bool>& instrumented_units) {
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    if (instrumented_units[unit] && units[unit].by_clang()) return true;
  }
  return false;
}

}  // namespace

void explain_unseen(ModuleReport& report, const CompileUnits& units,
                    const std::vector<bool>& instrumented_units) {
  const bool by_clang = any_unit_by_clang(units, instrumented_units);
  for (FunctionRow& row : report.rows) {
    if (row.verdict != filter::Verdict::kTraced) continue;
    const bool left_out = row.silent_copies != 0 && (row.instrumented || row.address == 0);
    if (left_out && by_clang) report.leaves_inlined_out = true;
    if (row.instrumented) continue;
    Reason reason = reason_of(row, report, units, instrumented_units);
    row.unseen = reason.unseen;
    row.unseen_detail = std::move(reason.detail);
  }
}

}  // namespace llmo::functions
