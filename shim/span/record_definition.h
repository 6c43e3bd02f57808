// Writing a definition: a record of fixed size with texts behind it.
#pragma once

#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

#include "shim/journal/format.h"
#include "shim/span/tracer.h"

namespace llmo::span {

// Defines `record` with its variable parts behind it, as format.h lays it out. Throws std::bad_alloc.
template <typename Record>
void define_record(const Record& record, journal::RecordKind kind,
                   std::initializer_list<std::string_view> parts) {
  std::string bytes(reinterpret_cast<const char*>(&record), sizeof record);
  for (const std::string_view part : parts) bytes.append(part);
  bytes.resize(journal::aligned_record_size(bytes.size()), '\0');
  const std::uint32_t word = journal::make_word(bytes.size(), kind);
  std::memcpy(bytes.data(), &word, sizeof word);
  define(bytes.data(), bytes.size());
}

}  // namespace llmo::span
