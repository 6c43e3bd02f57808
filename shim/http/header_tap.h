// Reading along with the headers of a response: a callback in front of the application's own (as body_tap.h).
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "shim/http/handle_options.h"
#include "shim/http/response_headers.h"

namespace llmo::http {

// In front of CURLOPT_HEADERFUNCTION. Where nothing would be called for headers, nothing is called.
class HeaderTap {
 public:
  // `options` must live as long as the tap is set.
  explicit HeaderTap(const HandleOptions& options) : options_(&options) {}

  // Of type curl_write_callback; `tap` is a HeaderTap.
  static std::size_t write(char* data, std::size_t size, std::size_t count, void* tap);

  // nullptr where there were none, or no memory for them.
  const ResponseHeaders* headers() const { return headers_.get(); }

 private:
  void observe(std::string_view line);

  const HandleOptions* options_;
  std::unique_ptr<ResponseHeaders> headers_;  // from the first line on: many requests wait for their answers
};

}  // namespace llmo::http
