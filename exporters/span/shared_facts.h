// What many spans of a process have alike, made once: the name and the attributes of a function's calls, and
// what names a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "exporters/span/attribute_list.h"
#include "exporters/span/code_lookup.h"
#include "exporters/span/definitions.h"

namespace llmo {

// Of the calls of one function on one thread.
struct CallFacts {
  std::string span_name;  // `workflow.<function>`
  AttributeList::Shared attributes;
};

// For the spans of one process. `definitions` is the caller's, outlives this and may grow. Answers hold until
// the next call.
class SharedFacts {
 public:
  // `code` may be null: no files and lines.
  SharedFacts(const Definitions& definitions, std::shared_ptr<CodeLookup> code);

  // A function that is not described is called `unknown`, until it is.
  const CallFacts& of_call(std::uint32_t function, std::uint32_t tid, std::string_view thread_name);

  // `thread.id` and `thread.name`, each where it is known; null without either.
  const AttributeList::Shared& of_thread(std::uint32_t tid, std::string_view thread_name);

 private:
  // A name for each of very many threads: then those that were made first go, however often they are used.
  static constexpr std::size_t kMostLists = 16'384;

  struct Thread {
    std::string name;
    AttributeList::Shared attributes;
    std::unordered_map<std::uint32_t, CallFacts> calls;  // by function
  };
  struct FunctionFacts {
    std::string span_name;
    AttributeList attributes;
  };

  Thread& thread_of(std::uint32_t tid, std::string_view name);
  const FunctionFacts& function_facts(std::uint32_t function, const FunctionDefinition& definition);
  FunctionFacts make_facts(const FunctionDefinition& definition) const;

  const Definitions& definitions_;
  std::shared_ptr<CodeLookup> code_;
  std::unordered_map<std::uint32_t, FunctionFacts> functions_;
  std::unordered_map<std::uint32_t, Thread> threads_;  // by tid
  std::size_t lists_ = 0;
  Thread* last_thread_ = nullptr;
  std::uint32_t last_tid_ = 0;
  CallFacts unknown_{"workflow.unknown", nullptr};
};

}  // namespace llmo
