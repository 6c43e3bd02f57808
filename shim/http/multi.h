// The multi interface of libcurl, as it works with us in front of it: what curl_hooks.cpp calls.
//
// As easy.h says: each function does what libcurl's function of that name does and gives back exactly its
// answer. Host callbacks run beneath all of them.
//
// libcurl comes here too, as it calls itself by these names: each curl_easy_perform() adds its handle to a
// multi of its own and drives that one.
#pragma once

#include "shim/http/curl_api.h"
#include "shim/http/followed.h"

namespace llmo::http::multi {

CURLMcode add_handle(CURLM* multi, CURL* curl, const CallSite& site);
CURLMcode remove_handle(CURLM* multi, CURL* curl, const CallSite& site);
CURLMcode cleanup(CURLM* multi, const CallSite& site);
CURLMsg* info_read(CURLM* multi, int* left, const CallSite& site);

CURLMcode perform(CURLM* multi, int* running, const CallSite& site);
CURLMcode socket_action(CURLM* multi, curl_socket_t socket, int events, int* running, const CallSite& site);
CURLMcode socket(CURLM* multi, curl_socket_t socket, int* running, const CallSite& site);
CURLMcode socket_all(CURLM* multi, int* running, const CallSite& site);

}  // namespace llmo::http::multi
