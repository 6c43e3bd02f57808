// A libcurl of a test's own: handles that remember their options, and answers that the test chooses.
#pragma once

#include <cstdarg>
#include <map>
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

inline const char* fake_strerror(CURLcode) { return "what libcurl says"; }

// Functions with a fixed last argument, called as libcurl's variadic ones: the calling convention is the same
// for a pointer or an integer of its size.
inline http::CurlApi fake_curl_api() {
  http::CurlApi api;
  api.easy_setopt = reinterpret_cast<decltype(api.easy_setopt)>(reinterpret_cast<void*>(&fake_setopt));
  api.easy_getinfo = reinterpret_cast<decltype(api.easy_getinfo)>(reinterpret_cast<void*>(&fake_getinfo));
  api.easy_header = &fake_header;
  api.easy_strerror = &fake_strerror;
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
