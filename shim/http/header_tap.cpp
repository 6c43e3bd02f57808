// Exceptions pass through here: nothing is noexcept, and what is left half done is only an observation.
#include "shim/http/header_tap.h"

#include <new>

#include "shim/platform/errno_saver.h"

namespace llmo::http {

// The line is looked at before the application gets it: it may change it in place.
std::size_t HeaderTap::write(char* data, std::size_t size, std::size_t count, void* tap) {
  auto* const self = static_cast<HeaderTap*>(tap);
  self->observe({data, size * count});
  const HandleOptions& options = *self->options_;
  const curl_write_callback function = options.header_function();
  if (function == nullptr) return size * count;
  const std::size_t taken = function(data, size, count, options.header_data);
  // libcurl delivers it again.
  if (taken == CURL_WRITEFUNC_PAUSE && self->headers_ != nullptr) self->headers_->forget_line();
  return taken;
}

void HeaderTap::observe(std::string_view line) {
  if (headers_ == nullptr) {
    const platform::ErrnoSaver keep_errno;
    headers_.reset(new (std::nothrow) ResponseHeaders);
    if (headers_ == nullptr) return;
  }
  headers_->note_line(line);
}

}  // namespace llmo::http
