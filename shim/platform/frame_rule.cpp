#include "shim/platform/frame_rule.h"

#include <array>
#include <cstddef>

#include "shim/platform/frame_cursor.h"
#include "shim/platform/frame_table.h"

namespace llmo::platform {

namespace {

constexpr std::uint64_t kRbp = 6;  // System V psABI (AMD64) 3.6.2, figure 3.36
constexpr std::uint64_t kRsp = 7;
constexpr std::uint64_t kReturnAddress = 16;

// --- the rules of one function -----------------------------------------------------------------------------

// All of one row that walking needs.
struct Row {
  bool cfa_known = false;
  bool cfa_in_memory = false;
  std::uint64_t cfa_register = kRsp;
  std::int64_t cfa_offset = 0;

  struct Kept {
    FrameRule::Place place = FrameRule::Place::kSame;
    std::int64_t offset = 0;
    bool undefined = false;
    bool unknown = false;
  };
  Kept rbp;
  Kept return_address;
};

// The expressions that are met: a register and an offset, and what stands there (DWARF 4, 2.5.1).
struct Expression {
  bool known = false;
  std::uint64_t base = 0;
  std::int64_t offset = 0;
  bool dereferenced = false;
};

Expression read_expression(Cursor& cursor) {
  constexpr std::uint8_t kFirstBase = 0x70;
  constexpr std::uint8_t kDereference = 0x06;
  const std::uint64_t size = cursor.unsigned_number();
  Cursor body{cursor.at(), cursor.at()};
  const std::byte* const start = cursor.at();
  cursor.skip(size);
  if (cursor.failed()) return {};
  body = Cursor{start, cursor.at()};
  Expression expression;
  const auto operation = body.read<std::uint8_t>();
  expression.base = operation - std::uint64_t{kFirstBase};
  expression.offset = body.signed_number();
  if (!body.done()) expression.dereferenced = body.read<std::uint8_t>() == kDereference;
  const bool is_base = expression.base == kRbp || expression.base == kRsp;
  expression.known = is_base && body.done() && !body.failed();
  return expression;
}

// What linkers write of the stubs through which other modules are called: each is 16 bytes, and from one of
// them on its stack is a word deeper (rsp + 8 + (((rip & 15) >= N) << 3)).
std::optional<std::int64_t> read_stub_expression(Cursor& cursor, std::uint64_t code) {
  constexpr std::array<std::uint8_t, 12> kExpected{11,   0x77, 8,    0x80, 0,    0x3f,
                                                   0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22};
  constexpr std::size_t kBorder = 7;
  constexpr std::uint8_t kZero = 0x30;  // literals follow one another
  const auto found = Cursor(cursor).read<std::array<std::uint8_t, kExpected.size()>>();
  std::array<std::uint8_t, kExpected.size()> wanted = kExpected;
  wanted[kBorder] = found[kBorder];
  const unsigned border = found[kBorder] - unsigned{kZero};
  if (found != wanted || border > 15) return std::nullopt;
  cursor.skip(kExpected.size());
  return (code & 15) >= border ? 16 : 8;
}

class Program {
 public:
  Program(const Cie& cie, std::uint64_t start, std::uint64_t code) : cie_(cie), start_(start), code_(code) {}

  // The row that holds at the instruction asked for.
  std::optional<Row> run(Cursor description) {
    if (!execute(cie_.instructions)) return std::nullopt;
    initial_ = row_;
    if (!execute(description)) return std::nullopt;
    return row_;
  }

 private:
  static constexpr std::size_t kMaxRemembered = 8;

  Row::Kept* kept(std::uint64_t column) {
    if (column == kRbp) return &row_.rbp;
    return column == kReturnAddress ? &row_.return_address : nullptr;
  }

  void keep_at_cfa(std::uint64_t column, std::int64_t offset) {
    if (Row::Kept* const place = kept(column)) *place = {FrameRule::Place::kAtCfa, offset, false, false};
  }

  void restore(std::uint64_t column) {
    if (column == kRbp) row_.rbp = initial_.rbp;
    if (column == kReturnAddress) row_.return_address = initial_.return_address;
  }

