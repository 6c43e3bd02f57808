#include "shim/config/api_rules.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "shim/config/text.h"
#include "shim/config/values.h"

namespace llmo::config {
namespace {

constexpr std::size_t kMaxLine = 1024;
constexpr std::size_t kMaxWord = 31;  // two of them and a dot have to fit the name of a span

constexpr std::string_view kCaptures[] = {"collection", "namespace", "tenant", "database",
                                          "index",      "model",     "owner",  "response"};

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string quoted(std::string_view text) { return join({"\"", excerpt(text), "\""}); }

std::string list_of(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text += text.empty() ? std::string(name) : join({", ", name});
  return text;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) letter = config::to_lower(letter);
  return lower;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxWord && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.';
  });
}

// A parser's answer: empty where all is well, else what is wrong.
using Complaint = std::string;

Complaint take_name(std::string_view what, std::string_view field, std::string* name) {
  if (!is_name(field)) {
    return join({what, " ", quoted(field), " is not a name of up to 31 letters, digits, `.`, `_` and `-`"});
  }
  name->assign(field);
  return {};
}

// --- patterns ----------------------------------------------------------------------------------------------

// `{name}`, `{name=beginning}`, with more behind the brace or not.
Complaint check_capture(std::string_view label) {
  const std::size_t brace = label.find('}');
  if (brace == std::string_view::npos) return join({quoted(label), " has no closing brace"});
  const std::string_view name = label.substr(1, std::min(brace, label.find('=')) - 1);
  if (std::find(std::begin(kCaptures), std::end(kCaptures), name) == std::end(kCaptures)) {
    return join({"unknown capture ", quoted(label.substr(0, brace + 1)), "; known: ", list_of(kCaptures),
                 ", and `*` for what has no meaning"});
  }
  if (label.find_first_of("{}*", brace + 1) != std::string_view::npos) {
    return join({quoted(label), " has more behind its capture than plain text"});
  }
  return {};
}

Complaint check_label(std::string_view label) {
  if (label == "**") return {};
  if (label.starts_with('{')) return check_capture(label);
  const std::string_view rest = label.substr(label.starts_with('*') ? 1 : 0);
  if (rest.find_first_of("*{}") == std::string_view::npos) return {};
  return join({quoted(label), " is no pattern: stars and braces can only begin a label"});
}

Complaint check_pattern(std::string_view pattern, char separator) {
  while (!pattern.empty()) {
    const std::string_view label = pattern.substr(0, pattern.find(separator));
    pattern.remove_prefix(std::min(label.size() + 1, pattern.size()));
    if (Complaint complaint = label.empty() ? Complaint{} : check_label(label); !complaint.empty()) {
      return complaint;
    }
  }
  return {};
}

// --- fields ------------------------------------------------------------------------------------------------

Complaint take_port(std::string_view digits, std::uint16_t* port) {
  const std::optional<std::uint64_t> number = parse_number(digits);
  if (!number || *number == 0 || *number > 65535) return join({quoted(digits), " is not a port"});
  *port = static_cast<std::uint16_t>(*number);
  return {};
}

// `name`, `name:port`, `[::1]`, `[::1]:port`, `::1`.
Complaint take_host(std::string_view field, ApiRule* rule) {
  if (field.find_first_of("/@?") != std::string_view::npos) {
    return join({"host ", quoted(field), " is not a host: no scheme, no path, no user name"});
  }
  std::string_view host = field;
  std::string_view after;
  if (field.starts_with('[')) {
    const std::size_t bracket = field.find(']');
    if (bracket == std::string_view::npos) return join({"host ", quoted(field), " has no closing bracket"});
    host = field.substr(1, bracket - 1);
    after = field.substr(bracket + 1);
  } else if (std::count(field.begin(), field.end(), ':') == 1) {
    host = field.substr(0, field.find(':'));
    after = field.substr(host.size());
  }
  if (host.empty()) return join({"host ", quoted(field), " is empty"});
  if (!after.empty()) {
    if (Complaint complaint = take_port(after.substr(1), &rule->port); !complaint.empty()) return complaint;
  }
  rule->host = to_lower(host);
  return check_pattern(rule->host, '.');
}

