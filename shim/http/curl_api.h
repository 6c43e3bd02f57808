// The functions of one libcurl, as pointers: the shim links no libcurl, and the process may hold several.
//
// Everything in shim/http reaches libcurl through such a table, so a test can pass one of its own.
#pragma once

#define CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_DEPRECATION  // applications still use what libcurl deprecates
#include <curl/curl.h>
// With the checks off, curl.h makes macros of these names that stand for the functions themselves.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_share_setopt
#undef curl_multi_setopt
#undef curl_multi_socket

#include <cstddef>

namespace llmo::http {

struct CurlApi {
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_duphandle) easy_duphandle = nullptr;
  decltype(&curl_easy_reset) easy_reset = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;

  decltype(&curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&curl_multi_info_read) multi_info_read = nullptr;
  decltype(&curl_multi_perform) multi_perform = nullptr;
  decltype(&curl_multi_socket_action) multi_socket_action = nullptr;
  decltype(&curl_multi_socket) multi_socket = nullptr;
  decltype(&curl_multi_socket_all) multi_socket_all = nullptr;
  decltype(&curl_multi_timeout) multi_timeout = nullptr;

  // Missing in older libcurls: curl_easy_header and _nextheader before 7.83, curl_url_get before 7.62.
  decltype(&curl_easy_header) easy_header = nullptr;
  decltype(&curl_easy_nextheader) easy_nextheader = nullptr;
  decltype(&curl_url_get) url_get = nullptr;
  decltype(&curl_free) free = nullptr;

  friend bool operator==(const CurlApi&, const CurlApi&) = default;
};

// The libcurl that a call with the return address `caller` would have reached without us, by way of
// platform::function_behind(). nullptr where there is none, or where it lacks a function that every libcurl
// has. The table stays for good, one for each libcurl that was ever met; the answer for a module is kept
// until some module is unloaded. Threads: any.
const CurlApi* find_curl(const void* caller);

// In a forked child: forgets what another thread may have been in the middle of.
void reset_curl_cache_after_fork();

}  // namespace llmo::http
