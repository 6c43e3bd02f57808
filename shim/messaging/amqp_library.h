// Whether the library behind a hook is one whose types we know.
#pragma once

namespace llmo::messaging::amqp {

// True for a function of a module with the soname librabbitmq.so.4, perhaps renamed by whoever bundles it
// (librabbitmq-1a2b.so.4.4.0). Costs a walk over the modules when it is asked of another library than last
// time.
bool is_known_library(const void* function);

}  // namespace llmo::messaging::amqp
