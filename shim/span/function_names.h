// Finds the name of a function in the definitions that were written of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace llmo::span {

// Where a function is.
struct FunctionPlace {
  std::uint32_t module = 0;   // id of its ModuleRecord
  std::uint64_t address = 0;  // in the ELF file
};

// An index over records of journal/format.h that lie one after the other and only ever grow.
class FunctionNames {
 public:
  // The name in the FunctionRecord of that id; empty where there is none. Reads what has been added to
  // `definitions` since the last call.
  std::string_view find(std::string_view definitions, std::uint32_t function);

  std::optional<FunctionPlace> place(std::string_view definitions, std::uint32_t function);

 private:
  std::size_t find_record(std::string_view definitions, std::uint32_t function);

  std::size_t read_ = 0;              // bytes that are in the index
  std::vector<std::size_t> offsets_;  // of the records, by the function's id
};

}  // namespace llmo::span
