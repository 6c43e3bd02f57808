// Where the dynamic loader finds a library that a program needs, as ld.so(8) describes its search.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "exporters/cli/elf_facts.h"

namespace llmo::cli {

// Library name → path, x86-64 entries of an ld.so.cache (glibc 2.2 and later: `glibc-ld.so.cache1.1`).
// Damaged or foreign bytes give what could be read before the damage, or nothing.
std::map<std::string, std::string, std::less<>> parse_loader_cache(std::string_view bytes);

class LibrarySearch {
 public:
  // `library_path`: LD_LIBRARY_PATH of the program to be, may be empty. Reads /etc/ld.so.cache.
  explicit LibrarySearch(std::string library_path);

  // The file that `user` (at `user_path`) gets for `name`, or an empty string.
  std::string find(std::string_view name, const ElfFacts& user, const std::string& user_path) const;

 private:
  std::string library_path_;
  std::map<std::string, std::string, std::less<>> cache_;
};

}  // namespace llmo::cli
