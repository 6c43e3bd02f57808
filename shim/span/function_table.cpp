#include "shim/span/function_table.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "shim/filter/function_filter.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/lock.h"
#include "shim/platform/sparse_mapping.h"
#include "shim/platform/text.h"
#include "shim/span/coroutine_frame.h"
#include "shim/span/coroutine_symbols.h"
#include "shim/span/hot_state.h"
#include "shim/span/module_definitions.h"
#include "shim/span/record_definition.h"
#include "shim/span/tracer.h"
#include "symbolizer/module_map.h"
#include "symbolizer/module_symbols.h"

namespace llmo::span {

using symbolizer::LoadedModule;
using symbolizer::ModuleSymbols;

constinit HotState hot_state;

namespace {

struct Module {
  std::uint32_t id = 0;
  LoadedModule loaded;
  TextRange range;
  std::optional<ModuleSymbols> symbols;
  bool symbols_opened = false;
  std::optional<CoroutineSymbols> coroutines;
};

// Traced functions beyond those that a Decision can hold, and parts of coroutines, by address: open
// addressing, at most half full.
struct IndirectTable {
  struct Entry {
    TracedFunction read() const {
      return {function.load(std::memory_order_relaxed), coroutine.load(std::memory_order_relaxed)};
    }
    std::atomic<Address> address{0};
    std::atomic<std::uint32_t> function{0};
    std::atomic<const CoroutineCode*> coroutine{nullptr};
  };
  explicit IndirectTable(std::size_t capacity) : entries(capacity) {}
  std::vector<Entry> entries;  // a power of two of them
  std::size_t used = 0;
};

// Everything that deciding needs. Made at the first decision and never taken down: functions run until the
// very end.
struct Decider {
  Decider()
      : filter(settings().function_patterns, settings().exclude_modules),
        anything_to_trace(settings().function_tracing && !filter.matches_nothing()) {}

