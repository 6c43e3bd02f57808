#include "shim/span/by_hand_facts.h"

#include <cstring>

#include "llmobserve/llmobserve.h"
#include "shim/platform/clock.h"

namespace llmo::span::by_hand {

namespace {

template <typename Value>
bool read(const void* bytes, std::size_t size, Value& value) {
  if (bytes == nullptr || size != sizeof value) return false;
  std::memcpy(&value, bytes, sizeof value);
  return true;
}

}  // namespace

void Attribute::apply(journal::SpanDraft& draft) const {
  std::uint8_t byte = 0;
  std::int64_t integer = 0;
  double number = 0;
  if (key_.empty()) return;
  switch (type_) {
    case LLMOBSERVE_ABI_STRING:
      return draft.add(key_, {static_cast<const char*>(value_), value_ != nullptr ? size_ : 0});
    case LLMOBSERVE_ABI_BOOL:
      if (read(value_, size_, byte)) draft.add_bool(key_, byte != 0);
      return;
    case LLMOBSERVE_ABI_INT:
      if (read(value_, size_, integer)) draft.add_int(key_, integer);
      return;
    case LLMOBSERVE_ABI_DOUBLE:
      if (read(value_, size_, number)) draft.add_double(key_, number);
      return;
    default:
      return;
  }
}

void Error::apply(journal::SpanDraft& draft) const {
  draft.set_status(journal::SpanStatus::kError, message_);
  if (!message_.empty()) draft.add("error.message", message_);
}

void Event::apply(journal::SpanDraft& draft) const {
  journal::SpanDraft event;
  if (!message_.empty()) event.add("message", message_);
  draft.add_event(name_.empty() ? std::string_view("event") : name_, platform::now_ticks(), event);
}

}  // namespace llmo::span::by_hand
