// Picks a few values out of JSON text while it passes by, in memory of fixed size.
//
// A table says which paths are wanted; it is turned into a tree when the program is compiled. The scanner
// keeps a stack of the containers it is in, but only as long as they lie on a wanted path. Everything else is
// skipped at the speed of a byte search: of a container that is not wanted only its nesting is counted, of a
// string only its end is looked for. So a prompt of ten megabytes costs little, and nesting of any depth
// costs one counter. What is wanted and may be long is not kept either: it is handed on in pieces.
//
//   {"model":"m", "messages":[{…},{…}], "usage":{"prompt_tokens":3}}
//           ▲wanted         ▲skipped           ▲ a level, since usage.prompt_tokens is wanted
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace llmo::genai {

// The most bytes of a string value that are kept.
inline constexpr std::size_t kMaxJsonText = 1024;

// How a wanted value is handed over.
enum class JsonKeep : std::uint8_t {
  kValue,   // whole, as far as `limit` goes
  kPieces,  // strings as they pass by, decoded, of any length
  kRaw,     // the same, and objects and arrays as the bytes that they are written with
};

// A wanted value. Path segments are keys joined by `.`; `[]` after a key means each element of an array, as
// in `choices[].message.role`. Keys that hold `.` or `[` cannot be named.
struct JsonField {
  std::string_view path;
  std::uint8_t id = 0;        // from 1
  std::uint16_t limit = 128;  // bytes kept of a string, cut at a UTF-8 character; at most kMaxJsonText
  JsonKeep keep = JsonKeep::kValue;
};

enum class JsonType : std::uint8_t { kNull, kBool, kInt, kDouble, kString, kObject, kArray };

// A value that was found. kObject and kArray are reported where they open, without content; so is a string
// that comes in pieces.
struct JsonValue {
  JsonType type = JsonType::kNull;
  bool boolean = false;
  std::int64_t integer = 0;  // kInt
  double number = 0;         // kDouble, and kInt too
  std::string_view text;     // kString, decoded; valid during the call only
};

// Gets the values. Called from JsonScanner::feed() and finish() only.
class JsonSink {
 public:
  virtual void on_value(std::uint8_t field, const JsonValue& value) = 0;
  // The next bytes of a value that comes in pieces, after its on_value(); cut anywhere, also inside a
  // character. Valid during the call only.
  virtual void on_piece(std::uint8_t /*field*/, std::string_view /*bytes*/) {}

 protected:
  ~JsonSink() = default;
};

// One step of the tree of wanted paths. It holds no pointer, so that the tables need no relocation and all
// processes share them.
struct JsonNode {
  std::uint64_t key_head = 0;  // the first bytes of the key, with zeros behind
  std::uint16_t key_tail = 0;  // where the others stand in the text of JsonPaths
  std::uint16_t limit = 0;
  std::uint8_t key_size = 0;
  JsonKeep keep = JsonKeep::kValue;
  std::uint8_t field = 0;
  std::uint8_t parent = 0;
  bool has_keys = false;     // it is the parent of one with a key
  std::uint8_t element = 0;  // the child for each element of an array; 0: none
};

// The tree of wanted paths: node 0 is the document. Made by the compiler, which refuses what does not fit.
class JsonPaths {
 public:
  static constexpr std::size_t kMaxNodes = 128;
  static constexpr std::size_t kMaxDepth = 10;
  static constexpr std::uint8_t kNoNode = 0xff;

  // Nothing is wanted.
  constexpr JsonPaths() = default;

  template <std::size_t Count>
  explicit consteval JsonPaths(const JsonField (&fields)[Count]) {
    for (const JsonField& field : fields) add(field);
  }
  // The same, behind fields that several trees share.
  template <std::size_t SharedCount, std::size_t Count>
  consteval JsonPaths(const JsonField (&shared)[SharedCount], const JsonField (&fields)[Count]) {
    for (const JsonField& field : shared) add(field);
    for (const JsonField& field : fields) add(field);
  }

  const JsonNode& operator[](std::uint8_t node) const { return nodes_[node]; }
  bool has_children(std::uint8_t node) const { return nodes_[node].has_keys || nodes_[node].element != 0; }
  // The child for a key, the child for array elements, or kNoNode.
  std::uint8_t child(std::uint8_t node, std::string_view key) const {
    return find_child(node, key, head_in_memory(key));
  }
  std::uint8_t element(std::uint8_t node) const {
    return nodes_[node].element != 0 ? nodes_[node].element : kNoNode;
  }

 private:
  static constexpr std::size_t kHead = sizeof JsonNode::key_head;
  static constexpr std::size_t kMaxTails = 1024;
  static constexpr std::size_t kSlots = 2 * kMaxNodes;

  static constexpr std::uint64_t head_of(std::string_view key) {
    std::uint64_t head = 0;
    for (std::size_t at = 0; at < kHead && at < key.size(); ++at)
      head |= std::uint64_t{static_cast<unsigned char>(key[at])} << (8 * at);
    return head;
  }
  constexpr bool tail_is(const JsonNode& node, std::string_view key) const {
    return key.size() <= kHead ||
           std::string_view(&tails_[node.key_tail], key.size() - kHead) == key.substr(kHead);
  }
  // The same as head_of(), in a few steps.
  static std::uint64_t head_in_memory(std::string_view key);

  static constexpr std::size_t slot_of(std::uint8_t parent, std::uint64_t head, std::size_t key_size) {
    static_assert(kSlots == 256);
    const std::uint64_t mixed = head ^ std::uint64_t{parent} << 32 ^ std::uint64_t{key_size} << 48;
    return mixed * 0x9e3779b97f4a7c15 >> 56;
  }
  constexpr std::uint8_t find_child(std::uint8_t node, std::string_view key, std::uint64_t head) const {
    for (std::size_t slot = slot_of(node, head, key.size()); slots_[slot] != 0; slot = (slot + 1) % kSlots) {
      const JsonNode& child = nodes_[slots_[slot]];
      if (child.key_head == head && child.parent == node && child.key_size == key.size() &&
          tail_is(child, key))
        return slots_[slot];
    }
    return kNoNode;
  }

  consteval void add(const JsonField& field) {
    std::string_view rest = field.path;
    std::uint8_t node = 0;
    for (std::size_t depth = 1; !rest.empty(); ++depth) {
      if (depth >= kMaxDepth) throw "path too deep";
      if (rest.starts_with('.')) rest.remove_prefix(1);
      const bool is_element = rest.starts_with("[]");
      const std::size_t key_size = is_element ? 0 : rest.substr(0, rest.find_first_of(".[")).size();
      node = is_element ? element_step(node) : key_step(node, rest.substr(0, key_size));
      rest.remove_prefix(is_element ? 2 : key_size);
    }
    if (nodes_[node].field != 0) throw "path named twice";
    if (field.limit > kMaxJsonText) throw "limit too high";
    nodes_[node].field = field.id;
    nodes_[node].limit = field.limit;
    nodes_[node].keep = field.keep;
  }

  consteval std::uint8_t make_node() {
    if (count_ >= kMaxNodes) throw "too many paths";
    return count_++;
  }

  consteval std::uint8_t element_step(std::uint8_t parent) {
    if (nodes_[parent].element == 0) nodes_[parent].element = make_node();
    return nodes_[parent].element;
  }

  consteval std::uint8_t key_step(std::uint8_t parent, std::string_view key) {
    const std::uint64_t head = head_of(key);
    if (const std::uint8_t known = find_child(parent, key, head); known != kNoNode) return known;
    const std::uint8_t made = make_node();
    nodes_[made].key_head = head;
    nodes_[made].key_size = static_cast<std::uint8_t>(key.size());
    nodes_[made].key_tail = tails_size_;
    for (std::size_t at = kHead; at < key.size(); ++at) {
      if (tails_size_ == kMaxTails) throw "keys too long";
      tails_[tails_size_++] = key[at];
    }
    nodes_[made].parent = parent;
    nodes_[parent].has_keys = true;
    std::size_t slot = slot_of(parent, head, key.size());
    while (slots_[slot] != 0) slot = (slot + 1) % kSlots;
    slots_[slot] = made;
    return made;
  }

  std::array<JsonNode, kMaxNodes> nodes_ = {};
  std::array<std::uint8_t, kSlots> slots_ =
      {};  // a hash table of the nodes with a key: most keys are none of ours
  std::array<char, kMaxTails> tails_ = {};
  std::uint16_t tails_size_ = 0;
  std::uint8_t count_ = 1;
};

// Numbers of x86-64 begin with the lowest byte. Of a short key two pieces that overlap are taken.
inline std::uint64_t JsonPaths::head_in_memory(std::string_view key) {
  const auto piece = [&key]<typename Number>(Number number, std::size_t at) {
    std::memcpy(&number, key.data() + at, sizeof number);
    return std::uint64_t{number} << (8 * at);
  };
  const std::size_t size = key.size();
  if (size >= kHead) return piece(std::uint64_t{}, 0);
  if (size >= 4) return piece(std::uint32_t{}, 0) | piece(std::uint32_t{}, size - 4);
  if (size >= 2) return piece(std::uint16_t{}, 0) | piece(std::uint16_t{}, size - 2);
  return size == 1 ? piece(std::uint8_t{}, 0) : 0;
}

// Does not allocate. Any cut of the bytes gives the same values. Text that is no JSON stops the scanner:
// values that came before it stay reported, the rest is ignored. What is skipped, the rest of a string behind
// its limit too, is held against the grammar only as far as its nesting and its end go. Of a key that stands
// twice both values are reported. Threads: one at a time.
class JsonScanner {
 public:
  // Gets ready for a document. `paths` must outlive the scanner. Before begin() nothing is read.
  void begin(const JsonPaths& paths);
  // The next bytes. The sink must not call the scanner.
  void feed(std::string_view bytes, JsonSink* sink);
  // The document is over: a number at its very end is reported now.
  void finish(JsonSink* sink);

  // A whole value has been read; what follows it is ignored.
  bool complete() const { return state_ == State::kDone; }
  // The text is no JSON.
  bool stopped() const { return state_ == State::kStopped; }

 private:
  enum class State : std::uint8_t {
    kValue,         // a value has to come
    kFirstElement,  // the same, or the end of an array
    kFirstKey,      // a key, or the end of an object
    kKey,           // a key has to come
    kColon,
    kAfterValue,  // a comma or the end of the container
    kString,      // in a string that is kept: a key or a wanted value
    kScalar,      // in a number or a word
    kSkip,        // in a container that is not wanted
    kSkipString,  // in a string that is not wanted
    kDone,
    kStopped,
  };
  struct Level {
    std::uint8_t node;
    bool array;
  };

  const char* step(const char* at, const char* end, JsonSink* sink);
  const char* take_structural(const char* at, const char* end, JsonSink* sink);
  const char* take_key(const char* at, const char* end, JsonSink* sink);
  const char* take_string(const char* at, const char* end, JsonSink* sink);
  const char* take_rest(const char* at, const char* end, JsonSink* sink);
  const char* take_scalar(const char* at, const char* end, JsonSink* sink);
  const char* skip_container(const char* at, const char* end);
  const char* pass_container(const char* at, const char* end, JsonSink* sink);
  const char* skip_string(const char* at, const char* end);
  const char* find_string_end(const char* at, const char* end);
  void structural(char byte, JsonSink* sink);
  void begin_value(char byte, JsonSink* sink);
  void begin_text(State state, std::uint16_t limit);
  void begin_string(JsonSink* sink);
  void hand_on(std::string_view bytes, JsonSink* sink);
  void flush_piece(JsonSink* sink);
  void open_container(bool array, JsonSink* sink);
  void close_container(bool array);
  void comma();
  void take_escape(char byte);
  void take_hex_digit(char byte);
  void keep(std::string_view bytes);
  void append(std::string_view bytes);
  void end_code_unit();
  void end_lone_surrogate();
  void append_code_point(std::uint32_t code_point);
  void end_string(std::string_view text, JsonSink* sink);
  void end_key(std::string_view key);
  void end_scalar(std::string_view text, JsonSink* sink);
  void end_value() { state_ = depth_ == 0 ? State::kDone : State::kAfterValue; }
  std::uint8_t wanted_field() const;
  // Bytes of the text that can still be kept. One more than wanted is: it tells whether the last wanted one
  // ends a character.
  std::size_t room() const { return limit_ + 1U - text_size_; }

  const JsonPaths* paths_ = nullptr;
  State state_ = State::kStopped;
  std::uint8_t depth_ = 0;                  // levels in use
  std::uint8_t node_ = JsonPaths::kNoNode;  // of the value that comes next or is being read
  bool in_key_ = false;
  bool in_pieces_ = false;   // what is read is handed on as it comes
  std::uint8_t escape_ = 0;  // 1: after a backslash; 2 to 5: hex digits 1 to 4 have to come
  std::uint16_t limit_ = 0;  // bytes of the text that are wanted; one more is kept
  std::uint16_t text_size_ = 0;
  std::uint16_t code_unit_ = 0;       // of the \u escape that is being read
  std::uint16_t high_surrogate_ = 0;  // waiting for its other half
  std::uint64_t skip_depth_ = 0;      // containers open in what is skipped
  Level levels_[JsonPaths::kMaxDepth] = {};
  char text_[kMaxJsonText + 1];  // its size says how much of it counts
};

}  // namespace llmo::genai
