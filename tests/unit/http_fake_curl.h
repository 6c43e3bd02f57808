// A libcurl of a test's own: handles that remember their options, and answers that the test chooses.
#pragma once

#include <cstdarg>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "shim/http/curl_api.h"

namespace llmo::test {

// What a CURL* of this libcurl points to.
struct FakeHandle {
  std::map<CURLoption, void*> options;
  std::vector<CURLoption> order;  // of the options set since the test last cleared it
  std::map<CURLINFO, long> numbers;
  std::map<CURLINFO, curl_off_t> sizes;
  std::map<CURLINFO, std::string> texts;
  std::map<std::string, std::string> headers;
  curl_header found{};
  std::map<std::string, std::string>::iterator next_header{};

  CURL* curl() { return this; }
  template <typename T>
  T option(CURLoption name) const {
    const auto found_option = options.find(name);
    return found_option == options.end() ? T{} : reinterpret_cast<T>(found_option->second);
  }
};

inline CURLcode fake_setopt(CURL* curl, unsigned option, void* argument) {
  auto& handle = *static_cast<FakeHandle*>(curl);
  handle.options[static_cast<CURLoption>(option)] = argument;
  handle.order.push_back(static_cast<CURLoption>(option));
  return CURLE_OK;
}

inline CURLcode fake_getinfo(CURL* curl, unsigned info, void* answer) {
  auto& handle = *static_cast<FakeHandle*>(curl);
  const auto name = static_cast<CURLINFO>(info);
  switch (info & CURLINFO_TYPEMASK) {
    case CURLINFO_LONG:
      *static_cast<long*>(answer) = handle.numbers[name];
      break;
    case CURLINFO_OFF_T:
      *static_cast<curl_off_t*>(answer) = handle.sizes[name];
      break;
    case CURLINFO_STRING:
      *static_cast<const char**>(answer) = handle.texts[name].c_str();
      break;
    default:
      return CURLE_UNKNOWN_OPTION;
  }
  return CURLE_OK;
}

inline CURLHcode fake_header(CURL* curl, const char* name, std::size_t, unsigned, int, curl_header** found) {
  auto& handle = *static_cast<FakeHandle*>(curl);
  const auto header = handle.headers.find(name);
  if (header == handle.headers.end()) return CURLHE_MISSING;
  handle.found.value = header->second.data();
  *found = &handle.found;
  return CURLHE_OK;
}

// The headers in the order of their names, of one walk at a time.
inline curl_header* fake_nextheader(CURL* curl, unsigned, int, curl_header* previous) {
  auto& handle = *static_cast<FakeHandle*>(curl);
  handle.next_header = previous == nullptr ? handle.headers.begin() : std::next(handle.next_header);
  if (handle.next_header == handle.headers.end()) return nullptr;
  handle.found.name = const_cast<char*>(handle.next_header->first.c_str());
  handle.found.value = handle.next_header->second.data();
  return &handle.found;
}

// What a CURLM* of this libcurl points to. Transfers end when the test says so.
struct FakeMulti {
  std::set<CURL*> handles;
  std::deque<CURLMsg> messages;  // never moved: pointers to them are given away
  std::size_t read = 0;
  bool in_callback = false;
  int drives = 0;

  CURLM* multi() { return this; }
  void end(CURL* curl, CURLcode result) {
    CURLMsg message{};
    message.msg = CURLMSG_DONE;
    message.easy_handle = curl;
    message.data.result = result;
    messages.push_back(message);
  }
};

inline CURLMcode fake_multi_add(CURLM* multi, CURL* curl) {
  auto& fake = *static_cast<FakeMulti*>(multi);
  if (fake.in_callback) return CURLM_RECURSIVE_API_CALL;
  return fake.handles.insert(curl).second ? CURLM_OK : CURLM_ADDED_ALREADY;
}

inline CURLMcode fake_multi_remove(CURLM* multi, CURL* curl) {
  auto& fake = *static_cast<FakeMulti*>(multi);
  if (fake.in_callback) return CURLM_RECURSIVE_API_CALL;
  fake.handles.erase(curl);
  return CURLM_OK;
}

inline CURLMcode fake_multi_cleanup(CURLM* multi) {
  return static_cast<FakeMulti*>(multi)->in_callback ? CURLM_RECURSIVE_API_CALL : CURLM_OK;
}

inline CURLMsg* fake_multi_info_read(CURLM* multi, int* left) {
  auto& fake = *static_cast<FakeMulti*>(multi);
  *left = 0;
  if (fake.in_callback || fake.read == fake.messages.size()) return nullptr;
  *left = static_cast<int>(fake.messages.size() - fake.read - 1);
  return &fake.messages[fake.read++];
}

inline CURLMcode fake_multi_perform(CURLM* multi, int* running) {
  auto& fake = *static_cast<FakeMulti*>(multi);
  *running = static_cast<int>(fake.handles.size());
  ++fake.drives;
  return fake.in_callback ? CURLM_RECURSIVE_API_CALL : CURLM_OK;
}

inline CURLMcode fake_multi_timeout(CURLM* multi, long*) {
  return static_cast<FakeMulti*>(multi)->in_callback ? CURLM_RECURSIVE_API_CALL : CURLM_OK;
}

inline void fake_cleanup(CURL*) {}

inline const char* fake_strerror(CURLcode) { return "what libcurl says"; }

// Functions with a fixed last argument, called as libcurl's variadic ones: the calling convention is the same
// for a pointer or an integer of its size.
inline http::CurlApi fake_curl_api() {
  http::CurlApi api;
  api.easy_setopt = reinterpret_cast<decltype(api.easy_setopt)>(reinterpret_cast<void*>(&fake_setopt));
  api.easy_getinfo = reinterpret_cast<decltype(api.easy_getinfo)>(reinterpret_cast<void*>(&fake_getinfo));
  api.easy_header = &fake_header;
  api.easy_nextheader = &fake_nextheader;
  api.easy_strerror = &fake_strerror;
  api.easy_cleanup = &fake_cleanup;
  api.multi_add_handle = &fake_multi_add;
  api.multi_remove_handle = &fake_multi_remove;
  api.multi_cleanup = &fake_multi_cleanup;
  api.multi_info_read = &fake_multi_info_read;
  api.multi_perform = &fake_multi_perform;
  api.multi_timeout = &fake_multi_timeout;
  return api;
}

// A curl_slist whose lines live as long as it does.
class HeaderLines {
 public:
  explicit HeaderLines(std::vector<std::string> lines) : lines_(std::move(lines)), nodes_(lines_.size()) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      nodes_[i] = {lines_[i].data(), i + 1 < lines_.size() ? &nodes_[i + 1] : nullptr};
    }
  }
  curl_slist* list() { return nodes_.empty() ? nullptr : nodes_.data(); }

 private:
  std::vector<std::string> lines_;
  std::vector<curl_slist> nodes_;
};

inline std::vector<std::string> lines_of(const curl_slist* list) {
  std::vector<std::string> lines;
  for (; list != nullptr; list = list->next) lines.emplace_back(list->data);
  return lines;
}

}  // namespace llmo::test
