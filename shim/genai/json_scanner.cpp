#include "shim/genai/json_scanner.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "shim/genai/byte_search.h"
#include "shim/genai/percent.h"
#include "shim/platform/fixed_text.h"

namespace llmo::genai {
namespace {

// Keys that are longer are none of ours; numbers that are longer are nobody's.
constexpr std::uint16_t kMaxKeySize = 64;
constexpr std::uint16_t kMaxNumberSize = 64;
constexpr std::uint32_t kReplacementCharacter = 0xfffd;

bool is_space(char byte) {
  return byte <= ' ' && (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r');
}
bool ends_scalar(char byte) { return is_space(byte) || byte == ',' || byte == ']' || byte == '}'; }
bool begins_scalar(char byte) {
  return byte == '-' || (byte >= '0' && byte <= '9') || byte == 't' || byte == 'f' || byte == 'n';
}

// Whether the byte at `at` belongs to an escape, in a string that has none open at `begin`.
bool is_escaped(const char* begin, const char* at) {
  const char* first = at;
  while (first != begin && first[-1] == '\\') --first;
  return (at - first) % 2 != 0;
}

// What stands after a backslash for one byte, or 0.
char unescaped(char byte) {
  switch (byte) {
    case '"':
    case '\\':
    case '/':
      return byte;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

bool parse_number(std::string_view text, JsonValue* value) {
  const char* const end = text.data() + text.size();
  if (const auto parsed = std::from_chars(text.data(), end, value->integer);
      parsed.ec == std::errc{} && parsed.ptr == end) {
    value->type = JsonType::kInt;
    value->number = static_cast<double>(value->integer);
    return true;
  }
  const auto parsed = std::from_chars(text.data(), end, value->number);
  value->type = JsonType::kDouble;
  return parsed.ec == std::errc{} && parsed.ptr == end && std::isfinite(value->number);
}

bool parse_scalar(std::string_view text, JsonValue* value) {
  if (text == "null") return true;
  if (text == "true" || text == "false") {
    value->type = JsonType::kBool;
    value->boolean = text == "true";
    return true;
  }
  return parse_number(text, value);
}

}  // namespace

void JsonScanner::begin(const JsonPaths& paths) {
  // The text is left as it is: its size says that nothing of it counts.
  paths_ = &paths;
  state_ = State::kValue;
  depth_ = 0;
  node_ = 0;
  escape_ = 0;
  text_size_ = 0;
  high_surrogate_ = 0;
  skip_depth_ = 0;
  in_pieces_ = false;
}

// Inlined whole: most documents of a stream are small, and made of small pieces.
[[gnu::flatten]] void JsonScanner::feed(std::string_view bytes, JsonSink* sink) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end && state_ != State::kStopped && state_ != State::kDone) at = step(at, end, sink);
  flush_piece(sink);  // a text that is never finished counts as far as it came
}

void JsonScanner::finish(JsonSink* sink) {
  // Only at the top can a number end with the text; anywhere else it has been cut.
  if (state_ == State::kScalar && depth_ == 0) end_scalar({text_, text_size_}, sink);
}

const char* JsonScanner::step(const char* at, const char* end, JsonSink* sink) {
  switch (state_) {
    case State::kString:
      return take_string(at, end, sink);
    case State::kScalar:
      return take_scalar(at, end, sink);
    case State::kSkip:
      return in_pieces_ ? pass_container(at, end, sink) : skip_container(at, end);
    case State::kSkipString:
      if (in_pieces_) return pass_container(at, end, sink);
      return skip_depth_ != 0 ? skip_container(at, end) : skip_string(at, end);
    case State::kFirstKey:
    case State::kKey:
      if (*at == '"') return take_key(at + 1, end, sink);
      [[fallthrough]];
    default:
      return take_structural(at, end, sink);
  }
}

const char* JsonScanner::take_structural(const char* at, const char* end, JsonSink* sink) {
  if (!is_space(*at)) structural(*at, sink);
  if (state_ == State::kScalar) return at;  // its first byte belongs to it
  ++at;
  return state_ == State::kKey && at < end && *at == '"' ? take_key(at + 1, end, sink) : at;
}

// As a rule a key lies here in one piece, with its colon and the value right behind it.
const char* JsonScanner::take_key(const char* at, const char* end, JsonSink* sink) {
  in_key_ = true;
  const char* const special = find_either(at, end, '"', '\\');
  if (special == end || *special != '"') {
    begin_text(State::kString, kMaxKeySize);
    return at;
  }
  end_key({at, static_cast<std::size_t>(special - at)});
  if (special + 1 == end || special[1] != ':') return special + 1;
  state_ = State::kValue;
  at = special + 2;
  if (at == end || is_space(*at)) return at;
  begin_value(*at, sink);
  return state_ == State::kScalar ? at : at + 1;
}

// A byte between values.
void JsonScanner::structural(char byte, JsonSink* sink) {
  const bool ends_container = byte == ']' || byte == '}';
  switch (state_) {
    case State::kFirstElement:
    case State::kValue:
      if (state_ == State::kFirstElement && byte == ']') return close_container(true);
      return begin_value(byte, sink);
    case State::kFirstKey:  // the quote before a key has been taken
      if (byte == '}') return close_container(false);
      break;
    case State::kColon:
      if (byte == ':') {
        state_ = State::kValue;
        return;
      }
      break;
    case State::kAfterValue:
      if (byte == ',') return comma();
      if (ends_container) return close_container(byte == ']');
      break;
    default:
      break;
  }
  state_ = State::kStopped;
}

void JsonScanner::begin_value(char byte, JsonSink* sink) {
  in_key_ = false;
  if (byte == '{' || byte == '[') return open_container(byte == '[', sink);
  if (byte == '"') return begin_string(sink);
  if (!begins_scalar(byte)) {
    state_ = State::kStopped;
    return;
  }
  begin_text(State::kScalar, wanted_field() != 0 ? kMaxNumberSize : 0);
}

void JsonScanner::begin_text(State state, std::uint16_t limit) {
  state_ = state;
  limit_ = limit;
  text_size_ = 0;
}

void JsonScanner::begin_string(JsonSink* sink) {
  const std::uint8_t field = wanted_field();
  if (field == 0) return begin_text(State::kSkipString, 0);
  in_pieces_ = (*paths_)[node_].keep != JsonKeep::kValue;
  begin_text(State::kString, in_pieces_ ? kMaxJsonText : (*paths_)[node_].limit);
  if (!in_pieces_) return;
  JsonValue value;
  value.type = JsonType::kString;
  sink->on_value(field, value);
}

std::uint8_t JsonScanner::wanted_field() const {
  return node_ == JsonPaths::kNoNode ? std::uint8_t{0} : (*paths_)[node_].field;
}

void JsonScanner::open_container(bool array, JsonSink* sink) {
  if (const std::uint8_t field = wanted_field(); field != 0) {
    JsonValue value;
    value.type = array ? JsonType::kArray : JsonType::kObject;
    sink->on_value(field, value);
  }
  const bool raw = node_ != JsonPaths::kNoNode && (*paths_)[node_].keep == JsonKeep::kRaw;
  const bool on_path = node_ != JsonPaths::kNoNode && paths_->has_children(node_) && !raw;
  const std::uint8_t element = on_path && array ? paths_->element(node_) : JsonPaths::kNoNode;
  if (!on_path || (array && element == JsonPaths::kNoNode) || depth_ == JsonPaths::kMaxDepth) {
    state_ = State::kSkip;
    skip_depth_ = 1;
    in_pieces_ = raw;
    text_size_ = 0;
    if (raw) sink->on_piece(wanted_field(), array ? "[" : "{");
    return;
  }
  levels_[depth_++] = {node_, array};
  node_ = element;
  state_ = array ? State::kFirstElement : State::kFirstKey;
}

void JsonScanner::close_container(bool array) {
  if (levels_[depth_ - 1].array != array) {
    state_ = State::kStopped;
    return;
  }
  --depth_;
  end_value();
}

void JsonScanner::comma() {
  const Level& level = levels_[depth_ - 1];
  if (level.array) node_ = paths_->element(level.node);
  state_ = level.array ? State::kValue : State::kKey;
}

// --- what is not wanted ----------------------------------------------------------------------------------

// Goes from one byte that matters to the next by way of a mask, sixteen bytes a time: in dense JSON every
// third byte matters, and looking for each of them anew was three times as slow.
const char* JsonScanner::skip_container(const char* at, const char* end) {
  bool in_string = state_ == State::kSkipString;
  while (at < end) {
    const std::size_t size = end - at < 16 ? static_cast<std::size_t>(end - at) : 16;
    std::uint32_t mask = syntax_mask(at, size) & ~std::uint32_t{escape_};  // escape_ is 1 or 0 here
    escape_ = 0;
    for (; mask != 0; mask &= mask - 1) {
      const auto index = static_cast<std::size_t>(std::countr_zero(mask));
      const char byte = at[index];
      if (byte == '"') {
        in_string = !in_string;
      } else if (in_string) {
        // What a backslash stands before does not count, be it in this piece or the first byte of the next.
        if (byte == '\\') mask &= ~(std::uint32_t{2} << index);
        if (byte == '\\' && index + 1 == size) escape_ = 1;
      } else if ((byte | 0x20) == '{') {
        ++skip_depth_;
      } else if (byte != '\\' && --skip_depth_ == 0) {
        end_value();
        return at + index + 1;
      }
    }
    at += size;
  }
  state_ = in_string ? State::kSkipString : State::kSkip;
  return at;
}

// A container that is wanted as it is written.
const char* JsonScanner::pass_container(const char* at, const char* end, JsonSink* sink) {
  const char* const stop = skip_container(at, end);
  sink->on_piece(wanted_field(), {at, static_cast<std::size_t>(stop - at)});
  if (skip_depth_ == 0) in_pieces_ = false;
  return stop;
}

// Skips a string that is a value by itself.
const char* JsonScanner::skip_string(const char* at, const char* end) {
  at = find_string_end(at, end);
  if (at == end) return end;
  end_value();
  return at + 1;
}

// The quote that ends the string; `end` where it has not come yet. Only quotes are looked for, as most texts
// have an escape in every line and hardly a quote: whether one counts is told by the backslashes before it.
const char* JsonScanner::find_string_end(const char* at, const char* end) {
  if (escape_ != 0) ++at;  // of an escape only its first byte matters here: none of the others can be a quote
  escape_ = 0;
  const char* const begin = at;
  for (; end - at >= 64; at += 64) {
    for (std::uint64_t quotes = mask_of(at, '"'); quotes != 0; quotes &= quotes - 1) {
      const char* const quote = at + std::countr_zero(quotes);
      if (!is_escaped(begin, quote)) return quote;
    }
  }
  while ((at = find_either(at, end, '"', '"')) != end) {
    if (!is_escaped(begin, at)) return at;
    ++at;
  }
  escape_ = is_escaped(begin, end) ? 1 : 0;
  return end;
}

// --- what is kept ----------------------------------------------------------------------------------------

const char* JsonScanner::take_string(const char* at, const char* end, JsonSink* sink) {
  if (room() == 0 && !in_pieces_) return take_rest(at, end, sink);
  if (escape_ != 0) {
    take_escape(*at);
    return at + 1;
  }
  // What goes beyond the limit is not searched for escapes.
  const bool ends_beyond = !in_pieces_ && static_cast<std::size_t>(end - at) > room() + 1;
  const char* const stop = ends_beyond ? at + room() + 1 : end;
  const char* const special = find_either(at, stop, '"', '\\');
  const std::string_view bytes{at, static_cast<std::size_t>(special - at)};
  const bool ends = special < stop && *special == '"';
  // A string that lies here in one piece needs no copy.
  if (ends && text_size_ == 0 && high_surrogate_ == 0 && !in_pieces_) {
    end_string(bytes, sink);
    return special + 1;
  }
  if (in_pieces_) {
    hand_on(bytes, sink);
  } else {
    keep(bytes);
  }
  if (special == stop) return stop;
  if (ends) {
    end_lone_surrogate();
    end_string({text_, text_size_}, sink);
  } else {
    escape_ = 1;
  }
  return special + 1;
}

// What of a string is wanted has been kept.
const char* JsonScanner::take_rest(const char* at, const char* end, JsonSink* sink) {
  at = find_string_end(at, end);
  if (at == end) return end;
  end_string({text_, text_size_}, sink);
  return at + 1;
}

// What escapes stood for is gathered; it goes before the bytes that follow it.
void JsonScanner::hand_on(std::string_view bytes, JsonSink* sink) {
  constexpr std::uint16_t kNearlyFull = kMaxJsonText - 16;
  if (!bytes.empty()) end_lone_surrogate();
  if (!bytes.empty() || text_size_ > kNearlyFull) flush_piece(sink);
  if (!bytes.empty()) sink->on_piece(wanted_field(), bytes);
}

void JsonScanner::flush_piece(JsonSink* sink) {
  if (!in_pieces_ || text_size_ == 0) return;
  sink->on_piece(wanted_field(), {text_, text_size_});
  text_size_ = 0;
}

void JsonScanner::take_escape(char byte) {
  if (escape_ > 1) return take_hex_digit(byte);
  if (byte == 'u') {
    escape_ = 2;
    code_unit_ = 0;
    return;
  }
  escape_ = 0;
  const char plain = unescaped(byte);
  if (plain == 0) {
    state_ = State::kStopped;
    return;
  }
  keep({&plain, 1});
}

void JsonScanner::take_hex_digit(char byte) {
  const int digit = hex_digit(byte);
  if (digit < 0) {
    state_ = State::kStopped;
    return;
  }
  code_unit_ = static_cast<std::uint16_t>(code_unit_ << 4 | digit);
  if (++escape_ > 5) {
    escape_ = 0;
    end_code_unit();
  }
}

// Half of a surrogate pair waits for the other; one that stays alone is replaced, as it is no character.
void JsonScanner::end_code_unit() {
  const std::uint16_t unit = code_unit_;
  const bool low = unit >= 0xdc00 && unit <= 0xdfff;
  if (high_surrogate_ != 0 && low) {
    const std::uint32_t high = high_surrogate_;
    high_surrogate_ = 0;
    return append_code_point(0x10000U + ((high - 0xd800U) << 10) + (unit - 0xdc00U));
  }
  end_lone_surrogate();
  if (unit >= 0xd800 && unit <= 0xdbff) {
    high_surrogate_ = unit;
  } else {
    append_code_point(low ? kReplacementCharacter : unit);
  }
}

void JsonScanner::end_lone_surrogate() {
  if (high_surrogate_ == 0) return;
  high_surrogate_ = 0;
  append_code_point(kReplacementCharacter);
}

void JsonScanner::keep(std::string_view bytes) {
  if (bytes.empty()) return;
  end_lone_surrogate();
  append(bytes);
}

void JsonScanner::append(std::string_view bytes) {
  const std::size_t fits = bytes.size() < room() ? bytes.size() : room();
  if (fits > 0) std::memcpy(text_ + text_size_, bytes.data(), fits);
  text_size_ = static_cast<std::uint16_t>(text_size_ + fits);
}

void JsonScanner::append_code_point(std::uint32_t code_point) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (code_point >> shift & 0x3f)); };
  if (code_point < 0x80) {
    const char bytes[] = {static_cast<char>(code_point)};
    append({bytes, sizeof bytes});
  } else if (code_point < 0x800) {
    const char bytes[] = {static_cast<char>(0xc0 | code_point >> 6), tail(0)};
    append({bytes, sizeof bytes});
  } else if (code_point < 0x10000) {
    const char bytes[] = {static_cast<char>(0xe0 | code_point >> 12), tail(6), tail(0)};
    append({bytes, sizeof bytes});
  } else {
    const char bytes[] = {static_cast<char>(0xf0 | code_point >> 18), tail(12), tail(6), tail(0)};
    append({bytes, sizeof bytes});
  }
}