  void keep_at_expression(std::uint64_t column, const Expression& expression) {
    Row::Kept* const place = kept(column);
    if (place == nullptr) return;
    const bool usable = expression.known && !expression.dereferenced;
    const auto from = expression.base == kRbp ? FrameRule::Place::kAtFrame : FrameRule::Place::kAtStack;
    *place = {from, expression.offset, false, !usable};
  }

  void define_cfa(std::uint64_t base, std::int64_t offset) {
    row_.cfa_known = base == kRbp || base == kRsp;
    row_.cfa_in_memory = false;
    row_.cfa_register = base;
    row_.cfa_offset = offset;
  }

  void define_cfa_by_expression(Cursor& cursor) {
    if (const auto offset = read_stub_expression(cursor, code_)) return define_cfa(kRsp, *offset);
    const Expression expression = read_expression(cursor);
    define_cfa(expression.base, expression.offset);
    row_.cfa_known = expression.known;
    row_.cfa_in_memory = expression.dereferenced;
  }

  std::int64_t factored(std::uint64_t offset) const {
    return static_cast<std::int64_t>(offset) * cie_.data_factor;
  }

  // True where the instruction asked for lies before the new row.
  bool advance(std::uint64_t delta) {
    location_ += delta * cie_.code_factor;
    return location_ > code_;
  }

  bool remember() {
    if (remembered_ == kMaxRemembered) return false;
    stack_[remembered_++] = row_;
    return true;
  }

  bool recall() {
    if (remembered_ == 0) return false;
    row_ = stack_[--remembered_];
    return true;
  }

  enum class Step { kOn, kReached, kFailed };

  bool execute(Cursor cursor) {
    location_ = start_;
    while (!cursor.done()) {
      const Step step = execute_one(cursor);
      if (step == Step::kReached) return true;
      if (step == Step::kFailed) return false;
    }
    return !cursor.failed();
  }

  // DWARF 4, 7.23: three operations have an operand in their own byte.
  Step execute_one(Cursor& cursor) {
    const auto operation = cursor.read<std::uint8_t>();
    const std::uint64_t operand = operation & 0x3f;
    switch (operation >> 6) {
      case 1:
        return advance(operand) ? Step::kReached : Step::kOn;
      case 2:
        keep_at_cfa(operand, factored(cursor.unsigned_number()));
        return Step::kOn;
      case 3:
        restore(operand);
        return Step::kOn;
      default:
        return operation <= 0x04 ? execute_location(operation, cursor) : execute_rule(operation, cursor);
    }
  }

  Step execute_location(std::uint8_t operation, Cursor& cursor) {
    std::uint64_t delta = 0;
    switch (operation) {
      case 0x00:
        return Step::kOn;
      case 0x01:  // DW_CFA_set_loc: not met
        return Step::kFailed;
      case 0x02:
        delta = cursor.read<std::uint8_t>();
        break;
      case 0x03:
        delta = cursor.read<std::uint16_t>();
        break;
      default:
        delta = cursor.read<std::uint32_t>();
    }
    return advance(delta) ? Step::kReached : Step::kOn;
  }

  Step execute_rule(std::uint8_t operation, Cursor& cursor) {
    std::uint64_t column = 0;
    switch (operation) {
      case 0x05:  // DW_CFA_offset_extended
        column = cursor.unsigned_number();
        keep_at_cfa(column, factored(cursor.unsigned_number()));
        return Step::kOn;
      case 0x06:  // DW_CFA_restore_extended
        restore(cursor.unsigned_number());
        return Step::kOn;
      case 0x07:  // DW_CFA_undefined
        if (Row::Kept* const place = kept(cursor.unsigned_number())) place->undefined = true;
        return Step::kOn;
      case 0x08:  // DW_CFA_same_value
        if (Row::Kept* const place = kept(cursor.unsigned_number())) *place = {};
        return Step::kOn;
      case 0x09:  // DW_CFA_register: another register, which is not followed
        if (Row::Kept* const place = kept(cursor.unsigned_number())) place->unknown = true;
        cursor.unsigned_number();
        return Step::kOn;
      case 0x0a:
        return remember() ? Step::kOn : Step::kFailed;
      case 0x0b:
        return recall() ? Step::kOn : Step::kFailed;
      case 0x0c:  // DW_CFA_def_cfa
        column = cursor.unsigned_number();
        define_cfa(column, static_cast<std::int64_t>(cursor.unsigned_number()));
        return Step::kOn;
      case 0x0d:  // DW_CFA_def_cfa_register
        define_cfa(cursor.unsigned_number(), row_.cfa_offset);
        return Step::kOn;
      case 0x0e:  // DW_CFA_def_cfa_offset
        row_.cfa_offset = static_cast<std::int64_t>(cursor.unsigned_number());
        return Step::kOn;
      default:
        return execute_rare_rule(operation, cursor);
    }
  }

