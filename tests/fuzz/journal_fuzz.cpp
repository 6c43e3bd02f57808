// Reads a journal that a dying host or somebody hostile has left: first a list of words that are stored
// anywhere in the file, then blocks of arbitrary content. Everything the exporter does with it is done.
//
//   byte 0         how many patches follow: six bytes each, where (a multiple of 2) and the word
//   then blocks    one byte: kind and state; two bytes: how much of the input is its payload
#include <algorithm>
#include <string>

#include "tests/fuzz/fuzz_input.h"

#include "exporters/session/journal_reader.h"
#include "exporters/span/attributes.h"
#include "exporters/span/stack_namer.h"
#include "tests/unit/exporter_journal.h"

namespace {

using namespace llmo;
using fuzz::demand;

constexpr std::size_t kMaxBlocks = 6;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  std::uint32_t take(std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t at = 0; at < bytes && left_ > 0; ++at, ++data_, --left_) {
      value |= static_cast<std::uint32_t>(*data_) << (8 * at);
    }
    return value;
  }
  std::string_view take_bytes(std::size_t wanted) {
    const std::string_view bytes = fuzz::text_of(data_, std::min(wanted, left_));
    data_ += bytes.size();
    left_ -= bytes.size();
    return bytes;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

struct Patch {
  std::uint32_t at;
  std::uint32_t word;
};

void add_block(test::JournalImage& image, Input& input) {
  const std::uint32_t what = input.take(1);
  // The low bits as the seeds have them; kOpenCalls came later.
  const bool open_calls = (what & 0x80) != 0;
  const auto kind =
      open_calls ? journal::BlockKind::kOpenCalls : static_cast<journal::BlockKind>(1 + what % 4);
  const auto state = static_cast<journal::BlockState>(1 + what / 4 % 2);
  const std::uint32_t block = image.add_block(kind, 1, state);
  const std::string_view payload = input.take_bytes(input.take(2) % (session::kPayloadSize + 1));
  std::copy(payload.begin(), payload.end(),
            image.bytes().begin() + static_cast<std::ptrdiff_t>(image.offset_of(block)));
}

std::vector<char> make_file(Input input) {
  std::vector<Patch> patches(input.take(1) % 16);
  for (Patch& patch : patches) patch = {input.take(2) * 2, input.take(4)};
  test::JournalImage image;
  for (std::size_t block = 0; block < kMaxBlocks && !input.empty(); ++block) add_block(image, input);
  std::vector<char>& bytes = image.bytes();
  for (const Patch& patch : patches) {
    if (patch.at + sizeof patch.word <= bytes.size())
      std::memcpy(bytes.data() + patch.at, &patch.word, sizeof patch.word);
  }
  return std::move(bytes);
}

// Every byte of a decoded span is looked at, so that the sanitizer sees what lies outside.
struct Counter {
  explicit Counter(const Definitions& definitions) : stacks(definitions, nullptr, nullptr) {}

  StackNamer stacks;
  std::size_t spans = 0;
  std::size_t sum = 0;

  session::SpanSink sink() {
    return {[this](const RawCall& call) { look_at(call); },  //
            [this](const RawSpan& span) {
              look_at(span);
              for (const char byte : span.name) sum += static_cast<unsigned char>(byte);
              for (const char byte : span.status_message) sum += static_cast<unsigned char>(byte);
            }};
  }
  void look_at(const RawSpanBase& span) {
    ++spans;
    demand(span.span_id != 0);
    const SpanAttributes attributes = read_attributes(span.attributes);
    look_at(attributes);
    for (const EventAttribute& event : attributes.events) look_at(event.attributes);
    demand(attributes.events.size() <= kMostListed);
    sum += attributes.events.size() + static_cast<std::size_t>(span.end_kind);
  }
  void look_at(const RecordedAttributes& list) {
    demand(list.plain.size() <= kMostListed);
    sum += list.plain.size() + list.dropped;
    for (const StackAttribute& stack : list.stacks) {
      demand(stack.addresses.size() % sizeof(journal::CodeAddress) == 0);
      sum += stacks.name(stack.addresses).text.size();
    }
  }
};

void read_all(session::JournalFile& file) {
  session::JournalReader reader(file);
  Definitions definitions;
  Counter counter(definitions);
  for (int round = 0; round < 100; ++round) {
    session::ReadBudget budget{64, 16 * 1024, 8};
    std::vector<session::Extent> extents;
    const bool all = reader.read_records(budget, extents);
    reader.read_definitions(definitions);
    for (const session::Extent& extent : extents) {
      reader.count_damaged(session::decode_records(extent, counter.sink()));
      reader.commit({extent.block, extent.facts.generation, extent.end()});
    }
    if (all && extents.empty()) break;
    reader.free_done_blocks();
  }
  for (const session::Extent& extent : reader.read_open()) session::decode_open(extent, counter.sink());
  (void)reader.published({1, 2, 3});
  (void)reader.last_end_ticks(UINT64_MAX);
}

// One file for all inputs.
const std::string& path() {
  static const test::MemoryDir directory;
  static const std::string path = directory / "1-1.journal";
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::JournalImage::save_bytes(path(), make_file({data, size}));
  session::JournalFile::Opened opened = session::JournalFile::open(path());
  if (opened.file != nullptr) read_all(*opened.file);
  return 0;
}
