#include "exporters/session/session_origin.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <array>

#include "exporters/session/small_file.h"

namespace llmo::session {
namespace {

struct Field {
  const char* name;
  std::string SessionOrigin::*text;
};
constexpr std::array<Field, 3> kFields = {{{"service_name", &SessionOrigin::service_name},
                                           {"resource_attributes", &SessionOrigin::resource_attributes},
                                           {"trace_dir", &SessionOrigin::trace_dir}}};
constexpr std::size_t kMostBytes = 1 << 20;

std::string path_in(const std::string& session_dir) { return session_dir + "/" + kSessionOriginName; }

}  // namespace

void write_session_origin(const std::string& session_dir, const SessionOrigin& origin) {
  const std::string path = path_in(session_dir);
  if (::access(path.c_str(), F_OK) == 0) return;
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> out(buffer);
  out.StartObject();
  for (const Field& field : kFields) {
    const std::string& text = origin.*field.text;
    out.Key(field.name);
    out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  out.EndObject();
  replace_file(path, {buffer.GetString(), buffer.GetSize()});
}

std::optional<SessionOrigin> read_session_origin(const std::string& session_dir) {
  const auto text = read_small_file(path_in(session_dir), kMostBytes);
  if (!text) return std::nullopt;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text->data(), text->size());
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  SessionOrigin origin;
  for (const Field& field : kFields) {
    const auto found = document.FindMember(field.name);
    if (found == document.MemberEnd() || !found->value.IsString()) continue;
    origin.*field.text = std::string(found->value.GetString(), found->value.GetStringLength());
  }
  return origin;
}

}  // namespace llmo::session
