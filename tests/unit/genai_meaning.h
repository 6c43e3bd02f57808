// What match_api() makes of a request, in one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shim/genai/providers.h"

namespace llmo::genai {

inline bool carries(const void* context, std::string_view name) {
  return name == static_cast<const char*>(context);
}

inline ApiMatch match_of(std::string_view method, std::string_view host, std::string_view path,
                         std::uint16_t port = 0, const char* header = "") {
  return match_api({.method = method,
                    .host = host,
                    .path = path,
                    .query = {},
                    .headers = {.has = carries, .context = header},
                    .port = port});
}

// `span provider operation`, or `http <workflow word>`.
inline std::string meaning(std::string_view method, std::string_view host, std::string_view path,
                           std::uint16_t port = 0, const char* header = "") {
  const ApiMatch match = match_of(method, host, path, port, header);
  if (match.kind == ApiKind::kHttp) return "http " + std::string{match.workflow_word};
  return std::string{match.span_name.view()} + " " + std::string{match.provider} + " " +
         std::string{match.operation};
}

}  // namespace llmo::genai
