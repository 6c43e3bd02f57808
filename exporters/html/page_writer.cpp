#include "exporters/html/page_writer.h"

#include <sys/random.h>

#include <fmt/format.h>

#include <array>

#include "exporters/html/index_json.h"
#include "exporters/html/json_columns.h"
#include "exporters/html/packing.h"
#include "exporters/html/page_files.h"
#include "exporters/span/utf8.h"
#include "exporters/span/version.h"

namespace llmo::html {
namespace {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  write_key(json, name);
  json.StartArray();
  for (const std::string& text : texts) write_text(json, valid_utf8(text));
  json.EndArray();
}

void write_count(JsonWriter& json, std::string_view name, std::uint64_t count) {
  write_key(json, name);
  json.Uint64(count);
}

std::string data_json(const PageIndex& index, const KeptSpans& kept, const PageOrigin& origin) {
  rapidjson::StringBuffer text;
  JsonWriter json(text);
  json.StartObject();
  write_count(json, "format", 1);
  write_key(json, "version");
  write_text(json, kVersion);
  write_key(json, "made");
  write_text(json, std::to_string(origin.made_unix_nanos));
  write_texts(json, "sources", origin.sources);
  write_texts(json, "problems", origin.problems);
  write_count(json, "damagedLines", origin.damaged_lines);
  write_count(json, "damagedSpans", origin.damaged_spans);
  write_count(json, "leftOutSpans", kept.left_out_spans());
  write_count(json, "leftOutTraces", kept.left_out_traces());
  write_count(json, "withoutDetails", kept.without_details());
  write_count(json, "blocks", kept.blocks().size());
  write_key(json, "index");
  write_text(json, packed(index.json));
  json.EndObject();
  return embeddable({text.GetString(), text.GetSize()});
}

// A number used once: scripts and styles run because they carry it, and no input can know it.
std::string page_number() {
  std::array<std::uint64_t, 2> random{};
  // Never fails for so few bytes (getrandom(2)).
  [[maybe_unused]] const ssize_t size = ::getrandom(random.data(), sizeof random, 0);
  return fmt::format("{:016x}{:016x}", random[0], random[1]);
}

// Writes page.html with each `{{name}}` replaced by what `fill` writes for that name.
template <typename Fill>
bool write_filled(std::string_view page, const PageSink& sink, const Fill& fill) {
  while (true) {
    const std::size_t open = page.find("{{");
    const std::size_t close = page.find("}}", open);
    if (close == page.npos) return sink(page);
    if (!sink(page.substr(0, open)) || !fill(page.substr(open + 2, close - open - 2))) return false;
    page.remove_prefix(close + 2);
  }
}

bool write_blocks(const KeptSpans& kept, const PageSink& sink) {
  for (std::size_t number = 0; number < kept.blocks().size(); ++number) {
    const std::string& block = kept.blocks()[number];
    if (block.empty()) continue;
    if (!sink(fmt::format("<script type=\"text/plain\" id=\"block-{}\">{}</script>\n", number,
                          packed(block)))) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool write_page(KeptSpans& kept, const PageOrigin& origin, const PageSink& sink, PageCounts& counts) {
  const PageIndex index = make_index(kept);
  counts = {index.spans, index.traces};
  const std::string number = page_number();
  return write_filled(page_html(), sink, [&](std::string_view name) {
    if (name == "nonce") return sink(number);
    if (name == "style") return sink(page_style());
    if (name == "script") return sink(page_script());
    if (name == "data") return sink(data_json(index, kept, origin));
    if (name == "blocks") return write_blocks(kept, sink);
    return true;
  });
}

}  // namespace llmo::html
