// Makes the calls that its arguments describe, one after the other, each on a handle of its own within one
// workflow, and prints for each curl's code, the status, and length and hash of the body.
//
//   api_call METHOD URL [OPTION]… [--next METHOD URL [OPTION]…]…
//
//   --header=LINE  --connect-to=RULE  --cacert=FILE  --proxy=URL  --timeout=MILLIS  --repeat=TIMES
//   --body=TEXT    sent as CURLOPT_POSTFIELDS
//   --prompt=SIZE  a chat request as body whose prompt has so many bytes, with fields before and after it
//   --copy         the body as CURLOPT_COPYPOSTFIELDS
//   --read=SIZE    the body by a read callback that hands over so many bytes at a time
//   --form=N=V     a field of a multipart form, instead of a body
//   --accept-encoding  --http10  --follow  --cookies  --show (prints the body)
//   --abort=SIZE   the write callback refuses what comes after so many bytes

// link: -lcurl
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "curl_program.h"

namespace {

struct Call {
  std::string method;
  std::string url;
  std::vector<std::string> headers;
  std::vector<std::string> form;
  std::string connect_to, cacert, proxy, body;
  long timeout = 20'000;
  long repeat = 1;
  std::size_t read_size = 0;
  std::size_t abort_after = ~std::size_t{0};
  bool has_body = false, copy = false, accept_encoding = false, http10 = false;
  bool follow = false, cookies = false, show = false;
};

struct Transfer {
  const Call* call;
  std::size_t sent = 0;
  std::string answer{};
};

PLAIN std::string prompt_of(std::size_t size) {
  std::string body = R"({"model":"gpt-4o-mini","temperature":0.5,"messages":[{"role":"user","content":")";
  body.reserve(size + 200);
  const std::string_view words = R"(Read \"max_tokens\":7 and – go on. )";
  for (std::size_t end = body.size() + size; body.size() < end;) body += words;
  return body + R"("}],"max_tokens":50,"seed":11})";
}

// What stands behind `name`; null where the argument is another one.
PLAIN const char* value_of(const char* argument, std::string_view name) {
  return std::strncmp(argument, name.data(), name.size()) == 0 ? argument + name.size() : nullptr;
}

PLAIN void take_value(const char* argument, Call& call) {
  if (const char* v = value_of(argument, "--header=")) call.headers.emplace_back(v);
  if (const char* v = value_of(argument, "--form=")) call.form.emplace_back(v);
  if (const char* v = value_of(argument, "--connect-to=")) call.connect_to = v;
  if (const char* v = value_of(argument, "--cacert=")) call.cacert = v;
  if (const char* v = value_of(argument, "--proxy=")) call.proxy = v;
  if (const char* v = value_of(argument, "--timeout=")) call.timeout = std::atol(v);
  if (const char* v = value_of(argument, "--repeat=")) call.repeat = std::atol(v);
  if (const char* v = value_of(argument, "--read=")) call.read_size = std::strtoul(v, nullptr, 10);
  if (const char* v = value_of(argument, "--abort=")) call.abort_after = std::strtoul(v, nullptr, 10);
  if (const char* v = value_of(argument, "--body=")) call.body = v, call.has_body = true;
  if (const char* v = value_of(argument, "--prompt="))
    call.body = prompt_of(std::strtoul(v, nullptr, 10)), call.has_body = true;
}

PLAIN void take_flag(std::string_view argument, Call& call) {
  call.copy |= argument == "--copy";
  call.accept_encoding |= argument == "--accept-encoding";
  call.http10 |= argument == "--http10";
  call.follow |= argument == "--follow";
  call.cookies |= argument == "--cookies";
  call.show |= argument == "--show";
}

PLAIN std::vector<Call> calls_of(int argc, char** argv) {
  std::vector<Call> calls;
  for (int at = 1; at + 1 < argc; ++at) {
    Call& call = calls.emplace_back();
    call.method = argv[at++];
    call.url = argv[at++];
    for (; at < argc && std::strcmp(argv[at], "--next") != 0; ++at) {
      take_value(argv[at], call);
      take_flag(argv[at], call);
    }
  }
  return calls;
}

PLAIN std::size_t take_answer(char* data, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.answer.size() + size * count > transfer.call->abort_after) return 0;
  transfer.answer.append(data, size * count);
  return size * count;
}

PLAIN std::size_t give_body(char* data, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string& body = transfer.call->body;
  const std::size_t part = body.copy(data, std::min(size * count, transfer.call->read_size), transfer.sent);
  transfer.sent += part;
  return part;
}

PLAIN void set_body(CURL* curl, const Call& call, Transfer* transfer) {
  if (!call.has_body) return;
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
  if (call.read_size > 0) {
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, &give_body);
    curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
  } else {
    curl_easy_setopt(curl, call.copy ? CURLOPT_COPYPOSTFIELDS : CURLOPT_POSTFIELDS, call.body.c_str());
  }
}

PLAIN curl_mime* form_of(CURL* curl, const Call& call) {
  if (call.form.empty()) return nullptr;
  curl_mime* const form = curl_mime_init(curl);
  for (const std::string& field : call.form) {
    const std::size_t equals = field.find('=');
    curl_mimepart* const part = curl_mime_addpart(form);
    curl_mime_name(part, field.substr(0, equals).c_str());
    curl_mime_data(part, field.c_str() + equals + 1, CURL_ZERO_TERMINATED);
  }
  return form;
}

PLAIN void set_transport(CURL* curl, const Call& call) {
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, call.timeout);
  if (!call.cacert.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, call.cacert.c_str());
  if (!call.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, call.proxy.c_str());
  if (call.accept_encoding) curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  if (call.http10) curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_0);
  if (call.follow) curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  if (call.cookies) curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");
}

// FNV-1a, 64 bits.
PLAIN std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return hash;
}

PLAIN void report(CURL* curl, CURLcode code, const Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  std::printf("code %d status %ld body %zu hash %016llx\n", code, status, transfer.answer.size(),
              static_cast<unsigned long long>(hash_of(transfer.answer)));
  if (transfer.call->show) std::printf("%s\n", transfer.answer.c_str());
}

PLAIN void make(const Call& call) {
  CURL* const curl = curl_easy_init();
  Transfer transfer{&call};
  curl_slist* headers = nullptr;
  for (const std::string& line : call.headers) headers = curl_slist_append(headers, line.c_str());
  curl_slist* const targets =
      call.connect_to.empty() ? nullptr : curl_slist_append(nullptr, call.connect_to.c_str());
  set_transport(curl, call);
  set_body(curl, call, &transfer);
  curl_mime* const form = form_of(curl, call);
  if (form != nullptr) curl_easy_setopt(curl, CURLOPT_MIMEPOST, form);
  if (call.method != "GET" && call.method != "POST")
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  curl_easy_setopt(curl, CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_CONNECT_TO, targets);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_answer);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  for (long time = 0; time < call.repeat; ++time) {
    transfer = Transfer{&call};
    const CURLcode code = curl_easy_perform(curl);
    report(curl, code, transfer);
  }
  curl_easy_cleanup(curl);
  curl_mime_free(form);
  curl_slist_free_all(headers);
  curl_slist_free_all(targets);
}

}  // namespace

NOINLINE void call_workflow(const std::vector<Call>& calls) {
  for (const Call& call : calls) make(call);
}

int main(int argc, char** argv) { call_workflow(calls_of(argc, argv)); }
