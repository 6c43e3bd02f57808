// A trace as trace viewers draw it: processes with threads, and on each thread spans as slices that contain
// one another.
//
// On one line of a viewer slices must nest. Spans of one thread need not: coroutines take turns on it,
// several transfers are under way at a time. So a thread has as many lanes as it takes. A span lies on the
// lane of its parent where that is what runs there last, else on the first lane that is free. What is not
// drawn inside its parent (it is on another lane, thread or process) is tied to it by an arrow, and so are
// links.
//
//   thread 17      |-- main_workflow ----------------------------|
//                     |-- ask --|     |-- ask --|
//   thread 17 (2)        |-- fetch -----------|
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace llmo::convert {

inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

struct ProcessTrack {
  std::string name;      // the service's
  std::int64_t pid = 0;  // 0: not known
};

struct ThreadTrack {
  std::uint32_t process = 0;  // index
  std::int64_t tid = 0;       // 0: not known
  std::string name;           // may be empty
};

// A span, without what it says.
struct Slice {
  std::uint64_t key = 0;     // stands for trace and span id
  std::uint64_t parent = 0;  // a key; 0: a root
  std::uint64_t start_unix_nanos = 0;
  std::uint64_t end_unix_nanos = 0;
  std::uint64_t body = 0;    // where what it says is kept
  std::uint32_t thread = 0;  // index
  std::uint32_t body_size = 0;
  bool open = false;  // had not ended
};

// A span that links to another one.
struct SliceLink {
  std::uint32_t from = 0;    // slice
  std::uint64_t target = 0;  // key
};

struct Lane {
  std::uint32_t thread = 0;
  std::uint32_t number = 0;  // within the thread, from 0
};

// From a slice to one that it has to do with.
struct Arrow {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint64_t leaves_unix_nanos = 0;  // within `from`, where nothing lies upon it
};

struct Layout {
  std::vector<std::uint32_t> order;  // the slices by start; one within another comes after it
  std::vector<std::uint32_t> lanes;  // of each slice; kNone: it came before (the same span, twice)
  std::vector<Lane> lane;
  std::vector<Arrow> arrows;
};

// Any keys, times and threads will do.
Layout lay_out(const std::vector<Slice>& slices, const std::vector<SliceLink>& links);

}  // namespace llmo::convert
