// A trace request of any length, cut into requests that fit into memory.
//
// Whoever writes JSON for people puts one request over many lines, and it may hold all spans of a day. Here
// only the frame around the spans is understood:
//
//   {"resourceSpans": [{"resource": R, "scopeSpans": [{"scope": S, "spans": [span, span, …]}]}]}
//
// R, S and the spans are passed on as they stand, a few spans at a time, each time in a frame of their own.
// What else there is, is stepped over.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "exporters/input/byte_window.h"

namespace llmo::input {

class JsonDocument {
 public:
  // Takes a request; the view ends with the call.
  using TakeRequest = std::function<void(std::string_view)>;

  // `window` is the caller's and outlives this.
  JsonDocument(ByteWindow& window, const TakeRequest& take) : window_(window), take_(take) {}

  // Reads one document from the window's beginning on. False where it is damaged: the window then stands
  // where that was noticed. A line that begins with a request of its own ends one that is not finished.
  bool read();

 private:
  int peek();
  bool expect(char wanted);
  bool next_request_begins();
  bool read_text(std::string* copy);
  bool read_value(std::string* copy);
  template <typename Member>
  bool read_object(Member member);
  template <typename Element>
  bool read_array(Element element);
  bool read_resource_spans();
  bool read_scope_spans();
  bool read_span();
  void hand_over();

  ByteWindow& window_;
  const TakeRequest& take_;
  std::string resource_;
  std::string scope_;
  std::string spans_;
  bool style_known_ = false;  // a line has ended
  bool indented_ = false;     // the line after it begins with a blank
  bool cut_off_ = false;      // the next request begins here
};

}  // namespace llmo::input
