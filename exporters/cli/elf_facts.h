// What an ELF file tells about whether and how it can be traced. Only the file is read, nothing is run.
#pragma once

#include <string>
#include <vector>

namespace llmo::cli {

struct ElfFacts {
  bool is_elf = false;
  bool for_x86_64 = false;              // 64 bits, little endian, x86-64: what libllmobserve.so is built for
  std::string machine;                  // in words, where it is another: `32-bit x86`, `AArch64`
  bool has_interpreter = false;         // names a dynamic loader; without one a program is static
  std::vector<std::string> needed;      // DT_NEEDED, in order
  std::string rpath;                    // DT_RPATH
  std::string runpath;                  // DT_RUNPATH
  bool calls_function_hooks = false;    // refers to __cyg_profile_func_enter without defining it
  bool defines_function_hooks = false;  // brings a __cyg_profile_func_enter of its own
  bool defines_libcurl = false;         // has curl_easy_perform in itself, as its symbols tell
  bool exports_libcurl = false;         // and gives it to others
  bool imports_socket = false;          // calls socket() of libc
  bool holds_libcurl_text = false;      // has a text in its data that libcurl writes to files: tells where
                                        // symbols were stripped
  bool opens_namespaces = false;        // imports dlmopen
};

// Reads `path`. A file that cannot be opened or is not ELF gives `is_elf` false; damaged parts read as
// absent.
ElfFacts read_elf_facts(const std::string& path);

}  // namespace llmo::cli
