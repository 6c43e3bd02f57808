// What a receiver of OTLP says, in protobuf or in JSON: whichever it is, as both can be told apart by their
// bytes. Nothing of it is believed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace llmo::otlp {

struct ExportAnswer {
  bool readable = true;             // false: it is no ExportTraceServiceResponse
  std::int64_t rejected_spans = 0;  // as it was written: may be negative, or more than were sent
  std::string message;              // as it was written: any bytes
};

// The body of an answer with status 200: an ExportTraceServiceResponse.
ExportAnswer read_export_answer(std::string_view body);

// The body of a failure: the message of a google.rpc.Status; where it is none, plain text is taken for the
// message. May be empty.
std::string read_failure_message(std::string_view body);

}  // namespace llmo::otlp
