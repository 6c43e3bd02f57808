#include "exporters/functions/inspect.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "exporters/functions/body_scan.h"
#include "exporters/functions/code_map.h"
#include "exporters/functions/compile_units.h"
#include "exporters/functions/debug_entries.h"
#include "exporters/functions/file_type.h"
#include "exporters/functions/hook_references.h"
#include "exporters/functions/row_index.h"
#include "exporters/functions/unseen.h"
#include "symbolizer/debug_file.h"
#include "symbolizer/function_name.h"
#include "symbolizer/lines/source_lines.h"
#include "symbolizer/module_symbols.h"

namespace llmo::functions {
namespace {

using filter::Decision;
using filter::FunctionFilter;
using filter::Ground;
using filter::Verdict;
using symbolizer::ElfImage;
using symbolizer::FunctionName;

class Inspection {
 public:
  Inspection(ElfImage image, const ModuleFile& module, const FunctionFilter& filter,
             const InspectOptions& options)
      : image_(std::move(image)), module_(module), filter_(filter), options_(options), code_(image_) {
    report_.path = module.path;
  }

  ModuleReport run();

 private:
  // What is kept of each function; names are made again for the few that get a row.
  struct Facts {
    Verdict verdict = Verdict::kNoMatch;
    bool instrumented = false;
  };

  FunctionName name_of(const Function& function) const;
  Decision decide(const FunctionName& name) const;
  void decide_all();
  void scan_all();
  FunctionRow decided_row(const FunctionName& name, std::string_view symbol) const;
  void add_row(const Function& function, const Facts& facts);
  void count();
  void add_rows();
  void exclude_by_source(FunctionRow& row, std::uint64_t address);
  void mark_coroutines();
  void read_debug_info();
  void add_inlined(const InlinedFunction& inlined);
  FunctionRow& row_of(const InlinedFunction& inlined);
  bool reports_in(std::uint64_t body, const std::vector<std::uint64_t>& functions) const;
  std::vector<std::uint64_t> addresses_of(const InlinedFunction& inlined, const FunctionRow& row) const;
  void locate();

