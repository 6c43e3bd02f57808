// The functions of one librdkafka, as pointers: the shim links none, and the process may hold several.
#pragma once

#include "shim/messaging/kafka_types.h"
#include "shim/platform/call_site.h"

namespace llmo::messaging::kafka {

using platform::CallSite;

// What hooks need beside the function that they stand in front of. nullptr where the library has none.
struct Api {
  const char* (*topic_name)(const Topic*) = nullptr;
  const char* (*err2name)(ErrorCode) = nullptr;
  ErrorCode (*last_error)() = nullptr;

  Error* (*produceva)(Client*, const Argument*, std::size_t) = nullptr;  // since 1.6
  ErrorCode (*error_code)(const Error*) = nullptr;
  int (*error_is_fatal)(const Error*) = nullptr;
  void (*error_destroy)(Error*) = nullptr;

  Headers* (*headers_new)(std::size_t) = nullptr;
  Headers* (*headers_copy)(const Headers*) = nullptr;
  ErrorCode (*header_add)(Headers*, const char*, ssize_t, const void*, ssize_t) = nullptr;
  void (*headers_destroy)(Headers*) = nullptr;
  ErrorCode (*header_get_last)(const Headers*, const char*, const void**, std::size_t*) = nullptr;
  ErrorCode (*message_headers)(const Message*, Headers**) = nullptr;

  const Settings* (*conf)(Client*) = nullptr;
  int (*conf_get)(const Settings*, const char*, char*, std::size_t*) = nullptr;
  int (*event_type)(const Event*) = nullptr;

  friend bool operator==(const Api&, const Api&) = default;

  // Whether it has all that it takes to send a message with headers of ours.
  bool sends_headers() const;
  // The short name of an error, for error.type.
  const char* name_of(ErrorCode error) const;
  // The name of a message's topic; empty where there is none.
  const char* name_of(const Topic* topic) const;
};

// Those of the library that `function`, one of its functions, is of. nullptr where it has gone, or where
// there is no memory. The table stays for good. Threads: any. Takes no lock of the loader's but that of its
// list.
const Api* api_of(const void* function);

template <typename Function>
const Api* api_of(Function* function) {
  return api_of(reinterpret_cast<const void*>(function));
}

// Whether a call comes from the library itself: what it does for its own use is no message of the program's.
bool comes_from_library(const CallSite& site, const void* function);

}  // namespace llmo::messaging::kafka
