#include "shim/messaging/tag_setting.h"

#include "shim/http/followed.h"
#include "shim/http/request_tag.h"

namespace llmo::messaging {

bool may_tag(std::string_view host) {
  const http::TagRule* const rule = http::tag_rule();
  return rule != nullptr && rule->allows(host);
}

}  // namespace llmo::messaging
