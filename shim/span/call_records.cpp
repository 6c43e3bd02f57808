// Records of finished calls: the rare ones, that carry more than a call has, and the blocks that all lie in.
#include <cstring>
#include <memory>

#include "shim/span/call_facts.h"
#include "shim/span/exceptions.h"
#include "shim/span/hot_functions.h"
#include "shim/span/left_out.h"
#include "shim/span/span_stack.h"
#include "shim/span/stack_frames.h"
#include "shim/span/thread_end.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::EndKind;
using journal::Journal;
using journal::RecordKind;

namespace {

bool try_publish_with_facts(ThreadState& thread, const Frame& frame, const journal::SpanDraft& facts,
                            std::uint64_t end_ticks, EndKind end) {
  const auto attributes = facts.attributes();
  const RecordClaim claim(thread, reserved_size(sizeof(journal::FunctionSpan) + attributes.size()));
  if (claim.record() == nullptr) return false;
  auto& record = *reinterpret_cast<journal::FunctionSpan*>(claim.record());
  fill_call(record, frame, end_ticks, end);
  record.status = facts.status();
  record.attributes_size = static_cast<std::uint32_t>(attributes.size());
  std::memcpy(claim.record() + sizeof record, attributes.data(), attributes.size());
  const std::size_t length = reserved_size(sizeof record + attributes.size());
  record.word.store(journal::make_word(length, RecordKind::kFunctionSpan, record_flags(frame)),
                    std::memory_order_release);  // last, as in publish_call()
  return true;
}

void take_record_block(ThreadState& thread, Journal& journal) {
  thread.record_limit = nullptr;
  if (thread.record_block != nullptr && thread.claim == 0) {
    look_for_hot_functions(*thread.record_block);
    Journal::seal(thread.record_block);
  }
  thread.claim = 0;
  const journal::ThreadLabel label{thread.number, thread.tid};
  thread.record_block = journal.take_block(journal::BlockKind::kRecords, label, thread.record_sequence);
  if (thread.record_block == nullptr) return;
  ++thread.record_sequence;
  watch_thread_end();
  thread.record = reinterpret_cast<std::byte*>(thread.record_block + 1);
  thread.record_limit = thread.record + journal::kMaxRecordSize;
}

void count_muted(const Frame& frame, std::uint64_t end_ticks) {
  if (frame.parent_span_id == 0) return;
  const auto reason = static_cast<journal::LeftOutReason>(frame.parent_span_id);
  count_left_out(frame.function, reason, 1, end_ticks - frame.start_ticks);
}

}  // namespace

bool publish_with_facts(ThreadState& thread, const Frame& frame, const journal::SpanDraft& facts,
                        std::uint64_t end_ticks, EndKind end) {
  return try_publish_with_facts(thread, frame, facts, end_ticks, end) ||
         (next_record_block() && try_publish_with_facts(thread, frame, facts, end_ticks, end));
}

// Of a call that something in the trace hangs below, the one around it is kept too.
void publish_short(ThreadState& thread, Frame& frame, std::uint64_t end_ticks, EndKind end) {
  const std::uint32_t flags = journal::word_flags(frame.word.load(std::memory_order_relaxed));
  constexpr std::uint32_t kWorthKeeping = journal::kFlagKept | journal::kFlagLook | journal::kFlagLeaving;
  if (is_muted(frame)) return count_muted(frame, end_ticks);
  if ((flags & kWorthKeeping) == 0 && end == EndKind::kReturned) {
    if ((flags & journal::kFlagSampled) == 0) return;
    return count_left_out(frame.function, journal::LeftOutReason::kTooShort, 1,
                          end_ticks - frame.start_ticks);
  }
  Frame* const around = recorded_at(&frame - 1);
  if (around != nullptr && is_call(*around)) set_flag(*around, journal::kFlagKept);
  publish_looked_at(thread, frame, end_ticks, end);
}

// Facts that find no room go first: better the call without them than none.
void publish_looked_at(ThreadState& thread, Frame& frame, std::uint64_t end_ticks, EndKind end) {
  if (is_muted(frame)) return count_muted(frame, end_ticks);
  const SlowSection section(thread);
  end = look_for_exception(thread, frame, end_ticks, end);
  const std::unique_ptr<CallFacts> facts(take_facts(thread.stack, frame));
  const std::uint32_t flags = journal::word_flags(frame.word.load(std::memory_order_relaxed));
  if ((flags & journal::kFlagSampled) == 0) return;
  if (end == EndKind::kReturned && (flags & journal::kFlagLeaving) != 0) end = how_call_ends(thread, frame);
  if (facts != nullptr && publish_with_facts(thread, frame, facts->draft, end_ticks, end)) return;
  if (!publish_call(thread, frame, end_ticks, end)) publish_call_slow(thread, frame, end_ticks, end);
}

bool next_record_block() {
  ThreadState& thread = thread_state;
  Journal* const journal = open_journal();
  if (journal == nullptr || platform::now_ticks() < thread.retry_ticks) return false;
  const SlowSection section(thread);
  take_record_block(thread, *journal);
  if (thread.record_block == nullptr) thread.retry_ticks = platform::now_ticks() + kRetryTicks;
  return thread.record_block != nullptr;
}

void publish_call_slow(ThreadState& thread, const Frame& frame, std::uint64_t end_ticks, EndKind end) {
  if (!next_record_block() || !publish_call(thread, frame, end_ticks, end)) count_lost_span();
}

void count_lost_span() {
  Journal* const journal = journal_if_open();
  if (journal != nullptr) journal->header().lost_spans.fetch_add(1, std::memory_order_relaxed);
}

void leave_record_block(ThreadState& thread) {
  thread.record_limit = nullptr;
  if (thread.record_block != nullptr) Journal::seal(thread.record_block);
  thread.record_block = nullptr;
}

// Every record but those of calls is written in a SlowSection, so what a jump leaves unfinished is the room
// of one call.
void give_up_claims(ThreadState& thread) {
  thread.claim = 0;
  if (thread.record_block == nullptr) return;
  auto* record = reinterpret_cast<std::byte*>(thread.record_block + 1);
  const std::byte* const end = record + journal::kMaxRecordSize;
  constexpr std::size_t kRoom = sizeof(journal::FunctionSpan);
  while (record < thread.record && record < end) {
    auto& word = *reinterpret_cast<std::atomic<std::uint32_t>*>(record);
    if (word.load(std::memory_order_relaxed) == 0) {
      word.store(journal::make_word(kRoom, RecordKind::kNone), std::memory_order_release);
    }
    record += journal::word_length(word.load(std::memory_order_relaxed));
  }
}

}  // namespace llmo::span
