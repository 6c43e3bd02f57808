// Call stacks: from return addresses to text, and to the call site and the workflow that stand in it.
//
// A stack is a list of CodeAddresses, the innermost first. The same few stacks come again and again, so each
// is named once and found by its bytes afterwards; within it each address is named once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporters/span/attribute_list.h"
#include "exporters/span/code_lookup.h"
#include "exporters/span/definitions.h"
#include "shim/filter/function_filter.h"
#include "shim/journal/format.h"

namespace llmo {

struct NamedStack {
  // One line a frame, the innermost first: `at acme::plan_agent (/src/plan.cpp:12)`, `at acme::plan_agent
  // (libacme.so+0x1234)` where the line is not known, `at (libacme.so+0x1234)` where nothing is.
  std::string text;
  // The innermost frame that is the program's own: not one of the C and C++ libraries, of libcurl and what
  // wraps it. All of it empty where that frame has no name.
  CodeFrame call_site;
  // The innermost function that the patterns take; empty without one.
  std::string caller_workflow;
  // All of it as an API call says it.
  std::vector<Attribute> attributes;
};

// For the stacks of one process. `definitions` is the caller's, outlives this and may grow.
class StackNamer {
 public:
  // Both may be null: without a lookup nothing has a name, without a filter nothing is a workflow.
  StackNamer(const Definitions& definitions, std::shared_ptr<CodeLookup> lookup,
             std::shared_ptr<const filter::FunctionFilter> filter);

  // `addresses`: whole CodeAddresses. The answer holds until the next call. Frames of this product's library
  // and, as what a program calls libcurl by is what counts, of libcurl are left out.
  const NamedStack& name(std::span<const std::byte> addresses);

 private:
  struct HashBytes {
    using is_transparent = void;
    std::size_t operator()(std::string_view bytes) const { return std::hash<std::string_view>{}(bytes); }
  };
  struct Address {
    std::uint32_t module;
    std::uint64_t address;
    friend bool operator==(const Address&, const Address&) = default;
  };
  struct HashAddress {
    std::size_t operator()(const Address& key) const;
  };
  struct Naming;

  NamedStack make(std::span<const std::byte> addresses, bool& complete);
  void add_address(const journal::CodeAddress& address, Naming& naming);
  void add_frame(const CodeFrame& frame, const ModuleDefinition& module, std::uint64_t address,
                 Naming& naming);
  const std::vector<CodeFrame>& frames_of(const Address& key, const ModuleDefinition& module);
  bool is_workflow(const CodeFrame& frame, const ModuleDefinition& module);

  const Definitions& definitions_;
  std::shared_ptr<CodeLookup> lookup_;
  std::shared_ptr<const filter::FunctionFilter> filter_;
  std::unordered_map<std::string, NamedStack, HashBytes, std::equal_to<>> stacks_;
  std::unordered_map<Address, std::vector<CodeFrame>, HashAddress> frames_;
  NamedStack incomplete_;  // an answer that is not kept
};

}  // namespace llmo
