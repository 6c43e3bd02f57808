// The tools that a request offers, from the words of each provider to those of the conventions.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

namespace llmo {

// Writes `tools`, the JSON array of the request, as `gen_ai.tool.definitions`. Of an array that was cut the
// whole elements are written; what is no JSON becomes an empty array.
void put_tool_definitions(std::string_view tools, rapidjson::Writer<rapidjson::StringBuffer>& out);

}  // namespace llmo
