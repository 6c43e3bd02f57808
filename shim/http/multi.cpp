#include "shim/http/multi.h"

#include <memory>
#include <new>
#include <utility>

#include "shim/http/multi_transfers.h"
#include "shim/platform/errno_saver.h"
#include "shim/platform/real_function.h"
#include "shim/span/tracer.h"

namespace llmo::http::multi {
namespace {

Target<Multi> target_of(CURLM* multi, const CallSite& site) { return find_target(multis(), multi, site); }

bool is_followed(const Multi* multi) { return multi != nullptr && !multi->is_private; }

// What libcurl does with handles of its own (to resolve a name by DNS over HTTPS, or for what an HTTP/2
// server pushes) it does while it drives the handles of the application. It is no request of theirs.
bool is_of_libcurl_itself(const Target<Multi>& target, const CallSite& site) {
  if (target.known == nullptr) return false;
  if (!target.known->is_private && !target.known->has_handles()) return false;
  return platform::module_of(site.return_address) ==
         platform::module_of(reinterpret_cast<const void*>(target.api->multi_add_handle));
}

// nullptr where there is no memory.
Multi* follow_multi(CURLM* multi, const CurlApi* api) {
  std::unique_ptr<Multi> made(new (std::nothrow) Multi(multi, api));
  if (made != nullptr) multis().insert(std::move(made));
  return multis().find(multi);
}

Multi* find_or_follow(CURLM* multi, const CurlApi* api) {
  Multi* const known = multis().find(multi);
  return known != nullptr ? known : follow_multi(multi, api);
}

// For curl_easy_perform(), which follows its transfer itself.
CURLMcode add_to_private(const Target<Multi>& target, CURLM* multi, CURL* curl) {
  const CURLMcode code = target.api->multi_add_handle(multi, curl);
  if (target.known != nullptr || code != CURLM_OK) return code;
  const platform::ErrnoSaver keep_errno;
  Multi* const made = follow_multi(multi, target.api);
  if (made != nullptr) made->is_private = true;
  return code;
}

// libcurl has taken the handle in.
void note_added(CURLM* curl_multi, CURL* curl, const CurlApi* api, const CallSite& site) {
  const platform::ErrnoSaver keep_errno;
  Multi* const multi = find_or_follow(curl_multi, api);
  if (multi == nullptr) return;
  Handle* handle = handles().find(curl);
  if (handle == nullptr) handle = follow_handle(curl, api, nullptr);
  if (handle == nullptr) return;
  multi->is_private = false;
  if (handle->multi != nullptr) leave_multi(*handle);  // its way out of that one went unseen
  handle->transfer.reset();
  enter_multi(*multi, *handle, place_of(site));
}

// libcurl has taken it out. What a callback has done meanwhile is seen afterwards only, so both are looked
// up.
void note_removed(CURLM* curl_multi, CURL* curl) {
  const platform::ErrnoSaver keep_errno;
  Multi* const multi = multis().find(curl_multi);
  if (multi == nullptr) return;
  Handle* const handle = handles().find(curl);
  if (handle == nullptr || handle->multi != multi) return multi->messages.erase(curl);
  leave_multi(*handle);
  forget_foreign(*handle);
}

// One call that drives the handles of a multi. Callbacks run beneath it.
class DriveScope {
 public:
  explicit DriveScope(Multi& multi) : multi_(multi.multi) {
    const platform::ErrnoSaver keep_errno;
    begin_transfers(multi);
  }

  ~DriveScope() {
    Multi* const multi = finished_ ? nullptr : multis().find(multi_);
    if (multi != nullptr) unwind_transfers(*multi);
  }

  DriveScope(const DriveScope&) = delete;
  DriveScope& operator=(const DriveScope&) = delete;

  CURLMcode finish(CURLMcode code) {
    finished_ = true;
    Multi* const multi = multis().find(multi_);
    if (multi != nullptr) collect_messages(*multi);
    return code;
  }

