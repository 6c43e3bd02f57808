// Reads from a request what it asks for: the model, whether to stream, and the behaviours that a test wants.
#pragma once

#include <map>
#include <string>

#include "tests/support/mock/answer.h"

namespace llmo::test {

// `of_paths` are the behaviours that stand on the command line, by path.
Asked asked_by(const Request& request, const std::map<std::string, std::string>& of_paths, std::string id);

// Milliseconds of a behaviour such as slow:200ms; 0 where it is not wanted.
int millis_of(const Asked& asked, std::string_view behaviour);

}  // namespace llmo::test