  filter::FunctionFilter filter;
  bool anything_to_trace;
  std::vector<std::unique_ptr<Module>> modules;
  std::vector<std::unique_ptr<Module>> retired;  // unloaded: what was decided holds if the same comes back
  std::uint32_t next_function = 0;
};

// Guards what follows; taken before the journal's lock and the heap's.
LLMO_AT_FORK constinit platform::Lock decision_lock;
LLMO_AT_FORK constinit Decider* decider = nullptr;
LLMO_AT_FORK constinit const RangeTable* range_table = nullptr;  // the newest
constinit std::atomic<IndirectTable*> indirect_table{nullptr};
constinit std::atomic<const CoroutineCode*> coroutine_codes{nullptr};  // the newest
LLMO_AT_FORK constinit TextRange first_range;  // what hot_state had before a fork wiped it
constinit bool hot_page_is_empty = false;      // for good: every call takes the slow path

// --- by address --------------------------------------------------------------------------------------------

LLMO_COLD void set_hot_range(const TextRange& range) {
  if (hot_page_is_empty || is_paused()) return;
  hot_state.base.store(range.base, std::memory_order_relaxed);
  hot_state.decisions.store(range.decisions, std::memory_order_relaxed);
  // Release: pairs with the acquire in hot_decision().
  hot_state.size.store(range.size, std::memory_order_release);
}

LLMO_COLD bool first_range_is_loaded() {
  return decider != nullptr &&
         std::any_of(decider->modules.begin(), decider->modules.end(),
                     [](const auto& module) { return module->range.base == first_range.base; });
}

LLMO_COLD void publish_table(const RangeTable* table) {
  range_table = table;
  if (!hot_page_is_empty) hot_state.ranges.store(table, std::memory_order_release);
}

void publish_ranges() {
  const std::size_t count = decider->modules.size();
  auto* const table =
      static_cast<RangeTable*>(::operator new(sizeof(RangeTable) + count * sizeof(TextRange)));
  table->count = count;
  for (std::size_t index = 0; index < count; ++index) table->ranges[index] = decider->modules[index]->range;
  publish_table(table);
}

std::size_t slot_of(Address address, std::size_t capacity) {
  return (address * 0x9e3779b97f4a7c15 >> 32) & (capacity - 1);
}

void insert_indirect(IndirectTable& table, Address address, const TracedFunction& traced) {
  const std::size_t capacity = table.entries.size();
  for (std::size_t slot = slot_of(address, capacity);; slot = (slot + 1) & (capacity - 1)) {
    IndirectTable::Entry& entry = table.entries[slot];
    const Address held = entry.address.load(std::memory_order_relaxed);
    if (held != 0 && held != address) continue;
    if (held == 0) ++table.used;
    // A reader that knows the address already may be reading this: another module has come to that place.
    entry.function.store(traced.id, std::memory_order_relaxed);
    entry.coroutine.store(traced.coroutine, std::memory_order_relaxed);
    // Release: whoever sees the address sees the function.
    entry.address.store(address, std::memory_order_release);
    return;
  }
}

void add_indirect(Address address, const TracedFunction& traced) {
  IndirectTable* table = indirect_table.load(std::memory_order_relaxed);
  if (table == nullptr || table->used * 2 >= table->entries.size()) {
    auto* const larger = new IndirectTable(table == nullptr ? 1024 : table->entries.size() * 2);
    if (table != nullptr) {
      for (const IndirectTable::Entry& entry : table->entries) {
        const Address held = entry.address.load(std::memory_order_relaxed);
        if (held != 0) insert_indirect(*larger, held, entry.read());
      }
    }
    insert_indirect(*larger, address, traced);
    // Release: pairs with the acquire in find_indirect(). Readers may hold the old table: it stays.
    indirect_table.store(larger, std::memory_order_release);
    return;
  }
  insert_indirect(*table, address, traced);
}

std::optional<TracedFunction> find_indirect(Address address) {
  const IndirectTable* const table = indirect_table.load(std::memory_order_acquire);
  if (table == nullptr) return std::nullopt;
  const std::size_t capacity = table->entries.size();
  for (std::size_t slot = slot_of(address, capacity);; slot = (slot + 1) & (capacity - 1)) {
    const Address held = table->entries[slot].address.load(std::memory_order_acquire);
    if (held == address) return table->entries[slot].read();
    if (held == 0) return std::nullopt;
  }
}

std::optional<TracedFunction> function_of(Decision decision, Address address) {
  if (decision == kTracedIndirectly) return find_indirect(address);
  if (decision == kTracedMuted) {
    std::optional<TracedFunction> traced = find_indirect(address);
    if (traced) traced->is_muted = true;
    return traced;
  }
  if (decision >= kFirstTraced) return TracedFunction{static_cast<std::uint32_t>(decision - kFirstTraced)};
  return std::nullopt;
}

// --- modules -----------------------------------------------------------------------------------------------

// Address space only: a page of decisions costs memory once a function of its stretch of code was called.
Decision* map_decisions(std::size_t size) {
  return static_cast<Decision*>(platform::map_sparse(size * sizeof(Decision), MAP_PRIVATE | MAP_ANONYMOUS));
}

// Code that no module holds (made at run time): its page stands for a module without symbols.
LoadedModule module_without_file(Address address) {
  constexpr Address kPage = 4096;
  LoadedModule module;
  module.text_start = address & ~(kPage - 1);
  module.text_end = module.text_start + kPage;
  module.load_bias = module.text_start;
  return module;
}

bool is_same(const LoadedModule& a, const LoadedModule& b) {
  return a.path == b.path && a.load_bias == b.load_bias && a.text_start == b.text_start &&
         a.build_id == b.build_id;
}

// A module that was unloaded and has come back to the same place, with all that was decided of it.
std::unique_ptr<Module> take_retired(const LoadedModule& loaded) {
  const auto same = std::find_if(decider->retired.begin(), decider->retired.end(),
                                 [&](const auto& module) { return is_same(module->loaded, loaded); });
  if (same == decider->retired.end()) return nullptr;
  std::unique_ptr<Module> module = std::move(*same);
  decider->retired.erase(same);
  return module;
}

std::unique_ptr<Module> make_module(LoadedModule loaded) {
  auto module = std::make_unique<Module>();
  module->loaded = std::move(loaded);
  const std::size_t size = module->loaded.text_end - module->loaded.text_start;
  module->range = {module->loaded.text_start, size, map_decisions(size)};
  if (module->range.decisions == nullptr) return nullptr;
  module->id = module_number(module->loaded);
  return module;
}

Module* add_module(Address address) {
  std::optional<LoadedModule> found = symbolizer::find_module(address);
  LoadedModule loaded = found ? std::move(*found) : module_without_file(address);
  std::unique_ptr<Module> module = take_retired(loaded);
  if (module == nullptr) module = make_module(std::move(loaded));
  if (module == nullptr || !module->range.holds(address)) return nullptr;
  decider->modules.push_back(std::move(module));
  Module* const added = decider->modules.back().get();
  publish_ranges();
  if (first_range.size == 0) {
    first_range = added->range;
    set_hot_range(first_range);
  }
  return added;
}

Module* module_of(Address address) {
  for (const auto& module : decider->modules) {
    if (module->range.holds(address)) return module.get();
  }
  return add_module(address);
}

ModuleSymbols* symbols_of(Module& module) {
  if (!module.symbols_opened) {
    module.symbols_opened = true;
    module.symbols = ModuleSymbols::open(module.loaded);
  }
  return module.symbols ? &*module.symbols : nullptr;
}

bool is_still_loaded(const Module& module) {
  const std::optional<LoadedModule> now = symbolizer::find_module(module.range.base);
  return now && is_same(*now, module.loaded);
}

// --- definitions -------------------------------------------------------------------------------------------

constexpr std::size_t kMaxNameSize = 4096;

void define_function(std::uint32_t function, Module& module, Address address, std::string_view name) {
  define_module(module.id);
  name = name.substr(0, kMaxNameSize);
  journal::FunctionRecord record{};
  record.function = function;
  record.module = module.id;
  record.name_size = static_cast<std::uint32_t>(name.size());
  record.address = address - module.loaded.load_bias;
  define_record(record, journal::RecordKind::kFunction, {name});
}

// --- deciding ----------------------------------------------------------------------------------------------

// `module+0x1234`, the name of a function that has none.
std::string nameless(const LoadedModule& module, std::uint64_t elf_address) {
  std::string name = module.path.empty() ? "code" : module.path.substr(module.path.rfind('/') + 1);
  name += "+0x";
  platform::append_number(name, elf_address, 16);
  return name;
}

std::optional<symbolizer::NamedFunction> symbol_at(Module& module, std::uint64_t elf_address) {
  ModuleSymbols* const symbols = symbols_of(module);
  auto found = symbols != nullptr ? symbols->find(elf_address) : std::nullopt;
  // Only a symbol that starts right there: in a stripped module the nearest one is some other function.
  return found && found->exact ? std::move(found) : std::nullopt;
}

symbolizer::FunctionName name_of(Module& module, std::uint64_t elf_address) {
  if (auto found = symbol_at(module, elf_address)) return std::move(found->name);
  std::string name = nameless(module.loaded, elf_address);
  return {name, name};
}

// Nothing for a function that is no part of a coroutine. The module's are found at the first question.
const CoroutineParts* coroutine_parts(Module& module, std::uint64_t elf_address) {
  ModuleSymbols* const symbols = symbols_of(module);
  if (symbols == nullptr) return nullptr;
  if (!module.coroutines) module.coroutines.emplace(symbols->functions());
  return module.coroutines->find(elf_address);
}

bool is_traced(Module& module, std::uint64_t elf_address, const symbolizer::FunctionName& name) {
  const filter::FunctionIdentity identity{name.qualified, name.own, module.loaded.path};
  if (decider->filter.decide(identity).verdict != filter::Verdict::kTraced) return false;
  if (!decider->filter.wants_source() || symbols_of(module) == nullptr) return true;
  const std::optional<std::string> source = symbols_of(module)->source_file(elf_address);
  return !source || !decider->filter.excluded_by_source(*source);
}

// The id of a function that is to be traced, given at this call.
std::optional<std::uint32_t> trace(Module& module, std::uint64_t elf_address) {
  const symbolizer::FunctionName name = name_of(module, elf_address);
  if (!is_traced(module, elf_address, name) || open_journal() == nullptr) return std::nullopt;
  const std::uint32_t function = decider->next_function++;
  define_function(function, module, module.loaded.load_bias + elf_address, name.qualified);
  return function;
}

// Stays where it is: readers have its address.
const CoroutineCode* add_code(const CoroutineParts& parts, Address load_bias, std::uint32_t function) {
  auto* const code = new CoroutineCode;
  code->function = function;
  code->by_gcc = parts.by_gcc;
  code->ramp = load_bias + parts.ramp;
  code->ramp_end = load_bias + parts.ramp_end;
  code->resume = load_bias + parts.resume;
  code->resume_end = load_bias + parts.resume_end;
  code->destroy = load_bias + parts.destroy;
  code->next = coroutine_codes.load(std::memory_order_relaxed);
  coroutine_codes.store(code, std::memory_order_release);
  return code;
}

void set_decision(const Module& module, Address address, Decision decision) {
  // Release: whoever takes the decision finds the function's definition in the journal.
  __atomic_store_n(module.range.decisions + (address - module.range.base), decision, __ATOMIC_RELEASE);
}

// All parts at once. Those that resume and destroy call the hooks too, in a clang build only if it
// instruments after inlining; there the runners tell all that there is to know.
void decide_coroutine(Module& module, const CoroutineParts& parts) {
  const auto function = trace(module, parts.ramp);
  const Address load_bias = module.loaded.load_bias;
  const auto* const code = function ? add_code(parts, load_bias, *function) : nullptr;
  for (const std::uint64_t part : {parts.ramp, parts.resume, parts.destroy, parts.cleanup}) {
    const Address address = load_bias + part;
    if (part == 0 || !module.range.holds(address)) continue;
    const bool is_traced = function && (parts.by_gcc || part == parts.ramp);
    if (is_traced) add_indirect(address, {*function, code});
    set_decision(module, address, is_traced ? kTracedIndirectly : kIgnored);
  }
}

void decide_call(Module& module, Address address) {
  const auto function = trace(module, address - module.loaded.load_bias);
  if (!function) return set_decision(module, address, kIgnored);
  if (*function + kFirstTraced <= kLastTraced)
    return set_decision(module, address, static_cast<Decision>(*function + kFirstTraced));
  add_indirect(address, {*function});
  set_decision(module, address, kTracedIndirectly);
}

// In a module that has coroutines; after coroutine_parts().
bool is_final_suspend(Module& module, std::uint64_t elf_address) {
  if (!module.coroutines || module.coroutines->empty()) return false;
  const auto symbol = symbol_at(module, elf_address);
  return symbol && span::is_final_suspend(symbol->mangled);
}

// It says that a coroutine is over, whether or not it is traced itself.
void decide_final_suspend(Module& module, Address address) {
  const auto function = trace(module, address - module.loaded.load_bias);
  add_indirect(address, {function.value_or(kNoFunction), &kAnyCoroutine});
  set_decision(module, address, kTracedIndirectly);
}

void decide(Module& module, Address address) {
  if (!decider->anything_to_trace) return set_decision(module, address, kIgnored);
  const std::uint64_t elf_address = address - module.loaded.load_bias;
  const CoroutineParts* const parts = coroutine_parts(module, elf_address);
  if (parts == nullptr && is_final_suspend(module, elf_address)) return decide_final_suspend(module, address);
  if (parts == nullptr) return decide_call(module, address);
  if (parts->ramp != 0 && can_read_frames()) return decide_coroutine(module, *parts);
  // It cannot be followed: a plain call that returns when it first suspends.
  return elf_address == parts->ramp ? decide_call(module, address) : set_decision(module, address, kIgnored);
}

std::optional<TracedFunction> decide_locked(Address address) {
  if (decider == nullptr) decider = new Decider;
  Module* const module = module_of(address);
  if (module == nullptr) return std::nullopt;
  const Decision* const slot = module->range.decisions + (address - module->range.base);
  if (read_decision(slot, 0) == kUndecided) decide(*module, address);
  return function_of(read_decision(slot, 0), address);
}

std::optional<TracedFunction> decide_slow(Address address) {
  if (thread_state.busy) return std::nullopt;
  const SlowSection section(thread_state);
  const platform::ErrnoSaver keep;
  const platform::LockGuard guard(decision_lock);
  try {
    return decide_locked(address);
  } catch (const std::bad_alloc&) {
    // No memory for us: not traced this time, and not decided.
    if (journal::Journal* const journal = journal_if_open(); journal != nullptr) {
      journal->header().lost_definitions.fetch_add(1, std::memory_order_relaxed);
    }
    return std::nullopt;
  }
}

}  // namespace

void mute_function(std::uint32_t function) {
  const auto place = defined_function_place(function);
  const platform::LockGuard guard(decision_lock);
  if (decider == nullptr || !place) return;
  for (const auto& module : decider->modules) {
    const Address address = module->loaded.load_bias + place->address;
    if (module->id != place->module || !module->range.holds(address)) continue;
    add_indirect(address, TracedFunction{function});
    // Release: whoever takes the decision finds the function by its address.
    __atomic_store_n(module->range.decisions + (address - module->range.base), kTracedMuted,
                     __ATOMIC_RELEASE);
  }
}

const CoroutineCode* first_coroutine_code() {
  // Acquire: pairs with the release in add_code().
  return coroutine_codes.load(std::memory_order_acquire);
}

void keep_hot_page_empty() { hot_page_is_empty = true; }

void renew_hot_page() {
  const platform::LockGuard guard(decision_lock);
  if (is_paused()) {
    hot_state.size.store(0, std::memory_order_release);
  } else if (first_range_is_loaded()) {
    set_hot_range(first_range);
  }
}

std::optional<TracedFunction> traced_function(Address address) {
  const Decision decision = known_decision(address);
  return decision != kUndecided ? function_of(decision, address) : decide_slow(address);
}

namespace {

void retire_unloaded_modules() {
  auto& modules = decider->modules;
  const auto unloaded = std::stable_partition(modules.begin(), modules.end(),
                                              [](const auto& module) { return is_still_loaded(*module); });
  if (unloaded == modules.end()) return;
  for (auto module = unloaded; module != modules.end(); ++module) {
    if ((*module)->range.base == first_range.base) hot_state.size.store(0, std::memory_order_release);
    decider->retired.push_back(std::move(*module));
  }
  modules.erase(unloaded, modules.end());
  publish_ranges();
}

}  // namespace

void forget_unloaded_modules() {
  if (hot_state.phase.load(std::memory_order_relaxed) != kPhaseOn || thread_state.busy) return;
  const SlowSection section(thread_state);
  const platform::ErrnoSaver keep;
  const platform::LockGuard guard(decision_lock);
  if (decider == nullptr) return;
  try {
    retire_unloaded_modules();
  } catch (const std::bad_alloc&) {
    // No memory for us: what was decided of the addresses stays, right or wrong, until the next dlclose().
  }
}

LLMO_COLD bool restore_after_fork() {
  if (!restore_modules_after_fork() || !decision_lock.is_free()) {
    give_up_modules_after_fork();
    // Another thread of the parent was in the middle of a decision: what it left may be half done.
    decider = nullptr;
    range_table = nullptr;
    indirect_table.store(nullptr, std::memory_order_relaxed);
    first_range = {};
    decision_lock.reset();
    return false;
  }
  if (range_table == nullptr) return true;
  publish_table(range_table);
  if (first_range_is_loaded()) set_hot_range(first_range);
  return true;
}

}  // namespace llmo::span
