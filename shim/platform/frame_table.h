// A module's own tables of its frames: .eh_frame_hdr, sorted by address, and the entries of .eh_frame that it
// leads to (LSB 10.6).
#pragma once

#include <cstdint>
#include <optional>

#include "shim/platform/frame_cursor.h"

namespace llmo::platform {

// A common information entry, as far as walking goes.
struct Cie {
  std::uint64_t code_factor = 1;
  std::int64_t data_factor = 1;
  std::uint8_t pointer_encoding = 0;
  bool has_augmentation_data = false;
  bool is_signal = false;
  Cursor instructions{nullptr, nullptr};
};

// What is said of one function, or of a part of it that lies elsewhere.
struct FrameDescription {
  Cie common;
  std::uintptr_t start = 0;
  std::uintptr_t size = 0;
  Cursor instructions{nullptr, nullptr};
};

// That of the function which holds the instruction at `code`; nothing where its module has none. No lock, no
// memory. Signals: safe.
std::optional<FrameDescription> find_frame_description(std::uintptr_t code);

}  // namespace llmo::platform
