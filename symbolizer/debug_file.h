// The separate debug file of a stripped program or library.
//
// Looked for where gdb and the distributions put it: by build id, then by the name and checksum that the
// .gnu_debuglink section has. (.gnu_debugdata, a compressed symbol table inside the file, is not read: it
// would bring liblzma into the host.) Source: GDB manual, "Debugging Information in Separate Files".
#pragma once

#include <optional>
#include <string>

#include "symbolizer/elf_image.h"

namespace llmo::symbolizer {

// The debug file of `image`, which was opened as `path`. Nothing where there is none that belongs to it: both
// must have the same build id, or, where one has none, the checksum must be right.
std::optional<ElfImage> open_debug_file(const ElfImage& image, const std::string& path);

// CRC-32 as .gnu_debuglink has it (IEEE 802.3, reflected).
std::uint32_t crc32(Bytes bytes);

}  // namespace llmo::symbolizer
