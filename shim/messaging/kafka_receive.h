// Messages that the program gets from librdkafka: a consumer span for a call that brings some, with a link to
// whoever sent each, and one around each callback that is given one.
#pragma once

#include <span>

#include "shim/messaging/kafka_api.h"
#include "shim/messaging/kafka_types.h"
#include "shim/messaging/received_messages.h"

namespace llmo::messaging::kafka {

// Headers of a batch are read, and linked to, up to here: as many links as SDKs let a span have.
inline constexpr std::size_t kMaxLinks = 128;

// Lives from before the call until after it. Keeps errno, which says what came of the call.
class Receiving {
 public:
  explicit Receiving(const CallSite& site) : site_(site), received_(site.stack_address) {}

  // What the library's function `real` has returned: a message, nothing, or an error in a message's clothes.
  // `client`: who has asked; nullptr where that is not known.
  template <typename Function>
  void got(Function* real, const Message* message, const Client* client) {
    if (message == nullptr || message->err != kNoError || !received_.is_recording()) return;
    tell(reinterpret_cast<const void*>(real), *message, client);
  }

  // The same for several.
  template <typename Function>
  void got(Function* real, std::span<const Message* const> messages) {
    if (messages.empty() || !received_.is_recording()) return;
    tell_batch(reinterpret_cast<const void*>(real), messages);
  }

  // Whether an event that holds messages has them from a topic: reports of what was sent are such, too.
  template <typename Function>
  bool is_fetch(const Event* event, Function* real) const {
    return received_.is_recording() && is_fetch(event, reinterpret_cast<const void*>(real));
  }

 private:
  bool is_fetch(const Event* event, const void* real) const;
  const Api* api_for(const void* real) const;
  void tell(const void* real, const Message& message, const Client* client);
  void tell_batch(const void* real, std::span<const Message* const> messages);
  void link_to(const Api& api, const Message& message);

  const CallSite site_;
  ReceivedMessages received_;
};

// A callback of the program's, for calls that hand messages to one while they run.
struct Callback {
  void (*function)(Message*, void*);
  void* opaque;
  const void* real;  // the library's function that was called
  CallSite site;
};

// To be given to the library in the callback's place; `callback` is the Callback. Not noexcept.
void call_back(Message* message, void* callback);

}  // namespace llmo::messaging::kafka
