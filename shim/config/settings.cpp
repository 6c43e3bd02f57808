// Every setting, once: the table, and the readers that its rows name.
//
// This runs in the constructor of every preloaded program, so it is a walk over a constant table and one
// lookup for each variable: no regex, no streams, and no memory but for the strings that are kept.
#include "shim/config/settings.h"

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <utility>

#include "shim/config/text.h"
#include "shim/config/values.h"

namespace llmo::config {
namespace {

struct Row;

// One variable's value, trimmed and not empty, on its way into the settings.
struct Reading {
  const Row& row;
  std::string_view variable;  // the row's variable or its alias, whichever the value came from
  std::string_view value;
  ParsedSettings& parsed;
};
using Reader = void (*)(const Reading&);

struct Row {
  SettingInfo info;
  Reader read;
  bool Settings::*flag = nullptr;
  std::string Settings::*text = nullptr;
  std::uint64_t Settings::*number = nullptr;
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

void note(const Reading& reading, std::string_view value, std::string_view used) {
  reading.parsed.notes.push_back(join(
      {reading.variable, ": \"", excerpt(value), "\" is not ", reading.row.info.values, "; using ", used}));
}

void note_default(const Reading& reading) { note(reading, reading.value, reading.row.info.default_text); }

void read_boolean(const Reading& reading) {
  const std::optional<bool> value = parse_boolean(reading.value);
  if (!value) return note_default(reading);
  reading.parsed.settings.*reading.row.flag = *value;
}

// Only ever switches off: LLMOBSERVE_ENABLED=true does not stand against OTEL_SDK_DISABLED=true.
void read_disabled(const Reading& reading) {
  const std::optional<bool> disabled = parse_otel_boolean(reading.value);
  if (!disabled) return note_default(reading);
  if (*disabled) reading.parsed.settings.enabled = false;
}

void read_text(const Reading& reading) { reading.parsed.settings.*reading.row.text = reading.value; }

// A list of globs or a boolean; whoever uses the field finds a boolean as exactly `true` or `false`.
void read_globs_or_boolean(const Reading& reading) {
  const std::optional<bool> value = parse_boolean(reading.value);
  reading.parsed.settings.*reading.row.text =
      value ? (*value ? std::string_view{"true"} : std::string_view{"false"}) : reading.value;
}

void read_bounded(const Reading& reading, std::optional<std::uint64_t> value) {
  if (!value || *value < reading.row.min || *value > reading.row.max) return note_default(reading);
  reading.parsed.settings.*reading.row.number = *value;
}

void read_number(const Reading& reading) { read_bounded(reading, parse_number(reading.value)); }

void read_duration(const Reading& reading) { read_bounded(reading, parse_duration_nanos(reading.value)); }

void read_mebibytes(const Reading& reading) { read_bounded(reading, parse_mebibytes(reading.value)); }

void read_exporters(const Reading& reading) {
  ExporterNames names = parse_exporters(reading.value);
  if (!names.first_unknown.empty()) {
    note(reading, names.first_unknown, names.known.empty() ? reading.row.info.default_text : names.known);
  }
  reading.parsed.settings.exporters = std::move(names.known);
}

// Booleans and the modes of OpenTelemetry's GenAI instrumentations. Content goes to spans here, never to
// events, so a wish for events only records nothing, and says so.
void read_capture(const Reading& reading) {
  bool& capture = reading.parsed.settings.capture_content;
  if (const std::optional<bool> value = parse_boolean(reading.value)) {
    capture = *value;
  } else if (equal_ignoring_case(reading.value, "SPAN_ONLY") ||
             equal_ignoring_case(reading.value, "SPAN_AND_EVENT")) {
    capture = true;
  } else if (equal_ignoring_case(reading.value, "EVENT_ONLY")) {
    reading.parsed.notes.push_back(join(
        {reading.variable, ": \"EVENT_ONLY\" is not supported, as content is put on spans; using false"}));
  } else if (!equal_ignoring_case(reading.value, "NO_CONTENT")) {
    note_default(reading);
  }
}

void read_keep(const Reading& reading) {
  const bool api = equal_ignoring_case(reading.value, "api");
  if (!api && !equal_ignoring_case(reading.value, "all")) return note_default(reading);
  reading.parsed.settings.keep_api = api;
}

struct SamplerName {
  std::string_view name;
  Sampler sampler;
  bool asks_parent;
};
constexpr SamplerName kSamplers[] = {
    {"parentbased_always_on", Sampler::kAlwaysOn, true},   {"always_on", Sampler::kAlwaysOn, false},
    {"parentbased_always_off", Sampler::kAlwaysOff, true}, {"always_off", Sampler::kAlwaysOff, false},
    {"parentbased_traceidratio", Sampler::kRatio, true},   {"traceidratio", Sampler::kRatio, false}};

void read_sampler(const Reading& reading) {
  for (const SamplerName& known : kSamplers) {
    if (!equal_ignoring_case(reading.value, known.name)) continue;
    reading.parsed.settings.sampler = known.sampler;
    reading.parsed.settings.sampler_asks_parent = known.asks_parent;
    return;
  }
  note_default(reading);
}

// Other samplers have arguments of their own, or none. The sampler's row comes first.
void read_sampler_argument(const Reading& reading) {
  if (reading.parsed.settings.sampler != Sampler::kRatio) return;
  const std::optional<std::uint64_t> share = parse_share(reading.value);
  if (!share) return note_default(reading);
  reading.parsed.settings.sampled_share = *share;
}

constexpr std::string_view kTrueOrFalse = "true or false";

constexpr Row kRows[] = {
    {.info = {.variable = "LLMOBSERVE_ENABLED",
              .default_text = "true",
              .meaning = "record anything at all",
              .values = kTrueOrFalse},
     .read = read_boolean,
     .flag = &Settings::enabled},
    {.info = {.variable = "OTEL_SDK_DISABLED",
              .default_text = "false",
              .meaning = "record nothing, whatever LLMOBSERVE_ENABLED says",
              .values = kTrueOrFalse},
     .read = read_disabled},
    {.info = {.variable = "LLMOBSERVE_AUTO_FUNCTION_TRACING",
              .default_text = "true",
              .meaning = "open spans for matching functions; false leaves API calls only",
              .values = kTrueOrFalse},
     .read = read_boolean,
     .flag = &Settings::function_tracing},
    {.info = {.variable = "LLMOBSERVE_FUNCTION_PATTERNS",
              .default_text = kDefaultFunctionPatterns,
              .meaning = "functions to trace; `!` takes out; with `::` held against the qualified name",
              .values = "a list of globs"},
     .read = read_text,
     .text = &Settings::function_patterns},
    {.info = {.variable = "LLMOBSERVE_EXCLUDE_MODULES",
              .default_text = kDefaultExcludeModules,
              .meaning = "object files, source paths and namespaces to leave out: whole words or globs",
              .values = "a list of words and globs"},
     .read = read_text,
     .text = &Settings::exclude_modules},
    {.info = {.variable = "LLMOBSERVE_MIN_DURATION",
              .default_text = "0",
              .meaning = "leave out calls that are shorter and have nothing kept beneath them: `50us`, `1ms`",
              .values = "a time up to 3600 s, with ns, us, ms or s behind it (ms where there is nothing)"},
     .read = read_duration,
     .number = &Settings::min_duration_nanos,
     .min = 0,
     .max = 3'600'000'000'000},
    {.info = {.variable = "LLMOBSERVE_MAX_DEPTH",
              .default_text = "0",
              .meaning = "leave out calls that are deeper in traced calls of their thread; 0: any depth",
              .values = "a number from 0 to 1000000"},
     .read = read_number,
     .number = &Settings::max_depth,
     .min = 0,
     .max = 1000000},
    {.info = {.variable = "LLMOBSERVE_THROTTLE",
              .default_text = "true",
              .meaning =
                  "only count the calls of a function that is called 100 000 times within a second, for "
                  "less than 2 us each",
              .values = kTrueOrFalse},
     .read = read_boolean,
     .flag = &Settings::throttle},
    {.info = {.variable = "LLMOBSERVE_KEEP",
              .default_text = "all",
              .meaning = "which workflow spans to keep; `api`: those beneath which an API call happened",
              .values = "all or api"},
     .read = read_keep},
    {.info = {.variable = "LLMOBSERVE_CALL_STACKS",
              .default_text = "true",
              .meaning = "record the call stack of each API call: which code makes it, instrumented or not",
              .values = kTrueOrFalse},
     .read = read_boolean,
     .flag = &Settings::call_stacks},
    {.info =
         {.variable = "LLMOBSERVE_TAG_REQUESTS",
          .default_text = "true",
          .meaning =
              "add `traceparent` to requests and messages, everywhere or to matching hosts; `!` takes out",
          .values = "true, false or a list of host globs"},
     .read = read_globs_or_boolean,
     .text = &Settings::tag_requests},
    {.info = {.variable = "LLMOBSERVE_CAPTURE_CONTENT",
              .default_text = "false",
              .meaning = "record prompts and completions on spans, within bounds and without the secrets "
                         "that can be told",
              .values = "true, false, NO_CONTENT, SPAN_ONLY or SPAN_AND_EVENT",
              .alias = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"},
     .read = read_capture},
    {.info = {.variable = "LLMOBSERVE_API_RULES",
              .default_text = "",
              .meaning = "file with API rules of your own, tried before those that are built in",
              .values = "a path"},
     .read = read_text,
     .text = &Settings::api_rules},
    {.info = {.variable = "LLMOBSERVE_PRICES",
              .default_text = "",
              .meaning = "file with the prices of models, in place of the table that is built in",
              .values = "a path"},
     .read = read_text,
     .text = &Settings::prices},
    {.info = {.variable = "LLMOBSERVE_EXPORTER",
              .default_text = "file",
              .meaning = "where traces go, comma-separated; unset: otlp where OTEL_EXPORTER_OTLP_ENDPOINT is "
                         "set, else file",
              .values = "file, otlp, console, clickhouse or none",
              .alias = "OTEL_TRACES_EXPORTER"},
     .read = read_exporters},
    {.info = {.variable = "LLMOBSERVE_TRACE_DIR",
              .default_text = "llmobserve-traces",
              .meaning = "where the file exporter writes",
              .values = "a directory"},
     .read = read_text,
     .text = &Settings::trace_dir},
    {.info = {.variable = "LLMOBSERVE_JOURNAL_DIR",
              .default_text = "/dev/shm/llmobserve-<uid>",
              .meaning = "where spans wait for the exporter",
              .values = "a directory"},
     .read = read_text,
     .text = &Settings::journal_dir},
    {.info =
         {.variable = "LLMOBSERVE_JOURNAL_MAX",
          .default_text = "256",
          .meaning =
              "journal size of a session in MiB, or with K, M, G; what comes beyond is dropped and counted",
          .values = "a number from 1 to 1048576 (MiB)"},
     .read = read_mebibytes,
     .number = &Settings::journal_max_mib,
     .min = 1,
     .max = 1048576},
    {.info = {.variable = "LLMOBSERVE_EXIT_WAIT_MS",
              .default_text = "0",
              .meaning = "longest wait for the exporter when the program ends, in milliseconds",
              .values = "a number from 0 to 600000 (milliseconds)"},
     .read = read_number,
     .number = &Settings::exit_wait_ms,
     .min = 0,
     .max = 600000},
    {.info = {.variable = "LLMOBSERVE_SESSION",
              .default_text = "",
              .meaning = "session to join; set for child processes by llmobserve itself",
              .values = "a directory"},
     .read = read_text,
     .text = &Settings::session},
    {.info = {.variable = "LLMOBSERVE_PROGRAM",
              .default_text = "",
              .meaning = "the llmobserve program that exports, where it is not found beside the library",
              .values = "a path"},
     .read = read_text,
     .text = &Settings::program},
    {.info = {.variable = "TRACEPARENT",
              .default_text = "",
              .meaning = "parent of the spans that have none here, as W3C Trace Context writes it",
              .values = "a traceparent"},
     .read = read_text,
     .text = &Settings::traceparent},
    {.info = {.variable = "TRACESTATE",
              .default_text = "",
              .meaning = "vendor data that goes with TRACEPARENT",
              .values = "a tracestate"},
     .read = read_text,
     .text = &Settings::tracestate},
    {.info = {.variable = "OTEL_SERVICE_NAME",
              .default_text = "",
              .meaning = "service.name of the traces, where the program's name will not do",
              .values = "a name"},
     .read = read_text,
     .text = &Settings::service_name},
    {.info = {.variable = "OTEL_RESOURCE_ATTRIBUTES",
              .default_text = "",
              .meaning = "further resource attributes, comma-separated",
              .values = "a list of key=value"},
     .read = read_text,
     .text = &Settings::resource_attributes},
    {.info = {.variable = "OTEL_TRACES_SAMPLER",
              .default_text = "parentbased_always_on",
              .meaning = "which traces to record; `parentbased_`: one that comes in as its parent says",
              .values = "always_on, always_off or traceidratio, or one of these with parentbased_ before it"},
     .read = read_sampler},
    {.info = {.variable = "OTEL_TRACES_SAMPLER_ARG",
              .default_text = "1",
              .meaning = "the share of traces that a traceidratio sampler records",
              .values = "a number from 0 to 1"},
     .read = read_sampler_argument},
    {.info = {.variable = "LLMOBSERVE_DEBUG",
              .default_text = "false",
              .meaning = "write more than warnings to exporter.log in the journal directory",
              .values = kTrueOrFalse},
     .read = read_boolean,
     .flag = &Settings::debug},
};

constexpr auto kInfos = [] {
  std::array<SettingInfo, std::size(kRows)> infos{};
  std::transform(std::begin(kRows), std::end(kRows), infos.begin(), [](const Row& row) { return row.info; });
  return infos;
}();

}  // namespace

std::span<const SettingInfo> setting_table() { return kInfos; }

// Cold, as all that runs when a program is loaded: it stands together, in few pages.
__attribute__((cold)) ParsedSettings read_settings(Lookup lookup, void* context) {
  ParsedSettings parsed;
  for (const Row& row : kRows) {
    for (const std::string_view variable : {row.info.variable, row.info.alias}) {
      if (variable.empty()) continue;
      // The names are string literals of the table, hence end in a zero.
      const char* const text = lookup(variable.data(), context);
      const std::string_view value = trim(text != nullptr ? std::string_view{text} : std::string_view{});
      if (value.empty()) continue;
      row.read({row, variable, value, parsed});
      break;
    }
  }
  return parsed;
}

__attribute__((cold)) ParsedSettings read_settings_from_environment() {
  return read_settings([](const char* name, void*) -> const char* { return ::secure_getenv(name); }, nullptr);
}

}  // namespace llmo::config
