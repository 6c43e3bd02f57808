// Base64 text, decoded as it passes by.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/genai/document_sink.h"

namespace llmo::genai {

// Does not allocate. Any cut of the text gives the same bytes. What is no digit of base64, padding and line
// ends included, is left out. Threads: one at a time.
class Base64Reader {
 public:
  // Hands on what `text` stands for, but for the bits that still wait for the next digit.
  void feed(std::string_view text, DocumentSink* sink);
  void reset() { bits_ = bit_count_ = 0; }

 private:
  std::uint32_t bits_ = 0;
  std::uint32_t bit_count_ = 0;
};

}  // namespace llmo::genai
