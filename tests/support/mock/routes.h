// Which service answers a request, and what.
#pragma once

#include "tests/support/mock/answer.h"

namespace llmo::test {

// The service whose host it is; for a host that is nobody's, the first that has such a path; null where there
// is none.
const Service* service_for(const Request& request, const Asked& asked);

// The service's answer, or its error where the path is none of its own or `failure` is a status.
Answer answer_of(const Service& service, const Request& request, const Asked& asked, int failure);

}  // namespace llmo::test
