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

#include "shim/http/curl_api.h"
#include "shim/http/handle_options.h"

namespace llmo::http {

// Gets the bytes that pass by. Must keep errno and not throw.
class BodySink {
 public:
  virtual void on_body(std::string_view bytes) = 0;
  // The body is sent once more, from its beginning.
  virtual void on_body_again() {}

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
//
// libcurl takes function and argument whenever it begins to send the request: at first, and again where a
// redirect, an authentication or a lost connection has the body sent once more. What the application sets in
// between counts from then on. So two arguments take turns, the one that libcurl reads by and the one that it
// will take next: the first read by the latter tells that the body begins again.
class RequestTap {
 public:
  // All arguments must live as long as libcurl may read: the tap itself too, after release() as before.
  RequestTap(const CurlApi& api, CURL* curl, const HandleOptions& options, BodySink* sink);
  RequestTap(const RequestTap&) = delete;
  RequestTap& operator=(const RequestTap&) = delete;

  // The application has set another function or argument, and the options have noted it.
  void take_new_source();

  // Nothing of the handle is set from now on: others have set what they want there.
  void release() { is_set_ = false; }
  bool is_set() const { return is_set_; }

  // Of type curl_read_callback; `turn` is what this object has set as CURLOPT_READDATA.
  static std::size_t read(char* buffer, std::size_t size, std::size_t count, void* turn);

 private:
  struct Turn {
    RequestTap* tap = nullptr;
    curl_read_callback function = nullptr;
    void* data = nullptr;
  };

  void offer(Turn& turn);
  void begin(Turn& turn);
  Turn& next_turn() { return read_by_ == &turns_[1] ? turns_[0] : turns_[1]; }

  const CurlApi* api_;
  CURL* curl_;
  const HandleOptions* options_;
  BodySink* sink_;
  Turn turns_[2];
  Turn* read_by_ = nullptr;  // nullptr before the first read
  bool is_set_ = true;
};

}  // namespace llmo::http
