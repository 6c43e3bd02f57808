// OTLP's AnyValue as the JSON that one would have written by hand: {"a":[1,true]} for a kvlistValue of an
// arrayValue. Source: OpenTelemetry specification, "AnyValue representation for non-OTLP protocols".
#pragma once

#include <rapidjson/document.h>

#include <string>

namespace llmo::file {

// `any_value`: an AnyValue as OTLP JSON has it. Numbers that a double cannot hold, and NaN, are as they were
// written; bytes are base64. What is no value is null; values deeper than 32 are left out, with a word in
// their place.
std::string plain_json(const rapidjson::Value& any_value);

}  // namespace llmo::file
