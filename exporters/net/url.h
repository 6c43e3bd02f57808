// URLs of destinations: what of them may be shown, where a redirect may lead, and what their escapes say.
#pragma once

#include <string>
#include <string_view>

namespace llmo::net {

// Scheme, host, port and path: without user info, query and fragment, which may hold secrets. `an unreadable
// URL` where it is none.
std::string shown_url(const std::string& url);

// Whether a request to `from`, with whatever secrets are in its headers and body, may be sent to `to`: the
// same host and port by the same scheme, or the same host by https.
bool may_follow(const std::string& from, const std::string& to);

// `text` with the byte for each `%XX`. A `%` that no two digits follow stands for itself.
std::string percent_decoded(std::string_view text);

}  // namespace llmo::net