  Step execute_rare_rule(std::uint8_t operation, Cursor& cursor) {
    std::uint64_t column = 0;
    switch (operation) {
      case 0x0f:  // DW_CFA_def_cfa_expression
        define_cfa_by_expression(cursor);
        return Step::kOn;
      case 0x10:  // DW_CFA_expression
        column = cursor.unsigned_number();
        keep_at_expression(column, read_expression(cursor));
        return Step::kOn;
      case 0x11:  // DW_CFA_offset_extended_sf
        column = cursor.unsigned_number();
        keep_at_cfa(column, cursor.signed_number() * cie_.data_factor);
        return Step::kOn;
      case 0x12:  // DW_CFA_def_cfa_sf
        column = cursor.unsigned_number();
        define_cfa(column, cursor.signed_number() * cie_.data_factor);
        return Step::kOn;
      case 0x13:  // DW_CFA_def_cfa_offset_sf
        row_.cfa_offset = cursor.signed_number() * cie_.data_factor;
        return Step::kOn;
      case 0x14:  // DW_CFA_val_offset, DW_CFA_val_expression: computed, which is not followed
      case 0x16:
        column = cursor.unsigned_number();
        if (Row::Kept* const place = kept(column)) place->unknown = true;
        if (operation == 0x16) {
          read_expression(cursor);
        } else {
          cursor.unsigned_number();
        }
        return Step::kOn;
      case 0x2e:  // DW_CFA_GNU_args_size
        cursor.unsigned_number();
        return Step::kOn;
      default:
        return Step::kFailed;
    }
  }

  const Cie& cie_;
  const std::uint64_t start_;
  const std::uint64_t code_;
  std::uint64_t location_ = 0;
  Row row_;
  Row initial_;
  Row stack_[kMaxRemembered];
  std::size_t remembered_ = 0;
};

// --- in short ----------------------------------------------------------------------------------------------

bool fits(std::int64_t value, int bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return value >= -limit && value < limit;
}

std::optional<FrameRule> packed(const Row& row, bool is_signal) {
  constexpr std::int64_t kWord = sizeof(std::uint64_t);
  FrameRule rule;
  rule.is_signal = is_signal;
  rule.is_last = row.return_address.undefined;
  if (rule.is_last) return rule;
  const bool is_known = row.cfa_known && !row.return_address.unknown && !row.rbp.unknown &&
                        row.return_address.place != FrameRule::Place::kSame &&
                        row.return_address.offset % kWord == 0;
  const bool all_fit =
      fits(row.cfa_offset, 32) && fits(row.rbp.offset, 16) && fits(row.return_address.offset / kWord, 8);
  if (!is_known || !all_fit) return std::nullopt;
  rule.cfa_offset = static_cast<std::int32_t>(row.cfa_offset);
  rule.cfa_from_rbp = row.cfa_register == kRbp;
  rule.cfa_in_memory = row.cfa_in_memory;
  rule.rbp_place = row.rbp.place;
  rule.rbp_offset = static_cast<std::int16_t>(row.rbp.offset);
  rule.return_place = row.return_address.place;
  rule.return_words = static_cast<std::int8_t>(row.return_address.offset / kWord);
  return rule;
}

}  // namespace

std::optional<FrameRule> find_frame_rule(std::uintptr_t code) {
  const auto description = find_frame_description(code);
  if (!description) return std::nullopt;
  const auto row = Program(description->common, description->start, code).run(description->instructions);
  return row ? packed(*row, description->common.is_signal) : std::nullopt;
}

std::optional<std::uintptr_t> function_start(std::uintptr_t code) {
  const auto description = find_frame_description(code);
  return description ? std::optional{description->start} : std::nullopt;
}

}  // namespace llmo::platform
