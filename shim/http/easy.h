// The easy interface of libcurl, as it works with us in front of it: what curl_hooks.cpp calls.
//
// Each function does what libcurl's function of that name does, by way of the libcurl that the handle belongs
// to, or that the caller would have reached, and gives back exactly its answer. Where there is no libcurl,
// they fail as libcurl does when it cannot start. Host callbacks run beneath perform(): it may be left by an
// exception or by pthread_exit().
#pragma once

#include <cstdint>

#include "shim/http/curl_api.h"

namespace llmo::http::easy {

// Where a call came from.
struct CallSite {
  const void* return_address;
  std::uintptr_t stack_address;  // the hook's frame: of open function calls those below it are gone
};

CURL* init(const CallSite& site);
CURLcode set_option(CURL* curl, CURLoption option, void* argument, const CallSite& site);
CURLcode perform(CURL* curl, const CallSite& site);
CURL* duplicate(CURL* curl, const CallSite& site);
void reset(CURL* curl, const CallSite& site);
void cleanup(CURL* curl, const CallSite& site);

// In a forked child, before any other call: locks are free again, handles are kept.
void reset_after_fork();

}  // namespace llmo::http::easy
