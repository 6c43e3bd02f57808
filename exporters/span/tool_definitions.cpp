#include "exporters/span/tool_definitions.h"

#include <rapidjson/document.h>

#include <string>

#include "exporters/span/json_text.h"

namespace llmo {
namespace {

using rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

const Value* member(const Value& object, const char* key) {
  const auto found = object.FindMember(key);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

const Value* object_member(const Value& object, const char* key) {
  const Value* const value = member(object, key);
  return value != nullptr && value->IsObject() ? value : nullptr;
}

const Value* array_member(const Value& object, const char* key) {
  const Value* const value = member(object, key);
  return value != nullptr && value->IsArray() ? value : nullptr;
}

void put(const char* key, const Value* value, Writer& out) {
  if (value == nullptr) return;
  out.Key(key);
  value->Accept(out);
}

// What its arguments look like has as many names as there are providers; Bedrock wraps it once more.
const Value* parameters_of(const Value& function) {
  for (const char* const key : {"parameters", "input_schema", "inputSchema", "parameter_definitions"}) {
    const Value* const schema = member(function, key);
    if (schema == nullptr) continue;
    const Value* const wrapped = schema->IsObject() ? object_member(*schema, "json") : nullptr;
    return wrapped != nullptr ? wrapped : schema;
  }
  return nullptr;
}

void put_function(const Value& function, Writer& out) {
  out.StartObject();
  out.Key("type");
  out.String("function");
  put("name", member(function, "name"), out);
  put("description", member(function, "description"), out);
  put("parameters", parameters_of(function), out);
  out.EndObject();
}

// A tool is a function, wraps one, or holds several; the provider's own tools stay as they are.
void put_tool(const Value& tool, Writer& out) {
  if (!tool.IsObject()) return;
  const Value* functions = array_member(tool, "functionDeclarations");
  if (functions == nullptr) functions = array_member(tool, "function_declarations");
  if (functions != nullptr) {
    for (const Value& function : functions->GetArray()) put_tool(function, out);
    return;
  }
  for (const char* const wrapper : {"function", "toolSpec"}) {
    if (const Value* const function = object_member(tool, wrapper)) return put_function(*function, out);
  }
  const Value* const type = member(tool, "type");
  const bool is_function =
      type == nullptr || (type->IsString() && std::string_view(type->GetString()) == "function");
  if (is_function && member(tool, "name") != nullptr) return put_function(tool, out);
  tool.Accept(out);
}

}  // namespace

void put_tool_definitions(std::string_view tools, Writer& out) {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<kFlags>(tools.data(), tools.size());
  if (document.HasParseError() || !document.IsArray()) {
    const std::string closed = closed_json_array(tools);
    document.Parse<kFlags>(closed.data(), closed.size());
  }
  out.StartArray();
  if (!document.HasParseError() && document.IsArray()) {
    for (const Value& tool : document.GetArray()) put_tool(tool, out);
  }
  out.EndArray();
}

}  // namespace llmo
