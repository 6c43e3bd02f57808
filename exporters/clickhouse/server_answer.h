// What an answer of ClickHouse means: taken, try again, ask the one who set it up, or give the data up.
//
// ClickHouse answers most failures with a status that says little (500, or 404 for a setting it does not
// know) and a text that begins `Code: 252.` in new versions and `Code: 252, e.displayText() = …` in old ones.
// The code decides. The text itself is never shown: it may hold the rows that it complains about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/net/http_client.h"

namespace llmo::clickhouse {

enum class Outcome {
  kTaken,
  kPassing,         // a later attempt may succeed by itself
  kConfiguration,   // somebody has to set something right, here or in ClickHouse
  kTableMissing,    // as kConfiguration, and to be created where that is wanted
  kSettingRefused,  // a setting that was sent along is unknown or not allowed: works without it
  kBadData,         // the server cannot read the rows: they would be refused for ever
};

struct Verdict {
  Outcome outcome = Outcome::kTaken;
  std::string sentence;  // what is wrong and what to do about it; empty for kTaken
};

// Where the body has one: the first `Code: <number>`.
std::optional<unsigned> exception_code(std::string_view body);

// The sentence for a server that answers, but not as ClickHouse does.
std::string not_clickhouse(std::string_view address);

// `address` is how sentences name the server.
Verdict judge(const net::HttpAnswer& answer, std::string_view address);

}  // namespace llmo::clickhouse
