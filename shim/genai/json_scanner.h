// Picks a few values out of JSON text while it passes by, in memory of fixed size.
//
// A table says which paths are wanted; it is turned into a tree when the program is compiled. The scanner
// keeps a stack of the containers it is in, but only as long as they lie on a wanted path. Everything else is
// skipped at the speed of a byte search: of a container that is not wanted only its nesting is counted, of a
// string only its end is looked for. So a prompt of ten megabytes costs little, and nesting of any depth
// costs one counter.
//
//   {"model":"m", "messages":[{…},{…}], "usage":{"prompt_tokens":3}}
//           ▲wanted         ▲skipped           ▲ a level, since usage.prompt_tokens is wanted
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace llmo::genai {

// The most bytes of a string value that are kept.
inline constexpr std::size_t kMaxJsonText = 1024;

// A wanted value. Path segments are keys joined by `.`; `[]` after a key means each element of an array, as
// in `choices[].message.role`. Keys that hold `.` or `[` cannot be named.
struct JsonField {
  std::string_view path;
  std::uint8_t id = 0;        // from 1
  std::uint16_t limit = 128;  // bytes kept of a string, cut at a UTF-8 character; at most kMaxJsonText
};

enum class JsonType : std::uint8_t { kNull, kBool, kInt, kDouble, kString, kObject, kArray };

// A value that was found. kObject and kArray are reported where they open, without content.
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

 protected:
  ~JsonSink() = default;
};

// One step of the tree of wanted paths.
struct JsonNode {
  std::string_view key;
  bool element = false;  // each element of an array; `key` is empty
  std::uint8_t field = 0;
  std::uint8_t first_child = 0;  // 0: none, as the document is nobody's child
  std::uint8_t next_sibling = 0;
  std::uint16_t limit = 0;
  std::uint64_t child_keys = 0;  // key_bit() of every child: most keys are none of ours, and one look tells
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

  const JsonNode& operator[](std::uint8_t node) const { return nodes_[node]; }
  // The child for a key, the child for array elements, or kNoNode.
  std::uint8_t child(std::uint8_t node, std::string_view key) const {
    return (nodes_[node].child_keys & key_bit(key)) == 0 ? kNoNode : find_child(node, key);
  }
  std::uint8_t element(std::uint8_t node) const;

 private:
  static constexpr std::uint64_t key_bit(std::string_view key) {
    if (key.empty()) return 1;
    const auto first = static_cast<unsigned char>(key.front());
    const auto last = static_cast<unsigned char>(key.back());
    return std::uint64_t{1} << ((first * 5U + last * 3U + key.size() * 7U) & 63U);
  }
  std::uint8_t find_child(std::uint8_t node, std::string_view key) const;

  consteval void add(const JsonField& field) {
    std::string_view rest = field.path;
    std::uint8_t node = 0;
    for (std::size_t depth = 1; !rest.empty(); ++depth) {
      if (depth >= kMaxDepth) throw "path too deep";
      if (rest.starts_with('.')) rest.remove_prefix(1);
      const bool is_element = rest.starts_with("[]");
      const std::size_t key_size = is_element ? 0 : rest.substr(0, rest.find_first_of(".[")).size();
      node = step(node, rest.substr(0, key_size), is_element);
      rest.remove_prefix(is_element ? 2 : key_size);
    }
    if (nodes_[node].field != 0) throw "path named twice";
    if (field.limit > kMaxJsonText) throw "limit too high";
    nodes_[node].field = field.id;
    nodes_[node].limit = field.limit;
  }

  consteval std::uint8_t step(std::uint8_t parent, std::string_view key, bool is_element) {
    for (std::uint8_t at = nodes_[parent].first_child; at != 0; at = nodes_[at].next_sibling) {
      if (nodes_[at].element == is_element && nodes_[at].key == key) return at;
    }
    if (count_ >= kMaxNodes) throw "too many paths";
    const std::uint8_t made = count_++;
    nodes_[made].key = key;
    nodes_[made].element = is_element;
    nodes_[made].next_sibling = nodes_[parent].first_child;
    nodes_[parent].first_child = made;
    if (!is_element) nodes_[parent].child_keys |= key_bit(key);
    return made;
  }

  std::array<JsonNode, kMaxNodes> nodes_ = {};
  std::uint8_t count_ = 1;
};

// Does not allocate. Any cut of the bytes gives the same values. Text that is no JSON stops the scanner:
// values that came before it stay reported, the rest is ignored. What is skipped is held against the grammar
// only as far as its nesting goes. Of a key that stands twice both values are reported. Threads: one at a
// time.
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
  const char* take_string(const char* at, const char* end, JsonSink* sink);
  const char* take_scalar(const char* at, const char* end, JsonSink* sink);
  const char* skip_container(const char* at, const char* end);
  const char* skip_string(const char* at, const char* end);
  void structural(char byte, JsonSink* sink);
  void begin_value(char byte, JsonSink* sink);
  void begin_text(State state, std::uint16_t limit);
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
  void end_scalar(JsonSink* sink);
  void end_value() { state_ = depth_ == 0 ? State::kDone : State::kAfterValue; }
  std::uint8_t wanted_field() const;

  const JsonPaths* paths_ = nullptr;
  State state_ = State::kStopped;
  std::uint8_t depth_ = 0;                  // levels in use
  std::uint8_t node_ = JsonPaths::kNoNode;  // of the value that comes next or is being read
  bool in_key_ = false;
  std::uint8_t escape_ = 0;  // 1: after a backslash; 2 to 5: hex digits 1 to 4 have to come
  std::uint16_t limit_ = 0;  // bytes of the text that are wanted; one more is kept
  std::uint16_t text_size_ = 0;
  std::uint16_t code_unit_ = 0;       // of the \u escape that is being read
  std::uint16_t high_surrogate_ = 0;  // waiting for its other half
  std::uint64_t skip_depth_ = 0;      // containers open in what is skipped
  Level levels_[JsonPaths::kMaxDepth] = {};
  char text_[kMaxJsonText + 1] = {};
};

}  // namespace llmo::genai
