#include "exporters/span/stack_namer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "exporters/span/code_attributes.h"
#include "exporters/span/resource.h"
#include "exporters/span/utf8.h"

namespace llmo {
namespace {

// Beyond these a cache begins anew: a program has far fewer.
constexpr std::size_t kMaxStacks = 4096;
constexpr std::size_t kMaxFrames = 16384;
constexpr std::size_t kMaxTextBytes = 32 * 1024;

using Prefixes = std::span<const std::string_view>;

bool begins_with_any(std::string_view text, Prefixes prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [text](std::string_view prefix) { return text.starts_with(prefix); });
}

// Files whose frames nobody wants to see: they stand in every stack of an API call.
constexpr std::array<std::string_view, 3> kLeftOut = {"libllmobserve.so", "libcurl.so", "libcurl-"};
// What stands between a program's own code and the call that it makes.
constexpr std::array<std::string_view, 8> kWrapperFiles = {"libstdc++.so", "libc++.so",   "libc++abi.so",
                                                           "libc.so",      "libgcc_s.",   "libpthread.so",
                                                           "ld-linux",     "libcurlpp.so"};
constexpr std::array<std::string_view, 3> kWrapperFunctions = {"std::", "__gnu_cxx::", "curlpp::"};

bool is_wrapper(std::string_view file, const CodeFrame& frame) {
  return begins_with_any(file, kWrapperFiles) || begins_with_any(frame.function, kWrapperFunctions);
}

std::string place_in_module(std::string_view file, std::uint64_t address) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), address, 16).ptr;
  return std::string(file) + "+0x" + std::string(digits.data(), end);
}

std::string line_of(const CodeFrame& frame, std::string_view file, std::uint64_t address) {
  std::string line = "at ";
  if (!frame.function.empty()) line += frame.function + " ";
  const bool placed = !frame.position.file.empty() && frame.position.line != 0;
  const std::string place = placed ? frame.position.file + ":" + std::to_string(frame.position.line)
                                   : place_in_module(file, address);
  return valid_utf8(line + "(" + place + ")");
}

std::vector<Attribute> attributes_of(const NamedStack& stack) {
  AttributeList list;
  if (!stack.text.empty()) list.set("code.stacktrace", stack.text);
  const CodeFrame& site = stack.call_site;
  if (!site.function.empty()) list.set("code.function.name", valid_utf8(site.function));
  set_position(site.position, list);
  if (!stack.caller_workflow.empty()) list.set("llmobserve.caller_workflow", stack.caller_workflow);
  return list.own();
}

}  // namespace

struct StackNamer::Naming {
  NamedStack stack;
  bool site_found = false;
  bool complete = true;  // every module was known

  void add_line(const std::string& line) {
    if (stack.text.size() + line.size() + 1 > kMaxTextBytes) return;
    if (!stack.text.empty()) stack.text += '\n';
    stack.text += line;
  }
};

std::size_t StackNamer::HashAddress::operator()(const Address& key) const {
  return std::hash<std::uint64_t>{}((key.address ^ std::uint64_t{key.module} << 48) * 0x9e3779b97f4a7c15);
}

StackNamer::StackNamer(const Definitions& definitions, std::shared_ptr<CodeLookup> lookup,
                       std::shared_ptr<const filter::FunctionFilter> filter)
    : definitions_(definitions), lookup_(std::move(lookup)), filter_(std::move(filter)) {}

const NamedStack& StackNamer::name(std::span<const std::byte> addresses) {
  const std::string_view bytes(reinterpret_cast<const char*>(addresses.data()), addresses.size());
  if (const auto known = stacks_.find(bytes); known != stacks_.end()) return known->second;
  bool complete = true;
  NamedStack stack = make(addresses, complete);
  if (!complete) return incomplete_ = std::move(stack);
  if (stacks_.size() >= kMaxStacks) stacks_.clear();
  return stacks_.emplace(bytes, std::move(stack)).first->second;
}

NamedStack StackNamer::make(std::span<const std::byte> addresses, bool& complete) {
  Naming naming;
  for (; addresses.size() >= sizeof(journal::CodeAddress);
       addresses = addresses.subspan(sizeof(journal::CodeAddress))) {
    journal::CodeAddress address{};
    std::memcpy(&address, addresses.data(), sizeof address);
    add_address(address, naming);
  }
  complete = naming.complete;
  naming.stack.attributes = attributes_of(naming.stack);
  return std::move(naming.stack);
}

void StackNamer::add_address(const journal::CodeAddress& address, Naming& naming) {
  const ModuleDefinition* const module = definitions_.module(address.module);
  if (module == nullptr) {
    naming.complete = false;
    naming.site_found = true;  // it may be the one, so none farther out is
    naming.add_line(line_of({}, "unknown", address.address));
    return;
  }
  if (begins_with_any(file_name(module->path), kLeftOut)) return;
  // A call that does not return may be the last instruction of its function: the one before the return
  // address is the call for sure.
  const std::uint64_t call = address.address == 0 ? 0 : address.address - 1;
  const std::vector<CodeFrame>& frames = frames_of({address.module, call}, *module);
  for (const CodeFrame& frame : frames) add_frame(frame, *module, address.address, naming);
  if (frames.empty()) add_frame({}, *module, address.address, naming);
}

void StackNamer::add_frame(const CodeFrame& frame, const ModuleDefinition& module, std::uint64_t address,
                           Naming& naming) {
  const std::string_view file = file_name(module.path);
  naming.add_line(line_of(frame, file, address));
  if (!naming.site_found && !is_wrapper(file, frame)) {
    naming.site_found = true;
    naming.stack.call_site = frame;
  }
  std::string& caller = naming.stack.caller_workflow;
  if (caller.empty() && is_workflow(frame, module)) caller = valid_utf8(frame.function);
}

const std::vector<CodeFrame>& StackNamer::frames_of(const Address& key, const ModuleDefinition& module) {
  if (const auto known = frames_.find(key); known != frames_.end()) return known->second;
  if (frames_.size() >= kMaxFrames) frames_.clear();
  auto frames = lookup_ == nullptr ? std::vector<CodeFrame>() : lookup_->frames_at(module, key.address);
  return frames_.emplace(key, std::move(frames)).first->second;
}

// As the host decides for functions that are instrumented; the source file, which is costly, comes last.
bool StackNamer::is_workflow(const CodeFrame& frame, const ModuleDefinition& module) {
  if (filter_ == nullptr || frame.function.empty()) return false;
  const filter::FunctionIdentity identity{frame.function, frame.own_name, module.path};
  if (filter_->decide(identity).verdict != filter::Verdict::kTraced) return false;
  if (!filter_->wants_source()) return true;
  const std::string source = lookup_->source_of(module, frame.source_address);
  return source.empty() || !filter_->excluded_by_source(source);
}

}  // namespace llmo
