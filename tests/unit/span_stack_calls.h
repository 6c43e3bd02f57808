// Runs code on a thread with a span stack of its own, and reads back from the journal what it closed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "shim/span/span_stack.h"
#include "shim/span/tracer.h"

namespace llmo::test {

struct Closed {
  std::uint32_t function;
  std::uint64_t id;
  std::uint64_t parent;
  journal::TraceId trace;
  std::uint64_t start;
  std::uint64_t end;
  journal::EndKind end_kind;
  journal::SpanStatus status;
  std::string attributes;
};

// The blocks of the journal, as the exporter would find them.
inline std::vector<const journal::BlockHeader*> blocks() {
  const journal::FileHeader& header = span::open_journal()->header();
  const auto* const first = reinterpret_cast<const char*>(&header) + journal::kHeaderSize;
  std::vector<const journal::BlockHeader*> all;
  for (std::size_t index = 0; index < header.blocks_allocated.load(); ++index) {
    all.push_back(reinterpret_cast<const journal::BlockHeader*>(first + index * journal::kBlockSize));
  }
  return all;
}

inline std::size_t open_blocks(journal::BlockKind kind) {
  std::size_t count = 0;
  for (const journal::BlockHeader* const block : blocks()) {
    const bool open = block->kind == kind && block->state.load() == journal::BlockState::kOpen;
    count += open ? 1U : 0U;
  }
  return count;
}

inline std::size_t open_frames_blocks() { return open_blocks(journal::BlockKind::kFrames); }

inline Closed closed_call(const journal::FunctionSpan& call) {
  return {call.function,
          call.span_id,
          call.parent_span_id,
          call.trace,
          call.start_ticks,
          call.end_ticks,
          call.end_kind,
          call.status,
          std::string(reinterpret_cast<const char*>(&call + 1), call.attributes_size)};
}

inline std::vector<Closed> calls_in(const journal::BlockHeader* block) {
  std::vector<Closed> calls;
  const char* record = reinterpret_cast<const char*>(block + 1);
  const char* const end = reinterpret_cast<const char*>(block) + journal::kBlockSize;
  while (record < end) {
    const auto& call = *reinterpret_cast<const journal::FunctionSpan*>(record);
    const std::uint32_t word = call.word.load();
    if (word == 0) break;
    if (journal::word_kind(word) == journal::RecordKind::kFunctionSpan) calls.push_back(closed_call(call));
    record += journal::word_length(word);
  }
  return calls;
}

// Every finished call that thread `number` has left in the journal, in the order of closing.
inline std::vector<Closed> closed_calls(std::uint32_t number) {
  std::map<std::uint32_t, std::vector<Closed>> by_sequence;
  for (const journal::BlockHeader* const block : blocks()) {
    if (block->kind != journal::BlockKind::kRecords || block->thread != number) continue;
    by_sequence[block->sequence] = calls_in(block);
  }
  std::vector<Closed> all;
  for (const auto& [sequence, calls] : by_sequence) all.insert(all.end(), calls.begin(), calls.end());
  return all;
}

// Runs `body` on a thread of its own, with a span stack of its own; returns what it closed, the end of the
// thread included.
inline std::vector<Closed> on_new_thread(const std::function<void()>& body) {
  std::uint32_t number = 0;
  std::thread([&] {
    body();
    number = span::thread_state.number;
  }).join();
  return closed_calls(number);
}

inline std::vector<std::uint32_t> functions_of(const std::vector<Closed>& calls) {
  std::vector<std::uint32_t> functions;
  for (const Closed& call : calls) functions.push_back(call.function);
  return functions;
}

// As on_new_thread(), with an address in the middle of the thread's stack.
inline std::vector<Closed> on_own_stack(const std::function<void(span::Address)>& body) {
  return on_new_thread([&] { body(reinterpret_cast<span::Address>(__builtin_frame_address(0)) - 100'000); });
}

// Whether the thread is inside a traced call or a scope.
inline bool has_open_calls() {
  const span::StackState& stack = span::thread_state.stack;
  return stack.overflow != 0 || span::top_call(stack) != nullptr;
}

inline constexpr span::Address kSite = 0x5000;
inline constexpr span::Address kStack = 0x700000;

}  // namespace llmo::test
