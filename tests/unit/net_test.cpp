// What exporters send with: requests, retries, and what of a URL or an answer may be shown.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "exporters/net/http_client.h"
#include "exporters/net/printable.h"
#include "exporters/net/redaction.h"
#include "exporters/net/retry.h"
#include "exporters/net/url.h"
#include "tests/support/collector.h"
#include "tests/support/process.h"

namespace llmo::net {
namespace {

using namespace std::chrono_literals;
using llmo::test::Collector;
using llmo::test::CollectorAnswer;
using llmo::test::header_value;
using llmo::test::TempDir;
using Way = CollectorAnswer::Way;

HttpOptions patient() {
  HttpOptions options;
  options.timeout = 20s;
  options.user_agent = "tester/1";
  return options;
}

HttpAnswer post(const std::string& url, HttpOptions options = patient()) {
  return HttpClient(std::move(options)).post(url, {{"X-One", "1"}}, "body");
}

CollectorAnswer of_status(int status) { return {.status = status}; }

// --- requests ----------------------------------------------------------------------------------------------

TEST_CASE("a request arrives as it was meant, and its answer comes back whole", "[net]") {
  Collector collector;
  collector.answer({.status = 429, .headers = {{"Retry-After", " 7 "}}, .body = "slower"});
  HttpClient client(patient());
  const HttpAnswer answer = client.post(collector.url("/a?b=c"), {{"X-One", "1"}, {"X-Empty", ""}}, "body");
  CHECK(answer.status == 429);
  CHECK(answer.body == "slower");
  CHECK(answer.retry_after == "7");
  CHECK_FALSE(answer.body_cut);
  const auto requests = collector.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].target == "/a?b=c");
  CHECK(requests[0].body == "body");
  CHECK(header_value(requests[0].headers, "X-One") == "1");
  CHECK(header_value(requests[0].headers, "User-Agent") == "tester/1");
  CHECK(header_value(requests[0].headers, "Expect").empty());
  bool has_empty = false;
  for (const auto& [name, value] : requests[0].headers) has_empty = has_empty || name == "X-Empty";
  CHECK(has_empty);
}

