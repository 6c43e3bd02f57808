#include "shim/span/function_table.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "shim/filter/function_filter.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/lock.h"
#include "shim/platform/sparse_mapping.h"
#include "shim/platform/text.h"
#include "shim/span/hot_state.h"
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
  bool is_defined = false;  // in the journal
};

// Traced functions beyond those that a Decision can hold, by address: open addressing, at most half full.
struct IndirectTable {
  struct Entry {
    std::atomic<Address> address{0};
    std::atomic<std::uint32_t> function{0};
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
  std::uint32_t next_module = 0;
  std::uint32_t next_function = 0;
};

constinit platform::Lock decision_lock;  // guards what follows; taken before the journal's and the heap's
constinit Decider* decider = nullptr;
constinit const RangeTable* range_table = nullptr;  // the newest
constinit std::atomic<IndirectTable*> indirect_table{nullptr};
constinit TextRange first_range;           // what hot_state had before a fork wiped it
constinit bool hot_page_is_empty = false;  // for good: every call takes the slow path

// --- by address
// ----------------------------------------------------------------------------------------------

void set_hot_range(const TextRange& range) {
  if (hot_page_is_empty) return;
  hot_state.base.store(range.base, std::memory_order_relaxed);
  hot_state.decisions.store(range.decisions, std::memory_order_relaxed);
  // Release: pairs with the acquire in hot_decision().
  hot_state.size.store(range.size, std::memory_order_release);
}

void publish_table(const RangeTable* table) {
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

void insert_indirect(IndirectTable& table, Address address, std::uint32_t function) {
  const std::size_t capacity = table.entries.size();
  for (std::size_t slot = slot_of(address, capacity);; slot = (slot + 1) & (capacity - 1)) {
    IndirectTable::Entry& entry = table.entries[slot];
    const Address held = entry.address.load(std::memory_order_relaxed);
    if (held != 0 && held != address) continue;
    if (held == 0) ++table.used;
    // A reader that knows the address already may be reading this: another module has come to that place.
    entry.function.store(function, std::memory_order_relaxed);
    // Release: whoever sees the address sees the function.
    entry.address.store(address, std::memory_order_release);
    return;
  }
}

void add_indirect(Address address, std::uint32_t function) {
  IndirectTable* table = indirect_table.load(std::memory_order_relaxed);
  if (table == nullptr || table->used * 2 >= table->entries.size()) {
    auto* const larger = new IndirectTable(table == nullptr ? 1024 : table->entries.size() * 2);
    if (table != nullptr) {
      for (const IndirectTable::Entry& entry : table->entries) {
        const Address held = entry.address.load(std::memory_order_relaxed);
        if (held != 0) insert_indirect(*larger, held, entry.function.load(std::memory_order_relaxed));
      }
    }
    insert_indirect(*larger, address, function);
    // Release: pairs with the acquire in find_indirect(). Readers may hold the old table: it stays.
    indirect_table.store(larger, std::memory_order_release);
    return;
  }
  insert_indirect(*table, address, function);
}

std::optional<std::uint32_t> find_indirect(Address address) {
  const IndirectTable* const table = indirect_table.load(std::memory_order_acquire);
  if (table == nullptr) return std::nullopt;
  const std::size_t capacity = table->entries.size();
  for (std::size_t slot = slot_of(address, capacity);; slot = (slot + 1) & (capacity - 1)) {
    const Address held = table->entries[slot].address.load(std::memory_order_acquire);
    if (held == address) return table->entries[slot].function.load(std::memory_order_relaxed);
    if (held == 0) return std::nullopt;
  }
}

std::optional<std::uint32_t> function_of(Decision decision, Address address) {
  if (decision == kTracedIndirectly) return find_indirect(address);
  if (decision >= kFirstTraced) return decision - kFirstTraced;
  return std::nullopt;
}

// --- modules
// -------------------------------------------------------------------------------------------------

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
  module->id = decider->next_module++;
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

// --- definitions
// ---------------------------------------------------------------------------------------------

// A record with its variable parts behind it, as format.h lays it out.
template <typename Record>
void define_record(Record& record, journal::RecordKind kind, std::initializer_list<std::string_view> parts) {
  std::string bytes(reinterpret_cast<const char*>(&record), sizeof record);
  for (const std::string_view part : parts) bytes.append(part);
  bytes.resize(journal::aligned_record_size(bytes.size()), '\0');
  const std::uint32_t word = journal::make_word(bytes.size(), kind);
  std::memcpy(bytes.data(), &word, sizeof word);
  define(bytes.data(), bytes.size());
}

constexpr std::size_t kMaxNameSize = 4096;

void define_module(Module& module) {
  if (module.is_defined) return;
  module.is_defined = true;
  const std::string_view path = std::string_view(module.loaded.path).substr(0, kMaxNameSize);
  const std::string_view build_id(reinterpret_cast<const char*>(module.loaded.build_id.data()),
                                  module.loaded.build_id.size());
  journal::ModuleRecord record{};
  record.module = module.id;
  record.load_bias = module.loaded.load_bias;
  record.text_start = module.loaded.text_start;
  record.text_end = module.loaded.text_end;
  record.path_size = static_cast<std::uint16_t>(path.size());
  record.build_id_size = static_cast<std::uint16_t>(build_id.size());
  define_record(record, journal::RecordKind::kModule, {path, build_id});
}

void define_function(std::uint32_t function, Module& module, Address address, std::string_view name) {
  define_module(module);
  name = name.substr(0, kMaxNameSize);
  journal::FunctionRecord record{};
  record.function = function;
  record.module = module.id;
  record.name_size = static_cast<std::uint32_t>(name.size());
  record.address = address - module.loaded.load_bias;
  define_record(record, journal::RecordKind::kFunction, {name});
}

// --- deciding
// ------------------------------------------------------------------------------------------------

// `module+0x1234`, the name of a function that has none.
std::string nameless(const LoadedModule& module, std::uint64_t elf_address) {
  std::string name = module.path.empty() ? "code" : module.path.substr(module.path.rfind('/') + 1);
  name += "+0x";
  platform::append_number(name, elf_address, 16);
  return name;
}

// gcc splits a coroutine into the function that is called and parts that run at each resume and at the end;
// the parts have the function's name and are not calls of it.
bool is_coroutine_part(std::string_view mangled) {
  return mangled.ends_with(".actor") || mangled.ends_with(".destroy");
}

// Nothing for a part of a function that is not to be traced by itself.
std::optional<symbolizer::FunctionName> name_of(Module& module, std::uint64_t elf_address) {
  ModuleSymbols* const symbols = symbols_of(module);
  if (symbols != nullptr) {
    // Only a symbol that starts right there: in a stripped module the nearest one is some other function.
    auto found = symbols->find(elf_address);
    if (found && found->exact) {
      if (is_coroutine_part(found->mangled)) return std::nullopt;
      return std::move(found->name);
    }
  }
  std::string name = nameless(module.loaded, elf_address);
  return symbolizer::FunctionName{name, name};
}

bool is_traced(Module& module, std::uint64_t elf_address, const symbolizer::FunctionName& name) {
  const filter::FunctionIdentity identity{name.qualified, name.own, module.loaded.path};
  if (decider->filter.decide(identity).verdict != filter::Verdict::kTraced) return false;
  if (!decider->filter.wants_source() || symbols_of(module) == nullptr) return true;
  const std::optional<std::string> source = symbols_of(module)->source_file(elf_address);
  return !source || !decider->filter.excluded_by_source(*source);
}

Decision decide(Module& module, Address address) {
  if (!decider->anything_to_trace) return kIgnored;
  const std::uint64_t elf_address = address - module.loaded.load_bias;
  const auto name = name_of(module, elf_address);
  if (!name || !is_traced(module, elf_address, *name)) return kIgnored;
  if (open_journal() == nullptr) return kIgnored;
  const std::uint32_t function = decider->next_function++;
  define_function(function, module, address, name->qualified);
  if (function + kFirstTraced <= kLastTraced) return static_cast<Decision>(function + kFirstTraced);
  add_indirect(address, function);
  return kTracedIndirectly;
}

std::optional<std::uint32_t> decide_locked(Address address) {
  if (decider == nullptr) decider = new Decider;
  Module* const module = module_of(address);
  if (module == nullptr) return std::nullopt;
  Decision* const slot = module->range.decisions + (address - module->range.base);
  Decision decision = read_decision(slot, 0);
  if (decision == kUndecided) {
    decision = decide(*module, address);
    // Release: whoever takes the decision finds the function's definition in the journal.
    __atomic_store_n(slot, decision, __ATOMIC_RELEASE);
  }
  return function_of(decision, address);
}

std::optional<std::uint32_t> decide_slow(Address address) {
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

void keep_hot_page_empty() { hot_page_is_empty = true; }

std::optional<std::uint32_t> traced_function(Address address) {
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

bool restore_after_fork() {
  if (!decision_lock.try_lock()) {
    // Another thread of the parent was in the middle of a decision: what it left may be half done.
    decider = nullptr;
    range_table = nullptr;
    indirect_table.store(nullptr, std::memory_order_relaxed);
    first_range = {};
    decision_lock.reset();
    return false;
  }
  decision_lock.unlock();
  if (range_table == nullptr) return true;
  publish_table(range_table);
  const bool is_loaded =
      std::any_of(decider->modules.begin(), decider->modules.end(),
                  [](const auto& module) { return module->range.base == first_range.base; });
  if (is_loaded) set_hot_range(first_range);
  return true;
}

}  // namespace llmo::span
