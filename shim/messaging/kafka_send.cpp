#include "shim/messaging/kafka_send.h"

#include <array>
#include <optional>

#include "shim/messaging/kafka_arguments.h"
#include "shim/messaging/kafka_clients.h"
#include "shim/messaging/kafka_facts.h"
#include "shim/messaging/sent_message.h"
#include "shim/messaging/tag_setting.h"
#include "shim/platform/errno_saver.h"
#include "shim/span/tracer.h"

namespace llmo::messaging::kafka {

namespace {

constexpr std::size_t kUsualHeaders = 8;
constexpr const char* kTraceparent = "traceparent";
constexpr const char* kTracestate = "tracestate";

bool may_record() {
  return span::recording() && !span::is_paused() && !span::thread_state.busy &&
         span::thread_state.vfork_depth == 0;
}

// nullptr: nothing is to be done about this call.
const Api* api_for(const void* real, const CallSite& site) {
  const platform::ErrnoSaver keep;
  return may_record() && !comes_from_library(site, real) ? api_of(real) : nullptr;
}

std::string_view text_of(const void* value, ssize_t size) {
  const char* const text = static_cast<const char*>(value);
  if (text == nullptr) return "";
  return size < 0 ? std::string_view(text) : std::string_view(text, static_cast<std::size_t>(size));
}

// What the program itself has put into a header; nothing where it has none of that name. The last one counts.
std::optional<std::string_view> own_header(const Api& api, const Arguments& arguments,
                                           std::string_view name) {
  std::optional<std::string_view> found;
  for (const Argument& single : arguments.single_headers()) {
    if (single.header.name == name) found = text_of(single.header.value, single.header.size);
  }
  const Headers* const list = arguments.headers();
  const void* value = nullptr;
  std::size_t size = 0;
  if (list != nullptr && api.header_get_last(list, name.data(), &value, &size) == kNoError) {
    found = text_of(value, static_cast<ssize_t>(size));
  }
  return found;
}

ErrorCode code_of(const Api& api, const Error* error) {
  return error == nullptr ? kNoError : api.error_code(error);
}

// One message on its way.
class Sending {
 public:
  Sending(const Api& api, Arguments& arguments, const CallSite& site)
      : api_(api), arguments_(arguments), own_(own_header(api, arguments, kTraceparent)), sent_(open(site)) {}

  // Sends it with our headers. False where it has not been sent.
  bool send_tagged(Client* client) {
    if (client == nullptr || !may_be_tagged()) return false;
    Headers* const own = arguments_.headers();
    Headers* const tagged = make_headers(true);
    if (tagged == nullptr) return false;
    if (Error* const error = send_with(client, tagged)) {
      api_.error_destroy(error);
      return false;
    }
    if (own != nullptr) api_.headers_destroy(own);  // the library would have taken it
    return true;
  }

  // Sends it as it is.
  Error* send_plain(Client* client) {
    if (arguments_.single_headers().empty()) return call(client, arguments_.headers());
    return send_with(client, make_headers(false));
  }

  void close(ErrorCode error) { sent_.close(error == kNoError ? "" : api_.name_of(error)); }

 private:
  SentMessage open(const CallSite& site) const {
    OutgoingMessage message = arguments_.message();
    if (const Topic* const topic = arguments_.topic()) message.topic = api_.name_of(topic);
    journal::SpanDraft facts;
    describe_sent(message, &facts);
    return {facts, own_ ? span::parse_traceparent(*own_) : std::nullopt, site.stack_address};
  }

  // A traceparent that cannot be read is still the program's.
  bool may_be_tagged() const {
    return sent_.is_to_be_tagged() && !own_ && may_tag({});  // a cluster has many hosts
  }

  Error* call(Client* client, Headers* headers) {
    const std::span<const Argument> list = arguments_.list_with(headers);
    return api_.produceva(client, list.data(), list.size());
  }

  // `headers` are ours to free, unless the library takes them. Single ones are never passed: where a
  // partition is refused, librdkafka 2.0 frees the list that it has made of them twice.
  Error* send_with(Client* client, Headers* headers) {
    Error* const error = call(client, headers);
    if (error != nullptr && headers != nullptr) api_.headers_destroy(headers);
    return error;
  }

  // The message's headers, and ours behind them where it is to be tagged.
  Headers* make_headers(bool is_tagged) const {
    const Headers* const own = arguments_.headers();
    Headers* const made = own == nullptr ? api_.headers_new(kUsualHeaders) : api_.headers_copy(own);
    if (made == nullptr) return nullptr;
    for (const Argument& single : arguments_.single_headers()) {
      api_.header_add(made, single.header.name, -1, single.header.value, single.header.size);
    }
    if (!is_tagged) return made;
    add_to(made, kTraceparent, sent_.traceparent());
    const std::string_view state = sent_.tracestate();
    if (!state.empty() && !own_header(api_, arguments_, kTracestate)) add_to(made, kTracestate, state);
    return made;
  }

