// The environment of a program that is about to be started: a copy that can be changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace llmo::cli {

class Environment {
 public:
  // `entries`: `NAME=value`, ended by a null pointer, as environ is.
  explicit Environment(const char* const* entries);

  // The value, or an empty view where the variable is not there. Valid until the next change.
  std::string_view get(std::string_view name) const;

  // Replaces the variable where it stands (each time, where it stands twice), or adds it at the end.
  void set(std::string_view name, std::string_view value);

  // For execve(); valid until the next change.
  std::vector<char*> pointers();

 private:
  std::vector<std::string> entries_;
};

}  // namespace llmo::cli
