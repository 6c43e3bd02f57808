// Messages that the program hands over to librdkafka: a producer span around each call, and a traceparent in
// the headers of what is sent.
//
// Headers can only be given to rd_kafka_produceva(), so that is what every call becomes, with one or two
// entries more. Where that fails, whyever, the call is made as the program wrote it, by the function that it
// named: a message that our header made too long goes without it, and errors are reported and payloads
// freed, or not, by who always does that.
#pragma once

#include <cstdarg>
#include <optional>

#include "shim/messaging/kafka_api.h"
#include "shim/messaging/kafka_types.h"

namespace llmo::messaging::kafka {

using Produce = int(Topic*, std::int32_t partition, int flags, void* value, std::size_t size, const void* key,
                    std::size_t key_size, void* opaque);
using ProduceList = Error*(Client*, const Argument*, std::size_t count);
using ProduceBatch = int(Topic*, std::int32_t partition, int flags, Message*, int count);

// All of them: `real` is the function behind the hook. Not noexcept: partitioners and interceptors of the
// host run beneath.
int produce(Produce* real, Topic* topic, std::int32_t partition, int flags, void* value, std::size_t size,
            const void* key, std::size_t key_size, void* opaque, const CallSite& site);

Error* produce_list(ProduceList* real, Client* client, const Argument* list, std::size_t count,
                    const CallSite& site);

// A batch has no place for headers, so its messages go as they are, and its one span is nobody's to join.
int produce_batch(ProduceBatch* real, Topic* topic, std::int32_t partition, int flags, Message* messages,
                  int count, const CallSite& site);

// rd_kafka_producev(), whose arguments cannot be handed on. `function`: one of the library's. Nothing where
// there is nothing to do, or where the arguments are not for us to judge: the real function is to have the
// call.
std::optional<ErrorCode> produce_variable(const void* function, Client* client, va_list arguments,
                                          const CallSite& site);

}  // namespace llmo::messaging::kafka
