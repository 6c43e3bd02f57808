// The functions that llmobserve.h finds in the library, where that is loaded.
//
//   llmobserve_abi_begin, _end              a span of one's own                 span/by_hand.h
//   llmobserve_abi_attribute, _error,
//   llmobserve_abi_event                    what is to be said of a span
//   llmobserve_abi_workflow                 where this thread is                span/by_hand_current.h
//   llmobserve_abi_capture, _parse, _enter  a place in a trace, carried along   span/by_hand_context.h
//   llmobserve_abi_set_enabled, _is_enabled on and off                          span/tracer.h
//
// Programs are compiled against them: they never change, there can only be more of them.
#include <cstring>

#include "llmobserve/llmobserve.h"
#include "shim/platform/export.h"
#include "shim/span/by_hand.h"
#include "shim/span/by_hand_context.h"
#include "shim/span/by_hand_current.h"
#include "shim/span/by_hand_facts.h"
#include "shim/span/tracer.h"

namespace by_hand = llmo::span::by_hand;

namespace {

std::string_view text(const char* data, size_t size) {
  return data != nullptr ? std::string_view(data, size) : std::string_view();
}

std::string_view text(const char* data) { return text(data, data != nullptr ? std::strlen(data) : 0); }

int change(uint64_t block, const by_hand::Change& change, uintptr_t stack_address) {
  return (block != 0 ? by_hand::change(block, change) : by_hand::change_current(change, stack_address)) ? 1
                                                                                                        : 0;
}

// `out` holds the text and a zero, or what fits of it.
template <std::size_t size>
void put(std::string_view text, char (&out)[size]) {
  const std::size_t length = text.copy(out, size - 1);
  out[length] = '\0';
}

}  // namespace

extern "C" {

LLMO_EXPORT uint64_t llmobserve_abi_begin(const llmobserve_abi_block* block) {
  if (block->size < sizeof *block) return 0;
  const by_hand::Source source{
      .name = text(block->name, block->name_size),
      .file = text(block->file),
      .function = text(block->function),
      .line = block->line,
      .is_function = block->is_function != 0,
      .call_site = reinterpret_cast<uintptr_t>(block->call_site),
      .frame = reinterpret_cast<uintptr_t>(block->frame),
  };
  return by_hand::begin(source, LLMO_STACK_ADDRESS());
}

LLMO_EXPORT void llmobserve_abi_end(uint64_t block, int is_exception) {
  by_hand::end(block, is_exception != 0, LLMO_STACK_ADDRESS());
}

LLMO_EXPORT int llmobserve_abi_attribute(uint64_t block, const char* key, size_t key_size, int type,
                                         const void* value, size_t value_size) {
  return change(block, by_hand::Attribute(text(key, key_size), type, value, value_size),
                LLMO_STACK_ADDRESS());
}

LLMO_EXPORT int llmobserve_abi_error(uint64_t block, const char* message, size_t message_size) {
  return change(block, by_hand::Error(text(message, message_size)), LLMO_STACK_ADDRESS());
}

LLMO_EXPORT int llmobserve_abi_event(uint64_t block, const char* name, size_t name_size, const char* message,
                                     size_t message_size) {
  return change(block, by_hand::Event(text(name, name_size), text(message, message_size)),
                LLMO_STACK_ADDRESS());
}

LLMO_EXPORT int llmobserve_abi_workflow(llmobserve_workflow* workflow, size_t size) {
  if (size < sizeof *workflow) return 0;
  const auto current = by_hand::current_workflow(LLMO_STACK_ADDRESS());
  if (!current) return 0;
  const llmo::span::Traceparent traceparent = llmo::span::format_traceparent(current->context);
  const std::string_view whole(traceparent.data(), traceparent.size());
  put(whole.substr(3, 32), workflow->trace_id);
  put(whole.substr(36, 16), workflow->span_id);
  put(whole, workflow->traceparent);
  put(current->name, workflow->name);
  return 1;
}

LLMO_EXPORT int llmobserve_abi_capture(llmobserve_context* context) {
  return by_hand::capture(context->opaque, LLMO_STACK_ADDRESS()) ? 1 : 0;
}

LLMO_EXPORT int llmobserve_abi_parse(llmobserve_context* context, const char* traceparent,
                                     size_t traceparent_size) {
  return by_hand::parse(context->opaque, text(traceparent, traceparent_size)) ? 1 : 0;
}

LLMO_EXPORT uint64_t llmobserve_abi_enter(const llmobserve_context* context, const void* frame) {
  return by_hand::enter_captured(context != nullptr ? context->opaque : nullptr,
                                 reinterpret_cast<uintptr_t>(frame), LLMO_STACK_ADDRESS());
}

LLMO_EXPORT int llmobserve_abi_set_enabled(int enabled) {
  if (!llmo::span::recording()) return 0;
  return llmo::span::set_paused(enabled == 0) ? 0 : 1;
}

LLMO_EXPORT int llmobserve_abi_is_enabled() {
  return llmo::span::recording() && !llmo::span::is_paused() ? 1 : 0;
}

}  // extern "C"
