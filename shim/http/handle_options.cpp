// Options as libcurl's setopt treats them: which one implies which, what a null pointer means.
#include "shim/http/handle_options.h"

#include <utility>

#include "shim/config/text.h"
#include "shim/http/url.h"
#include "shim/platform/out_of_memory.h"

namespace llmo::http {
namespace {

std::string_view text_or_empty(const char* text) { return text == nullptr ? std::string_view{} : text; }

// Whether `line` is a header line of that name; where it is, what follows the name's end.
bool starts_with_name(std::string_view line, std::string_view lower_name, std::string_view* rest) {
  if (line.size() <= lower_name.size()) return false;
  for (std::size_t i = 0; i < lower_name.size(); ++i) {
    if (config::to_lower(line[i]) != lower_name[i]) return false;
  }
  *rest = line.substr(lower_name.size());
  std::string_view end = *rest;
  while (end.starts_with(' ') || end.starts_with('\t')) end.remove_prefix(1);
  return end.starts_with(':') || end.starts_with(';');
}

std::string_view value_of(std::string_view after_name) {
  const auto is_before = [](char c) { return c == ' ' || c == '\t' || c == ':' || c == ';'; };
  while (!after_name.empty() && is_before(after_name.front())) after_name.remove_prefix(1);
  return after_name;
}

// What libcurl does by default, as functions of the types that the application's own have.
std::size_t write_to_file(char* data, std::size_t size, std::size_t count, void* file) {
  return std::fwrite(data, size, count, static_cast<FILE*>(file));
}
std::size_t read_from_file(char* buffer, std::size_t size, std::size_t count, void* file) {
  return std::fread(buffer, size, count, static_cast<FILE*>(file));
}

template <typename Callback>
Callback as_callback(void* argument) {
  return reinterpret_cast<Callback>(argument);
}

}  // namespace

void HandleOptions::note(CURLoption option, void* argument) {
  if (note_callback(option, argument)) return;
  bool is_text = true;  // what there is no memory for counts as unknown
  platform::had_memory_for([&] { is_text = note_text(option, static_cast<const char*>(argument)); });
  if (!is_text) note_number(option, reinterpret_cast<long>(argument));
}

// Pointers: taken as they are.
bool HandleOptions::note_callback(CURLoption option, void* argument) {
  switch (option) {
    case CURLOPT_HTTPHEADER:
      headers = static_cast<curl_slist*>(argument);
      return true;
    case CURLOPT_CURLU:
      url_handle = static_cast<CURLU*>(argument);
      return true;
    case CURLOPT_WRITEFUNCTION:
      app_write_function = as_callback<curl_write_callback>(argument);
      return true;
    case CURLOPT_READFUNCTION:
      app_read_function = as_callback<curl_read_callback>(argument);
      return true;
    case CURLOPT_HEADERFUNCTION:
      app_header_function = as_callback<curl_write_callback>(argument);
      return true;
    case CURLOPT_HEADERDATA:
      header_data = argument;
      return true;
    case CURLOPT_WRITEDATA:
      write_data_ = argument;
      return true;
    case CURLOPT_READDATA:
      read_data_ = argument;
      return true;
    default:
      return false;
  }
}

// Texts: libcurl copies all but CURLOPT_POSTFIELDS.
bool HandleOptions::note_text(CURLoption option, const char* text) {
  switch (option) {
    case CURLOPT_URL:
      note_url(text);
      return true;
    case CURLOPT_DEFAULT_PROTOCOL:
      default_protocol_.assign(text_or_empty(text));
      return true;
    case CURLOPT_CUSTOMREQUEST:
      custom_request_.assign(text_or_empty(text));
      return true;
    case CURLOPT_ACCEPT_ENCODING:
      accepts_encoding_ = text != nullptr;
      return true;
    case CURLOPT_AWS_SIGV4:
      signs_for_aws = text != nullptr;
      return true;
    case CURLOPT_COPYPOSTFIELDS:
      note_copied_body(text);
      return true;
    case CURLOPT_POSTFIELDS:
      post_fields_ = text;
      copied_.reset();
      request_ = Request::kPost;
      return true;
    case CURLOPT_HTTPPOST:
    case CURLOPT_MIMEPOST:
      request_ = Request::kForm;
      no_body_ = false;
      return true;
    default:
      return false;
  }
}

bool HandleOptions::note_number(CURLoption option, long number) {
  switch (option) {
    case CURLOPT_HEADER:
      include_headers = number != 0;
      return true;
    case CURLOPT_HTTP_CONTENT_DECODING:
      content_decoding_ = number != 0;
      return true;
    case CURLOPT_CONNECT_ONLY:
      connects_only = number == 1;
      return true;
    case CURLOPT_POSTFIELDSIZE:
    case CURLOPT_POSTFIELDSIZE_LARGE:
      // What was copied with the smaller size is too short for this one, and libcurl lets go of it.
      if (post_size_ < number) copied_.reset();
      post_size_ = number;
      return true;
    case CURLOPT_HTTPGET:
    case CURLOPT_POST:
    case CURLOPT_NOBODY:
    case CURLOPT_UPLOAD:
    case CURLOPT_PUT:
      note_request(option, number != 0);
      return true;
    default:
      return false;
  }
}

void HandleOptions::note_request(CURLoption option, bool on) {
  if (option == CURLOPT_NOBODY) {
    no_body_ = on;
    if (on) request_ = Request::kHead;
    if (!on && request_ == Request::kHead) request_ = Request::kGet;
    return;
  }
  if (on) no_body_ = false;
  if (option == CURLOPT_HTTPGET) {
    if (on) request_ = Request::kGet;
    return;
  }
  const Request meant = option == CURLOPT_POST ? Request::kPost : Request::kPut;
  request_ = on ? meant : Request::kGet;
}

void HandleOptions::note_url(const char* text) {
  const std::string_view url = text_or_empty(text);
  url_.clear();
  url_.assign(url.size() <= kMaxUrl ? url : std::string_view{});
}

void HandleOptions::note_copied_body(const char* bytes) {
  post_fields_ = nullptr;
  copied_.reset();
  request_ = Request::kPost;
  if (bytes == nullptr) return;

  const std::string_view body = post_size_ < 0
                                    ? std::string_view(bytes)
                                    : std::string_view(bytes, static_cast<std::size_t>(post_size_));
  auto copied = std::make_shared<CopiedBody>();
  if (body.size() <= kMaxCopiedBody) {
    copied->bytes.assign(body);
  } else {
    read_big_body(body, copied.get());
  }
  copied_ = std::move(copied);
}

void HandleOptions::read_big_body(std::string_view body, CopiedBody* copied) const {
  const std::string text = url();
  Url parsed;
  if (!parse_url(text, &parsed)) return;
  const genai::ApiMatch match = genai::match_api({.method = method(),
                                                  .host = parsed.host(),
                                                  .path = parsed.path(),
                                                  .query = parsed.query(),
                                                  .headers = {},
                                                  .port = parsed.port()});
  if (match.shape == genai::BodyShape::kNone) return;
  copied->shape = match.shape;
  copied->facts = std::make_unique<genai::RequestFacts>();
  copied->facts->begin(match, parsed.query());
  copied->facts->feed(body);
}

std::string_view HandleOptions::method() const {
  if (!custom_request_.empty()) return custom_request_.view();
  if (no_body_) return "HEAD";
  switch (request_) {
    case Request::kHead:
      return "HEAD";
    case Request::kPost:
    case Request::kForm:
      return "POST";
    case Request::kPut:
      return "PUT";
    case Request::kGet:
      break;
  }
  return "GET";
}

std::string HandleOptions::url() const {
  std::string text;
  return std::string(url(&text));
}

std::string_view HandleOptions::url(std::string* buffer) const {
  if (url_.empty() || default_protocol_.empty() || url_.find("://") != url_.npos) return url_;
  return buffer->assign(default_protocol_.view()).append("://").append(url_);
}

std::string_view HandleOptions::body_in_memory() const {
  if (request_ != Request::kPost || no_body_) return {};
  if (post_fields_ != nullptr) {
    return post_size_ < 0 ? std::string_view(post_fields_)
                          : std::string_view(post_fields_, static_cast<std::size_t>(post_size_));
  }
  if (copied_ == nullptr) return {};
  const std::string_view bytes = copied_->bytes;
  return post_size_ < 0 ? bytes : bytes.substr(0, static_cast<std::size_t>(post_size_));
}

// An application may pass fread() itself, which is libcurl's default: libcurl knows it by its address.
bool HandleOptions::body_from_callback() const {
  const bool is_fread =
      app_read_function == as_callback<curl_read_callback>(reinterpret_cast<void*>(&std::fread));
  if (app_read_function == nullptr || is_fread || no_body_) return false;
  return request_ == Request::kPut ||
         (request_ == Request::kPost && post_fields_ == nullptr && copied_ == nullptr);
}

const genai::RequestFacts* HandleOptions::copied_facts(genai::BodyShape shape) const {
  if (request_ != Request::kPost || copied_ == nullptr || copied_->shape != shape) return nullptr;
  return copied_->facts.get();
}

bool HandleOptions::find_header(std::string_view lower_name, std::string_view* value) const {
  for (const curl_slist* line = headers; line != nullptr; line = line->next) {
    std::string_view rest;
    // The first letter tells most of them apart, before anybody looks for the end of the line.
    if (line->data == nullptr || config::to_lower(line->data[0]) != lower_name[0]) continue;
    if (!starts_with_name(line->data, lower_name, &rest)) continue;
    if (value != nullptr) *value = value_of(rest);
    return true;
  }
  return false;
}

curl_write_callback HandleOptions::write_function() const {
  return app_write_function != nullptr ? app_write_function : write_to_file;
}

curl_write_callback HandleOptions::header_function() const {
  if (app_header_function != nullptr) return app_header_function;
  return header_data != nullptr ? write_function() : nullptr;
}

curl_read_callback HandleOptions::read_function() const {
  return app_read_function != nullptr ? app_read_function : read_from_file;
}

}  // namespace llmo::http
