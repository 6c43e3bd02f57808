// The libcurl functions that libllmobserve.so stands in front of.
//
//   curl_easy_init, _duphandle, _reset, _cleanup    the life of a handle             http/handle_table.h
//   curl_easy_setopt                                what the application sets on it  http/handle_options.h
//   curl_easy_perform                               client span around the transfer  http/transfer.h
//
// Nothing is decided here. Which libcurl is behind a call depends on who calls, so each hook passes on its
// return address, and nothing remembers a function by its name.
#include <cstdint>

#include "shim/http/curl_api.h"
#include "shim/http/easy.h"
#include "shim/platform/export.h"

namespace easy = llmo::http::easy;

// A macro, as both builtins speak of the function that they stand in.
#define LLMO_CALL_SITE \
  easy::CallSite { __builtin_return_address(0), LLMO_STACK_ADDRESS() }

extern "C" {

LLMO_EXPORT CURL* curl_easy_init() { return easy::init(LLMO_CALL_SITE); }

// libcurl declares it with `...` behind the option and reads one argument there: a pointer or an integer of
// its size (CURLOPTTYPE_* in curl/curl.h). Fixed arguments are passed the same way (System V psABI
// (AMD64) 3.2.3), so a plain function takes its name.
LLMO_EXPORT CURLcode set_option_hook(CURL* handle, CURLoption option,
                                     void* argument) __asm__("curl_easy_setopt");

CURLcode set_option_hook(CURL* handle, CURLoption option, void* argument) {
  return easy::set_option(handle, option, argument, LLMO_CALL_SITE);
}

// Not noexcept: a callback of the host may leave through this frame.
LLMO_EXPORT CURLcode curl_easy_perform(CURL* handle) { return easy::perform(handle, LLMO_CALL_SITE); }

LLMO_EXPORT CURL* curl_easy_duphandle(CURL* handle) { return easy::duplicate(handle, LLMO_CALL_SITE); }

LLMO_EXPORT void curl_easy_reset(CURL* handle) { easy::reset(handle, LLMO_CALL_SITE); }

LLMO_EXPORT void curl_easy_cleanup(CURL* handle) { easy::cleanup(handle, LLMO_CALL_SITE); }

}  // extern "C"
