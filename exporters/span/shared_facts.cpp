#include "exporters/span/shared_facts.h"

#include <utility>
#include <vector>

#include "exporters/span/code_attributes.h"
#include "exporters/span/resource.h"
#include "exporters/span/utf8.h"

namespace llmo {
namespace {

AttributeList::Shared make_shared_list(const AttributeList& first, const AttributeList::Shared& then) {
  std::vector<Attribute> list(first.begin(), first.end());
  if (then != nullptr) list.insert(list.end(), then->begin(), then->end());
  return list.empty() ? nullptr : std::make_shared<const std::vector<Attribute>>(std::move(list));
}

AttributeList::Shared thread_attributes(std::uint32_t tid, std::string_view name) {
  AttributeList list;
  if (tid != 0) list.push_back({"thread.id", std::int64_t{tid}});
  if (!name.empty()) list.push_back({"thread.name", valid_utf8(name)});
  return make_shared_list(list, nullptr);
}

}  // namespace

SharedFacts::SharedFacts(const Definitions& definitions, std::shared_ptr<CodeLookup> code)
    : definitions_(definitions), code_(std::move(code)) {}

const CallFacts& SharedFacts::of_call(std::uint32_t function, std::uint32_t tid,
                                      std::string_view thread_name) {
  Thread& thread = thread_of(tid, thread_name);
  if (const auto known = thread.calls.find(function); known != thread.calls.end()) return known->second;
  const FunctionDefinition* const definition = definitions_.function(function);
  if (definition == nullptr) {  // not remembered: it may still come
    unknown_.attributes = thread.attributes;
    return unknown_;
  }
  const FunctionFacts& facts = function_facts(function, *definition);
  ++lists_;
  CallFacts made{facts.span_name, make_shared_list(facts.attributes, thread.attributes)};
  return thread.calls.emplace(function, std::move(made)).first->second;
}

const AttributeList::Shared& SharedFacts::of_thread(std::uint32_t tid, std::string_view thread_name) {
  return thread_of(tid, thread_name).attributes;
}

// Records come in runs of one thread. A thread may change its name, and its number may become another's.
SharedFacts::Thread& SharedFacts::thread_of(std::uint32_t tid, std::string_view name) {
  if (last_thread_ != nullptr && last_tid_ == tid && last_thread_->name == name) return *last_thread_;
  if (lists_ >= kMostLists) {
    threads_.clear();
    lists_ = 0;
  }
  auto [place, is_new] = threads_.try_emplace(tid);
  Thread& thread = place->second;
  if (is_new || thread.name != name) {
    ++lists_;
    thread = {std::string(name), thread_attributes(tid, name), {}};
  }
  last_thread_ = &thread;
  last_tid_ = tid;
  return thread;
}

const SharedFacts::FunctionFacts& SharedFacts::function_facts(std::uint32_t function,
                                                              const FunctionDefinition& definition) {
  const auto known = functions_.find(function);
  if (known != functions_.end()) return known->second;
  return functions_.emplace(function, make_facts(definition)).first->second;
}

SharedFacts::FunctionFacts SharedFacts::make_facts(const FunctionDefinition& definition) const {
  FunctionFacts facts;
  const std::string name = valid_utf8(definition.name);
  facts.span_name = "workflow." + (name.empty() ? "unknown" : name);
  if (!name.empty()) set_attribute(facts.attributes, "code.function.name", name);

  const ModuleDefinition* const module = definitions_.module(definition.module);
  if (module == nullptr) return facts;
  set_attribute(facts.attributes, "llmobserve.module", valid_utf8(file_name(module->path)));
  const auto position = code_ == nullptr ? std::nullopt : code_->declared_at(*module, definition.address);
  if (position) set_position(*position, facts.attributes);
  return facts;
}

}  // namespace llmo