  ElfImage image_;
  std::optional<ElfImage> debug_file_;
  const ModuleFile& module_;
  const FunctionFilter& filter_;
  const InspectOptions& options_;
  CodeMap code_;
  HookReferences hooks_;
  FunctionList list_;
  std::vector<Facts> facts_;
  std::unordered_map<std::uint64_t, Body> bodies_;  // those that report something that is asked for
  std::optional<symbolizer::ModuleSymbols> symbols_;
  ModuleReport report_;
  RowIndex index_;
};

FunctionName Inspection::name_of(const Function& function) const {
  if (!function.symbol.empty()) return symbolizer::function_name(function.symbol);
  // As the library names it in the host.
  const std::string name =
      fmt::format("{}+0x{:x}", module_.path.substr(module_.path.rfind('/') + 1), function.address);
  return {name, name};
}

Decision Inspection::decide(const FunctionName& name) const {
  return filter_.decide({name.qualified, name.own, module_.path});
}

void Inspection::decide_all() {
  facts_.resize(list_.functions.size());
  for (std::size_t index = 0; index < facts_.size(); ++index) {
    if (list_.functions[index].part != Part::kWhole) continue;
    facts_[index].verdict = decide(name_of(list_.functions[index])).verdict;
  }
}

void Inspection::scan_all() {
  std::vector<std::uint64_t> wanted;
  for (std::size_t index = 0; index < facts_.size(); ++index) {
    if (facts_[index].verdict == Verdict::kTraced) wanted.push_back(list_.functions[index].address);
  }
  const BodyScanner scanner(hooks_, std::move(wanted), FileType(image_).type == ET_EXEC);
  for (std::size_t index = 0; index < facts_.size(); ++index) {
    const Function& function = list_.functions[index];
    Body body =
        scanner.scan(function.address, code_.bytes_at(function.address, function.end - function.address));
    facts_[index].instrumented = body.reports() && function.part == Part::kWhole;
    if (body.calls_enter && !body.taken.empty()) bodies_.emplace(function.address, std::move(body));
  }
}

// The source path counts only where all else says yes, as in the host.
void Inspection::exclude_by_source(FunctionRow& row, std::uint64_t address) {
  if (row.verdict != Verdict::kTraced || !filter_.wants_source() || !symbols_) return;
  const std::optional<std::string> source = symbols_->source_file(address);
  const auto rule = source ? filter_.excluded_by_source(*source) : std::nullopt;
  if (!rule) return;
  row.verdict = Verdict::kExcluded;
  row.ground = Ground::kSourceFile;
  row.rule = *rule;
}

FunctionRow Inspection::decided_row(const FunctionName& name, std::string_view symbol) const {
  const Decision decision = decide(name);
  FunctionRow row;
  row.name = name.qualified;
  row.symbol = symbol;
  row.verdict = decision.verdict;
  row.ground = decision.ground;
  row.rule = decision.rule;
  return row;
}

void Inspection::add_row(const Function& function, const Facts& facts) {
  FunctionRow row = decided_row(name_of(function), function.symbol);
  row.address = function.address;
  row.instrumented = facts.instrumented;
  exclude_by_source(row, function.address);
  if (!row.instrumented && row.verdict != Verdict::kTraced) return;
  index_.add(row, report_.rows.size());
  report_.rows.push_back(std::move(row));
}

void Inspection::count() {
  for (std::size_t index = 0; index < facts_.size(); ++index) {
    const bool named = !list_.functions[index].symbol.empty();
    if (list_.functions[index].part == Part::kWhole && named) ++report_.functions;
    if (!facts_[index].instrumented) continue;
    ++report_.instrumented;
    if (!named) ++report_.nameless;
  }
}

// Of what has no name only that is told which reports: the rest may be anything.
void Inspection::add_rows() {
  for (std::size_t index = 0; index < facts_.size(); ++index) {
    const Function& function = list_.functions[index];
    const Facts& facts = facts_[index];
    if (!facts.instrumented && function.symbol.empty()) continue;
    if (facts.verdict != Verdict::kNoMatch || (options_.all && facts.instrumented)) add_row(function, facts);
  }
}

// The parts of a coroutine have its name.
void Inspection::mark_coroutines() {
  std::set<std::string> names;
  for (const Function& function : list_.functions) {
    if (function.part == Part::kCoroutine) names.insert(name_of(function).qualified);
  }
  for (FunctionRow& row : report_.rows) row.coroutine = names.contains(row.name);
}

bool Inspection::reports_in(std::uint64_t body, const std::vector<std::uint64_t>& functions) const {
  const auto known = bodies_.find(body);
  if (known == bodies_.end()) return false;
  return std::any_of(functions.begin(), functions.end(),
                     [&](std::uint64_t function) { return known->second.reports(function); });
}

FunctionRow& Inspection::row_of(const InlinedFunction& inlined) {
  if (const auto known = index_.find(inlined)) return report_.rows[*known];
  FunctionRow row = decided_row(inlined.name, inlined.symbol);
  row.file = inlined.file;
  row.line = inlined.line;
  exclude_by_source(row, inlined.copy);
  index_.add(row, report_.rows.size());
  report_.rows.push_back(std::move(row));
  return report_.rows.back();
}

std::vector<std::uint64_t> Inspection::addresses_of(const InlinedFunction& inlined,
                                                    const FunctionRow& row) const {
  std::vector<std::uint64_t> addresses;
  if (row.address != 0) addresses.push_back(row.address);
  if (symbols_of(inlined).size() > 1) index_.add_addresses(row.name, addresses);
  return addresses;
}

void Inspection::add_inlined(const InlinedFunction& inlined) {
  FunctionRow& row = row_of(inlined);
  for (const InlinePlace& place : inlined.places) {
    if (row.places.size() < InlinedFunction::kMaxPlaces) row.places.push_back(place);
  }
  if (row.copies == 0) row.copy = inlined.copy;
  row.copies += inlined.bodies.size();
  const std::vector<std::uint64_t> addresses = addresses_of(inlined, row);
  for (const std::uint64_t body : inlined.bodies) {
    if (!reports_in(body, addresses)) ++row.silent_copies;
  }
}

void Inspection::read_debug_info() {
  const auto dwarf = open_debug_info(image_, debug_file_ ? &*debug_file_ : nullptr);
  report_.has_debug_info = dwarf.has_value();
  if (dwarf && report_.is_instrumented()) {
    const auto wants = [this](const FunctionName& name) { return decide(name).verdict == Verdict::kTraced; };
    for (const InlinedFunction& inlined : find_inlined(units_of(*dwarf), wants)) add_inlined(inlined);
  }
  const CompileUnits units = dwarf ? CompileUnits(units_of(*dwarf)) : CompileUnits();
  std::vector<bool> instrumented_units(units.size());
  for (std::size_t index = 0; index < facts_.size(); ++index) {
    if (!facts_[index].instrumented) continue;
    if (const auto unit = units.find(list_.functions[index].address)) instrumented_units[*unit] = true;
  }
  explain_unseen(report_, units, instrumented_units);
}

void Inspection::locate() {
  symbolizer::SourceLines lines(1);
  for (FunctionRow& row : report_.rows) {
    if (row.address == 0 || !report_.has_debug_info) continue;
    const auto found = lines.find(module_.file, {}, row.address);
    if (!found) continue;
    row.file = found->file;
    row.line = found->line;
  }
}

ModuleReport Inspection::run() {
  const FileType type(image_);
  report_.problem = type.problem();
  report_.kind = type.kind();
  if (!report_.problem.empty()) return std::move(report_);
  hooks_ = find_hook_references(image_, code_);
  report_.imports_hooks = hooks_.imports_enter;
  // A library that calls its own by way of a slot gets whichever stands first, and that is the preload's.
  report_.defines_hooks =
      hooks_.defines_enter && (report_.kind == ModuleKind::kProgram || hooks_.slots.empty());
  if (options_.instrumented_only && !hooks_.any()) return std::move(report_);

  debug_file_ = symbolizer::open_debug_file(image_, module_.file);
  list_ = list_functions(image_, debug_file_ ? &*debug_file_ : nullptr, code_);
  report_.names = list_.names;
  symbolizer::LoadedModule loaded;
  loaded.path = module_.path;
  loaded.file = module_.file;
  symbols_ = symbolizer::ModuleSymbols::open(loaded);
  decide_all();
  if (hooks_.any()) scan_all();
  count();
  if (options_.instrumented_only && !report_.is_instrumented()) return std::move(report_);
  add_rows();
  mark_coroutines();
  read_debug_info();
  locate();
  std::stable_sort(report_.rows.begin(), report_.rows.end(), [](const FunctionRow& a, const FunctionRow& b) {
    return std::tie(a.name, a.address) < std::tie(b.name, b.address);
  });
  return std::move(report_);
}

}  // namespace

std::size_t ModuleReport::seen() const {
  if (defines_hooks || kind == ModuleKind::kStaticProgram) return 0;
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const FunctionRow& row) { return row.is_seen(); }));
}

std::size_t ModuleReport::excluded() const {
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [](const FunctionRow& row) { return row.verdict == Verdict::kExcluded; }));
}

std::size_t ModuleReport::unseen() const {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const FunctionRow& row) {
    return row.verdict == Verdict::kTraced && !row.instrumented;
  }));
}

ModuleReport inspect_module(const ModuleFile& module, const FunctionFilter& filter,
                            const InspectOptions& options) {
  auto image = ElfImage::open(module.file.c_str());
  if (image) return Inspection(std::move(*image), module, filter, options).run();
  ModuleReport report;
  report.path = module.path;
  report.problem = why_not_opened(module.file);
  return report;
}

}  // namespace llmo::functions
