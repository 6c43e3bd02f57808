// Where finished spans go. The file, the console and every later destination are exporters.
#pragma once

#include <span>

#include "exporters/span/span.h"

namespace llmo {

// One thread calls all of these, one at a time.
class Exporter {
 public:
  Exporter() = default;
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;
  virtual ~Exporter() = default;

  // Takes a batch: never empty, in no particular order, possibly of several processes. Spans of one trace may
  // come in several batches. Returns false where the batch could not be taken at all; the same batch comes
  // again later then, and nothing else before it.
  virtual bool export_batch(std::span<const Span> spans) = 0;

  // No batch comes after this. Called once, also where the last batch could not be taken.
  virtual void end_of_session() {}
};

}  // namespace llmo
