#include "shim/platform/private_heap.h"

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>

#include "shim/platform/export.h"
#include "shim/platform/lock.h"
#include "shim/platform/syscalls.h"

namespace llmo::platform::heap {

namespace {

// Stands before every block.
struct alignas(16) Header {
  std::uint32_t size_class;  // or kMapped, kAligned
  std::uint32_t offset;      // kAligned: bytes from the underlying block to this one
  std::size_t size;          // usable bytes; kMapped: of the block, without the header
};
static_assert(sizeof(Header) == 16);

struct FreeBlock {
  FreeBlock* next;
};

constexpr std::uint32_t kMapped = 0xfffffffe;
constexpr std::uint32_t kAligned = 0xffffffff;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kChunkSize = 1U << 20;
constexpr std::size_t kFirstChunkSize = 32U * 1024;
constexpr std::size_t kSmallest = 32;
constexpr std::size_t kLargestClass = 64U * 1024;

// Four classes to each doubling: 32, 40, 48, 56, 64, 80 … so that at most a fifth is wasted.
constexpr std::uint32_t kClasses = 4 * (std::bit_width(kLargestClass) - std::bit_width(kSmallest)) + 1;

constexpr std::size_t size_of_class(std::uint32_t size_class) {
  const std::size_t base = kSmallest << (size_class / 4);
  return base + base / 4 * (size_class % 4);
}

// The smallest class that is big enough.
constexpr std::uint32_t class_for(std::size_t size) {
  if (size <= kSmallest) return 0;
  const auto top_bit = static_cast<std::uint32_t>(std::bit_width(size - 1)) - 1;
  const auto quarter = static_cast<std::uint32_t>((size - 1) >> (top_bit - 2)) & 3;
  constexpr auto kFirstTopBit = static_cast<std::uint32_t>(std::bit_width(kSmallest)) - 1;
  return 4 * (top_bit - kFirstTopBit) + quarter + 1;
}
static_assert(class_for(kSmallest + 1) == 1 && class_for(kLargestClass) == kClasses - 1);
static_assert(class_for(size_of_class(7)) == 7 && class_for(size_of_class(7) + 1) == 8);

// The first chunk is part of the library, so that a program which records nothing costs no mapping.
alignas(16) constinit std::byte first_chunk[kFirstChunkSize];

struct Arena {
  FreeBlock* free[kClasses];
  std::byte* chunk;
  std::size_t chunk_left;
};

LLMO_AT_FORK constinit Arena arena{{}, first_chunk, kFirstChunkSize};
LLMO_AT_FORK constinit Lock arena_lock;
// Who holds arena_lock: the address of a variable of that thread. A handler that interrupted the holder must
// not wait for it.
LLMO_AT_FORK constinit std::atomic<const void*> arena_owner{nullptr};
constinit thread_local char thread_mark = 0;

class ArenaAccess {
 public:
  // Relaxed: only the thread that stored its own mark can read that mark here.
  ArenaAccess() : granted_(arena_owner.load(std::memory_order_relaxed) != &thread_mark) {
    if (!granted_) return;
    arena_lock.lock();
    arena_owner.store(&thread_mark, std::memory_order_relaxed);
  }
  ~ArenaAccess() {
    if (!granted_) return;
    arena_owner.store(nullptr, std::memory_order_relaxed);
    arena_lock.unlock();
  }
  ArenaAccess(const ArenaAccess&) = delete;
  ArenaAccess& operator=(const ArenaAccess&) = delete;
  bool granted() const { return granted_; }

 private:
  const bool granted_;
};

void* map_pages(std::size_t size) {
  return sys::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void* payload_of(Header* header) { return header + 1; }
Header* header_of(void* block) { return static_cast<Header*>(block) - 1; }

void* allocate_mapped(std::size_t size) {
  const std::size_t total = (size + sizeof(Header) + kPage - 1) & ~(kPage - 1);
  if (total < size) return nullptr;
  auto* const header = static_cast<Header*>(map_pages(total));
  if (header == nullptr) return nullptr;
  *header = {kMapped, 0, total - sizeof(Header)};
  return payload_of(header);
}

// What is left of the old chunk is given up: at most one block of the largest class.
bool refill_chunk() {
  auto* const chunk = static_cast<std::byte*>(map_pages(kChunkSize));
  if (chunk == nullptr) return false;
  arena.chunk = chunk;
  arena.chunk_left = kChunkSize;
  return true;
}

void* allocate_from_arena(std::uint32_t size_class) {
  if (FreeBlock* const block = arena.free[size_class]; block != nullptr) {
    arena.free[size_class] = block->next;
    return block;
  }
  const std::size_t size = size_of_class(size_class);
  const std::size_t total = sizeof(Header) + ((size + 15) & ~std::size_t{15});
  if (arena.chunk_left < total && !refill_chunk()) return nullptr;
  auto* const header = reinterpret_cast<Header*>(arena.chunk);
  arena.chunk += total;
  arena.chunk_left -= total;
  *header = {size_class, 0, size};
  return payload_of(header);
}

}  // namespace

void* allocate(std::size_t size) {
  if (size > kLargestClass) return allocate_mapped(size);
  const ArenaAccess access;
  return access.granted() ? allocate_from_arena(class_for(size)) : allocate_mapped(size);
}

void* allocate_aligned(std::size_t alignment, std::size_t size) {
  if (alignment <= alignof(Header)) return allocate(size);
  if (size > SIZE_MAX - alignment - sizeof(Header)) return nullptr;
  auto* const block = static_cast<std::byte*>(allocate(size + alignment + sizeof(Header)));
  if (block == nullptr) return nullptr;
  const auto start = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t aligned = (start + sizeof(Header) + alignment - 1) & ~(alignment - 1);
  auto* const result = reinterpret_cast<void*>(aligned);
  *header_of(result) = {kAligned, static_cast<std::uint32_t>(aligned - start), size};
  return result;
}

void* reallocate(void* block, std::size_t size) {
  if (block == nullptr) return allocate(size);
  const std::size_t old_size = header_of(block)->size;
  if (size <= old_size) return block;
  void* const grown = allocate(size);
  if (grown == nullptr) return nullptr;
  std::memcpy(grown, block, old_size);
  release(block);
  return grown;
}

void release(void* block) {
  if (block == nullptr) return;
  Header* header = header_of(block);
  if (header->size_class == kAligned) {
    block = static_cast<std::byte*>(block) - header->offset;
    header = header_of(block);
  }
  if (header->size_class == kMapped) {
    sys::munmap(header, header->size + sizeof(Header));
    return;
  }
  const ArenaAccess access;
  if (!access.granted()) return;
  auto* const freed = static_cast<FreeBlock*>(block);
  freed->next = arena.free[header->size_class];
  arena.free[header->size_class] = freed;
}

LLMO_COLD void reset_after_fork() {
  if (arena_lock.is_free()) return;
  arena = Arena{{}, nullptr, 0};
  arena_owner.store(nullptr, std::memory_order_relaxed);
  arena_lock.reset();
}

}  // namespace llmo::platform::heap
