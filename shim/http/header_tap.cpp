// Exceptions pass through here: nothing is noexcept, and what is left half done is only an observation.
#include "shim/http/header_tap.h"

namespace llmo::http {

// The line is looked at before the application gets it: it may change it in place.
std::size_t HeaderTap::write(char* data, std::size_t size, std::size_t count, void* tap) {
  auto* const self = static_cast<HeaderTap*>(tap);
  self->headers_.note_line({data, size * count});
  const HandleOptions& options = *self->options_;
  const curl_write_callback function = options.header_function();
  if (function == nullptr) return size * count;
  const std::size_t taken = function(data, size, count, options.header_data);
  if (taken == CURL_WRITEFUNC_PAUSE) self->headers_.forget_line();  // libcurl delivers it again
  return taken;
}

}  // namespace llmo::http
