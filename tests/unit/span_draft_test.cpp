// Building the bytes of a span record.
#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "shim/journal/span_draft.h"

using llmo::journal::AttributeHeader;
using llmo::journal::AttributeType;
using llmo::journal::SpanDraft;
using llmo::journal::SpanRecord;

namespace {

struct ReadAttribute {
  AttributeType type;
  std::string key;
  std::string value;
};

struct Written {
  std::string name;
  std::string status_message;
  std::vector<ReadAttribute> attributes;
};

Written write_and_read(const SpanDraft& draft, std::size_t capacity = SpanDraft::kMaxSize) {
  alignas(SpanRecord) static std::byte memory[SpanDraft::kMaxSize];
  auto* const record = reinterpret_cast<SpanRecord*>(memory);
  const std::size_t length = draft.write_to(record, capacity);
  REQUIRE(length <= capacity);
  const char* text = reinterpret_cast<const char*>(record + 1);
  Written result;
  result.name.assign(text, record->name_size);
  text += record->name_size;
  result.status_message.assign(text, record->status_message_size);
  text += record->status_message_size;
  const char* const end = text + record->attributes_size;
  while (text < end) {
    AttributeHeader header;
    std::memcpy(&header, text, sizeof header);
    text += sizeof header;
    result.attributes.push_back(
        {header.type, {text, header.key_size}, {text + header.key_size, header.value_size}});
    text += header.key_size + header.value_size;
  }
  REQUIRE(text == end);
  return result;
}

}  // namespace

TEST_CASE("a draft is written whole", "[span_draft]") {
  const auto draft = std::make_unique<SpanDraft>();
  draft->set_name("llm.request");
  draft->set_status(llmo::journal::SpanStatus::kError, "boom");
  draft->add("gen_ai.request.model", "gpt-4o-mini");
  draft->add_int("http.response.status_code", 429);
  draft->add_bool("gen_ai.request.stream", true);
  const std::string_view reasons[] = {"stop", "", "length"};
  draft->add_strings("gen_ai.response.finish_reasons", reasons);
  const Written written = write_and_read(*draft);
  CHECK(written.name == "llm.request");
  CHECK(written.status_message == "boom");
  REQUIRE(written.attributes.size() == 4);
  CHECK(written.attributes[0].value == "gpt-4o-mini");
  CHECK(written.attributes[1].type == AttributeType::kInt);
  CHECK(written.attributes[2].value == std::string(1, '\1'));
  CHECK(written.attributes[3].value.size() == 3 * 4 + 4 + 6);
  CHECK(draft->dropped() == 0);
}

TEST_CASE("an attribute that does not fit is dropped whole and counted", "[span_draft]") {
  const auto draft = std::make_unique<SpanDraft>();
  const std::string large(llmo::journal::kMaxValueSize, 'x');
  for (int number = 0; number < 10; ++number) draft->add("k", large);
  CHECK(draft->dropped() > 0);
  const Written written = write_and_read(*draft);
  CHECK(written.attributes.size() + draft->dropped() == 10);
  for (const auto& attribute : written.attributes) CHECK(attribute.value == large);
}

TEST_CASE("attributes that are encoded already go in as they are, as far as there is room", "[span_draft]") {
  const std::string large(llmo::journal::kMaxValueSize, 'x');
  std::vector<std::byte> encoded;
  for (const std::string& value : {large, std::string("small")}) {
    const AttributeHeader header{AttributeType::kString, 0, 1, static_cast<std::uint32_t>(value.size())};
    const auto add = [&encoded](const void* bytes, std::size_t size) {
      encoded.insert(encoded.end(), static_cast<const std::byte*>(bytes),
                     static_cast<const std::byte*>(bytes) + size);
    };
    add(&header, sizeof header);
    add("k", 1);
    add(value.data(), value.size());
  }
  const auto draft = std::make_unique<SpanDraft>();
  draft->add_encoded({});
  for (int times = 0; times < 10; ++times) draft->add_encoded(encoded);
  const Written written = write_and_read(*draft);
  CHECK(draft->dropped() > 0);
  CHECK(written.attributes.size() + draft->dropped() == 20);
  std::size_t small = 0;
  for (const auto& attribute : written.attributes) {
    CHECK((attribute.value == large || attribute.value == "small"));
    if (attribute.value == "small") ++small;
  }
  CHECK(small == 10);  // what is too large does not keep out what follows it
}

