// Makes OpenTelemetry spans from what a journal holds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "exporters/span/clock.h"
#include "exporters/span/definitions.h"
#include "exporters/span/price_table.h"
#include "exporters/span/raw_span.h"
#include "exporters/span/span.h"

namespace llmo {

struct SourcePosition {
  std::string file;
  std::uint32_t line = 0;  // 0: unknown
};

// Where a function stands in the sources; nothing where debug information does not say. Asked once a
// function.
using SourceLookup =
    std::function<std::optional<SourcePosition>(const ModuleDefinition& module, std::uint64_t address)>;

// How a span that did not simply return ended, as `llmobserve.end` has it; empty for kReturned.
std::string_view end_name(journal::EndKind kind);

// For the spans of one process. `definitions` and `clock` are the caller's, outlive the builder and may grow.
class SpanBuilder {
 public:
  // `prices`: what GenAI spans get their cost by, never null.
  SpanBuilder(const Definitions& definitions, const TickClock& clock,
              std::shared_ptr<const Resource> resource, SourceLookup source_lookup,
              std::shared_ptr<const PriceTable> prices);

  // `workflow.<function>`. A function that is not described is called `unknown`.
  Span build(const RawCall& call);

  // A span that the host has named itself. GenAI spans get their cost.
  Span build(const RawSpan& raw) const;

 private:
  struct FunctionFacts {
    std::string span_name;
    std::vector<Attribute> attributes;
  };

  const FunctionFacts& facts_of(std::uint32_t function);
  FunctionFacts make_facts(const FunctionDefinition& definition) const;
  Span begin(const RawSpanBase& raw) const;
  void add_common_attributes(const RawSpanBase& raw, Span& span) const;

  const Definitions& definitions_;
  const TickClock& clock_;
  std::shared_ptr<const Resource> resource_;
  SourceLookup source_lookup_;
  std::shared_ptr<const PriceTable> prices_;
  std::unordered_map<std::uint32_t, FunctionFacts> functions_;
  FunctionFacts unknown_function_{"workflow.unknown", {}};
};

}  // namespace llmo
