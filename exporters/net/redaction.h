// Takes our own secrets out of what another machine has answered: some repeat the key that they refuse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporters/net/http_client.h"

namespace llmo::net {

class Redaction {
 public:
  // Secret are the values of `headers`, word by word, and user info and query values of `url`.
  Redaction(const std::string& url, const HttpHeaders& headers);

  // `text` with `[redacted]` for each secret in it. What is shorter than four characters is none.
  std::string operator()(std::string text) const;

 private:
  void add(std::string_view secret);

  std::vector<std::string> secrets_;  // the longest first
};

}  // namespace llmo::net
