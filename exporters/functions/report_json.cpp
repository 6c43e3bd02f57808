#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

#include "exporters/functions/functions_report.h"
#include "exporters/span/utf8.h"

namespace llmo::functions {
namespace {

using filter::Ground;
using filter::Verdict;

class Json {
 public:
  std::string whole(const FunctionsReport& report) {
    out_.StartObject();
    put("subject", report.subject);
    put_bool("anything_traced", report.anything_seen());
    put_rules("patterns", report.patterns);
    put_rules("exclusions", report.exclusions);
    key("modules");
    out_.StartArray();
    for (const ModuleReport& module : report.modules) put_module(module);
    out_.EndArray();
    put_list("blockers", report.blockers);
    put_list("notes", report.notes);
    put_list("advice", advice(report));
    out_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + '\n';
  }

 private:
  void key(std::string_view name) { out_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }

  // Names come from files: bytes that are no UTF-8 are replaced.
  void text(std::string_view value) {
    const std::string valid = valid_utf8(value);
    out_.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  }
  void put(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void put_if(std::string_view name, std::string_view value) {
    if (!value.empty()) put(name, value);
  }
  void put_bool(std::string_view name, bool value) {
    key(name);
    out_.Bool(value);
  }
  void put_number(std::string_view name, std::uint64_t value) {
    key(name);
    out_.Uint64(value);
  }
  void put_list(std::string_view name, const std::vector<std::string>& values) {
    key(name);
    out_.StartArray();
    for (const std::string& value : values) text(value);
    out_.EndArray();
  }

  void put_rules(std::string_view name, const RuleList& rules) {
    key(name);
    out_.StartObject();
    put("list", rules.text);
    put("origin", rules.origin);
    out_.EndObject();
  }

  void put_module(const ModuleReport& module) {
    out_.StartObject();
    put("path", module.path);
    if (module.problem.empty()) {
      put_module_facts(module);
      key("functions");
      out_.StartArray();
      for (const FunctionRow& row : module.rows) put_row(row);
      out_.EndArray();
    } else {
      put("problem", module.problem);
    }
    out_.EndObject();
  }

  void put_module_facts(const ModuleReport& module) {
    put("kind", kind(module.kind));
    put_bool("instrumented", module.is_instrumented());
    put_bool("imports_hooks", module.imports_hooks);
    put_bool("own_hooks", module.defines_hooks);
    put("names", names(module.names));
    put_bool("debug_info", module.has_debug_info);
    put_number("function_count", module.functions);
    put_number("instrumented_count", module.instrumented);
    put_number("nameless_count", module.nameless);
    put_number("traced_count", module.seen());
    put_number("excluded_count", module.excluded());
    put_number("unseen_count", module.unseen());
  }

  void put_row(const FunctionRow& row) {
    out_.StartObject();
    put("name", row.name);
    put_if("symbol", row.symbol);
    if (row.address != 0) put_number("address", row.address);
    put("state", state(row));
    put_if("rule", row.rule);
    if (row.ground != Ground::kNothing) put("held_against", ground(row.ground));
    put_bool("instrumented", row.instrumented);
    put_if("file", row.file);
    if (row.line != 0) put_number("line", row.line);
    if (row.coroutine) put_bool("coroutine", true);
    if (row.verdict == Verdict::kTraced) put_if("why_unseen", why_unseen(row));
    if (row.copies != 0) put_copies(row);
    out_.EndObject();
  }

  void put_copies(const FunctionRow& row) {
    put_number("inlined_copies", row.copies);
    put_number("inlined_copies_unseen", row.silent_copies);
    key("inlined_in");
    out_.StartArray();
    for (const InlinePlace& place : row.places) {
      out_.StartObject();
      put("caller", place.caller);
      put_if("file", place.file);
      if (place.line != 0) put_number("line", place.line);
      out_.EndObject();
    }
    out_.EndArray();
  }

  static std::string_view state(const FunctionRow& row) {
    if (row.verdict == Verdict::kExcluded) return "excluded";
    if (row.verdict == Verdict::kNoMatch) return "not_asked_for";
    return row.instrumented ? "traced" : "unseen";
  }

  static std::string_view kind(ModuleKind kind) {
    switch (kind) {
      case ModuleKind::kProgram:
        return "program";
      case ModuleKind::kStaticProgram:
        return "static_program";
      case ModuleKind::kLibrary:
        return "library";
      case ModuleKind::kObjectFile:
        return "object_file";
    }
    return {};
  }

  static std::string_view names(NameSource source) {
    switch (source) {
      case NameSource::kSymbolTable:
        return "symbol_table";
      case NameSource::kDebugFile:
        return "debug_file";
      case NameSource::kExportsOnly:
        return "exports_only";
      case NameSource::kNone:
        return "none";
    }
    return {};
  }

  static std::string_view ground(Ground ground) {
    switch (ground) {
      case Ground::kName:
        return "name";
      case Ground::kObjectFile:
        return "object_file";
      case Ground::kNamespace:
        return "namespace";
      case Ground::kSourceFile:
        return "source_file";
      case Ground::kNothing:
        break;
    }
    return {};
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> out_{buffer_};
};

}  // namespace

std::string report_json(const FunctionsReport& report) { return Json().whole(report); }

}  // namespace llmo::functions
