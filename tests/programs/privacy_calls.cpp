// Sends a secret through every place where one can stand in a request, to the server at argv[1]
// (`127.0.0.1:port`), and prints nothing. With a second argument the last call waits for ever.

// link: -lcurl
#include <cstdlib>

#include "curl_program.h"
#include "privacy_canaries.h"

PLAIN int swallow(CURL*, curl_infotype, char*, std::size_t, void*) { return 0; }

class Call {
 public:
  explicit Call(const std::string& url) : curl_(handle_for(url, &body_)) {
    curl_easy_setopt(curl_, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl_, CURLOPT_DEBUGFUNCTION, &swallow);
    curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, error_);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, 20L);
  }
  ~Call() {
    curl_easy_perform(curl_);
    curl_easy_cleanup(curl_);
    curl_slist_free_all(headers_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  template <typename Value>
  Call& set(CURLoption option, Value value) {
    curl_easy_setopt(curl_, option, value);
    return *this;
  }
  Call& header(const char* line) {
    headers_ = curl_slist_append(headers_, line);
    return set(CURLOPT_HTTPHEADER, headers_);
  }

 private:
  std::string body_;
  char error_[CURL_ERROR_SIZE] = "";
  curl_slist* headers_ = nullptr;
  CURL* const curl_;
};

constexpr const char* kPrompt =
    R"({"model":"gpt-4o-mini","messages":[{"role":"system","content":"ordinarily kind. token=)" CANARY(21) R"("},
    {"role":"user","content":"my key is )" OPENAI_KEY(22) R"(, my \"password\": \")" CANARY(23) R"(\" and Authorization: Bearer )" CANARY(24) R"(1"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",
      "function":{"name":"login","arguments":"{\"api_key\":\")" CANARY(
        25) R"(\",\"url\":\"https://u:)" CANARY(26) R"(@x.org/?key=)" CANARY(27) R"(\"}"}}]},
    {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://u:)" CANARY(28) R"(@x.org/a.png?X-Amz-Signature=)" CANARY(29) R"("}}]}],
    "user":")" CANARY(30) R"(","tools":[{"type":"function","function":{"name":"login","default_secret":")" CANARY(31) R"("}}]})";

NOINLINE void headers_agent(const std::string& host) {
  for (const char* const path : {"/error/v1/chat/completions", "/error/v1/messages", "/error/unknown"}) {
    Call(host + path)
        .header("Authorization: Bearer " OPAQUE_KEY(01))
        .header("api-key: " OPAQUE_KEY(02))
        .header("X-API-Key: " OPAQUE_KEY(03))
        .header("x-goog-api-key: " OPAQUE_KEY(04))
        .header("Proxy-Authorization: Basic " CANARY(05))
        .header("Cookie: session=" CANARY(06))
        .header("anthropic-version: 2023-06-01")
        .set(CURLOPT_COOKIE, "more=" CANARY(07))
        .set(CURLOPT_POSTFIELDS, kPrompt);
  }
  Call(host + "/ok/basic").set(CURLOPT_USERPWD, "user:" CANARY(08));
  Call(host + "/ok/bearer").set(CURLOPT_HTTPAUTH, CURLAUTH_BEARER).set(CURLOPT_XOAUTH2_BEARER, CANARY(09));
  Call(host + "/ok/signed")
      .set(CURLOPT_AWS_SIGV4, "aws:amz:us-east-1:bedrock")
      .set(CURLOPT_USERPWD, "AKIA" CANARY(10) "00:" CANARY(32));
}

NOINLINE void urls_agent(const std::string& host) {
  Call("http://user:" CANARY(11) "@" + host + "/ok/userinfo");
  Call(host +
       "/ok/query?alt=sse&key=" CANARY(12) "&access_token=" CANARY(13) "&X-Amz-Credential=" CANARY(14));
  Call(host + "/ok/query?X-Amz-Signature=" CANARY(15) "&sig=" CANARY(16) "&api%5Fkey=" CANARY(17));
  Call(host + "/ok/bot123456789:" OPAQUE_KEY(18) "/sendMessage");
  Call(host + "/ok/v1/api_keys/" CANARY(19) "0;jsessionid=" CANARY(20) "/x#" CANARY(33));
  Call(host + "/ok/next?to=https%3A%2F%2Fu%3A" CANARY(34) "%40x.org%2F");
  Call(host + "/redirect").set(CURLOPT_FOLLOWLOCATION, 1L);
  Call("http://user:" CANARY(11) "@127.0.0.1:9/refused?key=" CANARY(12));
  Call("http://user:" CANARY(11) "@no such host/");
}

NOINLINE void proxies_agent(const std::string& host) {
  Call("http://example.test/ok/proxy").set(CURLOPT_PROXY, ("http://user:" CANARY(36) "@" + host).c_str());
  Call("http://example.test/ok/proxy")
      .set(CURLOPT_PROXY, ("http://" + host).c_str())
      .set(CURLOPT_PROXYUSERPWD, "user:" CANARY(37));
  setenv("http_proxy", ("http://user:" CANARY(38) "@" + host).c_str(), 1);
  Call("http://example.test/ok/proxy");
  unsetenv("http_proxy");
}

NOINLINE void bodies_agent(const std::string& host) {
  Call(host + "/answer/v1/chat/completions").set(CURLOPT_POSTFIELDS, kPrompt);
  Call(host + "/stream/v1/chat/completions").set(CURLOPT_COPYPOSTFIELDS, kPrompt);
  Call(host + "/ok/oauth/token").set(CURLOPT_POSTFIELDS, "grant_type=x&client_secret=" CANARY(35));
}

NOINLINE void waiting_agent(const std::string& host) {
  Call(host + "/wait/v1/chat/completions?key=" CANARY(12))
      .header("Authorization: Bearer " OPAQUE_KEY(01))
      .set(CURLOPT_POSTFIELDS, kPrompt);
}

int main(int argc, char** argv) {
  const std::string host = argv[1];
  headers_agent(host);
  urls_agent(host);
  proxies_agent(host);
  bodies_agent(host);
  if (argc > 2) waiting_agent(host);
}