 private:
  CURLM* const multi_;
  bool finished_ = false;
};

template <typename Drive>
CURLMcode drive(CURLM* multi, const CallSite& site, const Drive& real_drive) {
  const Target<Multi> target = target_of(multi, site);
  if (target.api == nullptr) return CURLM_BAD_HANDLE;
  if (!is_followed(target.known)) return real_drive(*target.api);
  DriveScope scope(*target.known);
  return scope.finish(real_drive(*target.api));
}

}  // namespace

CURLMcode add_handle(CURLM* multi, CURL* curl, const CallSite& site) {
  const Target<Multi> target = target_of(multi, site);
  if (target.api == nullptr) return CURLM_BAD_HANDLE;
  if (!span::recording()) return target.api->multi_add_handle(multi, curl);

  const Handle* const handle = handles().find(curl);
  if (handle != nullptr && handle->is_performing(site.stack_address))
    return add_to_private(target, multi, curl);
  const bool is_ours = !is_of_libcurl_itself(target, site);
  const CURLMcode code = target.api->multi_add_handle(multi, curl);
  if (code == CURLM_OK && is_ours) note_added(multi, curl, target.api, site);
  return code;
}

CURLMcode remove_handle(CURLM* multi, CURL* curl, const CallSite& site) {
  const Target<Multi> target = target_of(multi, site);
  if (target.api == nullptr) return CURLM_BAD_HANDLE;
  if (!is_followed(target.known)) return target.api->multi_remove_handle(multi, curl);

  const Handle* const handle = handles().find(curl);
  if (handle != nullptr && handle->multi == target.known) collect_messages(*target.known);
  const CURLMcode code = target.api->multi_remove_handle(multi, curl);
  if (code == CURLM_OK) note_removed(multi, curl);
  return code;
}

// The multi is out of the table before libcurl frees it: another thread may get a new one at its address at
// once.
CURLMcode cleanup(CURLM* multi, const CallSite& site) {
  const Target<Multi> target = target_of(multi, site);
  if (target.api == nullptr) return CURLM_BAD_HANDLE;
  if (target.known == nullptr) return target.api->multi_cleanup(multi);

  const CurlApi& api = *target.api;
  if (is_followed(target.known)) collect_messages(*target.known);
  std::unique_ptr<Multi> followed = multis().take(multi);
  const CURLMcode code = api.multi_cleanup(multi);
  const platform::ErrnoSaver keep_errno;
  if (code == CURLM_OK) {
    leave_all(*followed);
  } else {
    multis().insert(std::move(followed));
  }
  return code;
}

CURLMsg* info_read(CURLM* multi, int* left, const CallSite& site) {
  const Target<Multi> target = target_of(multi, site);
  if (target.api == nullptr) return nullptr;
  if (!is_followed(target.known)) return target.api->multi_info_read(multi, left);

  Multi& followed = *target.known;
  collect_messages(followed);
  // What there is for the application then is nothing, and libcurl says so itself.
  if (followed.messages.size() == 0 || is_in_callback(followed))
    return target.api->multi_info_read(multi, left);
  CURLMsg* const message = take_message(followed);
  *left = static_cast<int>(followed.messages.size());
  return message;
}

CURLMcode perform(CURLM* multi, int* running, const CallSite& site) {
  return drive(multi, site, [&](const CurlApi& api) { return api.multi_perform(multi, running); });
}

CURLMcode socket_action(CURLM* multi, curl_socket_t socket, int events, int* running, const CallSite& site) {
  return drive(multi, site,
               [&](const CurlApi& api) { return api.multi_socket_action(multi, socket, events, running); });
}

CURLMcode socket(CURLM* multi, curl_socket_t socket, int* running, const CallSite& site) {
  return drive(multi, site, [&](const CurlApi& api) { return api.multi_socket(multi, socket, running); });
}

CURLMcode socket_all(CURLM* multi, int* running, const CallSite& site) {
  return drive(multi, site, [&](const CurlApi& api) { return api.multi_socket_all(multi, running); });
}

}  // namespace llmo::http::multi
