#include "shim/genai/secrets.h"

#include <catch2/catch.hpp>
#include <string>

namespace llmo::genai {
namespace {

std::string cleaned(std::string_view text) {
  platform::FixedText<256> out;
  append_redacted(text, &out);
  return std::string{out.view()};
}

TEST_CASE("keys that an error message quotes are replaced", "[secrets]") {
  CHECK(cleaned("Incorrect API key provided: sk-proj-********************abcd. You can find it at …") ==
        "Incorrect API key provided: REDACTED. You can find it at …");
  CHECK(cleaned("key pcsk_2abcDEFghiJKLmno is bad") == "key REDACTED is bad");
  CHECK(cleaned("'AIzaSyA1234567890abcdefg'") == "'REDACTED'");
  CHECK(cleaned("Use Bearer abcdef0123456789, and more") == "Use Bearer REDACTED, and more");
  CHECK(cleaned("two: sk-aaaaaaaaaaaaaaaa sk-bbbbbbbbbbbbbbbb") == "two: REDACTED REDACTED");
}

std::string content(std::string text) {
  redact_secrets(&text);
  return text;
}

TEST_CASE("keys without a known beginning are found by what announces them", "[secrets]") {
  CHECK(cleaned("Incorrect API key provided: 0123456789abcdef.") == "Incorrect API key provided: REDACTED.");
  CHECK(cleaned("invalid api token: 'x0123456789ab'") == "invalid api token: 'REDACTED'");
  CHECK(cleaned("no access for 8f3a0c1d2e4b5a69788796a5b4c3d2e1") == "no access for REDACTED");
  CHECK(content("no access for 8f3a0c1d2e4b5a69788796a5b4c3d2e1") ==
        "no access for 8f3a0c1d2e4b5a69788796a5b4c3d2e1");
  CHECK(content("an API key is what you need, 2 of them") == "an API key is what you need, 2 of them");
}

TEST_CASE("what stands after a name that says so is a secret", "[secrets]") {
  CHECK(content("api_key=hunter2 x") == "api_key=REDACTED x");
  CHECK(content("password: hunter22, then") == "password: REDACTED, then");
  CHECK(content("password: ask the owner") == "password: ask the owner");
  CHECK(content("client_secret = 'a b c'") == "client_secret = 'REDACTED'");
  CHECK(content(R"({"api_key": "a\"b", "n": 1})") == R"({"api_key": "REDACTED", "n": 1})");
  CHECK(content(R"("{\"token\": \"abc\", \"x\": 2}")") == R"("{\"token\": \"REDACTED\", \"x\": 2}")");
  CHECK(content(R"({"max_tokens": 100, "token": 12345678})") == R"({"max_tokens": 100, "token": 12345678})");
  CHECK(content("export OPENAI_API_KEY=$KEY") == "export OPENAI_API_KEY=$KEY");
  CHECK(content("token = next_token(x)") == "token = next_token(x)");
  CHECK(content("sort(key=f) and key: value") == "sort(key=f) and key: value");
  CHECK(content("see http://h/x?key=abc&b=c") == "see http://h/x?key=REDACTED&b=c");
  CHECK(content("X-Api-Key: abc123def\nAccept: */*") == "X-Api-Key: REDACTED\nAccept: */*");
}

TEST_CASE("headers that hold credentials lose their whole line", "[secrets]") {
  CHECK(content("Authorization: Basic dXNlcjpwYXNz\nHost: h") == "Authorization: REDACTED\nHost: h");
  CHECK(content("cookie: a=b; c=d\r\nx") == "cookie: REDACTED\r\nx");
  CHECK(content("-H 'Proxy-Authorization: Digest username=\"u\"") ==
        "-H 'Proxy-Authorization: REDACTED\"u\"");
  CHECK(content("curl -H 'Set-Cookie: id=1' x") == "curl -H 'Set-Cookie: REDACTED' x");
}

TEST_CASE("credentials of a scheme, a URL, a bot and a key file are found", "[secrets]") {
  CHECK(content("with Basic dXNlcjpwYXNz.") == "with Basic REDACTED.");
  CHECK(content("a basic understanding of it") == "a basic understanding of it");
  CHECK(content("https://me:pw@host/x and a@b.c") == "https://REDACTED@host/x and a@b.c");
  CHECK(content("POST /bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/send") == "POST /botREDACTED/send");
  CHECK(content("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----") ==
        "-----BEGIN REDACTED-----END RSA PRIVATE KEY-----");
  CHECK(content("-----BEGIN PRIVATE KEY-----\nMIIE") == "-----BEGIN REDACTED");
  CHECK(content("-----BEGIN CERTIFICATE-----") == "-----BEGIN CERTIFICATE-----");
}

TEST_CASE("text without secrets is left alone, and cleaning twice is cleaning once", "[secrets]") {
  for (const char* const text :
       {"", "=", ":", "://", "\"", "key", "token", "token:", "password=", "Bearer ", "x@y"}) {
    CHECK(content(text) == text);
  }
  for (const char* const text :
       {"api_key=hunter2", "Cookie: a", "https://u:p@h", "Bearer abcdefgh1", "sk-abcdefghijklmnop"}) {
    CHECK(content(content(text)) == content(text));
    CHECK(content(text) != text);
  }
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

TEST_CASE("a key where a name belongs is no name", "[secrets]") {
  CHECK(without_secret("gpt-4o-mini-2024-07-18") == "gpt-4o-mini-2024-07-18");
  CHECK(without_secret("meta-llama/Llama-3.3-70B-Instruct-Turbo") ==
        "meta-llama/Llama-3.3-70B-Instruct-Turbo");
  CHECK(without_secret("us.anthropic.claude-3-5-sonnet-20241022-v2:0") ==
        "us.anthropic.claude-3-5-sonnet-20241022-v2:0");
  CHECK(without_secret("sk-proj-abcdefghijklmnopqrstuvw") == kRedacted);
}

TEST_CASE("a message that does not fit is cut without a part of a secret", "[secrets]") {
  platform::FixedText<20> out;
  append_redacted("0123456789 sk-abcdefghijklmnopqrstuvw and so on", &out);
  CHECK(out.view() == "0123456789 REDACTED ");
  platform::FixedText<14> tight;
  append_redacted("0123456789 sk-abcdefghijklmnopqrstuvw", &tight);
  CHECK(tight.view() == "0123456789 RED");
}

}  // namespace
}  // namespace llmo::genai
