// What libcurl's error codes are called.
#pragma once

#include <string_view>

#include "shim/http/curl_api.h"

namespace llmo::http {

// The name of a curl error code, `CURLE_COULDNT_CONNECT`; `CURLE_UNKNOWN` for CURLE_OK, for numbers that no
// error has, and for errors that are newer than this list.
std::string_view curl_error_name(CURLcode code);

// `error.type` of a failed transfer: `timeout`, else the code's name.
std::string_view error_type_of(CURLcode code);

}  // namespace llmo::http
