// libcurl's own reading of a URL, so that what is decided here holds for what it connects to.
#pragma once

#include <curl/urlapi.h>

#include <memory>
#include <string>

namespace llmo::net {

class UrlParts {
 public:
  // Absolute, with a scheme that libcurl knows. `valid()` says whether it is.
  explicit UrlParts(const std::string& url) : handle_(::curl_url(), &::curl_url_cleanup) {
    valid_ = handle_ != nullptr && ::curl_url_set(handle_.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  }

  bool valid() const { return valid_; }

  // Empty where the URL has no such part.
  std::string get(CURLUPart part, unsigned flags = 0) const {
    char* text = nullptr;
    if (!valid_ || ::curl_url_get(handle_.get(), part, &text, flags) != CURLUE_OK) return {};
    std::string copy(text);
    ::curl_free(text);
    return copy;
  }

  // An empty `text` takes the part away. False where libcurl refuses it.
  bool set(CURLUPart part, const std::string& text) {
    return valid_ &&
           ::curl_url_set(handle_.get(), part, text.empty() ? nullptr : text.c_str(), 0) == CURLUE_OK;
  }

 private:
  std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> handle_;
  bool valid_ = false;
};

}  // namespace llmo::net
