#include "shim/http/url.h"

#include <catch2/catch.hpp>
#include <string>

namespace llmo::http {
namespace {

// `scheme host port path ?query`, or `none`.
std::string parts(std::string_view text) {
  Url url;
  if (!parse_url(text, &url)) return "none";
  return std::string{url.scheme()} + " " + std::string{url.host()} + " " + std::to_string(url.port()) + " " +
         std::string{url.path()} + (url.query().empty() ? "" : " ?" + std::string{url.query()});
}

std::string redacted(std::string_view text) { return std::string{redacted_url(text).view()}; }

TEST_CASE("a URL is taken apart as libcurl does it", "[url]") {
  CHECK(parts("https://api.openai.com/v1/chat/completions") ==
        "https api.openai.com 443 /v1/chat/completions");
  CHECK(parts("HTTP://API.OpenAI.com:8080/V1?A=b#frag") == "http api.openai.com 8080 /V1 ?A=b");
  CHECK(parts("https://host") == "https host 443 /");
  CHECK(parts("https://host?a=b") == "https host 443 / ?a=b");
  CHECK(parts("https://host#frag/x?y") == "https host 443 /");
  CHECK(parts("https://host/a?b=c?d/e#f?g") == "https host 443 /a ?b=c?d/e");
  CHECK(parts("ws://host") == "ws host 80 /");
  CHECK(parts("custom://host/x") == "custom host 0 /x");
  CHECK(parts("https://host:/x") == "https host 443 /x");
}

TEST_CASE("a URL without scheme is http", "[url]") {
  CHECK(parts("localhost:8080/x?y=z") == "http localhost 8080 /x ?y=z");
  CHECK(parts("api.openai.com") == "http api.openai.com 80 /");
  CHECK(parts("  host/x") == "http host 80 /x");
  CHECK(parts("user:pw@host/x") == "http host 80 /x");
}

TEST_CASE("one slash or three after the scheme are forgiven", "[url]") {
  CHECK(parts("https:/host/x") == "https host 443 /x");
  CHECK(parts("https:///host/x") == "https host 443 /x");
}

TEST_CASE("an IPv6 host stands without its brackets", "[url]") {
  CHECK(parts("http://[::1]:8080/x") == "http ::1 8080 /x");
  CHECK(parts("http://[FE80::1%25eth0]/") == "http fe80::1%25eth0 80 /");
  CHECK(parts("http://user@[::1]/x") == "http ::1 80 /x");
}

TEST_CASE("the dot that ends a name is not part of the host", "[url]") {
  CHECK(parts("https://api.openai.com./v1") == "https api.openai.com 443 /v1");
}

TEST_CASE("the last at sign ends the user information", "[url]") {
  CHECK(parts("https://user:p@ss@host/x") == "https host 443 /x");
  CHECK(parts("https://host/a@b") == "https host 443 /a@b");
  CHECK(parts("https://host?a@b") == "https host 443 / ?a@b");
}

TEST_CASE("text that names no host is no URL", "[url]") {
  CHECK(parts("") == "none");
  CHECK(parts("https://") == "none");
  CHECK(parts("/path/only") == "none");
  CHECK(parts("https://host:99999/") == "none");
  CHECK(parts("https://host:8x/") == "none");
  CHECK(parts("https://ho st/") == "none");
  CHECK(parts("https://host../") == "none");
  CHECK(parts("https://user@/x") == "none");
  CHECK(parts("https://[::1/x") == "none");
  CHECK(parts("https://" + std::string(300, 'a') + "/") == "none");
  CHECK(redacted("https://user:secret@:x/").empty());
}

TEST_CASE("user information never shows", "[url]") {
  CHECK(redacted("https://user:secret@host/x") == "https://REDACTED:REDACTED@host/x");
  CHECK(redacted("https://token@host") == "https://REDACTED:REDACTED@host/");
  CHECK(redacted("user:se:cr@et@host:81/x") == "http://REDACTED:REDACTED@host:81/x");
}

TEST_CASE("query values under a secret's name are replaced, the others stay", "[url]") {
  CHECK(redacted("https://h/x?key=abc&model=m") == "https://h/x?key=REDACTED&model=m");
  CHECK(redacted("https://h/x?a=1;token=2&b") == "https://h/x?a=1;token=REDACTED&b");
  CHECK(redacted("https://h/x?api-version=2024-10-21&API_KEY=s") ==
        "https://h/x?api-version=2024-10-21&API_KEY=REDACTED");
  for (const char* const name : {"X-Amz-Signature",
                                 "X-Amz-Credential",
                                 "X-Amz-Security-Token",
                                 "AWSAccessKeyId",
                                 "Signature",
                                 "sig",
                                 "X-Goog-Signature",
                                 "key",
                                 "api_key",
                                 "apikey",
                                 "ApiKey",
                                 "api-key",
                                 "token",
                                 "access_token",
                                 "password",
                                 "secret",
                                 "client_secret",
                                 "auth",
                                 "api%5Fkey",
                                 "%6Bey",
                                 "subscription-key"}) {
    const std::string prefix = std::string{"https://h/x?"} + name + "=";
    CHECK(redacted(prefix + "hush&z=1") == prefix + "REDACTED&z=1");
  }
  CHECK(redacted("https://h/x?keyword=a&max_tokens=3&top_k=5&monkey=b") ==
        "https://h/x?keyword=a&max_tokens=3&top_k=5&monkey=b");
}

TEST_CASE("an empty secret and odd queries stay as they are", "[url]") {
  CHECK(redacted("https://h/x?key=&&=&a==b&") == "https://h/x?key=&&=&a==b&");
  CHECK(redacted("https://h/x?") == "https://h/x?");
}

TEST_CASE("what looks like an API key is replaced wherever it stands", "[url]") {
  CHECK(redacted("https://h/x?q=sk-proj-abcdefghijklmnop") == "https://h/x?q=REDACTED");
  CHECK(redacted("https://h/sk-proj-abcdefghijklmnop/x?sk-ant-api03-abcdefghijkl") ==
        "https://h/REDACTED/x?REDACTED");
}

TEST_CASE("secrets in a path are found by their look, their parent and their name", "[url]") {
  CHECK(redacted("https://api.telegram.org/bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/sendMessage") ==
        "https://api.telegram.org/botREDACTED/sendMessage");
  CHECK(redacted("https://h/v1/keys/abcd1234/x") == "https://h/v1/keys/REDACTED/x");
  CHECK(redacted("https://h/v1/api_keys//abcd1234") == "https://h/v1/api_keys//REDACTED");
  CHECK(redacted("https://h/token/refresh") == "https://h/token/refresh");
  CHECK(redacted("https://hooks.slack.com/services/T0123/B0123/XXabcdefGH0123456789ijkl") ==
        "https://hooks.slack.com/services/T0123/B0123/REDACTED");
  CHECK(redacted("https://h/a;jsessionid=12ab;v=1/b;x") == "https://h/a;jsessionid=REDACTED;v=1/b;x");
  CHECK(redacted("https://h/v1/files/file-AbCdEfGhIjKl0123456789mn/content") ==
        "https://h/v1/files/file-AbCdEfGhIjKl0123456789mn/content");
  CHECK(redacted("https://h/models/meta-llama/Llama-3.3-70B-Instruct-Turbo") ==
        "https://h/models/meta-llama/Llama-3.3-70B-Instruct-Turbo");
}

TEST_CASE("a URL inside a URL keeps no credentials either", "[url]") {
  CHECK(redacted("https://h/proxy/https://u:p@ss@x/y") == "https://h/proxy/https://REDACTED@x/y");
  CHECK(redacted("https://h/?next=https://u:p@x/y") == "https://h/?next=https://REDACTED@x/y");
  CHECK(redacted("https://h/?next=https%3A%2F%2Fu%3Ap%40x%2Fy") == "https://h/?next=REDACTED");
  CHECK(redacted("https://h/?next=https%3A%2F%2Fx%2Fy%3Fkey%3Dabc") == "https://h/?next=REDACTED");
  CHECK(redacted("https://h/?next=https%3A%2F%2Fx%2Fy%3Fk%3Dabc") ==
        "https://h/?next=https%3A%2F%2Fx%2Fy%3Fk%3Dabc");
}

TEST_CASE("percent-encoding hides no secret", "[url]") {
  CHECK(redacted("https://h/%73k-proj-abcdefghijklmnop/x") == "https://h/REDACTED/x");
  CHECK(redacted("https://h/x?q=%2573k-proj-abcdefghijklmnop") == "https://h/x?q=REDACTED");
  CHECK(redacted("https://h/x?h=Bearer%20abcdefghij") == "https://h/x?h=REDACTED");
}

TEST_CASE("the fragment is dropped", "[url]") {
  CHECK(redacted("https://h/x#access_token=abc") == "https://h/x");
}

TEST_CASE("bytes that are not printable are percent-encoded", "[url]") {
  CHECK(redacted("https://h/a b\xff\n") == "https://h/a%20b%FF%0A");
  CHECK(redacted("https://h/\xc3\xa9") == "https://h/%C3%A9");
}

TEST_CASE("a long URL is cut, and never inside an encoded byte", "[url]") {
  const std::string path = redacted("https://h/" + std::string(100000, 'a') + "?key=secret");
  CHECK(path.size() == kMaxRedactedUrlSize);
  for (std::size_t pad = 0; pad < 4; ++pad) {
    const std::string text = redacted("https://h/" + std::string(pad, 'a') + std::string(5000, '\xff'));
    CHECK(text.size() > kMaxRedactedUrlSize - 3);
    CHECK(text.ends_with("%FF"));
  }
}

TEST_CASE("the host in the redacted URL keeps brackets and port", "[url]") {
  CHECK(redacted("http://[::1]:8080/x") == "http://[::1]:8080/x");
  CHECK(redacted("HTTPS://Host:443/X") == "https://host:443/X");
}

}  // namespace
}  // namespace llmo::http
