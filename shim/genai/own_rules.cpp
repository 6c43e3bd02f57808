#include "shim/genai/own_rules.h"

#include <atomic>
#include <iterator>
#include <utility>

namespace llmo::genai {
namespace {

// The names of shapes are the file's business, what they stand for is ours: both in one order.
static_assert(std::size(config::kApiShapes) == static_cast<std::size_t>(BodyShape::kMilvus) + 1);

constinit std::atomic<const OwnRules*> rules_in_use{nullptr};

ApiKind kind_of(config::ApiRuleKind kind) {
  switch (kind) {
    case config::ApiRuleKind::kGenAi:
      return ApiKind::kGenAi;
    case config::ApiRuleKind::kDatabase:
      return ApiKind::kDatabase;
    case config::ApiRuleKind::kHttp:
      break;
  }
  return ApiKind::kHttp;
}

}  // namespace

OwnRules::OwnRules(std::vector<config::ApiRule> rules) : rules_(std::move(rules)) {
  services_.reserve(rules_.size());
  for (const config::ApiRule& rule : rules_) add(rule);
}

void OwnRules::add(const config::ApiRule& rule) {
  const Provider& provider = providers_.emplace_back(Provider{rule.provider, rule.word, kind_of(rule.kind)});
  const Endpoint& endpoint = endpoints_.emplace_back(
      rule.method, rule.path, rule.operation, static_cast<BodyShape>(rule.shape), rule.api_type, rule.header);
  services_.emplace_back(&provider, rule.host, std::string_view{}, std::span{&endpoint, 1}, rule.port);
}

void use_own_rules(std::vector<config::ApiRule> rules) {
  // Release: pairs with the acquire in match_api(); who sees the rules sees them whole.
  rules_in_use.store(new OwnRules(std::move(rules)), std::memory_order_release);
}

ApiMatch match_api(const ApiRequest& request) {
  const OwnRules* const own = rules_in_use.load(std::memory_order_acquire);
  return match_api(request, own == nullptr ? std::span<const Service>{} : own->services());
}

}  // namespace llmo::genai
