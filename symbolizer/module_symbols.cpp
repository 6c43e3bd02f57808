#include "symbolizer/module_symbols.h"

#include "symbolizer/debug_file.h"

namespace llmo::symbolizer {

std::optional<ModuleSymbols> ModuleSymbols::open(const std::string& path, BuildIdView build_id) {
  return open_file(path, path, build_id);
}

std::optional<ModuleSymbols> ModuleSymbols::open(const LoadedModule& module) {
  if (module.file.empty()) return std::nullopt;
  auto opened = open_file(module.file, module.path, module.build_id);
  // Without /proc the main program is found by its path only.
  return opened || module.file == module.path ? std::move(opened)
                                              : open_file(module.path, module.path, module.build_id);
}

std::optional<ModuleSymbols> ModuleSymbols::open_file(const std::string& file, const std::string& path,
                                                      BuildIdView build_id) {
  auto image = ElfImage::open(file.c_str());
  if (!image) return std::nullopt;
  if (!build_id.empty() && !same_build_id(image->build_id(), build_id)) return std::nullopt;
  return ModuleSymbols(std::move(*image), path);
}

const ElfImage* ModuleSymbols::debug_file() {
  if (!debug_file_sought_) debug_file_ = open_debug_file(image_, path_);
  debug_file_sought_ = true;
  return debug_file_ ? &*debug_file_ : nullptr;
}

const SymbolTable& ModuleSymbols::symbols() {
  if (symbols_) return *symbols_;
  symbols_ = SymbolTable::read(image_, SHT_SYMTAB);
  if (symbols_->empty() && debug_file() != nullptr) symbols_ = SymbolTable::read(*debug_file(), SHT_SYMTAB);
  if (symbols_->empty()) symbols_ = SymbolTable::read(image_, SHT_DYNSYM);
  return *symbols_;
}

LineTable& ModuleSymbols::lines() {
  if (lines_) return *lines_;
  lines_.emplace(image_);
  if (lines_->empty() && debug_file() != nullptr) lines_.emplace(*debug_file());
  return *lines_;
}

std::optional<NamedFunction> ModuleSymbols::find(std::uint64_t elf_address) {
  const auto found = symbols().find(elf_address);
  if (!found) return std::nullopt;
  return NamedFunction{function_name(found->name), found->name, found->address, found->exact};
}

std::optional<std::string> ModuleSymbols::source_file(std::uint64_t elf_address) {
  if (auto found = lines().find(elf_address)) return found;
  const auto file = symbols().source_file(elf_address);
  return file ? std::optional<std::string>(*file) : std::nullopt;
}

}  // namespace llmo::symbolizer
