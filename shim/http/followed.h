// What of libcurl is followed in this process, and how a call on it finds its way.
#pragma once

#include "shim/http/curl_api.h"
#include "shim/http/handle_table.h"
#include "shim/http/multi_table.h"
#include "shim/platform/call_site.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/tracer.h"

namespace llmo::http {

using platform::CallSite;

HandleTable& handles();
MultiTable& multis();

// LLMOBSERVE_TAG_REQUESTS; nullptr where there is no memory for it. Stays for good. After recording().
const TagRule* tag_rule();

// Where a transfer that is asked for at `site` belongs.
TransferPlace place_of(const CallSite& site);

// Follows a handle from now on, in place of one of the same address whose end went unseen. A foreign one has
// no options. nullptr where there is no memory.
Handle* follow_handle(CURL* curl, const CurlApi* api, const HandleOptions* options);

// An object of libcurl's as a call meets it.
template <typename Entry>
struct Target {
  Entry* known = nullptr;        // nullptr where it is not followed, as all are where nothing is recorded
  const CurlApi* api = nullptr;  // of the libcurl that the call goes to; nullptr where there is none
};

template <typename Entry, unsigned kBits>
Target<Entry> find_target(platform::AddressTable<platform::Part::kHttp, Entry, kBits>& table,
                          const void* address, const CallSite& site) {
  const platform::ErrnoSaver keep_errno;
  Entry* const known = span::recording() ? table.find(address) : nullptr;
  return {known, known != nullptr ? known->api : find_curl(site.return_address)};
}

// In a forked child, before any other call: locks are free again, handles are kept.
void reset_after_fork();

}  // namespace llmo::http