TEST_CASE("a long value keeps twice what another keeps", "[span_draft]") {
  const auto draft = std::make_unique<SpanDraft>();
  const std::string huge(3 * llmo::journal::kMaxLongValueSize, 'x');
  draft->add("short", huge);
  draft->add_long("long", huge);
  const Written written = write_and_read(*draft);
  REQUIRE(written.attributes.size() == 2);
  CHECK(written.attributes[0].value.size() == llmo::journal::kMaxValueSize);
  CHECK(written.attributes[1].value.size() == llmo::journal::kMaxLongValueSize);
}

TEST_CASE("a draft has room for three long values beside the plain ones", "[span_draft]") {
  SpanDraft draft;
  const std::string huge(llmo::journal::kMaxLongValueSize, 'x');
  for (int number = 0; number < 3; ++number) draft.add_long("gen_ai.input.messages", huge);
  for (int number = 0; number < 60; ++number) draft.add("gen_ai.some.attribute", std::string(40, 'y'));
  CHECK(draft.dropped() == 0);
  CHECK(write_and_read(draft).attributes.size() == 63);
  CHECK(draft.record_size() <= SpanDraft::kMaxSize);
}

TEST_CASE("a draft that is full in every part still fits its record", "[span_draft]") {
  SpanDraft draft;
  draft.set_name(std::string(1000, 'n'));
  draft.set_status(llmo::journal::SpanStatus::kError, std::string(5000, 'm'));
  for (int number = 0; number < 10'000; ++number) draft.add("key", "v");
  CHECK(draft.dropped() > 0);
  CHECK(draft.record_size() <= SpanDraft::kMaxSize);
  CHECK(write_and_read(draft).attributes.size() + draft.dropped() == 10'000);
}

TEST_CASE("a draft is a small object", "[span_draft]") { CHECK(sizeof(SpanDraft) <= 64); }

TEST_CASE("a list is cut after the last string that fits", "[span_draft]") {
  SpanDraft draft;
  const std::string long_text(3000, 'x');
  const std::string_view values[] = {"first", long_text, long_text, "last"};
  draft.add_strings("list", values);
  CHECK(write_and_read(draft).attributes[0].value.size() == 4 + 5 + 4 + 3000);
}

TEST_CASE("an attribute too large for a slot does not hide those behind it", "[span_draft]") {
  SpanDraft draft;
  draft.add("first", "1");
  draft.add_long("large", std::string(5000, 'x'));
  draft.add("last", "2");
  const Written written = write_and_read(draft, llmo::journal::kOpenSpanSize);
  REQUIRE(written.attributes.size() == 2);
  CHECK(written.attributes[1].key == "last");
}

TEST_CASE("a small slot takes the attributes that fit, in order", "[span_draft]") {
  const auto draft = std::make_unique<SpanDraft>();
  draft->set_name("n");
  for (int number = 0; number < 100; ++number) draft->add_int("number", number);
  const Written written = write_and_read(*draft, 256);
  CHECK(written.attributes.size() == (256 - sizeof(SpanRecord) - 1) / (sizeof(AttributeHeader) + 6 + 8));
}

TEST_CASE("long text is cut at a character, not inside it", "[span_draft]") {
  const auto draft = std::make_unique<SpanDraft>();
  std::string name(llmo::journal::kMaxNameSize - 1, 'a');
  draft->set_name(name + "\u00e4");
  CHECK(write_and_read(*draft).name == name);
}
