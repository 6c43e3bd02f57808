// What is in gzip or zstd, unpacked on the way.
//
// Both may hold several members (frames) one after the other, as a file has that was packed piece by piece;
// they are one to the reader. What stood before a damage is given, what stands behind it is not.
#pragma once

#include <memory>

#include "exporters/input/byte_source.h"

namespace llmo::input {

// `source` itself where what it holds is not packed. Reads a few bytes ahead.
std::unique_ptr<ByteSource> unpacked(std::unique_ptr<ByteSource> source);

}  // namespace llmo::input
