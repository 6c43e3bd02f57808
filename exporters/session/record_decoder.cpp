#include "exporters/session/record_decoder.h"

#include <cstring>
#include <string_view>

namespace llmo::session {
namespace {

using Bytes = std::span<const std::byte>;
using journal::RecordKind;

constexpr std::size_t kMaxNotes = 100;
constexpr std::size_t kMinRecordSize = 8;

std::uint32_t word_at(Bytes bytes) {
  std::uint32_t word = 0;
  if (bytes.size() >= sizeof word) std::memcpy(&word, bytes.data(), sizeof word);
  return word;
}

// The fixed part of a record, copied out of it. False where the record is too short for it.
template <typename T>
bool copy_fixed(Bytes record, T& fixed) {
  if (record.size() < sizeof(T)) return false;
  std::memcpy(static_cast<void*>(&fixed), record.data(), sizeof(T));
  return true;
}

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::size_t valid_length(std::uint32_t word, std::size_t available) {
  const std::size_t length = journal::word_length(word);
  const bool valid =
      length >= kMinRecordSize && length % journal::kRecordAlignment == 0 && length <= available;
  return valid ? length : 0;
}

// Calls `decode` for each record of the extent; it returns false for a damaged one.
template <typename Decode>
std::size_t for_each_record(Bytes bytes, Decode decode) {
  std::size_t damaged = 0;
  while (!bytes.empty()) {
    const std::uint32_t word = word_at(bytes);
    const std::size_t length = valid_length(word, bytes.size());
    if (length == 0) return damaged + 1;
    if (!decode(word, bytes.first(length))) ++damaged;
    bytes = bytes.subspan(length);
  }
  return damaged;
}

// FunctionSpan, Frame and SpanRecord have these fields in common.
template <typename T>
bool copy_base(const T& fixed, std::uint32_t word, const BlockFacts& facts, RawSpanBase& raw) {
  raw.flags = journal::word_flags(word);
  raw.start_ticks = fixed.start_ticks;
  raw.span_id = fixed.span_id;
  raw.parent_span_id = fixed.parent_span_id;
  raw.trace = fixed.trace;
  raw.tid = facts.tid;
  raw.thread_name = facts.thread_name;
  return raw.span_id != 0 && (raw.trace.high | raw.trace.low) != 0;
}

template <typename T>
void copy_end(const T& fixed, RawSpanBase& raw) {
  raw.end_ticks = fixed.end_ticks;
  raw.end_kind = fixed.end_kind;
}

bool ends_well(const RawSpanBase& raw) {
  return raw.end_ticks >= raw.start_ticks && raw.end_kind <= journal::kLastEndKind;
}

bool decode_call(std::uint32_t word, Bytes record, const BlockFacts& facts, const SpanSink& sink) {
  journal::FunctionSpan fixed{};
  RawCall call;
  if (!copy_fixed(record, fixed) || !copy_base(fixed, word, facts, call)) return false;
  copy_end(fixed, call);
  call.function = fixed.function;
  call.status = fixed.status;
  const Bytes rest = record.subspan(sizeof fixed);
  if (!ends_well(call) || call.status > journal::SpanStatus::kError || fixed.attributes_size > rest.size()) {
    return false;
  }
  call.attributes = rest.first(fixed.attributes_size);
  sink.call(call);
  return true;
}

bool copy_span(const journal::SpanRecord& fixed, Bytes record, RawSpan& raw) {
  Bytes rest = record.subspan(sizeof fixed);
  const std::uint64_t variable =
      std::uint64_t{fixed.name_size} + fixed.status_message_size + fixed.attributes_size;
  if (variable > rest.size()) return false;
  raw.kind = fixed.kind;
  raw.status = fixed.status;
  raw.name = text_of(rest.first(fixed.name_size));
  rest = rest.subspan(fixed.name_size);
  raw.status_message = text_of(rest.first(fixed.status_message_size));
  raw.attributes = rest.subspan(fixed.status_message_size, fixed.attributes_size);
  return raw.kind >= journal::SpanKind::kInternal && raw.kind <= journal::SpanKind::kConsumer &&
         raw.status <= journal::SpanStatus::kError;
}

bool decode_span(std::uint32_t word, Bytes record, const BlockFacts& facts, bool open, const SpanSink& sink) {
  journal::SpanRecord fixed{};
  RawSpan raw;
  if (!copy_fixed(record, fixed) || !copy_base(fixed, word, facts, raw) || !copy_span(fixed, record, raw)) {
    return false;
  }
  if (!open) {
    copy_end(fixed, raw);
    if (!ends_well(raw)) return false;
  }
  sink.span(raw);
  return true;
}

// A call of a trace that is not sampled is no more than what is below it needs to know: not even its start.
bool is_context(std::uint32_t word) {
  const RecordKind kind = journal::word_kind(word);
  return kind == RecordKind::kContextFrame || kind == RecordKind::kScopeFrame ||
         kind == RecordKind::kMutedFrame ||
         (kind == RecordKind::kOpenFrame && (journal::word_flags(word) & journal::kFlagSampled) == 0);
}

bool decode_frame(std::uint32_t word, Bytes slot, const BlockFacts& facts, const SpanSink& sink) {
  journal::Frame frame{};
  if (!copy_fixed(slot, frame)) return false;
  if (is_context(word)) {
    if (sink.context && frame.span_id != 0) sink.context(frame.span_id);
    return true;
  }
  RawCall call;
  if (journal::word_kind(word) != RecordKind::kOpenFrame || !copy_base(frame, word, facts, call))
    return false;
  call.function = frame.function;
  sink.call(call);
  return true;
}

bool decode_open_span(std::uint32_t word, Bytes slot, const BlockFacts& facts, const SpanSink& sink) {
  const std::size_t length = valid_length(word, slot.size());
  return length != 0 && journal::word_kind(word) == RecordKind::kSpan &&
         decode_span(word, slot.first(length), facts, /*open=*/true, sink);
}

bool decode_module(Bytes record, Definitions& definitions) {
  journal::ModuleRecord fixed{};
  if (!copy_fixed(record, fixed)) return false;
  const Bytes rest = record.subspan(sizeof fixed);
  if (std::size_t{fixed.path_size} + fixed.build_id_size > rest.size()) return false;
  definitions.modules.try_emplace(
      fixed.module, ModuleDefinition{std::string(text_of(rest.first(fixed.path_size))),
                                     std::string(text_of(rest.subspan(fixed.path_size, fixed.build_id_size))),
                                     fixed.load_bias});
  return true;
}

bool decode_function(Bytes record, Definitions& definitions) {
  journal::FunctionRecord fixed{};
  if (!copy_fixed(record, fixed)) return false;
  const Bytes rest = record.subspan(sizeof fixed);
  if (fixed.name_size > rest.size()) return false;
  definitions.functions.try_emplace(
      fixed.function,
      FunctionDefinition{std::string(text_of(rest.first(fixed.name_size))), fixed.module, fixed.address});
  return true;
}

bool decode_note(Bytes record, Definitions& definitions) {
  journal::NoteRecord fixed{};
  if (!copy_fixed(record, fixed)) return false;
  const Bytes rest = record.subspan(sizeof fixed);
  if (fixed.text_size > rest.size()) return false;
  if (definitions.notes.size() < kMaxNotes) {
    definitions.notes.emplace_back(text_of(rest.first(fixed.text_size)));
  }
  return true;
}

}  // namespace

RecordRun measure_records(Bytes bytes, std::size_t max_count) {
  RecordRun run;
  while (run.count < max_count && run.size < bytes.size()) {
    const Bytes rest = bytes.subspan(run.size);
    const std::uint32_t word = word_at(rest);
    if (word == 0) break;
    const std::size_t length = valid_length(word, rest.size());
    if (length == 0) {
      run.broken = true;
      break;
    }
    run.size += length;
    ++run.count;
  }
  return run;
}

std::size_t decode_records(const Extent& extent, const SpanSink& sink) {
  return for_each_record(extent.bytes, [&](std::uint32_t word, Bytes record) {
    switch (journal::word_kind(word)) {
      case RecordKind::kFunctionSpan:
        return decode_call(word, record, extent.facts, sink);
      case RecordKind::kSpan:
        return decode_span(word, record, extent.facts, /*open=*/false, sink);
      case RecordKind::kNone:
        return true;
      default:
        return false;
    }
  });
}

std::size_t decode_open(const Extent& extent, const SpanSink& sink) {
  const bool frames = extent.facts.kind != journal::BlockKind::kOpenSpans;
  const std::size_t slot_size = frames ? sizeof(journal::Frame) : journal::kOpenSpanSize;
  const auto decode = frames ? decode_frame : decode_open_span;
  std::size_t damaged = 0;
  for (Bytes rest = extent.bytes; rest.size() >= slot_size; rest = rest.subspan(slot_size)) {
    const std::uint32_t word = word_at(rest);
    if (word != 0 && word != journal::kClaimedSlot &&
        !decode(word, rest.first(slot_size), extent.facts, sink))
      ++damaged;
  }
  return damaged;
}

std::size_t decode_definitions(const Extent& extent, Definitions& definitions) {
  return for_each_record(extent.bytes, [&](std::uint32_t word, Bytes record) {
    switch (journal::word_kind(word)) {
      case RecordKind::kModule:
        return decode_module(record, definitions);
      case RecordKind::kFunction:
        return decode_function(record, definitions);
      case RecordKind::kNote:
        return decode_note(record, definitions);
      default:
        return false;
    }
  });
}

}  // namespace llmo::session
