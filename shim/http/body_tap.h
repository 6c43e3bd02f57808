// Reading along with a body: callbacks that stand in front of the application's own for one transfer.
//
// They hand everything on, unchanged, in the same pieces, and give back what the application's callback gave
// back (a short count, CURL_WRITEFUNC_PAUSE, CURL_READFUNC_ABORT …). The application's callback may throw,
// call pthread_exit(), or set options of the very handle: what gets the response is read from the handle's
// options each time, as libcurl does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "shim/http/handle_options.h"

namespace llmo::http {

// Gets the bytes that pass by. Must keep errno and not throw.
class BodySink {
 public:
  virtual void on_body(std::string_view bytes) = 0;

 protected:
  ~BodySink() = default;
};

// With CURLOPT_HEADER, libcurl delivers the header lines of each response, one per call, where the body goes.
// This tells them from the body: a header block begins with `HTTP/` before any body byte, and ends with an
// empty line.
class HeaderSkipper {
 public:
  // True where `bytes`, all that one call delivers, are of the body.
  bool is_body(std::string_view bytes);

 private:
  bool in_headers_ = false;
  bool body_began_ = false;
};

// In front of CURLOPT_WRITEFUNCTION.
class ResponseTap {
 public:
  // `options` and `sink` must live as long as the tap is set.
  ResponseTap(const HandleOptions& options, BodySink* sink) : options_(&options), sink_(sink) {}

  // Of type curl_write_callback; `tap` is a ResponseTap.
  static std::size_t write(char* data, std::size_t size, std::size_t count, void* tap);

 private:
  void observe(std::string_view bytes);

  const HandleOptions* options_;
  BodySink* sink_;
  HeaderSkipper skipper_;
  // Bytes that were seen in a call that ended with a pause: libcurl delivers them again first.
  std::size_t seen_before_pause_ = 0;
};

// In front of CURLOPT_READFUNCTION.
class RequestTap {
 public:
  // `sink` must live as long as the tap is set. libcurl takes function and data when a transfer begins: what
  // the application sets later is for the next one.
  RequestTap(const HandleOptions& options, BodySink* sink)
      : function_(options.read_function()), data_(options.read_data()), sink_(sink) {}

  // Of type curl_read_callback; `tap` is a RequestTap.
  static std::size_t read(char* buffer, std::size_t size, std::size_t count, void* tap);

 private:
  curl_read_callback function_;
  void* data_;
  BodySink* sink_;
};

}  // namespace llmo::http
