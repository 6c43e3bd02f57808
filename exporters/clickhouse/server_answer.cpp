#include "exporters/clickhouse/server_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace llmo::clickhouse {
namespace {

struct KnownCode {
  unsigned code;
  Outcome outcome;
  std::string_view meaning;  // with what to do, where that is not to wait
};

constexpr std::string_view kCannotRead = "cannot read a row";
constexpr std::string_view kWrongUser =
    "refuses the user name or the password; set LLMOBSERVE_CLICKHOUSE_USER and "
    "LLMOBSERVE_CLICKHOUSE_PASSWORD";
constexpr std::string_view kNotAllowed =
    "does not allow this user to do that; grant it INSERT on the table, and CREATE or "
    "set LLMOBSERVE_CLICKHOUSE_CREATE_SCHEMA=false";
constexpr std::string_view kNoTable =
    "has no such table or database; create it, or set LLMOBSERVE_CLICKHOUSE_CREATE_SCHEMA=true";
constexpr std::string_view kOtherTable =
    "has a table of another layout under this name; set LLMOBSERVE_CLICKHOUSE_TABLE to another name";
constexpr std::string_view kNotUnderstood =
    "does not understand a statement; its version may be one that is not known here";
constexpr std::string_view kNetwork = "has lost a connection of its own";
constexpr std::string_view kKeeper = "has no connection to its Keeper";
constexpr std::string_view kReplicas = "has too few replicas alive";
constexpr std::string_view kSetting = "refuses a setting of the insert";

// Source: ClickHouse, src/Common/ErrorCodes.cpp. Sorted by code.
constexpr KnownCode kCodes[] = {
    {6, Outcome::kBadData, kCannotRead},                          // CANNOT_PARSE_TEXT
    {16, Outcome::kConfiguration, kOtherTable},                   // NO_SUCH_COLUMN_IN_TABLE
    {25, Outcome::kBadData, kCannotRead},                         // CANNOT_PARSE_ESCAPE_SEQUENCE
    {26, Outcome::kBadData, kCannotRead},                         // CANNOT_PARSE_QUOTED_STRING
    {27, Outcome::kBadData, kCannotRead},                         // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    {38, Outcome::kBadData, kCannotRead},                         // CANNOT_PARSE_DATE
    {41, Outcome::kBadData, kCannotRead},                         // CANNOT_PARSE_DATETIME
    {44, Outcome::kConfiguration, kOtherTable},                   // ILLEGAL_COLUMN
    {47, Outcome::kConfiguration, kOtherTable},                   // UNKNOWN_IDENTIFIER
    {50, Outcome::kConfiguration, kNotUnderstood},                // UNKNOWN_TYPE
    {53, Outcome::kConfiguration, kOtherTable},                   // TYPE_MISMATCH
    {60, Outcome::kTableMissing, kNoTable},                       // UNKNOWN_TABLE
    {62, Outcome::kConfiguration, kNotUnderstood},                // SYNTAX_ERROR
    {69, Outcome::kBadData, kCannotRead},                         // ARGUMENT_OUT_OF_BOUND
    {72, Outcome::kBadData, kCannotRead},                         // CANNOT_PARSE_NUMBER
    {81, Outcome::kTableMissing, kNoTable},                       // UNKNOWN_DATABASE
    {115, Outcome::kSettingRefused, kSetting},                    // UNKNOWN_SETTING
    {117, Outcome::kBadData, kCannotRead},                        // INCORRECT_DATA
    {128, Outcome::kBadData, kCannotRead},                        // TOO_LARGE_ARRAY_SIZE
    {130, Outcome::kBadData, kCannotRead},                        // CANNOT_READ_ARRAY_FROM_TEXT
    {131, Outcome::kBadData, kCannotRead},                        // TOO_LARGE_STRING_SIZE
    {159, Outcome::kPassing, "took too long"},                    // TIMEOUT_EXCEEDED
    {164, Outcome::kSettingRefused, "lets this user only read"},  // READONLY
    {190, Outcome::kBadData, kCannotRead},                        // SIZES_OF_ARRAYS_DONT_MATCH
    {192, Outcome::kConfiguration, kWrongUser},                   // UNKNOWN_USER
    {193, Outcome::kConfiguration, kWrongUser},                   // WRONG_PASSWORD
    {194, Outcome::kConfiguration, kWrongUser},                   // REQUIRED_PASSWORD
    {195, Outcome::kConfiguration, "does not allow this user from this address"},  // IP_ADDRESS_NOT_ALLOWED
    {201, Outcome::kPassing, "has used up this user's quota"},                     // QUOTA_EXCEEDED
    {202, Outcome::kPassing, "has too many queries at a time"},   // TOO_MANY_SIMULTANEOUS_QUERIES
    {209, Outcome::kPassing, kNetwork},                           // SOCKET_TIMEOUT
    {210, Outcome::kPassing, kNetwork},                           // NETWORK_ERROR
    {225, Outcome::kPassing, kKeeper},                            // NO_ZOOKEEPER
    {241, Outcome::kPassing, "has no memory left for it"},        // MEMORY_LIMIT_EXCEEDED
    {242, Outcome::kPassing, "has the table read-only for now"},  // TABLE_IS_READ_ONLY
    {243, Outcome::kPassing, "has no disk space left"},           // NOT_ENOUGH_SPACE
    {252, Outcome::kPassing, "has too many parts to merge"},      // TOO_MANY_PARTS
    {285, Outcome::kPassing, kReplicas},                          // TOO_FEW_LIVE_REPLICAS
    {291, Outcome::kConfiguration, kNotAllowed},                  // DATABASE_ACCESS_DENIED
    {319, Outcome::kPassing, "does not know what became of it"},  // UNKNOWN_STATUS_OF_INSERT
    {321, Outcome::kBadData, kCannotRead},                        // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
    {376, Outcome::kBadData, kCannotRead},                        // CANNOT_PARSE_UUID
    {407, Outcome::kBadData, kCannotRead},                        // DECIMAL_OVERFLOW
    {452, Outcome::kSettingRefused, kSetting},                    // SETTING_CONSTRAINT_VIOLATION
    {497, Outcome::kConfiguration, kNotAllowed},                  // ACCESS_DENIED
    {516, Outcome::kConfiguration, kWrongUser},                   // AUTHENTICATION_FAILED
    {691, Outcome::kBadData, kCannotRead},                        // UNKNOWN_ELEMENT_OF_ENUM
    {999, Outcome::kPassing, kKeeper},                            // KEEPER_EXCEPTION
};

const KnownCode* find_code(unsigned code) {
  const auto found = std::find_if(std::begin(kCodes), std::end(kCodes),
                                  [code](const KnownCode& known) { return known.code == code; });
  return found == std::end(kCodes) ? nullptr : found;
}

Verdict from_code(unsigned code, int status, std::string_view address) {
  if (const KnownCode* const known = find_code(code); known != nullptr) {
    return {known->outcome, fmt::format("ClickHouse at {} {} (code {})", address, known->meaning, code)};
  }
  // What is not known is not given up: the journal holds it.
  const bool refused = status >= 400 && status < 500;
  return {refused ? Outcome::kConfiguration : Outcome::kPassing,
          fmt::format("ClickHouse at {} answers with status {} and code {}", address, status, code)};
}

bool is_passing_status(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

Verdict from_status(int status, std::string_view address) {
  if (status == 401 || status == 403) {
    return {Outcome::kConfiguration,
            fmt::format("what answers at {} {} (status {})", address, kWrongUser, status)};
  }
  if (is_passing_status(status)) {
    return {Outcome::kPassing, fmt::format("{} is not able to answer now (status {})", address, status)};
  }
  if (status == 413) {
    return {Outcome::kBadData,
            fmt::format("what answers at {} refuses so long a request (status 413)", address)};
  }
  return {Outcome::kConfiguration, fmt::format("{} (status {})", not_clickhouse(address), status)};
}

}  // namespace

std::optional<unsigned> exception_code(std::string_view body) {
  constexpr std::string_view kMark = "Code: ";
  const std::size_t at = body.find(kMark);
  if (at == std::string_view::npos) return std::nullopt;
  body.remove_prefix(at + kMark.size());
  unsigned code = 0;
  const auto read = std::from_chars(body.data(), body.data() + body.size(), code);
  if (read.ec != std::errc() || code == 0) return std::nullopt;
  return code;
}

std::string not_clickhouse(std::string_view address) {
  return fmt::format(
      "what answers at {} is not ClickHouse; set LLMOBSERVE_CLICKHOUSE_URL to the address of its HTTP port",
      address);
}

Verdict judge(const net::HttpAnswer& answer, std::string_view address) {
  if (answer.status == 0) {
    return {answer.passing ? Outcome::kPassing : Outcome::kConfiguration,
            fmt::format("no answer from ClickHouse at {}: {}", address, answer.problem)};
  }
  // A failure after the headers are out comes with status 200 and a text that says so.
  const bool good = answer.status == 200;
  const auto code = exception_code(answer.body);
  if (code && (!good || answer.body.find("DB::Exception") != std::string::npos)) {
    return from_code(*code, answer.status, address);
  }
  if (good && answer.body_cut) {
    return {Outcome::kPassing, fmt::format("the answer of ClickHouse at {} ends before its end", address)};
  }
  return good ? Verdict() : from_status(answer.status, address);
}

}  // namespace llmo::clickhouse
