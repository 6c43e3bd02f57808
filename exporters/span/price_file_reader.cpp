// Reads price files. They are written by hand, so errors say where they are.
#include <fcntl.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "exporters/span/price_file.h"
#include "exporters/span/shipped_prices.h"

namespace llmo {
namespace {

using rapidjson::Value;

// Beyond this it is no price for a million tokens.
constexpr double kMaxRate = 1e6;
constexpr std::size_t kMaxNameBytes = 256;

std::string_view view(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

// Walks the document; after the first error all further reading is for nothing.
class Reader {
 public:
  ParsedPrices read(const Value& document) {
    if (!document.IsObject()) {
      fail("", "is not an object");
    } else {
      read_document(document);
    }
    return {error_.empty() ? std::move(table_) : PriceTable(), error_};
  }

 private:
  using Members = std::vector<std::string_view>;  // those that were seen: each may stand once

  void fail(const std::string& where, std::string_view what) {
    if (error_.empty()) error_ = (where.empty() ? "the file" : where) + " " + std::string(what);
  }
  void fail_member(const std::string& where, std::string_view member, std::string_view what) {
    fail(where.empty() ? std::string(member) : where + ": " + std::string(member.substr(0, kMaxNameBytes)),
         what);
  }

  // Calls visit(name, value) for each member; it returns whether it knows the name.
  template <typename Visit>
  void for_each_member(const std::string& where, const Value& object, Visit visit) {
    if (!object.IsObject()) return fail(where, "is not an object");
    Members seen;
    for (const auto& member : object.GetObject()) {
      const std::string_view name = view(member.name);
      if (name == "comment") continue;
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
        return fail_member(where, name, "stands there twice");
      }
      seen.push_back(name);
      if (!visit(name, member.value)) return fail_member(where, name, "is no member that is known here");
      if (!error_.empty()) return;
    }
  }

  void read_document(const Value& document) {
    for_each_member("", document, [&](std::string_view name, const Value& value) {
      if (name == "date") return read_text("", name, value, table_.origin.date);
      if (name == "source") return read_text("", name, value, table_.origin.source);
      if (name == "origins") return read_list(name, value, &Reader::read_origin);
      if (name == "prices") return read_list(name, value, &Reader::read_price);
      return false;
    });
    if (!document.HasMember("prices")) fail("", "has no member `prices`");
  }

  // These return true: the member is known, whatever is wrong with its value.
  bool read_text(const std::string& where, std::string_view member, const Value& value, std::string& text) {
    if (!value.IsString()) {
      fail_member(where, member, "is not a string");
    } else if (value.GetStringLength() > kMaxNameBytes) {
      fail_member(where, member, "is longer than 256 bytes");
    } else {
      text = view(value);
    }
    return true;
  }

  bool read_rate(const std::string& where, std::string_view member, const Value& value,
                 std::optional<double>& rate) {
    const bool valid = value.IsNumber() && value.GetDouble() >= 0 && value.GetDouble() <= kMaxRate;
    if (!valid) {
      fail_member(where, member, "is not a price: US dollars for a million tokens");
    } else {
      rate = value.GetDouble();
    }
    return true;
  }

  bool read_list(std::string_view member, const Value& value,
                 void (Reader::*read_item)(const std::string&, const Value&)) {
    if (!value.IsArray()) fail(std::string(member), "is not an array");
    for (rapidjson::SizeType i = 0; error_.empty() && i < value.Size(); ++i) {
      (this->*read_item)(std::string(member) + "[" + std::to_string(i) + "]", value[i]);
    }
    return true;
  }

  void read_origin(const std::string& where, const Value& item) {
    std::string provider;
    PriceOrigin origin;
    for_each_member(where, item, [&](std::string_view name, const Value& value) {
      if (name == "provider") return read_text(where, name, value, provider);
      if (name == "date") return read_text(where, name, value, origin.date);
      if (name == "source") return read_text(where, name, value, origin.source);
      return false;
    });
    if (provider.empty()) fail(where, "has no provider");
    const bool first = table_.origin_of.emplace(provider, std::move(origin)).second;
    if (!first) fail(where + " (" + provider + ")", "stands there twice");
  }

  static const RateMember* rate_member(std::string_view name) {
    for (const RateMember& member : kRateMembers) {
      if (member.name == name) return &member;
    }
    return nullptr;
  }

  void read_price(const std::string& index, const Value& item) {
    const std::string where = index + name_of(item);
    std::string provider;
    std::string model;
    Price price;
    for_each_member(where, item, [&](std::string_view name, const Value& value) {
      if (name == "provider") return read_text(where, name, value, provider);
      if (name == "model") return read_text(where, name, value, model);
      if (name == "tiers") return read_tiers(where, value, price.tiers);
      const RateMember* const member = rate_member(name);
      return member != nullptr && read_rate(where, name, value, price.rates.*member->rate);
    });
    if (provider.empty() || model.empty()) return fail(where, "has no provider or no model");
    if (!price.rates.input && !price.rates.output)
      return fail(where, "has neither an input nor an output price");
    if (!table_.add(provider, model, std::move(price))) fail(where, "stands there twice");
  }

  // ` (openai gpt-4o)`, as far as the row says.
  static std::string name_of(const Value& item) {
    std::string name;
    for (const char* const member : {"provider", "model"}) {
      if (!item.IsObject() || !item.HasMember(member) || !item[member].IsString()) continue;
      name += (name.empty() ? " (" : " ") + std::string(view(item[member]).substr(0, kMaxNameBytes));
    }
    return name.empty() ? name : name + ")";
  }

  bool read_tiers(const std::string& where, const Value& value, std::vector<PriceTier>& tiers) {
    if (!value.IsArray()) fail_member(where, "tiers", "is not an array");
    for (rapidjson::SizeType i = 0; error_.empty() && i < value.Size(); ++i) {
      const std::string tier_where = where + ": tiers[" + std::to_string(i) + "]";
      const PriceTier tier = read_tier(tier_where, value[i]);
      const std::int64_t limit_before = tiers.empty() ? 0 : tiers.back().above_input_tokens;
      if (tier.above_input_tokens <= limit_before) {
        fail(tier_where, "has no above_input_tokens that is larger than those before");
      }
      tiers.push_back(tier);
    }
    return true;
  }

  PriceTier read_tier(const std::string& where, const Value& item) {
    PriceTier tier;
    for_each_member(where, item, [&](std::string_view name, const Value& value) {
      if (name == "above_input_tokens") {
        if (!value.IsInt64()) fail_member(where, name, "is not a whole number");
        tier.above_input_tokens = value.IsInt64() ? value.GetInt64() : 0;
        return true;
      }
      const RateMember* const member = rate_member(name);
      return member != nullptr && read_rate(where, name, value, tier.rates.*member->rate);
    });
    return tier;
  }

  PriceTable table_;
  std::string error_;
};

std::string position_of(std::string_view json, std::size_t offset) {
  const std::string_view before = json.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string system_error() { return std::strerror(errno); }

std::optional<std::string> read_all(int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(fd, text.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

ParsedPrices read_open_file(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return {{}, system_error()};
  if (!S_ISREG(info.st_mode)) return {{}, "it is not a file"};
  if (static_cast<std::size_t>(info.st_size) > kMaxPriceFileBytes) return {{}, "it is larger than 8 MiB"};
  const auto text = read_all(fd, static_cast<std::size_t>(info.st_size));
  return text ? parse_prices(*text) : ParsedPrices{{}, system_error()};
}

}  // namespace

ParsedPrices parse_prices(std::string_view json) {
  // Iterative: the depth of a foreign file must not decide on our stack.
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<kFlags>(json.data(), json.size());
  if (document.HasParseError()) {
    std::string what = rapidjson::GetParseError_En(document.GetParseError());
    if (what.ends_with('.')) what.pop_back();
    return {{}, position_of(json, document.GetErrorOffset()) + ": " + what};
  }
  return Reader().read(document);
}

ParsedPrices read_price_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO does not keep us waiting
  if (fd < 0) return {{}, system_error()};
  ParsedPrices parsed = read_open_file(fd);
  ::close(fd);
  return parsed;
}

PricesInUse load_prices(const std::string& path) {
  static const std::shared_ptr<const PriceTable> shipped{&shipped_prices(), [](const PriceTable*) {}};
  if (path.empty()) return {shipped, {}, {}};
  ParsedPrices parsed = read_price_file(path);
  if (!parsed.error.empty()) {
    return {shipped,
            {},
            "LLMOBSERVE_PRICES: " + path + " cannot be used: " + parsed.error +
                "; costs are by the table that is built in"};
  }
  return {std::make_shared<const PriceTable>(std::move(parsed.table)), path, {}};
}

}  // namespace llmo
