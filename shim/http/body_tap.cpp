// Exceptions pass through here: nothing is noexcept, and what is left half done is only an observation.
#include "shim/http/body_tap.h"

#include <algorithm>

#include "shim/platform/errno_saver.h"

namespace llmo::http {

bool HeaderSkipper::is_body(std::string_view bytes) {
  if (!in_headers_ && !body_began_ && bytes.starts_with("HTTP/")) in_headers_ = true;
  if (!in_headers_) {
    body_began_ = true;
    return true;
  }
  if (bytes == "\r\n" || bytes == "\n") in_headers_ = false;
  return false;
}

// The bytes are looked at before the application gets them: it may parse in place.
std::size_t ResponseTap::write(char* data, std::size_t size, std::size_t count, void* tap) {
  auto* const self = static_cast<ResponseTap*>(tap);
  {
    const platform::ErrnoSaver keep_errno;
    self->observe({data, size * count});
  }
  const HandleOptions& options = *self->options_;
  const std::size_t taken = options.write_function()(data, size, count, options.write_data());
  if (taken == CURL_WRITEFUNC_PAUSE) self->seen_before_pause_ += size * count;
  return taken;
}

void ResponseTap::observe(std::string_view bytes) {
  const std::size_t again = std::min(seen_before_pause_, bytes.size());
  seen_before_pause_ -= again;
  if (options_->include_headers && !skipper_.is_body(bytes)) return;
  bytes.remove_prefix(again);
  if (!bytes.empty()) sink_->on_body(bytes);
}

std::size_t RequestTap::read(char* buffer, std::size_t size, std::size_t count, void* tap) {
  auto* const self = static_cast<RequestTap*>(tap);
  const std::size_t given = self->function_(buffer, size, count, self->data_);
  // CURL_READFUNC_ABORT and CURL_READFUNC_PAUSE are larger than any buffer.
  if (given > 0 && given <= size * count) {
    const platform::ErrnoSaver keep_errno;
    self->sink_->on_body({buffer, given});
  }
  return given;
}

}  // namespace llmo::http
