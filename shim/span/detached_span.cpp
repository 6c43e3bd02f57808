#include "shim/span/detached_span.h"

#include <new>
#include <utility>

#include "shim/platform/clock.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/ids.h"
#include "shim/span/sampler.h"
#include "shim/span/span_stack.h"
#include "shim/span/tracer.h"

namespace llmo::span {

using journal::EndKind;
using journal::SpanDraft;
using journal::SpanRecord;

struct DetachedSpan::State {
  SpanDraft draft;
  std::uint64_t parent_span_id = 0;
  std::uint64_t start_ticks = 0;
  std::uint32_t flags = 0;          // of the record: those of the context, and whether the parent is remote
  SpanRecord* open_slot = nullptr;  // in the journal
  std::uint32_t process = 0;        // that opened it: a forked child neither shows nor closes it

  bool is_sampled() const { return (flags & journal::kFlagSampled) != 0; }
};

namespace {

void fill_ids(SpanRecord& record, const SpanContext& context, std::uint64_t parent,
              std::uint64_t start_ticks) {
  record.start_ticks = start_ticks;
  record.span_id = context.span;
  record.parent_span_id = parent;
  record.trace = context.trace;
}

}  // namespace

DetachedSpan::DetachedSpan() = default;
DetachedSpan::DetachedSpan(DetachedSpan&& other) noexcept
    : context_(std::exchange(other.context_, {})), state_(std::exchange(other.state_, nullptr)) {}

DetachedSpan& DetachedSpan::operator=(DetachedSpan&& other) noexcept {
  if (this != &other) {
    close(EndKind::kUnwound);
    context_ = std::exchange(other.context_, {});
    state_ = std::exchange(other.state_, nullptr);
  }
  return *this;
}

DetachedSpan::~DetachedSpan() { close(EndKind::kUnwound); }

DetachedSpan DetachedSpan::open(const SpanContext& parent, journal::SpanKind kind, std::string_view name) {
  const platform::ErrnoSaver keep;
  DetachedSpan span = make(parent, kind);
  if (!span.is_open()) return span;
  span.state_->draft.set_name(name);
  span.begin();
  return span;
}

DetachedSpan DetachedSpan::open(const SpanContext& parent, journal::SpanKind kind, const SpanDraft& facts,
                                std::uint64_t start_ticks) {
  const platform::ErrnoSaver keep;
  DetachedSpan span = make(parent, kind);
  if (!span.is_open()) return span;
  span.state_->draft.add_all(facts);
  if (start_ticks != 0) span.state_->start_ticks = start_ticks;
  span.begin();
  return span;
}

DetachedSpan DetachedSpan::make(const SpanContext& parent, journal::SpanKind kind) {
  DetachedSpan span;
  if (is_paused() || open_journal() == nullptr) return span;
  auto* const state = new (std::nothrow) State;
  if (state == nullptr) return span;
  ThreadState& thread = thread_state;
  prepare_thread(thread);

  span.state_ = state;
  span.context_.trace = parent.empty() ? new_trace_id(thread) : parent.trace;
  span.context_.span = new_span_id(thread);
  state->flags = parent.empty() ? root_flags(span.context_.trace) : parent.flags;
  span.context_.flags = state->flags & journal::kTraceFlagsMask;
  state->parent_span_id = parent.span;
  state->start_ticks = platform::now_ticks();
  state->process = process_id();
  state->draft.set_kind(kind);
  return span;
}

// From here on a trace of the process has it, whatever happens.
void DetachedSpan::begin() {
  if (!state_->is_sampled()) return;
  journal::Journal* const journal = open_journal();
  state_->open_slot = journal->reuse_open_slot();
  if (state_->open_slot == nullptr) {
    const SlowSection section(thread_state);
    state_->open_slot = journal->take_open_slot();
  }
  show();
}

bool DetachedSpan::is_recorded() const { return state_ != nullptr && state_->is_sampled(); }

journal::SpanDraft& DetachedSpan::draft() { return state_->draft; }

// A reader that copies the slot while this changes it may see a mixture of two states of one span; the record
// that follows is whole. Only a process that dies in these lines leaves the mixture for good.
void DetachedSpan::show() {
  if (state_ == nullptr || state_->open_slot == nullptr || state_->process != process_id()) return;
  SpanRecord& slot = *state_->open_slot;
  fill_ids(slot, context_, state_->parent_span_id, state_->start_ticks);
  slot.end_ticks = 0;
  slot.end_kind = EndKind::kReturned;
  const std::size_t length = state_->draft.write_to(&slot, journal::kOpenSpanSize);
  // Release: who sees the word sees the rest.
  slot.word.store(journal::make_word(length, journal::RecordKind::kSpan, state_->flags),
                  std::memory_order_release);
}

void DetachedSpan::close(EndKind end) {
  State* const state = std::exchange(state_, nullptr);
  const SpanContext context = std::exchange(context_, {});
  if (state == nullptr) return;
  const platform::ErrnoSaver keep;
  if (state->process == process_id() && state->is_sampled()) {
    publish_or_count(*state, context, end);
  }
  release(state);
}

void DetachedSpan::discard() {
  State* const state = std::exchange(state_, nullptr);
  context_ = {};
  if (state == nullptr) return;
  const platform::ErrnoSaver keep;
  release(state);
}

void DetachedSpan::release(State* state) {
  // Last of all (rule 2 of format.h).
  if (state->open_slot != nullptr && state->process == process_id())
    open_journal()->give_open_slot(state->open_slot);
  delete state;
}

void DetachedSpan::publish_or_count(const State& state, const SpanContext& context, EndKind end) {
  const std::uint64_t now = platform::now_ticks();
  prepare_thread(thread_state);
  if (!publish(state, context, now, end) && (!next_record_block() || !publish(state, context, now, end))) {
    count_lost_span();
  }
  if (state.draft.dropped() == 0) return;
  open_journal()->header().lost_attributes.fetch_add(state.draft.dropped(), std::memory_order_relaxed);
}

// False where the thread's block has no room.
bool DetachedSpan::publish(const State& state, const SpanContext& context, std::uint64_t end_ticks,
                           EndKind end) {
  const SlowSection section(thread_state);  // a jump may leave the room of one call only (give_up_claims())
  const RecordClaim claim(thread_state, reserved_size(state.draft.record_size()));
  if (claim.record() == nullptr) return false;
  auto& record = *reinterpret_cast<SpanRecord*>(claim.record());
  fill_ids(record, context, state.parent_span_id, state.start_ticks);
  record.end_ticks = end_ticks;
  record.end_kind = end;
  const std::size_t length = reserved_size(state.draft.write_to(&record, journal::kMaxRecordSize));
  // Release: pairs with the reader's acquire; while the word is zero the record does not exist.
  record.word.store(journal::make_word(length, journal::RecordKind::kSpan, state.flags),
                    std::memory_order_release);
  return true;
}

}  // namespace llmo::span
