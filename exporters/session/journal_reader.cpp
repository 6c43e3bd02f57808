#include "exporters/session/journal_reader.h"

#include <algorithm>
#include <utility>

namespace llmo::session {
namespace {

using journal::BlockKind;
using journal::BlockState;

bool holds_open(BlockKind kind) {
  return kind == BlockKind::kFrames || kind == BlockKind::kOpenSpans || kind == BlockKind::kOpenCalls;
}

std::unordered_set<std::uint64_t> open_ids(const std::vector<Extent>& open) {
  std::unordered_set<std::uint64_t> ids;
  const SpanSink sink{[&](const RawCall& call) { ids.insert(call.span_id); },
                      [&](const RawSpan& span) { ids.insert(span.span_id); }};
  for (const Extent& extent : open) decode_open(extent, sink);
  return ids;
}

bool holds_any(const Extent& records, const std::unordered_set<std::uint64_t>& ids) {
  bool found = false;
  const auto check = [&](std::uint64_t id) { found = found || ids.count(id) != 0; };
  decode_records(records, {[&](const RawCall& call) { check(call.span_id); },
                           [&](const RawSpan& span) { check(span.span_id); }});
  return found;
}

}  // namespace

bool JournalReader::read_records(ReadBudget& budget, std::vector<Extent>& extents) {
  blocks_ = file_.read_counters().blocks;
  for (std::uint32_t i = 0; i < blocks_; ++i) {
    if (budget.records == 0 || budget.bytes < kPayloadSize || budget.extents == 0) return false;
    if (next_block_ >= blocks_) next_block_ = 0;
    read_block(next_block_++, budget, extents);
  }
  return true;
}

// The order of the reads matters. The state comes before the records: what is sealed then is complete when it
// is read. Of a block that is being written, the records' bytes come in a read of their own after their words
// were seen: each system call is a barrier, so a record whose word was there is copied whole. The block's
// other facts come after the records: the host stored them before the first record, so they belong to these
// records and not to the block's last use.
void JournalReader::read_block(std::uint32_t block, ReadBudget& budget, std::vector<Extent>& extents) {
  if (block < cursors_.size() && cursors_[block].done) return;  // until it has been given back
  const auto before = file_.read_block(block);
  if (!before || before->kind != BlockKind::kRecords || before->state == BlockState::kFree) return;
  Cursor& cursor = cursor_of(block, *before);
  if (cursor.done) return;

  Extent extent{block, {}, cursor.read, {}, 0};
  const RecordRun run = read_run(block, cursor, budget, extent.bytes);
  extent.bytes.resize(run.size);
  extent.records = run.count;
  if (before->state != BlockState::kSealed) file_.read_payload(block, extent.begin, extent.bytes);
  auto after = file_.read_block(block);
  if (!after || after->kind != BlockKind::kRecords || after->generation != before->generation) return;
  extent.facts = std::move(*after);

  if (run.broken && !cursor.broken) ++damaged_;
  cursor.broken = run.broken;
  cursor.read = extent.end();
  const bool at_end = run.broken || run.count < budget.records;
  cursor.done = before->state == BlockState::kSealed && at_end;
  if (run.count == 0) return;
  budget.records -= run.count;
  budget.bytes -= run.size;
  --budget.extents;
  extents.push_back(std::move(extent));
}

// The records that follow, as far as the budget goes, at the start of `bytes`.
RecordRun JournalReader::read_run(std::uint32_t block, const Cursor& cursor, const ReadBudget& budget,
                                  std::vector<std::byte>& bytes) const {
  if (cursor.broken) return {0, 0, true};
  // Most blocks have nothing new most of the time: four bytes tell.
  if (cursor.read >= kPayloadSize || file_.read_word(block, cursor.read) == 0) return {};
  // A record that the end of the file cuts is not one.
  const std::size_t available = file_.payload_size(block);
  if (available <= cursor.read) return {};
  bytes.resize(available - cursor.read);
  file_.read_payload(block, cursor.read, bytes);
  return measure_records(bytes, budget.records);
}

JournalReader::Cursor& JournalReader::cursor_of(std::uint32_t block, const BlockFacts& facts) {
  if (block >= cursors_.size()) cursors_.resize(block + 1);
  Cursor& cursor = cursors_[block];
  if (!cursor.known || cursor.generation != facts.generation) {
    const std::uint32_t consumed = checked_consumed(block, facts);
    cursor = {true, false, false, facts.generation, consumed, consumed};
  }
  return cursor;
}

// `consumed` counts only where records end there. It does not after a kill in the middle of free_block(): the
// records are zeroed already, and a start at 0 finds nothing.
std::uint32_t JournalReader::checked_consumed(std::uint32_t block, const BlockFacts& facts) {
  if (facts.consumed == 0) return 0;
  if (facts.consumed > kPayloadSize) {
    ++damaged_;
    return 0;
  }
  std::vector<std::byte> bytes(facts.consumed);
  file_.read_payload(block, 0, bytes);
  const RecordRun run = measure_records(bytes, SIZE_MAX);
  if (run.size == facts.consumed) return facts.consumed;
  if (run.size != 0 || run.broken) ++damaged_;
  return 0;
}

void JournalReader::read_definitions(Definitions& definitions) {
  const std::uint32_t blocks = file_.read_counters().blocks;
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const auto facts = file_.read_block(block);
    if (!facts || facts->kind != BlockKind::kDefinitions) continue;
    if (block >= cursors_.size()) cursors_.resize(block + 1);
    Cursor& cursor = cursors_[block];
    if (!cursor.known || cursor.generation != facts->generation) {
      cursor = {true, false, false, facts->generation, 0, 0};
    }
    Extent extent{block, *facts, cursor.read, {}, 0};
    const RecordRun run = read_run(block, cursor, {SIZE_MAX, SIZE_MAX, SIZE_MAX}, extent.bytes);
    if (run.broken && !cursor.broken) ++damaged_;
    cursor.broken = run.broken;
    if (run.count == 0) continue;
    extent.bytes.resize(run.size);
    file_.read_payload(block, extent.begin, extent.bytes);  // for good: read_block() says why
    damaged_ += decode_definitions(extent, definitions);
    cursor.read = extent.end();
  }
}

