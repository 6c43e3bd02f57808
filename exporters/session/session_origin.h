// Whose a session is: what its own exporter calls the spans, and where it writes them.
//
// A session that was left is finished by somebody else's exporter, whose settings are another program's. So
// the session's own exporter writes down what must not change.
#pragma once

#include <optional>
#include <string>

#include "shim/config/settings.h"

namespace llmo::session {

inline constexpr char kSessionOriginName[] = "origin.json";

struct SessionOrigin {
  std::string service_name;
  std::string resource_attributes;
  std::string trace_dir;  // absolute
};

// Does nothing where it is written already. Where it cannot be written, a left session bears the names that
// the next exporter knows: of its executables.
void write_session_origin(const std::string& session_dir, const SessionOrigin& origin);

std::optional<SessionOrigin> read_session_origin(const std::string& session_dir);

}  // namespace llmo::session
