// The libcurl functions that libllmobserve.so stands in front of.
//
//   curl_easy_init, _duphandle, _reset, _cleanup    the life of a handle             http/handle_table.h
//   curl_easy_setopt                                what the application sets on it  http/handle_options.h
//   curl_easy_perform                               client span around the transfer  http/transfer.h
//   curl_multi_add_handle, _remove_handle,
//   curl_multi_cleanup                              who is in which multi            http/multi_table.h
//   curl_multi_perform, _socket_action, _socket,
//   curl_multi_socket_all, _info_read               drives, and their results        http/multi_transfers.h
//
// Nothing is decided here. Which libcurl is behind a call depends on who calls, so each hook passes on its
// return address, and nothing remembers a function by its name.
#include <cstdint>

#include "shim/http/curl_api.h"
#include "shim/http/easy.h"
#include "shim/http/multi.h"
#include "shim/platform/call_site.h"
#include "shim/platform/export.h"

namespace easy = llmo::http::easy;
namespace multi = llmo::http::multi;

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

LLMO_EXPORT CURLMcode curl_multi_add_handle(CURLM* handle, CURL* curl) {
  return multi::add_handle(handle, curl, LLMO_CALL_SITE);
}

LLMO_EXPORT CURLMcode curl_multi_remove_handle(CURLM* handle, CURL* curl) {
  return multi::remove_handle(handle, curl, LLMO_CALL_SITE);
}

LLMO_EXPORT CURLMcode curl_multi_cleanup(CURLM* handle) { return multi::cleanup(handle, LLMO_CALL_SITE); }

LLMO_EXPORT CURLMsg* curl_multi_info_read(CURLM* handle, int* left) {
  return multi::info_read(handle, left, LLMO_CALL_SITE);
}

LLMO_EXPORT CURLMcode curl_multi_perform(CURLM* handle, int* running) {
  return multi::perform(handle, running, LLMO_CALL_SITE);
}

LLMO_EXPORT CURLMcode curl_multi_socket_action(CURLM* handle, curl_socket_t socket, int events,
                                               int* running) {
  return multi::socket_action(handle, socket, events, running, LLMO_CALL_SITE);
}

LLMO_EXPORT CURLMcode curl_multi_socket(CURLM* handle, curl_socket_t socket, int* running) {
  return multi::socket(handle, socket, running, LLMO_CALL_SITE);
}

LLMO_EXPORT CURLMcode curl_multi_socket_all(CURLM* handle, int* running) {
  return multi::socket_all(handle, running, LLMO_CALL_SITE);
}

}  // extern "C"
