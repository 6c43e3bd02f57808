// Coroutines by the address of their frame, and what is found about such an address.
#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "shim/span/coroutine_frame.h"
#include "shim/span/coroutine_table.h"

namespace llmo::span {
namespace {

bool insert(Coroutine* coroutine) {
  const platform::LockGuard guard(coroutine_lock(coroutine->frame));
  return insert_coroutine_locked(*coroutine);
}

bool remove(Coroutine* coroutine) {
  const platform::LockGuard guard(coroutine_lock(coroutine->frame));
  return remove_coroutine_locked(*coroutine);
}

Coroutine* make(Address frame) {
  auto* const made = new Coroutine;
  made->frame = frame;
  return made;
}

TEST_CASE("a coroutine is found by its frame until it is removed, and lives while somebody refers to it",
          "[coroutine]") {
  Coroutine* const coroutine = make(0x1000);
  CHECK(refer_to_coroutine(0x1000) == nullptr);
  REQUIRE(insert(coroutine));
  CHECK(refer_to_coroutine(0x1000) == coroutine);
  CHECK(refer_to_coroutine(0x1010) == nullptr);
  CHECK(remove(coroutine));
  CHECK_FALSE(remove(coroutine));
  CHECK(refer_to_coroutine(0x1000) == nullptr);
  CHECK(coroutine->references == 2);
  release_coroutine(coroutine);
  release_coroutine(coroutine);
}

TEST_CASE("threads insert and remove many coroutines at once and lose none", "[coroutine][threads]") {
  constexpr Address kEach = 20'000;
  const auto work = [](Address first) {
    std::vector<Coroutine*> made;
    for (Address number = 0; number < kEach; ++number) made.push_back(make((first + number) * 64));
    for (Coroutine* const one : made) insert(one);
    std::size_t found = 0;
    for (Coroutine* const one : made) {
      if (refer_to_coroutine(one->frame) == one) ++found;
    }
    for (Coroutine* const one : made) {
      found += remove(one) ? 1 : 0;
      release_coroutine(one);
      release_coroutine(one);
    }
    return found;
  };
  std::size_t first = 0;
  std::size_t second = 0;
  std::thread other([&] { first = work(1); });
  second = work(1 + kEach);
  other.join();
  CHECK(first == 2 * kEach);
  CHECK(second == 2 * kEach);
}

TEST_CASE("memory that is not there, or not to be written, is told without a fault", "[coroutine]") {
  Address* const page =
      static_cast<Address*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  const auto address = reinterpret_cast<Address>(page);
  *page = 42;
  CHECK(can_read_frames());
  CHECK(read_word(address) == Address{42});
  CHECK(is_writable(address));
  mprotect(page, 4096, PROT_READ);
  CHECK(read_word(address) == Address{42});
  CHECK_FALSE(is_writable(address));
  CHECK(*page == 42);
  mprotect(page, 4096, PROT_NONE);
  CHECK_FALSE(read_word(address));
  munmap(page, 4096);
  CHECK_FALSE(read_word(address));
  CHECK_FALSE(is_writable(address));
  for (const Address wild : {Address{0}, Address{1}, address + 1, ~Address{0}, Address{1} << 47}) {
    CHECK_FALSE(read_word(wild));
  }
}

// A function that begins with `code` and calls a hook after it; its coroutine frame, and registers and stack
// in which to find it.
struct Scene {
  explicit Scene(std::initializer_list<std::uint8_t> begin) : text(64, 0x90) {
    std::copy(begin.begin(), begin.end(), text.begin());
    code.resume = reinterpret_cast<Address>(text.data());
    frame[0] = code.resume;
    frame[1] = code.destroy;
    other[0] = code.resume;
    other[1] = code.destroy;
    stack[0] = code.resume + 48;  // where the hook returns to
  }

  HookCall hook() { return {code.resume, 0, reinterpret_cast<Address>(&stack[1]), registers}; }
  Address frame_address() const { return reinterpret_cast<Address>(frame); }
  Address other_address() const { return reinterpret_cast<Address>(other); }

  std::vector<std::uint8_t> text;
  CoroutineCode code{.function = 0,
                     .by_gcc = true,
                     .ramp = 0,
                     .ramp_end = 0,
                     .resume = 0,
                     .resume_end = 0,
                     .destroy = 0x2000};
  Address frame[4] = {};
  Address other[4] = {};  // of another coroutine of the same function
  Address stack[80] = {};
  CallerRegisters registers;
};

TEST_CASE("the frame is where the function's beginning puts it, and not another's that lies about",
          "[coroutine]") {
  SECTION("in a register") {
    Scene scene({0x41, 0x55, 0x49, 0x89, 0xfc});  // push r13; mov r12, rdi
    scene.registers.rbx = scene.other_address();
    scene.registers.r12 = scene.frame_address();
    CHECK(find_frame_of_part(scene.hook(), scene.code) == scene.frame_address());
  }
  SECTION("on the stack, by the frame pointer") {
    Scene scene({0x55, 0x48, 0x89, 0xe5, 0x48, 0x89, 0x7d, 0xd8});  // mov [rbp - 0x28], rdi
    scene.registers.rbx = scene.other_address();
    scene.registers.rbp = reinterpret_cast<Address>(&scene.stack[10]);
    scene.stack[5] = scene.frame_address();
    CHECK(find_frame_of_part(scene.hook(), scene.code) == scene.frame_address());
  }
  SECTION("on the stack, by the stack pointer") {
    Scene scene({0x48, 0x89, 0x7c, 0x24, 0x08});  // mov [rsp + 8], rdi
    scene.registers.rbx = scene.other_address();
    scene.stack[2] = scene.frame_address();
    CHECK(find_frame_of_part(scene.hook(), scene.code) == scene.frame_address());
  }
}

TEST_CASE("a frame is found anywhere near where the beginning says nothing", "[coroutine]") {
  Scene scene({0x90});
  CHECK(find_frame_of_part(scene.hook(), scene.code) == 0);
  scene.stack[7] = scene.frame_address();
  CHECK(find_frame_of_part(scene.hook(), scene.code) == scene.frame_address());
  scene.frame[0] = 0;  // at its final suspend point
  CHECK(find_frame_of_part(scene.hook(), scene.code) == scene.frame_address());
  scene.frame[1] = 0;
  CHECK(find_frame_of_part(scene.hook(), scene.code) == 0);
}

TEST_CASE("a new frame is also found in the object that the ramp returns, but not in a constant",
          "[coroutine]") {
  Scene scene({0x90});
  Address object[4] = {1, scene.frame_address(), 0, 0};
  scene.registers.rbx = reinterpret_cast<Address>(object);
  CHECK(find_new_frame(scene.hook(), scene.code) == scene.frame_address());
  void* const page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::copy(std::begin(scene.frame), std::end(scene.frame), static_cast<Address*>(page));
  mprotect(page, 4096, PROT_READ);
  object[1] = reinterpret_cast<Address>(page);
  CHECK(find_new_frame(scene.hook(), scene.code) == 0);
  munmap(page, 4096);
}

}  // namespace
}  // namespace llmo::span
