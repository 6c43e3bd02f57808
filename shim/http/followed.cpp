#include "shim/http/followed.h"

#include <atomic>
#include <memory>
#include <utility>

#include "shim/http/request_tag.h"
#include "shim/platform/out_of_memory.h"
#include "shim/span/current.h"

namespace llmo::http {
namespace {

constinit HandleTable g_handles;
constinit MultiTable g_multis;
constinit std::atomic<const TagRule*> g_tag_rule{nullptr};

}  // namespace

HandleTable& handles() { return g_handles; }
MultiTable& multis() { return g_multis; }

const TagRule* tag_rule() {
  // Acquire: pairs with the exchange below, which publishes the rule's contents.
  const TagRule* rule = g_tag_rule.load(std::memory_order_acquire);
  if (rule != nullptr) return rule;
  std::unique_ptr<const TagRule> made;
  if (!platform::had_memory_for([&] { made.reset(new TagRule(span::settings().tag_requests)); }))
    return nullptr;
  if (g_tag_rule.compare_exchange_strong(rule, made.get(), std::memory_order_acq_rel)) return made.release();
  return rule;  // another thread was first
}

TransferPlace place_of(const CallSite& site) {
  TransferPlace place{span::current_context(site.stack_address), {}, tag_rule()};
  // The state came with the remote parent and belongs to its trace.
  if (!span::tracestate().empty() && place.parent.trace == span::remote_parent().trace) {
    place.tracestate = span::tracestate();
  }
  return place;
}

Handle* follow_handle(CURL* curl, const CurlApi* api, const HandleOptions* options) {
  const platform::ErrnoSaver keep_errno;
  std::unique_ptr<Handle> handle;
  const bool is_made = platform::had_memory_for([&] {
    handle = std::make_unique<Handle>(curl, api);
    handle->is_foreign = options == nullptr;
    if (options != nullptr) handle->options = *options;
  });
  if (!is_made) return nullptr;
  Handle* const followed = handle.get();
  const std::unique_ptr<Handle> stale = g_handles.insert(std::move(handle));
  // Its address belongs to the new handle now: nothing may be put back there.
  if (stale != nullptr && stale->transfer != nullptr) stale->transfer->forget_exchanged();
  return followed;
}

void reset_after_fork() {
  g_handles.reset_after_fork();
  g_multis.reset_after_fork();
  reset_curl_cache_after_fork();
}

}  // namespace llmo::http