Extent JournalReader::whole_block(std::uint32_t block, const BlockFacts& facts) const {
  Extent extent{block, facts, 0, std::vector<std::byte>(file_.payload_size(block)), 0};
  file_.read_payload(block, 0, extent.bytes);
  if (facts.kind == BlockKind::kRecords) extent.bytes.resize(measure_records(extent.bytes, SIZE_MAX).size);
  return extent;
}

std::vector<Extent> JournalReader::read_open() const {
  std::vector<Extent> open;
  const std::uint32_t blocks = file_.read_counters().blocks;
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const auto facts = file_.read_block(block);
    if (!facts || facts->state == BlockState::kFree) continue;
    if (!holds_open(facts->kind)) continue;
    open.push_back(whole_block(block, *facts));
  }
  return open;
}

template <typename Visit>
void JournalReader::for_each_finished(Visit visit) const {
  const SpanSink sink{[&](const RawCall& call) { visit(call); }, [&](const RawSpan& span) { visit(span); }};
  const std::uint32_t blocks = file_.read_counters().blocks;
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const auto facts = file_.read_block(block);
    if (!facts || facts->kind != BlockKind::kRecords || facts->state == BlockState::kFree) continue;
    decode_records(whole_block(block, *facts), sink);
  }
}

std::unordered_set<std::uint64_t> JournalReader::published(
    const std::unordered_set<std::uint64_t>& span_ids) const {
  std::unordered_set<std::uint64_t> found;
  for_each_finished([&](const RawSpanBase& span) {
    if (span_ids.count(span.span_id) != 0) found.insert(span.span_id);
  });
  return found;
}

std::uint64_t JournalReader::last_end_ticks(std::uint64_t limit) const {
  std::uint64_t last = 0;
  for_each_finished([&](const RawSpanBase& span) {
    if (span.end_ticks <= limit) last = std::max(last, span.end_ticks);
  });
  return last;
}

void JournalReader::commit(const BlockProgress& progress) {
  const auto facts = file_.read_block(progress.block);
  if (!facts || facts->kind != BlockKind::kRecords || facts->generation != progress.generation) return;
  if (progress.consumed > kPayloadSize) return;
  if (progress.consumed > facts->consumed || facts->consumed > kPayloadSize) {
    file_.store_consumed(progress.block, progress.consumed);
  }
  if (progress.block >= cursors_.size()) return;
  Cursor& cursor = cursors_[progress.block];
  if (cursor.known && cursor.generation == progress.generation) cursor.committed = progress.consumed;
}

bool JournalReader::has_much_to_free() const {
  const auto count = std::count_if(cursors_.begin(), cursors_.end(), is_freeable);
  return static_cast<std::size_t>(count) * 16 >= blocks_;
}

// A record whose span still stands in an open slot is kept: should the process die before it clears the slot,
// the record is what tells that the span had ended.
void JournalReader::free_done_blocks() {
  if (std::none_of(cursors_.begin(), cursors_.end(), is_freeable)) return;
  const auto open = open_ids(read_open());
  for (std::uint32_t block = 0; block < cursors_.size(); ++block) {
    Cursor& cursor = cursors_[block];
    if (!is_freeable(cursor)) continue;
    const auto facts = file_.read_block(block);
    if (!facts || facts->state != BlockState::kSealed || facts->generation != cursor.generation) continue;
    if (!open.empty() && holds_any(whole_block(block, *facts), open)) continue;
    if (file_.free_block(block, cursor.generation)) cursor = {};
  }
}

}  // namespace llmo::session
