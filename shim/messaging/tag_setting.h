// LLMOBSERVE_TAG_REQUESTS, as it counts for messages.
#pragma once

#include <string_view>

namespace llmo::messaging {

// Whether messages by way of that server get a traceparent: the setting is `true`, or names the server as it
// names the hosts of requests. `host` in lower case; empty where it is not known, as which no glob but `*`
// names it. After recording().
bool may_tag(std::string_view host);

}  // namespace llmo::messaging
