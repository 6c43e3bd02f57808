// Spans on the tracks of a viewer: on one lane slices nest, whatever the spans are.
#include "exporters/convert/timeline.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace {

using namespace llmo;
using convert::kNone;
using convert::Layout;
using convert::Slice;

Slice slice(std::uint64_t key, std::uint64_t parent, std::uint64_t start, std::uint64_t end,
            std::uint32_t thread = 0) {
  Slice made;
  made.key = key;
  made.parent = parent;
  made.start_unix_nanos = start;
  made.end_unix_nanos = end;
  made.thread = thread;
  return made;
}

std::vector<std::uint32_t> lanes_of(const std::vector<Slice>& slices) {
  return convert::lay_out(slices, {}).lanes;
}

// Whether the slices of each lane, in the order of the layout, are as brackets are.
void check_nesting(const std::vector<Slice>& slices, const Layout& layout) {
  std::vector<std::vector<std::uint64_t>> ends(layout.lane.size());
  std::uint64_t before = 0;
  for (const std::uint32_t at : layout.order) {
    const Slice& next = slices[at];
    REQUIRE(layout.lanes[at] < layout.lane.size());
    REQUIRE(layout.lane[layout.lanes[at]].thread == next.thread);
    REQUIRE(next.start_unix_nanos >= before);
    before = next.start_unix_nanos;
    auto& open = ends[layout.lanes[at]];
    while (!open.empty() && open.back() <= next.start_unix_nanos) open.pop_back();
    REQUIRE((open.empty() || open.back() >= next.end_unix_nanos));
    open.push_back(next.end_unix_nanos);
  }
}

}  // namespace

TEST_CASE("calls lie within their callers, on one lane", "[convert][timeline]") {
  // In the order in which they end, as files have them.
  const std::vector<Slice> slices = {slice(3, 2, 20, 30), slice(2, 1, 10, 40), slice(4, 1, 40, 50),
                                     slice(1, 0, 0, 100)};
  const Layout layout = convert::lay_out(slices, {});
  CHECK(layout.lanes == std::vector<std::uint32_t>{0, 0, 0, 0});
  CHECK(layout.order == std::vector<std::uint32_t>{3, 1, 0, 2});
  CHECK(layout.arrows.empty());
}

TEST_CASE("a call with the times of its caller comes after it", "[convert][timeline]") {
  const std::vector<Slice> slices = {slice(3, 2, 5, 9), slice(2, 1, 5, 9), slice(1, 0, 5, 9)};
  const Layout layout = convert::lay_out(slices, {});
  CHECK(layout.order == std::vector<std::uint32_t>{2, 1, 0});
  CHECK(layout.lanes == std::vector<std::uint32_t>{0, 0, 0});
}

TEST_CASE("transfers side by side take further lanes, and leave them to the next", "[convert][timeline]") {
  const std::vector<Slice> slices = {slice(1, 0, 0, 100), slice(2, 1, 10, 50), slice(3, 1, 20, 60),
                                     slice(4, 1, 30, 40), slice(5, 1, 65, 70), slice(6, 3, 25, 30)};
  const Layout layout = convert::lay_out(slices, {});
  CHECK(layout.lanes == std::vector<std::uint32_t>{0, 0, 1, 2, 0, 1});
  check_nesting(slices, layout);
  // 3 and 4 are tied to their parent where it can be pointed at: under 2 it is hidden.
  REQUIRE(layout.arrows.size() == 2);
  CHECK(layout.arrows[0].from == 0);
  CHECK(layout.arrows[0].to == 2);
  CHECK(layout.arrows[0].leaves_unix_nanos == 0);
}

TEST_CASE("a span that outlives its parent is not drawn within it", "[convert][timeline]") {
  CHECK(lanes_of({slice(1, 0, 0, 10), slice(2, 1, 5, 11)}) == std::vector<std::uint32_t>{0, 1});
  CHECK(lanes_of({slice(1, 0, 0, 10), slice(2, 1, 10, 12)}) == std::vector<std::uint32_t>{0, 0});
}

TEST_CASE("spans of other threads get their own lanes and an arrow", "[convert][timeline]") {
  const std::vector<Slice> slices = {slice(1, 0, 0, 10), slice(2, 1, 2, 20, 1), slice(3, 2, 3, 4, 1)};
  const Layout layout = convert::lay_out(slices, {{2, 1}});
  CHECK(layout.lanes == std::vector<std::uint32_t>{0, 1, 1});
  REQUIRE(layout.arrows.size() == 2);
  CHECK(layout.arrows[0].leaves_unix_nanos == 2);
  CHECK(layout.arrows[1].from == 0);  // the link
  CHECK(layout.arrows[1].to == 2);
}

TEST_CASE("a span that comes twice is drawn once, ended where one of the two has", "[convert][timeline]") {
  Slice open = slice(1, 0, 0, 50);
  open.open = true;
  const Layout layout = convert::lay_out({open, slice(1, 0, 0, 20), slice(1, 0, 0, 20)}, {});
  CHECK(layout.lanes == std::vector<std::uint32_t>{kNone, 0, kNone});
  CHECK(layout.order == std::vector<std::uint32_t>{1});
}

TEST_CASE("any spans at all can be laid out", "[convert][timeline]") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<Slice> slices;
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t start = random() % 50;
      // Parents that are missing, later, on other threads, or themselves; circles; equal times.
      slices.push_back(slice(1 + random() % 70, random() % 70, start, start + random() % 20,
                             static_cast<std::uint32_t>(random() % 3)));
    }
    check_nesting(slices, convert::lay_out(slices, {{0, 5}, {3, 1000}, {7, slices[7].key}}));
  }
  const Layout nothing = convert::lay_out({}, {});
  CHECK(nothing.order.empty());
}

TEST_CASE("a hundred thousand spans in one chain or at one time take no time", "[convert][timeline]") {
  std::vector<Slice> chain;
  std::vector<Slice> at_once;
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    chain.push_back(slice(i, i + 1, 5, 9));
    at_once.push_back(slice(i, 0, 0, 1000 + i));
  }
  CHECK(convert::lay_out(chain, {}).lane.size() == 1);
  CHECK(convert::lay_out(at_once, {}).lane.size() == 100'000);
}
