#include "shim/platform/loaded_module.h"

#include <cstring>

namespace llmo::platform {
namespace {

constexpr std::uintptr_t kPage = 4096;

// An entry of DT_VERSYM: 0 and 1 stand for no version.
constexpr unsigned kVersionIndex = 0x7fff;
constexpr unsigned kHiddenVersion = 0x8000;

const char* file_name(const char* path) {
  const char* const slash = std::strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

std::span<const Elf64_Rela> relocations(const void* first, std::uint64_t size_bytes) {
  if (first == nullptr) return {};
  return {static_cast<const Elf64_Rela*>(first), size_bytes / sizeof(Elf64_Rela)};
}

// A table of versions that are needed: a chain of libraries, each with a chain of versions.
const char* needed_version(const LoadedModule& module, unsigned index) {
  const auto* at = static_cast<const char*>(module.pointer(DT_VERNEED));
  for (std::uint64_t left = at == nullptr ? 0 : module.number(DT_VERNEEDNUM); left > 0; --left) {
    const auto* const library = reinterpret_cast<const Elf64_Verneed*>(at);
    const char* version_at = at + library->vn_aux;
    for (unsigned i = 0; i < library->vn_cnt; ++i) {
      const auto* const version = reinterpret_cast<const Elf64_Vernaux*>(version_at);
      if ((version->vna_other & kVersionIndex) == index) return module.text(version->vna_name);
      version_at += version->vna_next;
    }
    at += library->vn_next;
  }
  return nullptr;
}

// A chain of versions that the module defines.
const char* defined_version(const LoadedModule& module, unsigned index) {
  const auto* at = static_cast<const char*>(module.pointer(DT_VERDEF));
  for (std::uint64_t left = at == nullptr ? 0 : module.number(DT_VERDEFNUM); left > 0; --left) {
    const auto* const version = reinterpret_cast<const Elf64_Verdef*>(at);
    if ((version->vd_ndx & kVersionIndex) == index) {
      return module.text(reinterpret_cast<const Elf64_Verdaux*>(at + version->vd_aux)->vda_name);
    }
    at += version->vd_next;
  }
  return nullptr;
}

}  // namespace

LoadedModule::LoadedModule(const dl_phdr_info& info)
    : base_(info.dlpi_addr), path_(info.dlpi_name), headers_(info.dlpi_phdr, info.dlpi_phnum) {
  for (const Elf64_Phdr& header : headers_) {
    if (header.p_type == PT_DYNAMIC) dynamic_ = reinterpret_cast<const Elf64_Dyn*>(base_ + header.p_vaddr);
  }
}

const Elf64_Phdr* LoadedModule::segment_of(std::uintptr_t address) const {
  for (const Elf64_Phdr& header : headers_) {
    const std::uintptr_t start = base_ + header.p_vaddr;
    if (header.p_type == PT_LOAD && address >= start && address - start < header.p_memsz) return &header;
  }
  return nullptr;
}

const Elf64_Dyn* LoadedModule::entry(Elf64_Sxword tag) const {
  if (dynamic_ == nullptr) return nullptr;
  for (const Elf64_Dyn* entry = dynamic_; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == tag) return entry;
  }
  return nullptr;
}

std::uint64_t LoadedModule::number(Elf64_Sxword tag) const {
  const Elf64_Dyn* const found = entry(tag);
  return found == nullptr ? 0 : found->d_un.d_val;
}

// The loader makes addresses of these entries in place, but for a dynamic section that is read-only: there
// they are offsets still.
const void* LoadedModule::pointer(Elf64_Sxword tag) const {
  const std::uint64_t value = number(tag);
  if (value == 0) return nullptr;
  if (holds(value)) return reinterpret_cast<const void*>(value);
  return holds(base_ + value) ? reinterpret_cast<const void*>(base_ + value) : nullptr;
}

const char* LoadedModule::text(std::uint64_t offset) const {
  const auto* const strings = static_cast<const char*>(pointer(DT_STRTAB));
  return strings == nullptr || offset >= number(DT_STRSZ) ? "" : strings + offset;
}

const char* LoadedModule::name() const {
  const Elf64_Dyn* const soname = entry(DT_SONAME);
  return soname == nullptr ? file_name(path_) : text(soname->d_un.d_val);
}

unsigned LoadedModule::version_entry(std::uint64_t symbol) const {
  const auto* const versions = static_cast<const Elf64_Versym*>(pointer(DT_VERSYM));
  return versions == nullptr ? 0 : versions[symbol];
}

const char* LoadedModule::version_of(std::uint64_t symbol) const {
  const unsigned index = version_entry(symbol) & kVersionIndex;
  if (index < 2) return nullptr;
  const char* const needed = needed_version(*this, index);
  return needed != nullptr ? needed : defined_version(*this, index);
}

bool LoadedModule::is_old_version(std::uint64_t symbol) const {
  return (version_entry(symbol) & kHiddenVersion) != 0;
}

std::span<const Elf64_Rela> LoadedModule::data_relocations() const {
  const auto all = relocations(pointer(DT_RELA), number(DT_RELASZ));
  const std::uint64_t relative = number(DT_RELACOUNT);
  return relative <= all.size() ? all.subspan(relative) : all;
}

std::span<const Elf64_Rela> LoadedModule::call_relocations() const {
  if (number(DT_PLTREL) != DT_RELA) return {};
  return relocations(pointer(DT_JMPREL), number(DT_PLTRELSZ));
}

bool LoadedModule::is_writable_segment(std::uintptr_t address) const {
  const Elf64_Phdr* const segment = segment_of(address);
  return segment != nullptr && (segment->p_flags & PF_W) != 0;
}

bool LoadedModule::is_protected_after_relocation(std::uintptr_t address) const {
  for (const Elf64_Phdr& header : headers_) {
    if (header.p_type != PT_GNU_RELRO) continue;
    const std::uintptr_t start = (base_ + header.p_vaddr) & ~(kPage - 1);
    const std::uintptr_t end = (base_ + header.p_vaddr + header.p_memsz) & ~(kPage - 1);
    if (address >= start && address < end) return true;
  }
  return false;
}

}  // namespace llmo::platform
