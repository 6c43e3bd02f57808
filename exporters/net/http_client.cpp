#include "exporters/net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <optional>

#include "exporters/net/gzip.h"
#include "exporters/net/printable.h"
#include "exporters/net/url.h"
#include "shim/config/text.h"

namespace llmo::net {
namespace {

constexpr int kPollMillis = 50;    // how often a stop is asked for
constexpr int kMostRedirects = 3;  // of one request
constexpr std::size_t kMostHeaderBytes = 256 << 10;
// The cheapest level already takes nine tenths off: spans are keys, over and over.
constexpr int kGzipLevel = 1;

// Once for the process, and never undone: other code in it may use libcurl as well.
void start_libcurl() {
  static const CURLcode started = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);  // where it failed, curl_easy_init() fails as well
}

struct EasyDeleter {
  void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

bool append(List& list, const std::string& line) {
  curl_slist* const longer = ::curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

// A header without a value is written with a semicolon (CURLOPT_HTTPHEADER): `name:` would take one of
// libcurl's own away.
std::string header_line(const std::string& name, const std::string& value) {
  return value.empty() ? name + ";" : name + ": " + value;
}

List header_list(const HttpHeaders& headers, bool compressed) {
  List list;
  append(list, "Expect:");  // no waiting for a `100 Continue`
  if (compressed) append(list, "Content-Encoding: gzip");
  for (const auto& [name, value] : headers) append(list, header_line(name, value));
  return list;
}

HttpAnswer failed(std::string problem) {
  HttpAnswer answer;
  answer.problem = std::move(problem);
  return answer;
}

// What would go wrong the same way at the next attempt.
bool stays(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:  // also an answer that is not HTTP
    case CURLE_URL_MALFORMAT:
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_WRITE_ERROR:  // headers without end: take_header()
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct HttpClient::State {
  explicit State(HttpOptions given);
  ~State() { abandon(); }

  HttpAnswer post(const std::string& url, const HttpHeaders& headers, std::string_view body);
  HttpAnswer send(const std::string& url, curl_slist* headers, std::string_view body);
  CURLcode perform();
  std::optional<CURLcode> finished();
  void abandon();
  bool stopped() const { return options.stop_requested && options.stop_requested(); }
  void set_tls();
  void report(CURLcode code);
  std::optional<std::string> redirect(const std::string& url) const;

  static std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* self);
  static std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* self);

  HttpOptions options;
  std::unique_ptr<CURLM, MultiDeleter> multi;
  std::unique_ptr<CURL, EasyDeleter> easy;  // goes before the multi handle, which keeps the connection
  std::array<char, CURL_ERROR_SIZE> error{};
  HttpAnswer answer;
  bool headers_complete = false;  // of the last answer
  std::size_t header_bytes = 0;
  bool running = false;  // `easy` is in `multi`
};

HttpClient::State::State(HttpOptions given) : options(std::move(given)) {
  start_libcurl();
  multi.reset(::curl_multi_init());
  easy.reset(::curl_easy_init());
  if (multi == nullptr || easy == nullptr) return;
  CURL* const to = easy.get();
  ::curl_easy_setopt(to, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(to, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name server
  ::curl_easy_setopt(to, CURLOPT_ERRORBUFFER, error.data());
  ::curl_easy_setopt(to, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(to, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's own
  ::curl_easy_setopt(to, CURLOPT_ACCEPT_ENCODING, "gzip");
  ::curl_easy_setopt(to, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  ::curl_easy_setopt(to, CURLOPT_WRITEFUNCTION, &State::take_body);
  ::curl_easy_setopt(to, CURLOPT_WRITEDATA, this);
  ::curl_easy_setopt(to, CURLOPT_HEADERFUNCTION, &State::take_header);
  ::curl_easy_setopt(to, CURLOPT_HEADERDATA, this);
  if (!options.user_agent.empty()) ::curl_easy_setopt(to, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.user.empty()) {
    ::curl_easy_setopt(to, CURLOPT_USERNAME, options.user.c_str());
    ::curl_easy_setopt(to, CURLOPT_PASSWORD, options.password.c_str());
  }
  set_tls();
}

void HttpClient::State::set_tls() {
  const auto set = [this](CURLoption option, const std::string& path) {
    if (!path.empty()) ::curl_easy_setopt(easy.get(), option, path.c_str());
  };
  set(CURLOPT_CAINFO, options.tls.authorities);
  set(CURLOPT_SSLCERT, options.tls.client_certificate);
  set(CURLOPT_SSLKEY, options.tls.client_key);
}

// --- the answer --------------------------------------------------------------------------------------------

// Taking less than was given ends the transfer.
std::size_t HttpClient::State::take_body(char* bytes, std::size_t, std::size_t size, void* self) {
  HttpAnswer& answer = static_cast<State*>(self)->answer;
  const std::size_t room = kMaxAnswerBytes - answer.body.size();
  answer.body.append(bytes, std::min(size, room));
  return size > room ? 0 : size;
}

// Several answers can come (`100 Continue` and the real one): the last one's headers count. libcurl keeps
// them all, however many.
std::size_t HttpClient::State::take_header(char* bytes, std::size_t, std::size_t size, void* self) {
  constexpr std::string_view kRetryAfter = "retry-after:";
  constexpr std::size_t kMostValue = 100;
  auto& state = *static_cast<State*>(self);
  const std::string_view line(bytes, size);
  state.header_bytes += size;
  if (state.header_bytes > kMostHeaderBytes) return 0;
  if (line.starts_with("HTTP/")) {
    state.answer.retry_after.clear();
    state.headers_complete = false;
  } else if (config::starts_ignoring_case(line, kRetryAfter)) {
    state.answer.retry_after = config::trim(line.substr(kRetryAfter.size())).substr(0, kMostValue);
  } else if (config::trim(line).empty()) {
    state.headers_complete = true;
  }
  return size;
}

// An answer is there with its headers: whoever sent them has seen the request, whatever became of the body.
void HttpClient::State::report(CURLcode code) {
  long status = 0;
  ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (headers_complete && status >= 200) {
    answer.status = static_cast<int>(status);
    answer.body_cut = code != CURLE_OK;
    return;
  }
  answer.problem = printable(error[0] != '\0' ? error.data() : ::curl_easy_strerror(code));
  if (code == CURLE_ABORTED_BY_CALLBACK) answer.problem = "stopped";
  answer.passing = !stays(code);
}

// --- one request -------------------------------------------------------------------------------------------

void HttpClient::State::abandon() {
  if (running) ::curl_multi_remove_handle(multi.get(), easy.get());
  running = false;
}

std::optional<CURLcode> HttpClient::State::finished() {
  int left = 0;
  while (const CURLMsg* const message = ::curl_multi_info_read(multi.get(), &left)) {
    if (message->msg == CURLMSG_DONE) return message->data.result;
  }
  return std::nullopt;
}

// By a multi handle, as curl_easy_perform() asks its callbacks once a second only while nothing comes.
CURLcode HttpClient::State::perform() {
  if (::curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK) return CURLE_FAILED_INIT;
  running = true;
  for (int left = 1;;) {
    if (::curl_multi_perform(multi.get(), &left) != CURLM_OK) return CURLE_RECV_ERROR;
    if (left == 0) return finished().value_or(CURLE_RECV_ERROR);
    if (stopped()) return CURLE_ABORTED_BY_CALLBACK;
    ::curl_multi_poll(multi.get(), nullptr, 0, kPollMillis, nullptr);
  }
}

HttpAnswer HttpClient::State::send(const std::string& url, curl_slist* headers, std::string_view body) {
  answer = {};
  headers_complete = false;
  header_bytes = 0;
  error[0] = '\0';
  CURL* const to = easy.get();
  ::curl_easy_setopt(to, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(to, CURLOPT_HTTPHEADER, headers);
  ::curl_easy_setopt(to, CURLOPT_POST, 1L);
  ::curl_easy_setopt(to, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  // Never null: libcurl would read the body from standard input.
  ::curl_easy_setopt(to, CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
  const CURLcode code = perform();
  abandon();
  report(code);
  // Both are the caller's.
  ::curl_easy_setopt(to, CURLOPT_HTTPHEADER, nullptr);
  ::curl_easy_setopt(to, CURLOPT_POSTFIELDS, "");
  return std::move(answer);
}

// 307 and 308 ask for the same request elsewhere; the others would make it a GET. Source: RFC 9110, 15.4.
std::optional<std::string> HttpClient::State::redirect(const std::string& url) const {
  long status = 0;
  const char* to = nullptr;
  ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  ::curl_easy_getinfo(easy.get(), CURLINFO_REDIRECT_URL, &to);
  if ((status != 307 && status != 308) || to == nullptr || !may_follow(url, to)) return std::nullopt;
  return to;
}

HttpAnswer HttpClient::State::post(const std::string& url, const HttpHeaders& headers,
                                   std::string_view body) {
  if (multi == nullptr || easy == nullptr) return failed("libcurl does not start");
  const std::optional<std::string> compressed = options.gzip ? gzip(body, kGzipLevel) : std::nullopt;
  const List list = header_list(headers, compressed.has_value());
  if (compressed) body = *compressed;
  std::string at = url;
  HttpAnswer last = send(at, list.get(), body);
  for (int hops = 0; hops < kMostRedirects; ++hops) {
    const auto next = redirect(at);
    if (!next || last.status == 0) break;
    at = *next;
    last = send(at, list.get(), body);
  }
  return last;
}

HttpClient::HttpClient(HttpOptions options) : state_(std::make_unique<State>(std::move(options))) {}
HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::post(const std::string& url, const HttpHeaders& headers, std::string_view body) {
  return state_->post(url, headers, body);
}

}  // namespace llmo::net
