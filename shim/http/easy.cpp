#include "shim/http/easy.h"

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "shim/http/handle_table.h"
#include "shim/http/request_tag.h"
#include "shim/http/transfer.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/current.h"
#include "shim/span/tracer.h"

namespace llmo::http::easy {
namespace {

constinit HandleTable g_handles;
constinit std::atomic<const TagRule*> g_tag_rule{nullptr};

// Made from the settings when first asked for, then kept.
const TagRule* tag_rule() {
  // Acquire: pairs with the exchange below, which publishes the rule's contents.
  const TagRule* rule = g_tag_rule.load(std::memory_order_acquire);
  if (rule != nullptr) return rule;
  auto made = std::make_unique<const TagRule>(span::settings().tag_requests);
  if (g_tag_rule.compare_exchange_strong(rule, made.get(), std::memory_order_acq_rel)) return made.release();
  return rule;  // another thread was first
}

// The handle, where it is known, and the libcurl that a call on it goes to.
class Target {
 public:
  Target(CURL* curl, const CallSite& site) {
    const platform::ErrnoSaver keep_errno;
    // Where nothing is recorded no handle is known.
    if (span::recording()) handle_ = g_handles.find(curl);
    if (handle_ == nullptr) found_ = find_curl(site.return_address, &found_api_);
  }

  bool has_curl() const { return handle_ != nullptr || found_; }
  Handle* handle() const { return handle_; }
  const CurlApi& api() const { return handle_ != nullptr ? handle_->api : found_api_; }

 private:
  Handle* handle_ = nullptr;
  bool found_ = false;
  CurlApi found_api_;
};

TransferPlace place_of(const CallSite& site) {
  TransferPlace place{span::current_context(site.stack_address), {}, tag_rule()};
  // The state came with the remote parent and belongs to its trace.
  if (!span::tracestate().empty() && place.parent.trace == span::remote_parent().trace) {
    place.tracestate = span::tracestate();
  }
  return place;
}

// A transfer for the time of one curl_easy_perform(). That of a known handle belongs to the handle, not to
// this frame: a callback may leave by longjmp(), which runs no destructor, and libcurl would be left with
// pointers into a dead stack.
class PerformScope {
 public:
  PerformScope(CURL* curl, Handle* handle, const CurlApi& api, const CallSite& site) : curl_(curl) {
    const platform::ErrnoSaver keep_errno;
    if (handle == nullptr) {
      own_ = Transfer::begin(api, curl, nullptr, place_of(site));
      return;
    }
    // One that a longjmp() has left behind. A call from a callback lies deeper in the stack, and libcurl
    // refuses it.
    if (handle->transfer != nullptr && site.stack_address < handle->transfer_stack_address) return;
    handle->transfer.reset();
    handle->transfer_stack_address = site.stack_address;
    handle->transfer = Transfer::begin(api, curl, &handle->options, place_of(site));
    if (handle->transfer != nullptr) number_ = handle->transfer->number();
  }

  ~PerformScope() {
    const platform::ErrnoSaver keep_errno;
    if (Handle* const handle = mine()) handle->transfer.reset();
  }

  PerformScope(const PerformScope&) = delete;
  PerformScope& operator=(const PerformScope&) = delete;

  // Returns `result`, with errno as it was.
  CURLcode finish(CURLcode result) {
    Handle* const handle = mine();
    if (handle != nullptr) handle->transfer->end(result);
    if (own_ != nullptr) own_->end(result);
    return result;
  }

 private:
  // The handle, if it still has the transfer that this scope began: a callback may have got rid of either.
  Handle* mine() const {
    if (number_ == 0) return nullptr;
    Handle* const handle = g_handles.find(curl_);
    const bool same =
        handle != nullptr && handle->transfer != nullptr && handle->transfer->number() == number_;
    return same ? handle : nullptr;
  }

  CURL* const curl_;
  std::uint64_t number_ = 0;
  std::unique_ptr<Transfer> own_;  // of a handle that is not known
};

void remember(CURL* curl, const CurlApi& api, HandleOptions options) {
  const platform::ErrnoSaver keep_errno;
  auto handle = std::make_unique<Handle>();
  handle->curl = curl;
  handle->api = api;
  handle->options = std::move(options);
  g_handles.insert(std::move(handle));
}

}  // namespace

CURL* init(const CallSite& site) {
  const Target target(nullptr, site);
  if (!target.has_curl()) return nullptr;
  CURL* const curl = target.api().easy_init();
  if (curl != nullptr && span::recording()) remember(curl, target.api(), {});
  return curl;
}

CURLcode set_option(CURL* curl, CURLoption option, void* argument, const CallSite& site) {
  const Target target(curl, site);
  if (!target.has_curl()) return CURLE_FAILED_INIT;
  Handle* const handle = target.handle();
  if (handle == nullptr) return target.api().easy_setopt(curl, option, argument);

  if (handle->transfer != nullptr && handle->transfer->holds(option)) {
    handle->options.note(option, argument);
    return handle->transfer->set_held(option);
  }
  const CURLcode result = target.api().easy_setopt(curl, option, argument);
  if (result == CURLE_OK) {
    const platform::ErrnoSaver keep_errno;
    handle->options.note(option, argument);
  }
  return result;
}

CURLcode perform(CURL* curl, const CallSite& site) {
  const Target target(curl, site);
  if (!target.has_curl()) return CURLE_FAILED_INIT;
  // The target's handle may go while the transfer runs, the function does not.
  auto* const real_perform = target.api().easy_perform;
  if (curl == nullptr || !span::recording()) return real_perform(curl);

  PerformScope scope(curl, target.handle(), target.api(), site);
  return scope.finish(real_perform(curl));
}

CURL* duplicate(CURL* curl, const CallSite& site) {
  const Target target(curl, site);
  if (!target.has_curl()) return nullptr;
  CURL* const copy = target.api().easy_duphandle(curl);
  const Handle* const original = target.handle();
  if (copy == nullptr || original == nullptr) return copy;
  if (original->transfer != nullptr) original->transfer->put_back(copy);
  remember(copy, original->api, original->options);
  return copy;
}

void reset(CURL* curl, const CallSite& site) {
  const Target target(curl, site);
  if (!target.has_curl()) return;
  target.api().easy_reset(curl);
  Handle* const handle = target.handle();
  if (handle == nullptr) return;
  const platform::ErrnoSaver keep_errno;
  if (handle->transfer != nullptr) handle->transfer->forget_exchanged();
  handle->options = {};
}

void cleanup(CURL* curl, const CallSite& site) {
  const Target target(curl, site);
  if (!target.has_curl()) return;
  auto* const real_cleanup = target.api().easy_cleanup;
  if (target.handle() != nullptr) {
    const platform::ErrnoSaver keep_errno;
    // A transfer that was left behind ends here, while libcurl still has the handle.
    g_handles.take(curl).reset();
  }
  real_cleanup(curl);
}

void reset_after_fork() {
  g_handles.reset_after_fork();
  reset_curl_cache_after_fork();
}

}  // namespace llmo::http::easy
