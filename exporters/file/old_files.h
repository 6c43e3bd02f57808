// Keeps a service's trace files to a number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace llmo::file {

// The service of a file that is named as trace files are (trace_file.h): `agent` of
// agent-20261122T204000Z-17-2.otlp.jsonl.gz. Empty for any other name.
std::string_view service_of_trace_file(std::string_view name);

// Deletes the service's trace files in `directory` that were written least lately, until `keep` are left.
// Stays its hand from a file that an exporter holds open, is not this user's, has a second name or another
// kind of name, and where the file system knows no locks.
void delete_old_files(const std::string& directory, std::string_view service, std::uint64_t keep);

}  // namespace llmo::file
