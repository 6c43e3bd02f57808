#include "shim/span/by_hand_context.h"

#include <cstring>

#include "shim/platform/errno_saver.h"
#include "shim/span/current.h"
#include "shim/span/sampler.h"
#include "shim/span/tracer.h"

namespace llmo::span::by_hand {

namespace {

// How the words are laid out. The check tells what was captured from memory that happens to be there; the
// process, whether `home` can be looked at here.
struct Captured {
  TraceId trace;
  std::uint64_t span;
  std::uint32_t flags;
  std::uint32_t process;
  std::uint64_t home;
  std::uint64_t reserved[2];
  std::uint64_t check;
};
static_assert(sizeof(Captured) == kContextWords * sizeof(std::uint64_t));

std::uint64_t check_of(const Captured& captured) {
  std::uint64_t check = 0x6c6c6d6f62736572;
  for (const std::uint64_t word : {captured.trace.high, captured.trace.low, captured.span, captured.home,
                                   std::uint64_t{captured.process} << 32 | captured.flags}) {
    check = (check ^ word) * 0x9e3779b97f4a7c15;
    check ^= check >> 29;
  }
  return check;
}

void write(const SpanContext& context, const Frame* home, std::uint64_t (&words)[kContextWords]) {
  Captured captured{};
  captured.trace = context.trace;
  captured.span = context.span;
  captured.flags = context.flags;
  captured.process = process_id();
  captured.home = reinterpret_cast<Address>(home);
  captured.check = check_of(captured);
  std::memcpy(words, &captured, sizeof captured);
}

Inheritance read(const std::uint64_t* words) {
  Captured captured{};
  if (words != nullptr) std::memcpy(&captured, words, sizeof captured);
  if (captured.span == 0 || captured.check != check_of(captured)) return {};
  const bool is_ours = captured.process == process_id();
  return {{captured.trace, captured.span, captured.flags & journal::kRecordFlagsMask},
          is_ours ? reinterpret_cast<const Frame*>(captured.home) : nullptr};
}

}  // namespace

bool capture(std::uint64_t (&words)[kContextWords], Address stack_address) {
  if (!recording()) return false;
  const platform::ErrnoSaver keep;
  const Inheritance position = current_position(stack_address);
  if (position.context.empty()) return false;
  write(position.context, position.starter, words);
  return true;
}

bool parse(std::uint64_t (&words)[kContextWords], std::string_view traceparent) {
  if (!recording()) return false;
  const auto context = parse_traceparent(traceparent);
  if (context) write(sampled_as_here(*context, {}, settings()), nullptr, words);
  return context.has_value();
}

Block enter_captured(const std::uint64_t* words, Address frame, Address stack_address) {
  if (!recording()) return 0;
  const Inheritance place = read(words);
  return enter(place.context, place.starter, frame, stack_address);
}

}  // namespace llmo::span::by_hand
