// Batches of a compressed trace file: each is one gzip member (RFC 1952, 2.2) or one zstd frame (RFC 8878,
// 3.1), whole in itself.
#pragma once

#include <string>

#include "exporters/file/file_settings.h"

namespace llmo::file {

// `text` as it goes into a file of that kind; the text itself where there is no memory to compress with
// (readers tell what each batch is by its first bytes).
std::string pack(std::string text, Compression compression);

}  // namespace llmo::file
