// An answer as it goes over the wire: dressed, compressed, framed and cut as the behaviours of a request say.
#pragma once

#include <string>

#include "tests/support/mock/answer.h"

namespace llmo::test {

// Sends the answer. False when the connection is not to be used any more.
bool send_answer(Connection& connection, const Answer& answer, const Asked& asked, bool with_body);

}  // namespace llmo::test
