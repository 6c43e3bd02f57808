// Attribute names that are kept once, and lists that share what is alike.
#include "exporters/span/attribute_list.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

namespace {

using namespace llmo;

std::vector<std::string> names_of(const AttributeList& list) {
  std::vector<std::string> names;
  for (const Attribute& attribute : list) names.push_back(attribute.key.str());
  return names;
}

AttributeList::Shared shared_list() {
  return std::make_shared<const std::vector<Attribute>>(
      std::vector<Attribute>{{"code.function.name", std::string("plan")}, {"thread.id", std::int64_t{7}}});
}

std::string text(const AttributeList& list, std::string_view key) {
  const AttributeValue* const value = find_attribute(list, key);
  const auto* const found = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return found == nullptr ? "(none)" : *found;
}

}  // namespace

TEST_CASE("a name is kept once, however often and by whatever threads keys are made of it", "[attributes]") {
  const AttributeKey here("test.kept.once");
  std::vector<AttributeKey> keys(4);
  std::vector<std::thread> threads;
  for (AttributeKey& key : keys) {
    threads.emplace_back([&key] {
      for (int i = 0; i < 1000; ++i) key = AttributeKey("test.kept.once" + std::to_string(i));
      key = "test.kept.once";
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const AttributeKey& key : keys) {
    CHECK(key.is_at_one(here));
    CHECK(key == "test.kept.once");
  }
}

TEST_CASE("the empty name is a key like any other", "[attributes]") {
  const AttributeKey none;
  AttributeKey moved("test.moved");
  const AttributeKey taken = std::move(moved);
  CHECK(none == AttributeKey(""));
  CHECK(none.empty());
  CHECK(moved == none);  // NOLINT(bugprone-use-after-move): it is told what it is then
  CHECK(taken.view() == "test.moved");
}

TEST_CASE("names that nobody would keep are equal all the same, and go with their last key", "[attributes]") {
  const std::string long_name(300, 'n');
  const AttributeKey one(long_name);
  const AttributeKey other(long_name);
  CHECK_FALSE(one.is_kept());
  CHECK(one == other);
  CHECK(one.hash() == other.hash());
  CHECK_FALSE(one == AttributeKey(long_name + "n"));
  AttributeList list;
  list.set(one, true);
  list.set(other, false);
  REQUIRE(list.size() == 1);
  CHECK(list.value_of(one) == list.find(long_name));
  CHECK(std::get<bool>(list[0].value) == false);
}

TEST_CASE("a flood of made up names is not kept for ever", "[attributes]") {
  std::vector<AttributeKey> keys;
  for (int i = 0; i < 30'000; ++i) keys.emplace_back("flood." + std::to_string(i));
  const auto kept = std::count_if(keys.begin(), keys.end(), [](const auto& key) { return key.is_kept(); });
  CHECK(kept <= 8192);
  for (int i = 0; i < 30'000; i += 1000) {
    const AttributeKey again("flood." + std::to_string(i));
    CHECK(again == keys[static_cast<std::size_t>(i)]);
    CHECK(again.is_kept() == keys[static_cast<std::size_t>(i)].is_kept());
  }
}

TEST_CASE("a list reads as one: what it shares, then its own", "[attributes]") {
  AttributeList list(shared_list());
  list.push_back({"error.type", std::string("E")});
  CHECK(list.size() == 3);
  CHECK(names_of(list) == std::vector<std::string>{"code.function.name", "thread.id", "error.type"});
  CHECK(list[1].key == "thread.id");
  CHECK(list[2].key == "error.type");
  CHECK(text(list, "code.function.name") == "plan");
  CHECK(text(list, "error.type") == "E");
  CHECK(list.find("thread.name") == nullptr);
  CHECK(list == AttributeList{{"code.function.name", std::string("plan")},
                              {"thread.id", std::int64_t{7}},
                              {"error.type", std::string("E")}});
}

TEST_CASE("lists without shared attributes, without their own, and without any are lists", "[attributes]") {
  CHECK(names_of({}).empty());
  CHECK(AttributeList().empty());
  CHECK(names_of(AttributeList(shared_list())).size() == 2);
  CHECK(names_of(AttributeList(std::make_shared<const std::vector<Attribute>>())).empty());
  CHECK(names_of({{"a", true}}) == std::vector<std::string>{"a"});
}

TEST_CASE("to change what a list shares changes that list only", "[attributes]") {
  const AttributeList::Shared shared = shared_list();
  AttributeList changed(shared);
  AttributeList shortened(shared);
  const AttributeList other(shared);
  changed.push_back({"error.type", std::string("E")});
  changed.set("code.function.name", std::string("other"));
  shortened.erase("thread.id");
  CHECK(names_of(changed) == std::vector<std::string>{"code.function.name", "thread.id", "error.type"});
  CHECK(text(changed, "code.function.name") == "other");
  CHECK(names_of(shortened) == std::vector<std::string>{"code.function.name"});
  CHECK(text(other, "code.function.name") == "plan");
  CHECK(other.size() == 2);
}