Complaint take_kind(std::string_view field, ApiRuleKind* kind) {
  constexpr std::string_view kNames[] = {"genai", "db", "http"};  // in the order of ApiRuleKind
  const auto* const found = std::find(std::begin(kNames), std::end(kNames), field);
  if (found == std::end(kNames)) {
    return join({"unknown kind ", quoted(field), "; known: ", list_of(kNames)});
  }
  *kind = static_cast<ApiRuleKind>(found - std::begin(kNames));
  return {};
}

Complaint take_method(std::string_view field, std::string* method) {
  if (field == "*") return {};
  if (!std::all_of(field.begin(), field.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return join({"method ", quoted(field), " is neither a word in upper case nor `*`"});
  }
  method->assign(field);
  return {};
}

Complaint take_path(std::string_view field, std::string* path) {
  if (!field.starts_with('/') && field != "**" && !field.starts_with("**/")) {
    return join({"path ", quoted(field), " begins neither with `/` nor with `**`"});
  }
  if (field.find('?') != std::string_view::npos) {
    return join({"path ", quoted(field), " has a query, which plays no part"});
  }
  path->assign(field);
  return check_pattern(field, '/');
}

Complaint take_shape(std::string_view field, std::size_t* shape) {
  const auto* const found = std::find(std::begin(kApiShapes), std::end(kApiShapes), field);
  if (found == std::end(kApiShapes)) {
    return join({"unknown shape ", quoted(field), "; known: ", list_of(std::span(kApiShapes).subspan(1)),
                 ", and `-` for none"});
  }
  *shape = static_cast<std::size_t>(found - std::begin(kApiShapes));
  return {};
}

Complaint take_option(std::string_view field, ApiRule* rule) {
  const std::size_t equals = field.find('=');
  const std::string_view key = field.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view{} : field.substr(equals + 1);
  if (key == "workflow") return take_name("workflow", value, &rule->word);
  if (key == "api_type") return take_name("api_type", value, &rule->api_type);
  if (key == "header") {
    Complaint complaint = take_name("header", value, &rule->header);
    rule->header = to_lower(rule->header);
    return complaint;
  }
  return join({"unknown option ", quoted(key), "; known: workflow=, api_type=, header="});
}

// --- lines -------------------------------------------------------------------------------------------------

enum Column : std::size_t { kProvider, kKind, kHost, kMethod, kPath, kOperation, kShape, kOptions };

// The fields of a line up to a comment; the rest of a line that has too many is in none.
struct Fields {
  std::array<std::string_view, kOptions + 4> text;
  std::size_t count = 0;
  bool too_many = false;
};

Fields split(std::string_view line) {
  Fields fields;
  for (line = trim(line); !line.empty() && line.front() != '#'; line = trim(line)) {
    const auto* const end = std::find_if(line.begin(), line.end(), is_blank);
    const auto size = static_cast<std::size_t>(end - line.begin());
    fields.too_many = fields.count == fields.text.size();
    if (fields.too_many) break;
    fields.text[fields.count++] = line.substr(0, size);
    line.remove_prefix(size);
  }
  return fields;
}

// A rule that takes a host out has nothing to say but where; method and path may be left out.
Complaint read_plain_http(const Fields& fields, ApiRule* rule) {
  if (fields.text[kProvider] != "-") {
    return join({"provider ", quoted(fields.text[kProvider]), " of kind http has to be `-`"});
  }
  rule->word = "http";
  rule->path = "**";
  if (Complaint complaint = take_host(fields.text[kHost], rule); !complaint.empty()) return complaint;
  if (fields.count > kMethod) {
    if (Complaint complaint = take_method(fields.text[kMethod], &rule->method); !complaint.empty()) {
      return complaint;
    }
  }
  if (fields.count > kPath) {
    if (Complaint complaint = take_path(fields.text[kPath], &rule->path); !complaint.empty())
      return complaint;
  }
  return fields.count > kOperation ? "a rule of kind http ends with its path" : Complaint{};
}

Complaint read_api(const Fields& fields, ApiRule* rule) {
  if (fields.count <= kOperation) {
    return "too few fields: provider, kind, host, method, path and operation are needed";
  }
  std::string complaint = take_name("provider", fields.text[kProvider], &rule->provider);
  rule->word = rule->provider;
  if (complaint.empty()) complaint = take_host(fields.text[kHost], rule);
  if (complaint.empty()) complaint = take_method(fields.text[kMethod], &rule->method);
  if (complaint.empty()) complaint = take_path(fields.text[kPath], &rule->path);
  if (complaint.empty() && fields.text[kOperation] != "-") {
    complaint = take_name("operation", fields.text[kOperation], &rule->operation);
  }
  if (complaint.empty() && fields.count > kShape) complaint = take_shape(fields.text[kShape], &rule->shape);
  for (std::size_t at = kOptions; at < fields.count && complaint.empty(); ++at) {
    complaint = take_option(fields.text[at], rule);
  }
  return complaint;
}

Complaint read_line(std::string_view line, ApiRule* rule) {
  if (line.size() > kMaxLine) return "the line is longer than 1024 bytes";
  if (line.find('\0') != std::string_view::npos) return "the line holds a NUL byte";
  const Fields fields = split(line);
  if (fields.too_many) return "too many fields";
  if (fields.count <= kHost) return "too few fields: a rule begins with provider, kind and host";
  if (Complaint complaint = take_kind(fields.text[kKind], &rule->kind); !complaint.empty()) return complaint;
  return rule->kind == ApiRuleKind::kHttp ? read_plain_http(fields, rule) : read_api(fields, rule);
}

bool is_empty_or_comment(std::string_view line) {
  const std::string_view text = trim(line);
  return text.empty() || text.front() == '#';
}

// Collects what is wrong; from a file that is not what it should be, not every line of it.
class Errors {
 public:
  Errors(std::string_view name, std::vector<std::string>* errors) : name_(excerpt(name)), errors_(errors) {}

  void add(std::size_t line, std::string_view reason) {
    if (++count_ > kMaxApiRuleErrors) return;
    errors_->push_back(join({name_, ":", std::to_string(line), ": ", reason}));
  }
  void finish() {
    if (count_ <= kMaxApiRuleErrors) return;
    errors_->push_back(
        join({name_, ": ", std::to_string(count_ - kMaxApiRuleErrors), " more lines are wrong"}));
  }

 private:
  std::string name_;
  std::vector<std::string>* errors_;
  std::size_t count_ = 0;
};

}  // namespace

