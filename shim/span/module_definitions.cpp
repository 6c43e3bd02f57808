#include "shim/span/module_definitions.h"

#include <array>
#include <atomic>
#include <string_view>
#include <vector>

#include "shim/platform/errno_saver.h"
#include "shim/platform/export.h"
#include "shim/platform/lock.h"
#include "shim/platform/out_of_memory.h"
#include "shim/span/record_definition.h"
#include "shim/span/thread_state.h"

namespace llmo::span {

using symbolizer::LoadedModule;

namespace {

// Where a module's code is, for readers without a lock. A number is a place in the array; of a process that
// has loaded more modules than that, one after the other, the last ones are looked up each time.
struct CodeRange {
  std::atomic<Address> start{0};
  std::atomic<Address> end{0};  // 0: not loaded, or not described yet
  std::atomic<Address> load_bias{0};

  bool holds(Address address) const {
    // Acquire: who sees the end sees the rest. Where another module has come to a place meanwhile, both are
    // wrong for a moment in the same way.
    return address < end.load(std::memory_order_acquire) && address >= start.load(std::memory_order_relaxed);
  }
};

constexpr std::size_t kMaxModules = 1024;
constinit std::array<CodeRange, kMaxModules> ranges{};
constinit std::atomic<std::uint32_t> range_count{0};
constinit std::atomic<std::uint32_t> last_hit{0};

struct NumberedModule {
  LoadedModule loaded;
  bool is_defined = false;
};

// Guards what follows and all changes above; taken before the journal's lock and the heap's. The list is made
// at its first use and never taken down.
LLMO_AT_FORK constinit platform::Lock modules_lock;
constinit std::vector<NumberedModule>* modules = nullptr;

bool is_same(const LoadedModule& a, const LoadedModule& b) {
  return a.path == b.path && a.load_bias == b.load_bias && a.text_start == b.text_start &&
         a.build_id == b.build_id;
}

std::uint32_t number_of(const LoadedModule& module) {
  if (modules == nullptr) modules = new std::vector<NumberedModule>;
  for (std::size_t number = 0; number < modules->size(); ++number) {
    if (is_same((*modules)[number].loaded, module)) return static_cast<std::uint32_t>(number);
  }
  modules->push_back({module, false});
  return static_cast<std::uint32_t>(modules->size() - 1);
}

void write_definition(std::uint32_t number, const LoadedModule& module) {
  constexpr std::size_t kMaxPathSize = 4096;
  const std::string_view path = std::string_view(module.path).substr(0, kMaxPathSize);
  const std::string_view build_id(reinterpret_cast<const char*>(module.build_id.data()),
                                  module.build_id.size());
  journal::ModuleRecord record{};
  record.module = number;
  record.load_bias = module.load_bias;
  record.text_start = module.text_start;
  record.text_end = module.text_end;
  record.path_size = static_cast<std::uint16_t>(path.size());
  record.build_id_size = static_cast<std::uint16_t>(build_id.size());
  define_record(record, journal::RecordKind::kModule, {path, build_id});
}

void define_locked(std::uint32_t number) {
  NumberedModule& module = (*modules)[number];
  if (module.is_defined) return;
  write_definition(number, module.loaded);
  module.is_defined = true;
}

void show_range(std::uint32_t number) {
  if (number >= kMaxModules) return;
  CodeRange& range = ranges[number];
  const LoadedModule& loaded = (*modules)[number].loaded;
  range.start.store(loaded.text_start, std::memory_order_relaxed);
  range.load_bias.store(loaded.load_bias, std::memory_order_relaxed);
  range.end.store(loaded.text_end, std::memory_order_release);  // pairs with holds()
  const std::uint32_t count = range_count.load(std::memory_order_relaxed);
  if (number >= count) range_count.store(number + 1, std::memory_order_release);
}

journal::CodeAddress address_in(std::uint32_t number, Address address) {
  return {number, 0, address - ranges[number].load_bias.load(std::memory_order_relaxed)};
}

std::optional<journal::CodeAddress> known_address(Address address) {
  const std::uint32_t hit = last_hit.load(std::memory_order_relaxed);
  if (ranges[hit].holds(address)) return address_in(hit, address);
  const std::uint32_t count = range_count.load(std::memory_order_acquire);
  for (std::uint32_t number = 0; number < count; ++number) {
    if (!ranges[number].holds(address)) continue;
    last_hit.store(number, std::memory_order_relaxed);
    return address_in(number, address);
  }
  return std::nullopt;
}

std::optional<journal::CodeAddress> find_address(Address address) {
  const std::optional<LoadedModule> module = symbolizer::find_module(address);
  if (!module) return std::nullopt;
  const platform::LockGuard guard(modules_lock);
  const std::uint32_t number = number_of(*module);
  define_locked(number);
  show_range(number);
  return journal::CodeAddress{number, 0, address - module->load_bias};
}

}  // namespace

std::uint32_t module_number(const LoadedModule& module) {
  const platform::LockGuard guard(modules_lock);
  return number_of(module);
}

void define_module(std::uint32_t number) {
  const platform::LockGuard guard(modules_lock);
  define_locked(number);
}

std::optional<journal::CodeAddress> code_address(std::uintptr_t address) {
  if (const auto known = known_address(address)) return known;
  const platform::ErrnoSaver keep;
  const SlowSection section(thread_state);
  std::optional<journal::CodeAddress> found;
  platform::had_memory_for([&] { found = find_address(address); });
  return found;
}

void forget_unloaded_numbers() {
  const platform::ErrnoSaver keep;
  const SlowSection section(thread_state);
  const platform::LockGuard guard(modules_lock);
  platform::had_memory_for([] {
    for (std::uint32_t number = 0; number < range_count.load(std::memory_order_relaxed); ++number) {
      CodeRange& range = ranges[number];
      if (range.end.load(std::memory_order_relaxed) == 0) continue;
      const auto now = symbolizer::find_module(range.start.load(std::memory_order_relaxed));
      if (!now || !is_same(*now, (*modules)[number].loaded)) range.end.store(0, std::memory_order_release);
    }
  });
}

LLMO_COLD bool restore_modules_after_fork() { return modules_lock.is_free(); }

// What was numbered leaks: another thread may have been changing it.
void give_up_modules_after_fork() {
  modules = nullptr;
  for (CodeRange& range : ranges) range.end.store(0, std::memory_order_relaxed);
  range_count.store(0, std::memory_order_relaxed);
  modules_lock.reset();
}

}  // namespace llmo::span
