// Members of JSON objects that somebody else has written.
#pragma once

#include <rapidjson/document.h>

namespace llmo::file {

// Null where there is no such member, or `object` is none. Lives as long as `object` does.
inline const rapidjson::Value* member(const rapidjson::Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

}  // namespace llmo::file