ApiRuleFile parse_api_rules(std::string_view text, std::string_view name) {
  ApiRuleFile file;
  Errors errors(name, &file.errors);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (is_empty_or_comment(line)) continue;
    if (file.rules.size() == kMaxApiRules) {
      errors.add(number, "more than 1000 rules: those from here on are left out");
      break;
    }
    ApiRule rule;
    const Complaint complaint = read_line(line, &rule);
    if (complaint.empty()) {
      file.rules.push_back(std::move(rule));
    } else {
      errors.add(number, complaint);
    }
  }
  errors.finish();
  return file;
}

std::string_view api_rules_help() {
  return R"(A file of API rules (LLMOBSERVE_API_RULES) has one rule a line, fields separated by blanks, `#` before a comment:

  provider  kind   host                     method  path                              operation  shape   options
  corp-llm  genai  llm.corp.example         POST    /v1/chat/completions              chat       openai
  docs-db   db     **.vectors.corp.example  POST    /collections/{collection}/search  search     qdrant
  corp-llm  genai  llm.corp.example         *       **                                -
  -         http   intranet.example

  kind       genai (a model), db (a vector store), http (not an API: provider `-`, and no more than a path)
  host       labels: a word, `*` (any one), `**` (any number); with `:port` for that port only
  method     in upper case, or `*`
  path       labels as in hosts, `*:ending`, and captures: {model} {owner} {collection} {namespace} {tenant}
             {database} {response}
  operation  chat, text_completion, generate_content and embeddings make `llm.request`, others
             `<provider>.<operation>`; `-` leaves a plain HTTP span
  shape      how bodies are read: openai, anthropic, gemini, bedrock-converse, bedrock-invoke, cohere, ollama,
             huggingface, pinecone, qdrant, weaviate, chroma, milvus; `-` or nothing: not at all
  options    workflow=WORD (in place of the provider in span names), api_type=WORD, header=NAME (only requests
             that carry this header)

The first rule that fits wins; rules of this file are tried before those that are built in.
)";
}

}  // namespace llmo::config
