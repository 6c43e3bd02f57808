// What became of the last sessions: a few lines of JSON in the journal directory, which `llmobserve check`
// shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "exporters/session/destination.h"

namespace llmo::session {

inline constexpr char kHistoryName[] = "exports.jsonl";
inline constexpr std::size_t kMostHistory = 32;

struct HistoryEntry {
  std::uint64_t unix_seconds = 0;
  std::string session;  // the name of its directory
  bool complete = false;
  std::uint64_t spans = 0;        // that were read and came out somewhere
  std::uint64_t not_sampled = 0;  // that the sampler of the program had left out
  std::vector<DestinationReport> destinations;
};

// Adds one to those of `journal_dir`; the oldest beyond kMostHistory go. Where it cannot be written nothing
// is.
void add_to_history(const std::string& journal_dir, const HistoryEntry& entry);

// The oldest first; damaged lines are left out.
std::vector<HistoryEntry> read_history(const std::string& journal_dir);

}  // namespace llmo::session
