// Writes journals for tests: what a host would have left, byte by byte as format.h says.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shim/journal/format.h"

namespace llmo::test {

// Journal ticks are nanoseconds, one second after boot, at 2026-01-01T00:00:00Z, when a test journal was
// opened.
inline constexpr std::uint64_t kOpenedTicks = 1'000'000'000;
inline constexpr std::uint64_t kOpenedUnix = 1'767'225'600'000'000'000;

// A directory of its own, in memory where that can be had: these tests write thousands of files.
class MemoryDir {
 public:
  MemoryDir() {
    char in_memory[] = "/dev/shm/llmo-test-XXXXXX";
    char on_disk[] = "/tmp/llmo-test-XXXXXX";
    const char* const made = ::mkdtemp(in_memory);
    path_ = made != nullptr ? made : ::mkdtemp(on_disk);
  }
  MemoryDir(const MemoryDir&) = delete;
  MemoryDir& operator=(const MemoryDir&) = delete;
  ~MemoryDir() { remove_tree(path_); }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  static void remove_tree(const std::string& path) {
    const std::string command = "rm -rf '" + path + "'";
    if (std::system(command.c_str()) != 0) std::perror("rm");
  }
  std::string path_;
};

struct CallSpec {
  std::uint64_t span_id = 1;
  std::uint64_t parent = 0;
  std::uint32_t function = 0;
  std::uint64_t start = kOpenedTicks + 1000;
  std::uint64_t end = kOpenedTicks + 2000;
  journal::EndKind end_kind = journal::EndKind::kReturned;
  journal::SpanStatus status = journal::SpanStatus::kUnset;  // of calls
  std::uint32_t flags = journal::kFlagSampled;
  journal::TraceId trace{0x0102030405060708, 0x090a0b0c0d0e0f10};
};

// The attribute area of a SpanRecord or FunctionSpan.
class AttributeBytes {
 public:
  AttributeBytes& add(std::string_view key, std::string_view value) {
    return put(journal::AttributeType::kString, key, value.data(), value.size());
  }
  AttributeBytes& add_int(std::string_view key, std::int64_t value) {
    return put(journal::AttributeType::kInt, key, &value, sizeof value);
  }
  AttributeBytes& add_double(std::string_view key, double value) {
    return put(journal::AttributeType::kDouble, key, &value, sizeof value);
  }
  AttributeBytes& add_bool(std::string_view key, bool value) {
    return put(journal::AttributeType::kBool, key, &value, 1);
  }
  AttributeBytes& add_stack(std::string_view key, const std::vector<journal::CodeAddress>& addresses) {
    return put(journal::AttributeType::kStack, key, addresses.data(),
               addresses.size() * sizeof(journal::CodeAddress));
  }
  AttributeBytes& add_event(std::string_view name, std::uint64_t ticks, const AttributeBytes& attributes) {
    std::string value(reinterpret_cast<const char*>(&ticks), sizeof ticks);
    value += attributes.bytes();
    return put(journal::AttributeType::kEvent, name, value.data(), value.size());
  }
  AttributeBytes& put(journal::AttributeType type, std::string_view key, const void* value,
                      std::size_t size) {
    const journal::AttributeHeader header{type, 0, static_cast<std::uint16_t>(key.size()),
                                          static_cast<std::uint32_t>(size)};
    bytes_.append(reinterpret_cast<const char*>(&header), sizeof header);
    bytes_.append(key);
    bytes_.append(static_cast<const char*>(value), size);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// A whole journal in memory; save() makes a file of it.
class JournalImage {
 public:
  explicit JournalImage(std::uint32_t pid = 0x7ffffff0, std::uint64_t start = 77,
                        std::uint32_t capacity = 64) {
    bytes_.resize(journal::kHeaderSize);
    auto& header = *reinterpret_cast<journal::FileHeader*>(bytes_.data());
    header.magic = journal::kFileMagic;
    header.version = journal::kVersion;
    header.block_size = journal::kBlockSize;
    header.block_capacity = capacity;
    header.clock_kind = journal::ClockKind::kMonotonicNanos;
    header.pid = pid;
    header.parent_pid = 1;
    header.process_start = start;
    header.opened = {kOpenedTicks, kOpenedTicks, kOpenedUnix};
    header.process_unix_nanos = kOpenedUnix - 1'000'000;
    std::strcpy(header.executable, "/opt/app/agent");
  }

  journal::FileHeader& header() { return *reinterpret_cast<journal::FileHeader*>(bytes_.data()); }
  std::string name() {
    return std::to_string(header().pid) + "-" + std::to_string(header().process_start) + ".journal";
  }

  std::uint32_t add_block(journal::BlockKind kind, std::uint32_t thread = 1,
                          journal::BlockState state = journal::BlockState::kOpen) {
    const std::uint32_t index = header().blocks_allocated.load();
    bytes_.resize(bytes_.size() + journal::kBlockSize);
    header().blocks_allocated.store(index + 1);
    journal::BlockHeader& block = block_header(index);
    block.magic = journal::kBlockMagic;
    block.kind = kind;
    block.state.store(state);
    block.thread = thread;
    block.tid = 4000 + thread;
    std::snprintf(block.thread_name, sizeof block.thread_name, "worker %u", thread);
    used_.push_back(0);
    return index;
  }
  journal::BlockHeader& block_header(std::uint32_t block) {
    return *reinterpret_cast<journal::BlockHeader*>(bytes_.data() + offset_of(block) -
                                                    journal::kBlockHeaderSize);
  }

  void add_module(std::uint32_t block, std::uint32_t id, std::string_view path) {
    journal::ModuleRecord record{};
    record.module = id;
    record.path_size = static_cast<std::uint16_t>(path.size());
    append(block, record, journal::RecordKind::kModule, 0, path);
  }
  void add_function(std::uint32_t block, std::uint32_t id, std::string_view name, std::uint32_t module = 0) {
    journal::FunctionRecord record{};
    record.function = id;
    record.module = module;
    record.name_size = static_cast<std::uint32_t>(name.size());
    append(block, record, journal::RecordKind::kFunction, 0, name);
  }
  void add_note(std::uint32_t block, std::string_view text) {
    journal::NoteRecord record{};
    record.text_size = static_cast<std::uint32_t>(text.size());
    append(block, record, journal::RecordKind::kNote, 0, text);
  }
  void add_call(std::uint32_t block, const CallSpec& call, const AttributeBytes& attributes = {}) {
    journal::FunctionSpan record{};
    fill(record, call);
    record.function = call.function;
    record.end_ticks = call.end;
    record.end_kind = call.end_kind;
    record.status = call.status;
    record.attributes_size = static_cast<std::uint32_t>(attributes.bytes().size());
    append(block, record, journal::RecordKind::kFunctionSpan, call.flags, attributes.bytes());
  }
  void add_span(std::uint32_t block, const CallSpec& call, std::string_view name,
                const AttributeBytes& attributes, journal::SpanStatus status = journal::SpanStatus::kUnset,
                std::string_view message = {}) {
    journal::SpanRecord record{};
    fill_span(record, call, name, attributes, message);
    record.end_ticks = call.end;
    record.end_kind = call.end_kind;
    record.status = status;
    append(block, record, journal::RecordKind::kSpan, call.flags,
           std::string(name) + std::string(message) + attributes.bytes());
  }
  void add_open_frame(std::uint32_t block, const CallSpec& call,
                      journal::RecordKind kind = journal::RecordKind::kOpenFrame) {
    journal::Frame frame{};
    fill(frame, call);
    frame.function = call.function;
    append(block, frame, kind, call.flags, {});
  }
  void add_open_span(std::uint32_t block, const CallSpec& call, std::string_view name,
                     const AttributeBytes& attributes) {
    journal::SpanRecord record{};
    fill_span(record, call, name, attributes, {});
    append(block, record, journal::RecordKind::kSpan, call.flags, std::string(name) + attributes.bytes());
    used_[block] =
        (used_[block] + journal::kOpenSpanSize - 1) / journal::kOpenSpanSize * journal::kOpenSpanSize;
  }

  // Leaves `size` bytes of payload empty: free slots of an open area.
  void skip(std::uint32_t block, std::size_t size) { used_[block] += size; }

  // Bytes of payload that are in use.
  std::size_t used(std::uint32_t block) const { return used_[block]; }
  // Where the payload of a block starts in the file.
  static std::size_t offset_of(std::uint32_t block) {
    return journal::kHeaderSize + std::size_t{block} * journal::kBlockSize + journal::kBlockHeaderSize;
  }
  std::vector<char>& bytes() { return bytes_; }

  std::string save(const std::string& directory) {
    std::string path = directory + "/" + name();
    save_bytes(path, bytes_);
    return path;
  }
  static void save_bytes(const std::string& path, const std::vector<char>& bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  template <typename T>
  static void fill(T& record, const CallSpec& call) {
    record.start_ticks = call.start;
    record.span_id = call.span_id;
    record.parent_span_id = call.parent;
    record.trace = call.trace;
  }
  static void fill_span(journal::SpanRecord& record, const CallSpec& call, std::string_view name,
                        const AttributeBytes& attributes, std::string_view message) {
    fill(record, call);
    record.kind = journal::SpanKind::kClient;
    record.name_size = static_cast<std::uint16_t>(name.size());
    record.status_message_size = static_cast<std::uint16_t>(message.size());
    record.attributes_size = static_cast<std::uint32_t>(attributes.bytes().size());
  }
  template <typename T>
  void append(std::uint32_t block, T& record, journal::RecordKind kind, std::uint32_t flags,
              std::string_view rest) {
    const std::size_t length = journal::aligned_record_size(sizeof(T) + rest.size());
    record.word.store(journal::make_word(length, kind, flags));
    char* const target = bytes_.data() + offset_of(block) + used_[block];
    std::memcpy(target, static_cast<const void*>(&record), sizeof(T));
    std::copy(rest.begin(), rest.end(), target + sizeof(T));
    used_[block] += length;
  }

  std::vector<char> bytes_;
  std::vector<std::size_t> used_;
};

// A session directory with its control file.
inline std::string make_session(const MemoryDir& root, const std::string& name = "session") {
  std::string path = root / name;
  ::mkdir(path.c_str(), 0700);
  std::vector<char> page(journal::kHeaderSize);
  auto& control = *reinterpret_cast<journal::SessionControl*>(page.data());
  control.magic = journal::kControlMagic;
  control.version = journal::kVersion;
  control.bytes_reserved.store(10 * journal::kBlockSize);
  control.bytes_max = 1 << 28;
  JournalImage::save_bytes(path + "/control", page);
  return path;
}

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace llmo::test
