// What a program may say of a span.
#pragma once

#include <cstddef>
#include <string_view>

#include "shim/span/by_hand.h"

namespace llmo::span::by_hand {

// Values as llmobserve.h numbers them: LLMOBSERVE_ABI_STRING and its kin. One of another type, or of another
// size than its type has, is left out.
class Attribute final : public Change {
 public:
  Attribute(std::string_view key, int type, const void* value, std::size_t size)
      : key_(key), type_(type), value_(value), size_(size) {}
  void apply(journal::SpanDraft& draft) const override;

 private:
  std::string_view key_;
  int type_;
  const void* value_;
  std::size_t size_;
};

// The span's status is ERROR. The record of a call has no room for the message: there it is an attribute.
class Error final : public Change {
 public:
  explicit Error(std::string_view message) : message_(message) {}
  void apply(journal::SpanDraft& draft) const override;

 private:
  std::string_view message_;
};

// Something that happens now.
class Event final : public Change {
 public:
  Event(std::string_view name, std::string_view message) : name_(name), message_(message) {}
  void apply(journal::SpanDraft& draft) const override;

 private:
  std::string_view name_;
  std::string_view message_;
};

}  // namespace llmo::span::by_hand
