#include "exporters/cli/environment.h"

namespace llmo::cli {
namespace {

bool has_name(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
}

}  // namespace

Environment::Environment(const char* const* entries) {
  for (; entries != nullptr && *entries != nullptr; ++entries) entries_.emplace_back(*entries);
}

std::string_view Environment::get(std::string_view name) const {
  for (const std::string& entry : entries_) {
    if (has_name(entry, name)) return std::string_view(entry).substr(name.size() + 1);
  }
  return {};
}

void Environment::set(std::string_view name, std::string_view value) {
  std::string fresh = std::string(name) + '=' + std::string(value);
  bool replaced = false;
  for (std::string& entry : entries_) {
    if (!has_name(entry, name)) continue;
    entry = fresh;
    replaced = true;
  }
  if (!replaced) entries_.push_back(std::move(fresh));
}

std::vector<char*> Environment::pointers() {
  std::vector<char*> out;
  out.reserve(entries_.size() + 1);
  for (std::string& entry : entries_) out.push_back(entry.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace llmo::cli
