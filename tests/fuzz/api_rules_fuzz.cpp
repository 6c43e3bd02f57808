// Reads arbitrary bytes as a file of API rules. Whatever is in it: what comes out is bounded, each rule is
// what matching can work with, and each message can be shown. The rules then say what a request is.
//
// The first line is a request (method, host and path, apart by blanks), the rest is the file.
#include <iterator>
#include <string>
#include <utility>

#include "shim/config/api_rules.h"
#include "shim/config/text.h"
#include "shim/genai/own_rules.h"
#include "shim/genai/providers.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using llmo::fuzz::demand;

std::string_view take_word(std::string_view* text) {
  *text = llmo::config::trim(*text);
  const std::string_view word = text->substr(0, text->find(' '));
  text->remove_prefix(word.size());
  return word;
}

void check_rule(const llmo::config::ApiRule& rule) {
  demand(!rule.host.empty() && !rule.path.empty() && !rule.word.empty());
  demand(rule.shape < std::size(llmo::config::kApiShapes));
  demand(rule.word.size() + 1 + rule.operation.size() <= 64);
  demand(rule.kind != llmo::config::ApiRuleKind::kHttp || rule.operation.empty());
  for (const char letter : rule.host) demand(llmo::config::to_lower(letter) == letter);
}

void check_error(std::string_view error) {
  demand(error.starts_with("rules.txt:") && error.size() < 1024);
  for (const char byte : error) demand(byte >= ' ' && byte < 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = llmo::fuzz::text_of(data, size);
  std::string_view request = llmo::fuzz::take_line(&text);
  const std::string_view method = take_word(&request);
  const std::string_view host = take_word(&request);
  const std::string_view path = take_word(&request);

  llmo::config::ApiRuleFile file = llmo::config::parse_api_rules(text, "rules.txt");
  demand(file.rules.size() <= llmo::config::kMaxApiRules);
  demand(file.errors.size() <= llmo::config::kMaxApiRuleErrors + 1);
  for (const llmo::config::ApiRule& rule : file.rules) check_rule(rule);
  for (const std::string& error : file.errors) check_error(error);

  const llmo::genai::OwnRules rules(std::move(file.rules));
  const llmo::genai::ApiMatch match = llmo::genai::match_api(
      {.method = method, .host = host, .path = path, .query = {}, .headers = {}}, rules.services());
  demand(!match.workflow_word.empty());
  demand((match.kind == llmo::genai::ApiKind::kHttp) == match.operation.empty());
  return 0;
}