  void add_to(Headers* list, const char* name, std::string_view value) const {
    api_.header_add(list, name, -1, value.data(), static_cast<ssize_t>(value.size()));
  }

  const Api& api_;
  Arguments& arguments_;
  const std::optional<std::string_view> own_;
  SentMessage sent_;
};

std::optional<Arguments> arguments_of(Topic* topic, std::int32_t partition, int flags, void* value,
                                      std::size_t size, const void* key, std::size_t key_size, void* opaque) {
  std::array<Argument, 6> list;
  list[0].type = ArgumentType::kTopic;
  list[0].topic = topic;
  list[1].type = ArgumentType::kPartition;
  list[1].partition = partition;
  list[2].type = ArgumentType::kFlags;
  list[2].number = flags;
  list[3].type = ArgumentType::kValue;
  list[3].memory = {value, size};
  list[4].type = ArgumentType::kKey;
  list[4].memory = {const_cast<void*>(key), key_size};
  list[5].type = ArgumentType::kOpaque;
  list[5].pointer = opaque;
  return Arguments::read(list);
}

// rd_kafka_produce() takes back what rd_kafka_last_error() says; rd_kafka_produceva() does not, and there is
// no other way to. So the first message after an error goes by the first of them, as the program wrote it.
bool has_error_to_take_back(const Api& api) {
  return api.last_error == nullptr || api.last_error() != kNoError;
}

ErrorCode first_error(const Message* messages, int count) {
  for (int i = 0; i < count; ++i) {
    if (messages[i].err != kNoError) return messages[i].err;
  }
  return kNoError;
}

// A client whose error is fatal is reported by rd_kafka_producev() as no more than that.
ErrorCode code_as_producev(const Api& api, const Error* error) {
  if (error == nullptr) return kNoError;
  return api.error_is_fatal(error) != 0 ? kFatal : api.error_code(error);
}

}  // namespace

int produce(Produce* real, Topic* topic, std::int32_t partition, int flags, void* value, std::size_t size,
            const void* key, std::size_t key_size, void* opaque, const CallSite& site) {
  const Api* const api = api_for(reinterpret_cast<const void*>(real), site);
  std::optional<Arguments> arguments;
  if (api != nullptr && topic != nullptr && api->sends_headers()) {
    arguments = arguments_of(topic, partition, flags, value, size, key, key_size, opaque);
  }
  if (!arguments) return real(topic, partition, flags, value, size, key, key_size, opaque);

  Sending sending(*api, *arguments, site);
  if (!has_error_to_take_back(*api) && sending.send_tagged(client_of(topic))) {
    sending.close(kNoError);
    return 0;
  }
  const int result = real(topic, partition, flags, value, size, key, key_size, opaque);
  sending.close(result == 0 || api->last_error == nullptr ? kNoError : api->last_error());
  return result;
}

Error* produce_list(ProduceList* real, Client* client, const Argument* list, std::size_t count,
                    const CallSite& site) {
  const Api* const api = api_for(reinterpret_cast<const void*>(real), site);
  std::optional<Arguments> arguments;
  if (api != nullptr && api->sends_headers()) arguments = Arguments::read({list, count});
  if (!arguments) return real(client, list, count);

  Sending sending(*api, *arguments, site);
  const bool is_sent = sending.send_tagged(client);
  Error* const error = is_sent ? nullptr : real(client, list, count);
  sending.close(code_of(*api, error));
  return error;
}

std::optional<ErrorCode> produce_variable(const void* function, Client* client, va_list arguments,
                                          const CallSite& site) {
  const Api* const api = api_for(function, site);
  if (api == nullptr || !api->sends_headers()) return std::nullopt;
  std::optional<Arguments> read = Arguments::read(arguments);
  if (!read) return std::nullopt;

  Sending sending(*api, *read, site);
  ErrorCode result = kNoError;
  if (!sending.send_tagged(client)) {
    Error* const error = sending.send_plain(client);
    result = code_as_producev(*api, error);
    if (error != nullptr) api->error_destroy(error);
  }
  sending.close(result);
  return result;
}

int produce_batch(ProduceBatch* real, Topic* topic, std::int32_t partition, int flags, Message* messages,
                  int count, const CallSite& site) {
  const Api* const api = api_for(reinterpret_cast<const void*>(real), site);
  if (api == nullptr || topic == nullptr || count <= 0) {
    return real(topic, partition, flags, messages, count);
  }
  journal::SpanDraft facts;
  const bool is_each_its_own = (flags & kPartitionPerMessage) != 0;
  describe_sent_batch(api->name_of(topic), is_each_its_own ? kAnyPartition : partition, count, &facts);
  SentMessage sent(facts, std::nullopt, site.stack_address);
  const int good = real(topic, partition, flags, messages, count);
  const ErrorCode error = good == count ? kNoError : first_error(messages, count);
  sent.close(error == kNoError ? "" : api->name_of(error));
  return good;
}

}  // namespace llmo::messaging::kafka
