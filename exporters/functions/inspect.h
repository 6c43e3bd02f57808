// Looks into a program or library: which of its functions report, and what the filter says of them.
#pragma once

#include <string>

#include "exporters/functions/module_report.h"
#include "shim/filter/function_filter.h"

namespace llmo::functions {

struct ModuleFile {
  std::string path;  // as the loader knows it: what exclusion rules are held against
  std::string file;  // what to open; /proc/PID/exe
};

struct InspectOptions {
  bool all = false;  // rows for the instrumented functions that nobody asks for too
  // No rows for a module of which nothing reports: a library of many.
  bool instrumented_only = false;
};

// Reads the file, runs nothing. Damaged parts read as absent.
ModuleReport inspect_module(const ModuleFile& module, const filter::FunctionFilter& filter,
                            const InspectOptions& options);

}  // namespace llmo::functions
