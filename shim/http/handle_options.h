// What the application has set on an easy handle, as far as the shim needs to know it.
//
// libcurl can be told options but not asked for them. So each curl_easy_setopt() that libcurl accepted is
// noted here, and what the shim exchanges for a transfer (header list, body callbacks) can be put back
// exactly.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "shim/genai/body_facts.h"
#include "shim/http/curl_api.h"
#include "shim/platform/fixed_text.h"

namespace llmo::http {

struct RequestPlan;

// A body that libcurl has copied for itself (CURLOPT_COPYPOSTFIELDS), where we cannot reach it later. A small
// one is kept as it is; of a big one only what it says, read when it was set, against the URL of that moment.
struct CopiedBody {
  std::string bytes;
  std::unique_ptr<genai::RequestFacts> facts;
  genai::BodyShape shape = genai::BodyShape::kNone;  // that `facts` were read as
};
inline constexpr std::size_t kMaxCopiedBody = 64 * 1024;

// The longest URL that is kept; a longer one counts as unknown.
inline constexpr std::size_t kMaxUrl = 16 * 1024;

// Copied for curl_easy_duphandle(). Not for two threads at a time, like the handle it belongs to.
class HandleOptions {
 public:
  // Notes an option that libcurl has accepted. `argument` is what was passed, whatever its type: a pointer,
  // or a number of the pointer's size.
  void note(CURLoption option, void* argument);

  // The method of the next request, as libcurl will choose it.
  std::string_view method() const;
  // The URL with its scheme where CURLOPT_DEFAULT_PROTOCOL gives one; empty where none is known.
  std::string url() const;
  // The same; `buffer` holds it where it has to be put together. Good until an option is noted.
  std::string_view url(std::string* buffer) const;
  // The request body where it lies in memory when the transfer begins: CURLOPT_POSTFIELDS, or a small
  // CURLOPT_COPYPOSTFIELDS. Empty for all others.
  std::string_view body_in_memory() const;
  // True where the request's body comes from the application's own CURLOPT_READFUNCTION.
  bool body_from_callback() const;
  // The facts of a big copied body, or nullptr.
  const genai::RequestFacts* copied_facts(genai::BodyShape shape) const;

  // True where libcurl undoes gzip and its kin before it delivers a body.
  bool decodes_content() const { return accepts_encoding_ && content_decoding_; }

  // True where the list holds a header of that (lower-case) name, be it to send it, to send it empty
  // (`name;`) or to keep libcurl from sending it (`name:`).
  bool has_header(std::string_view lower_name) const { return find_header(lower_name, nullptr); }
  // The same, with the value as it will be sent. Views into the application's list.
  bool find_header(std::string_view lower_name, std::string_view* value) const;

  // What libcurl does with bytes of the response body: the application's function, else fwrite().
  curl_write_callback write_function() const;
  // Its last argument: CURLOPT_WRITEDATA, else stdout.
  void* write_data() const { return write_data_; }
  // What is called for response headers, nullptr where nothing is: CURLOPT_HEADERFUNCTION, else, where
  // CURLOPT_HEADERDATA is set, the function for the body.
  curl_write_callback header_function() const;
  curl_read_callback read_function() const;
  void* read_data() const { return read_data_; }

  curl_slist* headers = nullptr;
  CURLU* url_handle = nullptr;
  curl_write_callback app_write_function = nullptr;
  curl_write_callback app_header_function = nullptr;
  curl_read_callback app_read_function = nullptr;
  void* header_data = nullptr;
  bool include_headers = false;  // CURLOPT_HEADER: headers go where the body goes
  bool signs_for_aws = false;    // CURLOPT_AWS_SIGV4
  bool connects_only = false;    // CURLOPT_CONNECT_ONLY: no request will be sent

  // Of the last request, for plan_request().
  mutable std::shared_ptr<const RequestPlan> last_plan;

 private:
  enum class Request : std::uint8_t { kGet, kHead, kPost, kForm, kPut };

  void note_request(CURLoption option, bool on);
  void note_copied_body(const char* bytes);
  void read_big_body(std::string_view body, CopiedBody* copied) const;
  void note_url(const char* text);
  bool note_callback(CURLoption option, void* argument);
  bool note_text(CURLoption option, const char* text);
  bool note_number(CURLoption option, long number);

  std::string url_;
  platform::FixedText<16> default_protocol_;
  platform::FixedText<64> custom_request_;
  Request request_ = Request::kGet;
  bool no_body_ = false;
  bool accepts_encoding_ = false;  // CURLOPT_ACCEPT_ENCODING
  bool content_decoding_ = true;   // CURLOPT_HTTP_CONTENT_DECODING
  // As libcurl does, the standard streams that there are when the handle is made or reset.
  void* write_data_ = stdout;
  void* read_data_ = stdin;
  const char* post_fields_ = nullptr;
  std::int64_t post_size_ = -1;
  std::shared_ptr<const CopiedBody> copied_;
};

}  // namespace llmo::http
