#include "shim/http/easy.h"

#include "shim/http/multi_transfers.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/real_function.h"
#include "shim/span/tracer.h"

namespace llmo::http::easy {
namespace {

Target<Handle> target_of(CURL* curl, const CallSite& site) { return find_target(handles(), curl, site); }

// libcurl makes handles for its own use, one for each multi handle, and frees them out of our sight.
bool comes_from_libcurl(const Target<Handle>& target, const CallSite& site) {
  return platform::module_of(site.return_address) ==
         platform::module_of(reinterpret_cast<const void*>(target.api->easy_init));
}

// The transfer of one curl_easy_perform(). It belongs to the handle, not to this frame: a callback may leave
// by longjmp(), which runs no destructor, and libcurl would be left with pointers into a dead stack.
class PerformScope {
 public:
  PerformScope(Handle& handle, const CallSite& site)
      : curl_(handle.curl), stack_address_(site.stack_address) {
    const platform::ErrnoSaver keep_errno;
    handle.transfer.reset();  // one that a longjmp() has left behind
    handle.performed_at = stack_address_;
    handle.transfer = Transfer::begin(*handle.api, curl_, handle.known_options(), place_of(site));
  }

  ~PerformScope() {
    const platform::ErrnoSaver keep_errno;
    Handle* const handle = mine();
    if (handle == nullptr) return;
    handle->performed_at = 0;
    handle->transfer.reset();
    if (handle->is_foreign) handles().take(curl_).reset();
  }

  PerformScope(const PerformScope&) = delete;
  PerformScope& operator=(const PerformScope&) = delete;

  // Returns `result`, with errno as it was.
  CURLcode finish(CURLcode result) {
    const Handle* const handle = mine();
    if (handle != nullptr && handle->transfer != nullptr) handle->transfer->end(result);
    return result;
  }

 private:
  // The handle, if this is still what runs on it: a callback may have got rid of it.
  Handle* mine() const {
    Handle* const handle = handles().find(curl_);
    return handle != nullptr && handle->performed_at == stack_address_ ? handle : nullptr;
  }

  CURL* const curl_;
  const std::uintptr_t stack_address_;
};

}  // namespace

CURL* init(const CallSite& site) {
  const Target<Handle> target = target_of(nullptr, site);
  if (target.api == nullptr) return nullptr;
  CURL* const curl = target.api->easy_init();
  const HandleOptions none;
  if (curl == nullptr || !span::recording() || comes_from_libcurl(target, site)) return curl;
  follow_handle(curl, target.api, &none);
  return curl;
}

CURLcode set_option(CURL* curl, CURLoption option, void* argument, const CallSite& site) {
  const Target<Handle> target = target_of(curl, site);
  if (target.api == nullptr) return CURLE_FAILED_INIT;
  Handle* const handle = target.known;
  if (handle == nullptr || handle->is_foreign) return target.api->easy_setopt(curl, option, argument);

  if (handle->transfer != nullptr && handle->transfer->holds(option)) {
    handle->options.note(option, argument);
    return handle->transfer->set_held(option);
  }
  const CURLcode result = target.api->easy_setopt(curl, option, argument);
  if (result == CURLE_OK) {
    const platform::ErrnoSaver keep_errno;
    handle->options.note(option, argument);
  }
  return result;
}

CURLcode perform(CURL* curl, const CallSite& site) {
  const Target<Handle> target = target_of(curl, site);
  if (target.api == nullptr) return CURLE_FAILED_INIT;
  // The handle may go while the transfer runs, the function does not.
  auto* const real_perform = target.api->easy_perform;
  if (curl == nullptr || !span::recording()) return real_perform(curl);

  Handle* const handle = target.known != nullptr ? target.known : follow_handle(curl, target.api, nullptr);
  // libcurl refuses a handle that is in a multi, or is performing already.
  if (handle == nullptr || handle->multi != nullptr || handle->is_performing(site.stack_address))
    return real_perform(curl);
  PerformScope scope(*handle, site);
  return scope.finish(real_perform(curl));
}

CURL* duplicate(CURL* curl, const CallSite& site) {
  const Target<Handle> target = target_of(curl, site);
  if (target.api == nullptr) return nullptr;
  CURL* const copy = target.api->easy_duphandle(curl);
  const Handle* const original = target.known;
  if (copy == nullptr || original == nullptr || original->is_foreign) return copy;
  if (original->transfer != nullptr) original->transfer->put_back(copy);
  follow_handle(copy, original->api, &original->options);
  return copy;
}

void reset(CURL* curl, const CallSite& site) {
  const Target<Handle> target = target_of(curl, site);
  if (target.api == nullptr) return;
  target.api->easy_reset(curl);
  Handle* const handle = target.known;
  if (handle == nullptr) return;
  const platform::ErrnoSaver keep_errno;
  if (handle->transfer != nullptr) handle->transfer->forget_exchanged();
  handle->options = {};
}

void cleanup(CURL* curl, const CallSite& site) {
  const Target<Handle> target = target_of(curl, site);
  if (target.api == nullptr) return;
  auto* const real_cleanup = target.api->easy_cleanup;
  if (target.known != nullptr) {
    const platform::ErrnoSaver keep_errno;
    // What is under way, or was left behind, ends here, while libcurl still has the handle.
    if (target.known->multi != nullptr) {
      collect_messages(*target.known->multi);
      leave_multi(*target.known);
    }
    handles().take(curl).reset();
  }
  real_cleanup(curl);
}

}  // namespace llmo::http::easy
