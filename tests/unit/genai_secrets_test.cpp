#include "shim/genai/secrets.h"

#include <catch2/catch.hpp>
#include <string>

namespace llmo::genai {
namespace {

std::string cleaned(std::string_view text) {
  FixedText<256> out;
  append_redacted(text, &out);
  return std::string{out.view()};
}

TEST_CASE("keys that an error message quotes are replaced", "[secrets]") {
  CHECK(cleaned("Incorrect API key provided: sk-proj-********************abcd. You can find it at …") ==
        "Incorrect API key provided: REDACTED. You can find it at …");
  CHECK(cleaned("key pcsk_2abcDEFghiJKLmno is bad") == "key REDACTED is bad");
  CHECK(cleaned("'AIzaSyA1234567890abcdefg'") == "'REDACTED'");
  CHECK(cleaned("Authorization: Bearer abcdef0123456789, and more") ==
        "Authorization: Bearer REDACTED, and more");
  CHECK(cleaned("two: sk-aaaaaaaaaaaaaaaa sk-bbbbbbbbbbbbbbbb") == "two: REDACTED REDACTED");
}

TEST_CASE("a long name is judged by its end", "[secrets]") {
  CHECK(is_secret_name(std::string(1000, 'x') + "_api_key"));
  CHECK(is_secret_name(std::string(1000, '-') + "key"));
  CHECK_FALSE(is_secret_name(std::string(1000, 'x') + "key"));
  CHECK_FALSE(is_secret_name(""));
}

TEST_CASE("ordinary words stay", "[secrets]") {
  for (const char* const text : {"risk-management-department", "a bearer of news", "sk-short",
                                 "The model `gpt-4o` does not exist", "task-1234567890123456", ""}) {
    CHECK(cleaned(text) == text);
  }
}

TEST_CASE("a message that does not fit is cut without a part of a secret", "[secrets]") {
  FixedText<20> out;
  append_redacted("0123456789 sk-abcdefghijklmnopqrstuvw and so on", &out);
  CHECK(out.view() == "0123456789 REDACTED ");
  FixedText<14> tight;
  append_redacted("0123456789 sk-abcdefghijklmnopqrstuvw", &tight);
  CHECK(tight.view() == "0123456789 RED");
}

}  // namespace
}  // namespace llmo::genai
