// Slots of spans that are open on no stack: taken, given back, taken again.
#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

#include "shim/journal/journal.h"
#include "tests/support/temp_dir.h"

namespace llmo::journal {
namespace {

constexpr std::uint64_t kMaxBytes = 64ULL << 20;

class Scene {
 public:
  Scene() {
    REQUIRE(session_.join({}, directory_.path(), kMaxBytes));
    REQUIRE(journal.open(session_, kMaxBytes));
  }

  SpanRecord* take() {
    SpanRecord* const slot = journal.reuse_open_slot();
    return slot != nullptr ? slot : journal.take_open_slot();
  }
  std::size_t blocks() { return journal.header().blocks_allocated.load(); }

 private:
  test::TempDir directory_;
  Session session_;

 public:
  Journal journal;
};

TEST_CASE("the slot that was given back last is taken first", "[journal][open]") {
  Scene scene;
  SpanRecord* const slot = scene.take();
  REQUIRE(slot != nullptr);
  CHECK(slot->word.load() == kClaimedSlot);
  for (int use = 0; use < 100; ++use) {
    scene.journal.give_open_slot(slot);
    CHECK(slot->word.load() == 0);
    REQUIRE(scene.take() == slot);
  }
  CHECK(scene.blocks() == 1);
}

TEST_CASE("no slot is handed out twice, and no free one is forgotten", "[journal][open]") {
  constexpr std::size_t kSpans = 40 * kOpenSpansPerBlock;
  Scene scene;
  std::vector<SpanRecord*> slots;
  for (std::size_t span = 0; span < kSpans; ++span) slots.push_back(scene.take());
  CHECK(std::set<SpanRecord*>(slots.begin(), slots.end()).size() == kSpans);
  CHECK(scene.journal.reuse_open_slot() == nullptr);
  const std::size_t blocks = scene.blocks();
  CHECK(blocks == 40);

  for (std::size_t at = 0; at < kSpans; at += 7) scene.journal.give_open_slot(slots[at]);
  for (std::size_t at = 0; at < kSpans; at += 7) slots[at] = scene.take();
  CHECK(std::set<SpanRecord*>(slots.begin(), slots.end()).size() == kSpans);
  CHECK(scene.blocks() == blocks);
}

TEST_CASE("threads that open and close spans at once never share a slot", "[journal][open]") {
  Scene scene;
  std::atomic<int> shared{0};
  const auto work = [&](std::uint64_t mark) {
    for (int round = 0; round < 2000; ++round) {
      SpanRecord* const slot = scene.take();
      if (slot == nullptr) continue;
      slot->span_id = mark;
      slot->word.store(make_word(sizeof(SpanRecord), RecordKind::kSpan), std::memory_order_release);
      if (slot->span_id != mark) ++shared;
      scene.journal.give_open_slot(slot);
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t mark = 1; mark <= 4; ++mark) threads.emplace_back(work, mark);
  for (std::thread& thread : threads) thread.join();
  CHECK(shared == 0);
  CHECK(scene.blocks() <= 2);
}

TEST_CASE("slots of calls are handed out as those of spans are, and apart from them", "[journal][open]") {
  constexpr std::size_t kCalls = 3 * kFramesPerBlock;
  Scene scene;
  SpanRecord* const span = scene.take();
  REQUIRE(span != nullptr);
  CHECK(scene.journal.reuse_open_call() == nullptr);
  std::set<Frame*> calls;
  for (std::size_t call = 0; call < kCalls; ++call) {
    Frame* slot = scene.journal.reuse_open_call();
    if (slot == nullptr) slot = scene.journal.take_open_call();
    REQUIRE(slot != nullptr);
    CHECK(slot->word.load() == kClaimedSlot);
    calls.insert(slot);
  }
  CHECK(calls.size() == kCalls);
  CHECK(scene.blocks() == 4);
  Frame* const first = *calls.begin();
  scene.journal.give_open_call(first);
  CHECK(scene.journal.reuse_open_call() == first);
  CHECK(scene.journal.reuse_open_call() == nullptr);
}

}  // namespace
}  // namespace llmo::journal
