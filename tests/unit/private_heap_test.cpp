// The library's own memory.
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "shim/platform/private_heap.h"

namespace heap = llmo::platform::heap;

namespace {

bool is_aligned(const void* block, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

// Allocates, fills, checks and releases at random: a block that overlaps another shows as a wrong byte.
bool blocks_stay_apart(unsigned seed) {
  std::mt19937 random(seed);
  struct Block {
    unsigned char* bytes;
    std::size_t size;
    unsigned char fill;
  };
  std::vector<Block> live;
  const auto intact = [](const Block& block) {
    for (std::size_t at = 0; at < block.size; ++at) {
      if (block.bytes[at] != block.fill) return false;
    }
    return true;
  };
  for (int step = 0; step < 20'000; ++step) {
    if (live.size() < 200 && random() % 3 != 0) {
      const std::size_t size = random() % 10 == 0 ? random() % 200'000 : random() % 600;
      const auto fill = static_cast<unsigned char>(random());
      auto* const bytes = static_cast<unsigned char*>(heap::allocate(size));
      if (bytes == nullptr || !is_aligned(bytes, 16)) return false;
      std::memset(bytes, fill, size);
      live.push_back({bytes, size, fill});
    } else if (!live.empty()) {
      const std::size_t chosen = random() % live.size();
      if (!intact(live[chosen])) return false;
      heap::release(live[chosen].bytes);
      live[chosen] = live.back();
      live.pop_back();
    }
  }
  for (const Block& block : live) {
    if (!intact(block)) return false;
    heap::release(block.bytes);
  }
  return true;
}

}  // namespace

TEST_CASE("blocks never overlap, whatever their sizes and order", "[private_heap]") {
  CHECK(blocks_stay_apart(1));
}

TEST_CASE("threads share the heap without harm", "[private_heap]") {
  std::vector<std::thread> threads;
  std::vector<char> good(4, 0);
  for (unsigned number = 0; number < good.size(); ++number) {
    threads.emplace_back([&good, number] { good[number] = blocks_stay_apart(number) ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == std::vector<char>(4, 1));
}

TEST_CASE("aligned blocks are aligned and can be released and grown", "[private_heap]") {
  for (const std::size_t alignment : {16U, 64U, 4096U, 65536U}) {
    void* const block = heap::allocate_aligned(alignment, 100);
    REQUIRE(block != nullptr);
    CHECK(is_aligned(block, alignment));
    std::memset(block, 7, 100);
    auto* const grown = static_cast<unsigned char*>(heap::reallocate(block, 5000));
    REQUIRE(grown != nullptr);
    CHECK(grown[99] == 7);
    heap::release(grown);
  }
}

TEST_CASE("a size that cannot be had gives nothing", "[private_heap]") {
  CHECK(heap::allocate(SIZE_MAX) == nullptr);
  CHECK(heap::allocate(SIZE_MAX - 4096) == nullptr);
  CHECK(heap::allocate_aligned(4096, SIZE_MAX - 100) == nullptr);
}
