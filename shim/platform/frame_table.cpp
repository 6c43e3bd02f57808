#include "shim/platform/frame_table.h"

#include <dlfcn.h>

// Lock-free and async-signal-safe (glibc 2.35). Weak: without it there are no walks.
#pragma weak _dl_find_object

namespace llmo::platform {

namespace {

constexpr std::uint64_t kReturnAddress = 16;  // System V psABI (AMD64) 3.6.2, figure 3.36

// The body of an entry that begins at `entry`: what its length says, behind the length.
Cursor entry_body(const std::byte* entry, const std::byte* module_end) {
  Cursor length{entry, module_end};
  const auto size = length.read<std::uint32_t>();
  if (size == 0xffffffff || size > static_cast<std::uint64_t>(module_end - length.at())) {
    return {module_end, module_end};
  }
  return {length.at(), length.at() + size};
}

void read_augmentation(const char* letters, Cursor& cursor, Cie& cie) {
  for (; *letters != '\0'; ++letters) {
    switch (*letters) {
      case 'R':
        cie.pointer_encoding = cursor.read<std::uint8_t>();
        break;
      case 'S':
        cie.is_signal = true;
        break;
      case 'L':
        cursor.read<std::uint8_t>();
        break;
      case 'P': {
        const auto format = static_cast<std::uint8_t>(cursor.read<std::uint8_t>() & kFormatMask);
        cursor.encoded(format);
        break;
      }
      default:
        return;  // unknown: what follows is skipped by its size
    }
  }
}

std::optional<Cie> read_cie(Cursor cursor) {
  if (cursor.read<std::uint32_t>() != 0) return std::nullopt;
  const auto version = cursor.read<std::uint8_t>();
  const auto* letters = reinterpret_cast<const char*>(cursor.at());
  while (!cursor.done() && cursor.read<std::uint8_t>() != 0) {
  }
  Cie cie;
  cie.code_factor = cursor.unsigned_number();
  cie.data_factor = cursor.signed_number();
  const std::uint64_t return_column = version == 1 ? cursor.read<std::uint8_t>() : cursor.unsigned_number();
  if (cursor.failed() || return_column != kReturnAddress) return std::nullopt;
  if (*letters == 'z') {
    const std::uint64_t size = cursor.unsigned_number();
    Cursor data = cursor;
    cursor.skip(size);
    cie.has_augmentation_data = true;
    read_augmentation(letters + 1, data, cie);
    if (data.failed()) return std::nullopt;
  } else if (*letters != '\0') {
    return std::nullopt;
  }
  if (cursor.failed()) return std::nullopt;
  cie.instructions = cursor;
  return cie;
}

// The sorted table of .eh_frame_hdr (LSB 10.6.2): offsets from its header.
struct TableEntry {
  std::int32_t code;
  std::int32_t description;
};

// The frame description that may cover `code`; nullptr where there is none.
const std::byte* find_description(const std::byte* header, const std::byte* module_end, std::uint64_t code) {
  Cursor cursor{header, module_end};
  const auto version = cursor.read<std::uint8_t>();
  const auto frames_encoding = cursor.read<std::uint8_t>();
  const auto count_encoding = cursor.read<std::uint8_t>();
  const auto table_encoding = cursor.read<std::uint8_t>();
  cursor.encoded(frames_encoding);
  const std::uint64_t count = cursor.encoded(count_encoding);
  if (cursor.failed() || version != 1 || table_encoding != (kRelativeToTable | kSigned4)) return nullptr;
  const auto* const table = reinterpret_cast<const TableEntry*>(cursor.at());
  if (count > static_cast<std::uint64_t>(module_end - cursor.at()) / sizeof(TableEntry)) return nullptr;

  const auto wanted = static_cast<std::int64_t>(code - reinterpret_cast<std::uint64_t>(header));
  std::uint64_t low = 0;
  std::uint64_t high = count;  // the entry is below it
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (table[middle].code <= wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? nullptr : header + table[low - 1].description;
}

std::optional<FrameDescription> read_description(const std::byte* entry, const std::byte* module_start,
                                                 const std::byte* module_end) {
  Cursor cursor = entry_body(entry, module_end);
  // The distance to the common entry is counted from its own place.
  const std::byte* const place = cursor.at();
  const auto distance = cursor.read<std::uint32_t>();
  const auto before = static_cast<std::uint64_t>(place - module_start);
  if (cursor.failed() || distance == 0 || distance > before) return std::nullopt;
  const auto common = read_cie(entry_body(place - distance, module_end));
  if (!common) return std::nullopt;
  FrameDescription description;
  description.common = *common;
  description.start = cursor.encoded(common->pointer_encoding);
  description.size = cursor.encoded(common->pointer_encoding & kFormatMask);
  if (common->has_augmentation_data) cursor.skip(cursor.unsigned_number());
  if (cursor.failed()) return std::nullopt;
  description.instructions = cursor;
  return description;
}

}  // namespace

std::optional<FrameDescription> find_frame_description(std::uintptr_t code) {
  if (_dl_find_object == nullptr) return std::nullopt;
  dl_find_object module{};
  if (_dl_find_object(reinterpret_cast<void*>(code), &module) != 0 || module.dlfo_eh_frame == nullptr) {
    return std::nullopt;
  }
  const auto* const start = static_cast<const std::byte*>(module.dlfo_map_start);
  const auto* const end = static_cast<const std::byte*>(module.dlfo_map_end);
  const std::byte* const entry =
      find_description(static_cast<const std::byte*>(module.dlfo_eh_frame), end, code);
  if (entry == nullptr) return std::nullopt;
  auto description = read_description(entry, start, end);
  if (!description || code < description->start || code - description->start >= description->size) {
    return std::nullopt;
  }
  return description;
}

}  // namespace llmo::platform
