// The easy interface of libcurl, as it works with us in front of it: what curl_hooks.cpp calls.
//
// Each function does what libcurl's function of that name does, by way of the libcurl that the handle belongs
// to, or that the caller would have reached, and gives back exactly its answer. Where there is no libcurl,
// they fail as libcurl does when it cannot start. Host callbacks run beneath perform(): it may be left by an
// exception or by pthread_exit().
#pragma once

#include "shim/http/curl_api.h"
#include "shim/http/followed.h"

namespace llmo::http::easy {

CURL* init(const CallSite& site);
CURLcode set_option(CURL* curl, CURLoption option, void* argument, const CallSite& site);
CURLcode perform(CURL* curl, const CallSite& site);
CURL* duplicate(CURL* curl, const CallSite& site);
void reset(CURL* curl, const CallSite& site);
void cleanup(CURL* curl, const CallSite& site);

}  // namespace llmo::http::easy
