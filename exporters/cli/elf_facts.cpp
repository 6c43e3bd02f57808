#include "exporters/cli/elf_facts.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace llmo::cli {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

struct EndElf {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, EndElf>;

std::string machine_name(const GElf_Ehdr& header, bool is_64_bit) {
  switch (header.e_machine) {
    case EM_386:
      return "32-bit x86";
    case EM_X86_64:
      return is_64_bit ? "x86-64" : "x32";
    case EM_AARCH64:
      return "AArch64";
    case EM_ARM:
      return "32-bit ARM";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "POWER";
    case EM_S390:
      return "S/390";
    default:
      return "ELF machine " + std::to_string(header.e_machine);
  }
}

void read_program_headers(Elf* elf, ElfFacts& facts) {
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return;
  for (std::size_t index = 0; index < count; ++index) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, static_cast<int>(index), &header) == nullptr) return;
    if (header.p_type == PT_INTERP) facts.has_interpreter = true;
  }
}

std::string string_at(Elf* elf, std::size_t section, std::size_t offset) {
  const char* const text = elf_strptr(elf, section, offset);
  return text == nullptr ? std::string() : std::string(text);
}

void read_dynamic(Elf* elf, Elf_Data* data, const GElf_Shdr& section, ElfFacts& facts) {
  for (int index = 0;; ++index) {
    GElf_Dyn entry;
    if (gelf_getdyn(data, index, &entry) == nullptr || entry.d_tag == DT_NULL) return;
    const auto text = [&] { return string_at(elf, section.sh_link, entry.d_un.d_val); };
    switch (entry.d_tag) {
      case DT_NEEDED:
        facts.needed.push_back(text());
        break;
      case DT_RPATH:
        facts.rpath = text();
        break;
      case DT_RUNPATH:
        facts.runpath = text();
        break;
      default:
        break;
    }
  }
}

void read_symbols(Elf* elf, Elf_Data* data, const GElf_Shdr& section, ElfFacts& facts) {
  for (int index = 0;; ++index) {
    GElf_Sym symbol;
    if (gelf_getsym(data, index, &symbol) == nullptr) return;
    const char* const text = elf_strptr(elf, section.sh_link, symbol.st_name);
    if (text == nullptr) continue;
    const std::string_view name = text;
    const bool defined = symbol.st_shndx != SHN_UNDEF;
    if (name == "__cyg_profile_func_enter") {
      (defined ? facts.defines_function_hooks : facts.calls_function_hooks) = true;
    } else if (defined && name == "curl_easy_perform") {
      facts.defines_libcurl = true;
    }
  }
}

void read_sections(Elf* elf, ElfFacts& facts) {
  for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf, scn)) != nullptr;) {
    GElf_Shdr section;
    if (gelf_getshdr(scn, &section) == nullptr) continue;
    const bool symbols = section.sh_type == SHT_DYNSYM || section.sh_type == SHT_SYMTAB;
    if (!symbols && section.sh_type != SHT_DYNAMIC) continue;
    Elf_Data* const data = elf_getdata(scn, nullptr);
    if (data == nullptr) continue;
    if (symbols) {
      read_symbols(elf, data, section, facts);
    } else {
      read_dynamic(elf, data, section, facts);
    }
  }
}

}  // namespace

ElfFacts read_elf_facts(const std::string& path) {
  ElfFacts facts;
  const Descriptor file(path);
  if (file.get() < 0 || elf_version(EV_CURRENT) == EV_NONE) return facts;
  const ElfHandle elf(elf_begin(file.get(), ELF_C_READ_MMAP, nullptr));
  GElf_Ehdr header;
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF || gelf_getehdr(elf.get(), &header) == nullptr) return facts;

  facts.is_elf = true;
  const bool is_64_bit = header.e_ident[EI_CLASS] == ELFCLASS64;
  facts.machine = machine_name(header, is_64_bit);
  facts.for_x86_64 = header.e_machine == EM_X86_64 && is_64_bit && header.e_ident[EI_DATA] == ELFDATA2LSB;
  read_program_headers(elf.get(), facts);
  read_sections(elf.get(), facts);
  return facts;
}

}  // namespace llmo::cli
