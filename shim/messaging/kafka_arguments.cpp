#include "shim/messaging/kafka_arguments.h"

#include "shim/platform/out_of_memory.h"

namespace llmo::messaging::kafka {

namespace {

constexpr std::size_t kUsualSize = 12;

bool is_known(ArgumentType type) { return type > ArgumentType::kEnd && type <= ArgumentType::kHeaders; }

// The types that the library's macros give them (RD_KAFKA_V_… in rdkafka.h).
void read_value(va_list from, Argument& argument) {
  switch (argument.type) {
    case ArgumentType::kPartition:
      argument.partition = va_arg(from, std::int32_t);
      break;
    case ArgumentType::kFlags:
      argument.number = va_arg(from, int);
      break;
    case ArgumentType::kTimestamp:
      argument.timestamp = va_arg(from, std::int64_t);
      break;
    case ArgumentType::kValue:
    case ArgumentType::kKey:
      argument.memory.data = va_arg(from, void*);
      argument.memory.size = va_arg(from, std::size_t);
      break;
    case ArgumentType::kHeader:
      argument.header.name = va_arg(from, const char*);
      argument.header.value = va_arg(from, const void*);
      argument.header.size = va_arg(from, ssize_t);
      break;
    default:
      argument.pointer = va_arg(from, void*);
  }
}

Argument argument_of(ArgumentType type) {
  Argument argument{};
  argument.type = type;
  return argument;
}

}  // namespace

bool Arguments::take(const Argument& argument) {
  switch (argument.type) {
    case ArgumentType::kHeader:
      single_headers_.push_back(argument);
      return argument.header.name != nullptr;
    case ArgumentType::kHeaders:
      headers_ = argument.headers;
      return ++header_lists_ == 1;
    case ArgumentType::kTopicName:
      ++topics_;
      list_.push_back(argument);
      return argument.text != nullptr;
    case ArgumentType::kTopic:
      ++topics_;
      [[fallthrough]];
    default:
      list_.push_back(argument);
      return is_known(argument.type);
  }
}

bool Arguments::take_all(va_list from) {
  while (true) {
    Argument argument = argument_of(static_cast<ArgumentType>(va_arg(from, int)));
    if (argument.type == ArgumentType::kEnd) return true;
    if (!is_known(argument.type)) return false;
    read_value(from, argument);
    if (!take(argument)) return false;
  }
}

std::optional<Arguments> Arguments::read(va_list arguments) {
  std::optional<Arguments> result;
  platform::had_memory_for([&] {
    Arguments read;
    read.list_.reserve(kUsualSize);
    if (read.take_all(arguments) && read.is_usual()) result = std::move(read);
  });
  return result;
}

std::optional<Arguments> Arguments::read(std::span<const Argument> arguments) {
  std::optional<Arguments> result;
  platform::had_memory_for([&] {
    Arguments read;
    read.list_.reserve(arguments.size() + 1);
    for (const Argument& argument : arguments) {
      if (!read.take(argument)) return;
    }
    if (read.is_usual()) result = std::move(read);
  });
  return result;
}

std::span<const Argument> Arguments::list_with(Headers* headers) {
  if (list_.back().type == ArgumentType::kHeaders) list_.pop_back();
  if (headers != nullptr) {
    Argument argument = argument_of(ArgumentType::kHeaders);
    argument.headers = headers;
    list_.push_back(argument);
  }
  return list_;
}

const Topic* Arguments::topic() const {
  for (const Argument& argument : list_) {
    if (argument.type == ArgumentType::kTopic) return argument.topic;
  }
  return nullptr;
}

OutgoingMessage Arguments::message() const {
  OutgoingMessage message;
  for (const Argument& argument : list_) {
    const auto& [data, size] = argument.memory;
    if (argument.type == ArgumentType::kTopicName) message.topic = argument.text;
    if (argument.type == ArgumentType::kPartition) message.partition = argument.partition;
    if (argument.type == ArgumentType::kValue) {
      message.value = data;
      message.value_size = data == nullptr ? 0 : size;
    }
    if (argument.type == ArgumentType::kKey && data != nullptr) {
      message.key = std::string_view(static_cast<const char*>(data), size);
    }
  }
  return message;
}

}  // namespace llmo::messaging::kafka
