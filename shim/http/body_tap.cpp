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

RequestTap::RequestTap(const CurlApi& api, CURL* curl, const HandleOptions& options, BodySink* sink)
    : api_(&api), curl_(curl), options_(&options), sink_(sink) {
  api.easy_setopt(curl, CURLOPT_READFUNCTION, &RequestTap::read);
  offer(turns_[0]);
}

void RequestTap::offer(Turn& turn) {
  turn = {this, options_->read_function(), options_->read_data()};
  api_->easy_setopt(curl_, CURLOPT_READDATA, &turn);
}

// libcurl may have taken the first turn already, so it stays as it is.
void RequestTap::take_new_source() { offer(next_turn()); }

void RequestTap::begin(Turn& turn) {
  if (read_by_ == &turn) return;
  const platform::ErrnoSaver keep_errno;
  if (read_by_ != nullptr) sink_->on_body_again();
  read_by_ = &turn;
  if (is_set_) offer(next_turn());
}

std::size_t RequestTap::read(char* buffer, std::size_t size, std::size_t count, void* turn) {
  auto& own = *static_cast<Turn*>(turn);
  RequestTap& tap = *own.tap;
  tap.begin(own);
  const std::size_t given = own.function(buffer, size, count, own.data);
  // CURL_READFUNC_ABORT and CURL_READFUNC_PAUSE are larger than any buffer.
  if (given > 0 && given <= size * count) {
    const platform::ErrnoSaver keep_errno;
    tap.sink_->on_body({buffer, given});
  }
  return given;
}

}  // namespace llmo::http
