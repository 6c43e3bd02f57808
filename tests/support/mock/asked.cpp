#include "tests/support/mock/asked.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <cstdlib>

namespace llmo::test {
namespace {

// "slow:200ms,close" to {slow: 200ms, close: }. Words that name no behaviour (a real model) do no harm.
void add_behaviours(std::string_view text, Behaviours& behaviours) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    const std::size_t colon = std::min(part.find(':'), part.size());
    behaviours[std::string(part.substr(0, colon))] = part.substr(std::min(colon + 1, part.size()));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
}

int hex_digit(char digit) {
  return digit >= '0' && digit <= '9' ? digit - '0' : (digit | 0x20) >= 'a' ? (digit | 0x20) - 'a' + 10 : 0;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool coded = text[at] == '%' && at + 2 < text.size();
    result += coded ? static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2])) : text[at];
    at += coded ? 2 : 0;
  }
  return result;
}

// The label after `word` in the path, up to the first of `ends`; empty where there is none.
std::string label_after(const std::string& path, std::string_view word, const char* ends) {
  const std::size_t start = path.find(word);
  if (start == std::string::npos) return {};
  const std::size_t from = start + word.size();
  return percent_decoded(path.substr(from, path.find_first_of(ends, from) - from));
}

// Gemini, Vertex and Bedrock have the model in the path.
std::string model_in_path(const std::string& path) {
  if (std::string model = label_after(path, "/model/", "/"); !model.empty()) return model;
  return path.find(':') == std::string::npos ? std::string{} : label_after(path, "/models/", ":/");
}

// A form's field, as transcriptions have them (RFC 7578).
std::string form_field(const std::string& body, const std::string& name) {
  const std::size_t header = body.find("name=\"" + name + '"');
  const std::size_t start = header == std::string::npos ? header : body.find("\r\n\r\n", header);
  if (start == std::string::npos) return {};
  return body.substr(start + 4, body.find("\r\n", start + 4) - start - 4);
}

void read_form(const std::string& body, Asked& asked) {
  if (std::string model = form_field(body, "model"); !model.empty()) asked.model = std::move(model);
  asked.stream = form_field(body, "stream") == "true";
}

void read_json(const rapidjson::Document& body, Asked& asked) {
  if (body.HasMember("model") && body["model"].IsString()) asked.model = body["model"].GetString();
  asked.stream_given = body.HasMember("stream") && body["stream"].IsBool();
  asked.stream = asked.stream_given && body["stream"].GetBool();
  if (body.HasMember("n") && body["n"].IsInt()) asked.choices = std::clamp(body["n"].GetInt(), 1, 16);
  if (body.HasMember("stream_options") && body["stream_options"].IsObject()) {
    const auto& options = body["stream_options"];
    asked.include_usage = options.HasMember("include_usage") && options["include_usage"].IsTrue();
  }
}

void read_body(const Request& request, Asked& asked) {
  if (header_value(request.headers, "Content-Type").starts_with("multipart/form-data"))
    return read_form(request.body, asked);
  rapidjson::Document body;
  body.Parse(request.body.data(), request.body.size());
  if (!body.HasParseError() && body.IsObject()) read_json(body, asked);
}

std::string host_of(const Request& request) {
  std::string host = header_value(request.headers, "Host");
  host.resize(std::min(host.find(':'), host.size()));
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return host;
}

}  // namespace

Asked asked_by(const Request& request, const std::map<std::string, std::string>& of_paths, std::string id) {
  Asked asked;
  asked.id = std::move(id);
  asked.host = host_of(request);
  asked.path = request.path;
  asked.query = request.query;
  if (const auto found = of_paths.find(request.path); found != of_paths.end())
    add_behaviours(found->second, asked.behaviours);
  add_behaviours(header_value(request.headers, "X-Mock"), asked.behaviours);
  read_body(request, asked);
  if (std::string model = model_in_path(request.path); !model.empty()) asked.model = std::move(model);
  add_behaviours(asked.model, asked.behaviours);
  if (asked.has("no-usage")) asked.include_usage = false;
  return asked;
}

int millis_of(const Asked& asked, std::string_view behaviour) {
  return std::atoi(asked.value(behaviour, "0").c_str());
}

}  // namespace llmo::test
