// The rules that the user has added (LLMOBSERVE_API_RULES), in the form of the built-in ones.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "shim/config/api_rules.h"
#include "shim/genai/provider_table.h"
#include "shim/genai/providers.h"

namespace llmo::genai {

// Rows made of rules. Matches point to what is in here, so it has to outlive them.
class OwnRules {
 public:
  // Throws std::bad_alloc.
  explicit OwnRules(std::vector<config::ApiRule> rules);
  OwnRules(const OwnRules&) = delete;
  OwnRules& operator=(const OwnRules&) = delete;

  // In the order of the rules.
  std::span<const Service> services() const { return services_; }

 private:
  void add(const config::ApiRule& rule);

  const std::vector<config::ApiRule> rules_;  // views of the rows look into them
  std::deque<Provider> providers_;            // deques: rows point to their elements
  std::deque<Endpoint> endpoints_;
  std::vector<Service> services_;
};

// Has match_api() try the rules before all others from now on, for ever. An earlier set is replaced, and
// stays in memory, as matches may point to it. Throws std::bad_alloc. Threads: one at a time; matching may go
// on.
void use_own_rules(std::vector<config::ApiRule> rules);

// As match_api() does, with other rules of one's own than those in use.
ApiMatch match_api(const ApiRequest& request, std::span<const Service> own_services);

}  // namespace llmo::genai
