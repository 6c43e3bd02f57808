// Reads OTLP protobuf trace requests, ours and those of others.
#pragma once

#include <string_view>

#include "exporters/file/otlp_json_reader.h"

namespace llmo::otlp {

// `bytes`: one ExportTraceServiceRequest (or TracesData, which is the same on the wire); several, one after
// the other, are one too. Believes nothing; unknown fields are skipped; a span without valid ids is skipped
// and counted. Returns false where the bytes are damaged: spans before the damage have been handed over then.
bool read_otlp_protobuf(std::string_view bytes, const file::SpanCallback& take, file::ReadCounts& counts);

}  // namespace llmo::otlp