TEST_CASE("requests share one connection, also after answers that are failures", "[net]") {
  Collector collector;
  collector.answer_next({of_status(200), {.status = 503, .body = "no"}, of_status(200)});
  HttpClient client(patient());
  for (int i = 0; i < 3; ++i) client.post(collector.url(), {}, std::string(100'000, 'x'));
  REQUIRE(collector.requests().size() == 3);
  for (const auto& request : collector.requests()) {
    CHECK(request.connection == 1);
    CHECK(request.body.size() == 100'000);
  }
}

TEST_CASE("a connection that the other side has closed meanwhile is made anew", "[net]") {
  auto collector = std::make_unique<Collector>();
  const int port = collector->port();
  HttpClient client(patient());
  CHECK(client.post(collector->url(), {}, "1").status == 200);
  collector.reset();
  CHECK(client.post("http://localhost:" + std::to_string(port), {}, "2").passing);
  collector = std::make_unique<Collector>(Collector::Tls::kNone, port);
  CHECK(client.post(collector->url(), {}, "3").status == 200);
}

TEST_CASE("bodies are compressed where that is asked for, empty ones as well", "[net]") {
  Collector collector;
  HttpOptions options = patient();
  options.gzip = true;
  HttpClient client(options);
  const std::string large(3'000'000, 'y');
  client.post(collector.url(), {}, large);
  client.post(collector.url(), {}, "");
  const auto requests = collector.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].gzip);
  CHECK(requests[0].body == large);
  CHECK(requests[1].body.empty());
}

TEST_CASE("whoever has a name and a password shows them", "[net]") {
  Collector collector;
  HttpOptions options = patient();
  options.user = "me";
  options.password = "p:w";
  post(collector.url(), options);
  CHECK(header_value(collector.requests().at(0).headers, "Authorization") == "Basic bWU6cDp3");
}

// --- what can go wrong -------------------------------------------------------------------------------------

TEST_CASE("nobody there, a close and a reset are failures that may pass", "[net]") {
  const HttpAnswer refused = post("http://localhost:" + std::to_string(llmo::test::free_port()));
  CHECK(refused.status == 0);
  CHECK(refused.passing);
  CHECK_FALSE(refused.problem.empty());
  Collector collector;
  collector.answer_next({{.way = Way::kClose}, {.way = Way::kReset}});
  HttpClient client(patient());
  for (int i = 0; i < 2; ++i) {
    const HttpAnswer answer = client.post(collector.url(), {}, "body");
    CHECK(answer.status == 0);
    CHECK(answer.passing);
  }
  CHECK(post("http://no.such.host.invalid").passing);
}

TEST_CASE("what is no URL, no HTTP or no PEM file stays wrong, and says so without secrets", "[net]") {
  Collector collector;
  collector.answer({.body = "220 mail.example ESMTP\r\n", .way = Way::kRaw});
  HttpOptions without_file = patient();
  without_file.tls.authorities = "/no/such/file.pem";
  const std::string secure = "https://me:hush@localhost:" + std::to_string(collector.port()) + "/?key=hush";
  for (const HttpAnswer& answer : {post("http://exa mple:x/?hush"), post("ftp://me:hush@localhost/"),
                                   post(collector.url("/?hush")), post(secure, without_file)}) {
    INFO(answer.problem);
    CHECK(answer.status == 0);
    CHECK_FALSE(answer.passing);
    CHECK_FALSE(answer.problem.empty());
    CHECK(answer.problem.find("hush") == std::string::npos);
  }
}

TEST_CASE("headers without end are not read to their end", "[net]") {
  Collector collector;
  std::string endless = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10'000; ++i) endless += "X-" + std::to_string(i) + ": " + std::string(40, 'h') + "\r\n";
  collector.answer({.body = endless, .way = Way::kRaw});
  const HttpAnswer answer = post(collector.url());
  CHECK(answer.status == 0);
  CHECK_FALSE(answer.passing);
}

TEST_CASE("a request that takes too long ends by its timeout, and is worth another try", "[net]") {
  Collector collector;
  collector.answer({.way = Way::kHang});
  HttpOptions options = patient();
  options.timeout = 50ms;
  const HttpAnswer answer = post(collector.url(), options);
  CHECK(answer.status == 0);
  CHECK(answer.passing);
}

TEST_CASE("a stop ends a request that hangs, in a connection or before it", "[net]") {
  Collector collector;
  collector.answer({.way = Way::kHang});
  int asked = 0;
  HttpOptions options = patient();
  options.timeout = 0ms;
  options.stop_requested = [&asked] { return ++asked > 3; };
  const HttpAnswer answer = post(collector.url(), options);
  CHECK(answer.status == 0);
  CHECK(answer.passing);
  CHECK(answer.problem == "stopped");
  asked = 0;
  CHECK(post("http://192.0.2.1:1/", options).passing);  // TEST-NET-1: nobody answers
}

TEST_CASE("an answer without its end is an answer, and one that never ends is cut", "[net]") {
  Collector collector;
  collector.answer_next({{.body = std::string(1000, 'b'), .cut = true},
                         {.status = 400, .body = std::string(kMaxAnswerBytes + 1, 'b')},
                         {.headers = {{"Content-Encoding", "gzip"}}, .body = "not gzip at all"}});
  HttpClient client(patient());
  const HttpAnswer cut = client.post(collector.url(), {}, "1");
  CHECK(cut.status == 200);
  CHECK(cut.body_cut);
  const HttpAnswer endless = client.post(collector.url(), {}, "2");
  CHECK(endless.status == 400);
  CHECK(endless.body_cut);
  CHECK(endless.body.size() == kMaxAnswerBytes);
  const HttpAnswer undecodable = client.post(collector.url(), {}, "3");
  CHECK(undecodable.status == 200);
  CHECK(undecodable.body_cut);
}

// --- redirects ---------------------------------------------------------------------------------------------

TEST_CASE("a redirect is followed on the same host, body and all, and not for ever", "[net]") {
  Collector collector;
  const auto to = [](int status, const std::string& where) {
    return CollectorAnswer{.status = status, .headers = {{"Location", where}}};
  };
  collector.answer_next({to(307, "/there"), to(308, collector.url("/over-there"))});
  CHECK(post(collector.url("/here")).status == 200);
  REQUIRE(collector.requests().size() == 3);
  CHECK(collector.requests()[2].target == "/over-there");
  CHECK(collector.requests()[2].body == "body");
  collector.answer(to(307, "/round"));
  CHECK(post(collector.url()).status == 307);
  CHECK(collector.requests().size() == 7);
}

TEST_CASE("a redirect to somebody else is not followed, nor one that would lose the body", "[net]") {
  Collector collector;
  Collector other;
  collector.answer_next({{.status = 307, .headers = {{"Location", other.url()}}},
                         {.status = 308, .headers = {{"Location", "http://127.0.0.1/"}}},
                         {.status = 302, .headers = {{"Location", "/there"}}},
                         {.status = 307}});
  HttpClient client(patient());
  for (const int status : {307, 308, 302, 307}) {
    CHECK(client.post(collector.url(), {{"api-key", "hush"}}, "b").status == status);
  }
  CHECK(collector.requests().size() == 4);
  CHECK(other.requests().empty());
}

TEST_CASE("where a redirect may lead: the same server, or the same host by https", "[net]") {
  CHECK(may_follow("http://a.example/x", "http://A.example:80/y"));
  CHECK(may_follow("http://a.example:4318/", "https://a.example/"));
  CHECK(may_follow("https://a.example/", "https://a.example:443/"));
  CHECK_FALSE(may_follow("https://a.example/", "http://a.example/"));
  CHECK_FALSE(may_follow("https://a.example/", "https://a.example:8443/"));
  CHECK_FALSE(may_follow("http://a.example/", "http://b.example/"));
  CHECK_FALSE(may_follow("http://a.example/", "http://a.example@b.example/"));
  CHECK_FALSE(may_follow("http://a.example/", "ftp://a.example/"));
  CHECK_FALSE(may_follow("http://a.example/", ""));
}

// --- TLS ---------------------------------------------------------------------------------------------------

TEST_CASE("TLS is checked, and a certificate is shown where one is asked for", "[net]") {
  const TempDir dir;
  const std::string authority = dir.path() / "authority.pem";
  Collector collector(Collector::Tls::kBoth);
  HttpOptions options = patient();
  options.tls.client_certificate = dir.path() / "client.pem";
  options.tls.client_key = dir.path() / "key.pem";
  REQUIRE(collector.authority()->write_certificate(authority));
  REQUIRE(collector.authority()->write_client(options.tls.client_certificate, options.tls.client_key));

  const HttpAnswer stranger = post(collector.url(), options);
  CHECK(stranger.status == 0);
  CHECK_FALSE(stranger.passing);
  options.tls.authorities = authority;
  CHECK(post(collector.url(), options).status == 200);
  options.tls.client_certificate.clear();
  options.tls.client_key.clear();
  CHECK(post(collector.url(), options).status == 0);
  options.tls.client_key = authority;  // no key
  options.tls.client_certificate = authority;
  CHECK_FALSE(post(collector.url(), options).passing);
  CHECK(collector.requests().size() == 1);
}

// --- retries -----------------------------------------------------------------------------------------------

TEST_CASE("Retry-After is seconds or a date of any form, and nothing else", "[net]") {
  constexpr std::int64_t kNow = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
  CHECK(parse_retry_after("120", kNow) == 120s);
  CHECK(parse_retry_after(" 0 ", kNow) == 0s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", kNow) == 60s);
  CHECK(parse_retry_after("Sunday, 06-Nov-94 08:49:47 GMT", kNow) == 10s);
  CHECK(parse_retry_after("Sun Nov  6 08:49:38 1994", kNow) == 1s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:00 GMT", kNow) == 0s);
  CHECK(parse_retry_after("99999999999999999999", kNow) == 24h);
  CHECK(parse_retry_after("Sun, 06 Nov 2094 08:49:37 GMT", kNow) == 24h);
  for (const char* bad : {"", " ", "-1", "1.5", "12s", "soon", "Sun, 99 Nov 1994", "1994-11-06T08:49:37Z"}) {
    INFO(bad);
    CHECK(parse_retry_after(bad, kNow) == std::nullopt);
  }
}

TEST_CASE("delays grow from a second to a minute, spread, and begin anew after a success", "[net]") {
  BackOff back_off(7);
  std::set<std::int64_t> first;
  for (int i = 0; i < 20; ++i) {
    const auto delay = back_off.next();
    CHECK(delay >= 500ms);
    CHECK(delay <= 1s);
    first.insert(delay.count());
    back_off.reset();
  }
  CHECK(first.size() > 10);
  std::chrono::milliseconds last{0};
  for (int i = 0; i < 100; ++i) last = back_off.next();
  CHECK(last >= 30s);
  CHECK(last <= 60s);
  back_off.reset();
  CHECK(back_off.next() <= 1s);
}

// --- what may be shown -------------------------------------------------------------------------------------

TEST_CASE("a URL is shown without what may be secret", "[net]") {
  CHECK(shown_url("https://me:hush@host.example:4318/v1/traces?key=hush#hush") ==
        "https://host.example:4318/v1/traces");
  CHECK(shown_url("http://[::1]:4318") == "http://[::1]:4318/");
  CHECK(shown_url("hush") == "an unreadable URL");
  CHECK(shown_url("") == "an unreadable URL");
}

TEST_CASE("an answer is shown as one short line of printable ASCII", "[net]") {
  CHECK(printable("  two\r\n\t lines\x1b[2J\x7f ") == "two lines [2J");
  CHECK(printable("caf\xc3\xa9") == "caf??");
  CHECK(printable(std::string_view("a\0b", 3)) == "a b");
  CHECK(printable(std::string(1000, 'x')) == std::string(kMostShown, 'x') + "...");
}

TEST_CASE("our own secrets are not repeated, in whichever order they come", "[net]") {
  const Redaction redacted("https://me:pass%20word@host/?token=abcdef&x=y",
                           {{"Authorization", "Bearer sk-12345"}, {"x-short", "1"}});
  CHECK(redacted("key sk-12345 of Bearer sk-12345 is not known, 1 left") ==
        "key [redacted] of [redacted] is not known, 1 left");
  CHECK(redacted("token abcdef of pass word or pass%20word") ==
        "token [redacted] of [redacted] or [redacted]");
  CHECK(redacted("bearer sk-12345 is not a token") == "bearer [redacted] is not a token");
  CHECK(redacted("nothing here").find("[redacted]") == std::string::npos);
}

}  // namespace
}  // namespace llmo::net
