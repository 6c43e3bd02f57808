// What is done around the calls of librabbitmq that send messages and get them.
//
// `real` is the library's function. Each of these returns what it returned, with errno as it left it, and
// hands the program's arguments on; only a message that is tagged goes with a copy of its properties.
//
// Not noexcept: a thread may be cancelled while it waits in the library.
#pragma once

#include <sys/time.h>

#include "shim/messaging/amqp_types.h"
#include "shim/platform/call_site.h"

namespace llmo::messaging::amqp {

using Publish = int(Connection*, Channel, Bytes exchange, Bytes routing_key, Boolean mandatory,
                    Boolean immediate, const Properties*, Bytes body);
using Consume = BasicConsumeOk*(Connection*, Channel, Bytes queue, Bytes tag, Boolean no_local,
                                Boolean no_ack, Boolean exclusive, Table arguments);
using ConsumeMessage = Reply(Connection*, Envelope*, const timeval* timeout, int flags);
using Get = Reply(Connection*, Channel, Bytes queue, Boolean no_ack);
using ReadMessage = Reply(Connection*, Channel, Message*, int flags);
using WaitFrame = int(Connection*, Frame*);
using WaitFrameInTime = int(Connection*, Frame*, const timeval* timeout);
using GetSocket = Socket*(Connection*);
using OpenSocket = int(Socket*, const char* host, int port);
using OpenSocketInTime = int(Socket*, const char* host, int port, const timeval* timeout);
using Destroy = int(Connection*);

using platform::CallSite;

// Whether a call that goes on to that function is looked at: something is recorded, the function is of a
// library whose types are known, and it is not the library that calls itself.
bool is_followed(const void* function, const CallSite& site);

// The socket of a connection, as the library says that `site` calls; nullptr where it has none.
const Socket* socket_of(Connection* connection, const CallSite& site);

// A producer span around the call, and its context in the message's headers.
int publish(Publish* real, const CallSite& site, Connection* connection, Channel channel, Bytes exchange,
            Bytes routing_key, Boolean mandatory, Boolean immediate, const Properties* properties,
            Bytes body);

// A consumer span for the message that comes.
Reply consume_message(ConsumeMessage* real, const CallSite& site, Connection* connection, Envelope* envelope,
                      const timeval* timeout, int flags);

// The same in two steps: the server tells of a message, then its content is read. The span is that of both.
Reply get(Get* real, const CallSite& site, Connection* connection, Channel channel, Bytes queue,
          Boolean no_ack);
Reply read_message(ReadMessage* real, const CallSite& site, Connection* connection, Channel channel,
                   Message* message, int flags);

// A program that reads frames by itself: what tells of a message, and the header that comes with it, where
// the span ends. `real` waits for the next frame.
int wait_frame(WaitFrame* real, const CallSite& site, Connection* connection, Frame* frame);
int wait_frame(WaitFrameInTime* real, const CallSite& site, Connection* connection, Frame* frame,
               const timeval* timeout);

}  // namespace llmo::messaging::amqp
