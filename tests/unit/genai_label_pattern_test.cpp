#include "shim/genai/label_pattern.h"

#include <catch2/catch.hpp>
#include <string>

namespace llmo::genai {
namespace {

bool fits(std::string_view pattern, std::string_view text) {
  LabelCaptures captures;
  return labels_match({pattern}, text, '/', &captures);
}

TEST_CASE("label patterns match label by label", "[label_pattern]") {
  CHECK(fits("a/b", "/a/b/"));
  CHECK(fits("/a/*", "a/x"));
  CHECK_FALSE(fits("a/*", "a"));
  CHECK_FALSE(fits("a/*", "a/x/y"));
  CHECK(fits("**", ""));
  CHECK(fits("**/b", "a/b/a/b"));
  CHECK(fits("a/**/b", "a/b"));
  CHECK(fits("a/**/b/c", "a/b/x/b/c"));
  CHECK_FALSE(fits("a/**/b", "a/b/c"));
  CHECK_FALSE(fits("**/b", "xb"));
  CHECK_FALSE(fits("", "a"));
  CHECK(fits("", "/"));
  CHECK(fits("/", ""));
  CHECK_FALSE(fits("**/x/y", std::string(100000, '/') + "x"));
}

TEST_CASE("a star may have an ending, and takes something before it", "[label_pattern]") {
  CHECK(fits("*-platform", "us-platform"));
  CHECK_FALSE(fits("*-platform", "-platform"));
  CHECK_FALSE(fits("*-platform", "us-platforms"));
  CHECK_FALSE(fits("*-platform", "platform"));
}

TEST_CASE("a pattern in two pieces is one pattern", "[label_pattern]") {
  LabelCaptures captures;
  CHECK(labels_match({"/a/{x}", "/b"}, "/a/1/b", '/', &captures));
  CHECK(captures.get("x") == "1");
  CHECK(labels_match({"**/v1", "/chat"}, "/v1/v1/chat", '/', &captures));
  CHECK(labels_match({"", "/chat"}, "chat", '/', &captures));
  CHECK(labels_match({"/a", ""}, "a", '/', &captures));
  CHECK(labels_match({"/a", "/"}, "a", '/', &captures));
  CHECK_FALSE(labels_match({"/a", "b"}, "ab", '/', &captures));
  CHECK_FALSE(labels_match({"/a", "/b"}, "a", '/', &captures));
}

TEST_CASE("label captures take what stands before their ending", "[label_pattern]") {
  LabelCaptures captures;
  CHECK(labels_match({"/v1/models/{model}:generate"}, "/v1/models/m:1:generate", '/', &captures));
  CHECK(captures.get("model") == "m:1");
  CHECK_FALSE(labels_match({"/{model}:generate"}, "/:generate", '/', &captures));
  CHECK_FALSE(labels_match({"/{model}:generate"}, "/m:stream", '/', &captures));
  LabelCaptures retried;
  CHECK(labels_match({"**/{a}/x"}, "1/2/3/x", '/', &retried));
  CHECK(retried.get("a") == "3");
  CHECK(retried.get("b").empty());
}

TEST_CASE("a capture may ask for a beginning, which belongs to it", "[label_pattern]") {
  LabelCaptures captures;
  CHECK(labels_match({"/{model=text-}:predict"}, "/text-1:predict", '/', &captures));
  CHECK(captures.get("model") == "text-1");
  CHECK_FALSE(labels_match({"/{model=text-}:predict"}, "/image-1:predict", '/', &captures));
  CHECK_FALSE(labels_match({"/{model=text-}:predict"}, "/tex:predict", '/', &captures));
}

TEST_CASE("a brace that is not closed is a plain word", "[label_pattern]") {
  CHECK(fits("{a", "{a"));
  CHECK_FALSE(fits("{a", "b"));
}

TEST_CASE("captures beyond the fourth are left out", "[label_pattern]") {
  LabelCaptures captures;
  CHECK(labels_match({"{a}/{b}/{c}/{d}/{e}"}, "1/2/3/4/5", '/', &captures));
  CHECK(captures.get("d") == "4");
  CHECK(captures.get("e").empty());
}

}  // namespace
}  // namespace llmo::genai
