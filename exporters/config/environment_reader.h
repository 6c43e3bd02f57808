// Reads the settings that only exporters have: one variable at a time, with a note for what cannot be read.
//
// The same rules as for the settings of the library (shim/config/settings.h): an empty variable counts as
// unset, blanks around a value are dropped, a value that cannot be read keeps the default and leaves a note.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "shim/config/settings.h"

namespace llmo::config {

class EnvironmentReader {
 public:
  // The process's own environment, by secure_getenv.
  EnvironmentReader();
  EnvironmentReader(Lookup lookup, void* context) : lookup_(lookup), context_(context) {}

  // The value of the first of `variables` that is set, trimmed; empty where none is. `used` (may be null)
  // gets the variable's name.
  std::string text(std::initializer_list<const char*> variables, std::string_view* used = nullptr) const;

  // All take the first variable that is set, even where it cannot be read, and give `unset` then or where
  // none is.
  bool boolean(std::initializer_list<const char*> variables, bool unset);
  std::uint64_t number(std::initializer_list<const char*> variables, std::uint64_t unset, std::uint64_t least,
                       std::uint64_t most);
  std::chrono::milliseconds milliseconds(std::initializer_list<const char*> variables,
                                         std::chrono::milliseconds unset);
  // Bytes: a plain number, or with K, M, G (also KB, KiB; powers of 1024) behind it.
  std::uint64_t bytes(std::initializer_list<const char*> variables, std::uint64_t unset, std::uint64_t least,
                      std::uint64_t most);
  // The index in `words` (lower case; the value may be in any case).
  std::size_t word(std::initializer_list<const char*> variables,
                   std::initializer_list<std::string_view> words, std::size_t unset);

  void note(std::string sentence) { notes_.push_back(std::move(sentence)); }
  // Which values could not be read, why, and what is used instead.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  Lookup lookup_;
  void* context_ = nullptr;
  std::vector<std::string> notes_;
};

}  // namespace llmo::config
