#include "shim/span/function_names.h"

#include <cstring>

#include "shim/journal/format.h"

namespace llmo::span {

using journal::FunctionRecord;

namespace {

constexpr std::size_t kUnknown = SIZE_MAX;

template <typename Value>
Value read_at(std::string_view bytes, std::size_t offset) {
  Value value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace

std::size_t FunctionNames::find_record(std::string_view definitions, std::uint32_t function) {
  while (read_ < definitions.size()) {
    const auto word = read_at<std::uint32_t>(definitions, read_);
    if (journal::word_kind(word) == journal::RecordKind::kFunction) {
      const auto id = read_at<std::uint32_t>(definitions, read_ + offsetof(FunctionRecord, function));
      if (id >= offsets_.size()) offsets_.resize(id + std::size_t{1}, kUnknown);
      offsets_[id] = read_;
    }
    read_ += journal::word_length(word);
  }
  return function < offsets_.size() ? offsets_[function] : kUnknown;
}

std::string_view FunctionNames::find(std::string_view definitions, std::uint32_t function) {
  const std::size_t record = find_record(definitions, function);
  if (record == kUnknown) return {};
  const auto size = read_at<std::uint32_t>(definitions, record + offsetof(FunctionRecord, name_size));
  return definitions.substr(record + sizeof(FunctionRecord), size);
}

std::optional<FunctionPlace> FunctionNames::place(std::string_view definitions, std::uint32_t function) {
  const std::size_t record = find_record(definitions, function);
  if (record == kUnknown) return std::nullopt;
  return FunctionPlace{read_at<std::uint32_t>(definitions, record + offsetof(FunctionRecord, module)),
                       read_at<std::uint64_t>(definitions, record + offsetof(FunctionRecord, address))};
}

}  // namespace llmo::span
