// Makes OpenTelemetry spans from what a journal holds.
#pragma once

#include <cstdint>
#include <memory>

#include "exporters/span/attributes.h"
#include "exporters/span/clock.h"
#include "exporters/span/code_lookup.h"
#include "exporters/span/definitions.h"
#include "exporters/span/price_table.h"
#include "exporters/span/raw_span.h"
#include "exporters/span/shared_facts.h"
#include "exporters/span/span.h"
#include "exporters/span/stack_namer.h"

namespace llmo {

// What the builders of all processes share.
struct BuilderTools {
  std::shared_ptr<CodeLookup> code;                         // null: no names, files and lines
  std::shared_ptr<const filter::FunctionFilter> workflows;  // null: no function in a stack is one
  std::shared_ptr<const PriceTable> prices;                 // what GenAI spans get their cost by, never null
};

// For the spans of one process. `definitions` and `clock` are the caller's, outlive the builder and may grow.
class SpanBuilder {
 public:
  SpanBuilder(const Definitions& definitions, const TickClock& clock,
              std::shared_ptr<const Resource> resource, const BuilderTools& tools);

  // `workflow.<function>`. A function that is not described is called `unknown`.
  Span build(const RawCall& call);

  // A span that the host has named itself. GenAI spans get their cost.
  Span build(const RawSpan& raw);

 private:
  Span begin(const RawSpanBase& raw) const;
  void add_recorded(const RawSpanBase& raw, AttributeList::Shared shared, Span& span);
  void add_stack(const StackAttribute& stack, AttributeList& attributes);
  void add_event(EventAttribute&& recorded, const RawSpanBase& raw, Span& span);
  void add_running_time(const RawSpanBase& raw, Span& span) const;

  const Definitions& definitions_;
  const TickClock& clock_;
  std::shared_ptr<const Resource> resource_;
  std::shared_ptr<const PriceTable> prices_;
  SharedFacts facts_;
  StackNamer stacks_;
};

}  // namespace llmo