void JsonScanner::end_key(std::string_view key) {
  const std::uint8_t parent = levels_[depth_ - 1].node;
  node_ = key.size() > kMaxKeySize ? JsonPaths::kNoNode : paths_->child(parent, key);
  state_ = State::kColon;
}

void JsonScanner::end_string(std::string_view text, JsonSink* sink) {
  if (in_key_) return end_key(text);
  end_value();
  if (in_pieces_) {
    flush_piece(sink);
    in_pieces_ = false;
    return;
  }
  JsonValue value;
  value.type = JsonType::kString;
  value.text = text.substr(0, platform::utf8_prefix(text, limit_));
  sink->on_value(wanted_field(), value);
}

const char* JsonScanner::take_scalar(const char* at, const char* end, JsonSink* sink) {
  const char* stop = at;
  while (stop < end && !ends_scalar(*stop)) ++stop;
  const std::string_view bytes{at, static_cast<std::size_t>(stop - at)};
  // The byte that ends it belongs to what follows, and is looked at again.
  if (stop < end && text_size_ == 0) {
    end_scalar(bytes, sink);
    return stop;
  }
  if (limit_ != 0) append(bytes);
  if (stop < end) end_scalar({text_, text_size_}, sink);
  return stop;
}

void JsonScanner::end_scalar(std::string_view text, JsonSink* sink) {
  end_value();
  const std::uint8_t field = wanted_field();
  if (field == 0 || text.size() > kMaxNumberSize) return;
  JsonValue value;
  if (parse_scalar(text, &value)) sink->on_value(field, value);
}

}  // namespace llmo::genai
