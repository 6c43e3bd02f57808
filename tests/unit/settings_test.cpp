// Settings: how each variable is read, what stays the default, and what is said about it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "shim/config/settings.h"
#include "shim/config/text.h"
#include "shim/config/values.h"

namespace {

using llmo::config::ParsedSettings;
using llmo::config::Settings;

using Environment = std::map<std::string, std::string>;

const char* look_up(const char* name, void* context) {
  const auto& environment = *static_cast<const Environment*>(context);
  const auto found = environment.find(name);
  return found == environment.end() ? nullptr : found->second.c_str();
}

ParsedSettings read(Environment environment) { return llmo::config::read_settings(look_up, &environment); }

// The settings of an environment that is expected to be read without a note.
Settings settings(const Environment& environment) {
  const ParsedSettings parsed = read(environment);
  for (const std::string& note : parsed.notes) UNSCOPED_INFO(note);
  CHECK(parsed.notes.empty());
  return parsed.settings;
}

// The only note of an environment, empty if there is none.
std::string note(const Environment& environment) {
  const ParsedSettings parsed = read(environment);
  CHECK(parsed.notes.size() <= 1);
  return parsed.notes.empty() ? "" : parsed.notes.front();
}

}  // namespace

TEST_CASE("an empty environment gives the documented defaults", "[settings]") {
  const Settings defaults = settings({});
  CHECK(defaults.enabled);
  CHECK(defaults.function_tracing);
  CHECK(defaults.function_patterns == "*_workflow,*_agent,*_handler");
  CHECK(defaults.exclude_modules == "test,__pycache__");
  CHECK(defaults.tag_requests == "true");
  CHECK_FALSE(defaults.capture_content);
  CHECK(defaults.exporters.empty());
  CHECK(defaults.trace_dir == "llmobserve-traces");
  CHECK(defaults.journal_dir.empty());
  CHECK(defaults.journal_max_mib == 256);
  CHECK(defaults.exit_wait_ms == 0);
  CHECK(defaults.traceparent.empty());
  CHECK_FALSE(defaults.debug);
}

TEST_CASE("an empty or blank variable counts as unset", "[settings]") {
  for (const char* blank : {"", " ", " \t\r\n "}) {
    Environment environment;
    for (const auto& row : llmo::config::setting_table()) {
      environment[std::string{row.variable}] = blank;
      if (!row.alias.empty()) environment[std::string{row.alias}] = blank;
    }
    const Settings read_back = settings(environment);
    CHECK(read_back.enabled);
    CHECK(read_back.function_patterns == "*_workflow,*_agent,*_handler");
    CHECK(read_back.trace_dir == "llmobserve-traces");
    CHECK(read_back.journal_max_mib == 256);
  }
}

TEST_CASE("our booleans take eight words in any case", "[settings]") {
  for (const char* word : {"true", "TRUE", "True", "1", "yes", "Yes", "on", "ON", "  on  "}) {
    CAPTURE(word);
    CHECK(settings({{"LLMOBSERVE_DEBUG", word}}).debug);
  }
  for (const char* word : {"false", "FALSE", "0", "no", "NO", "off", "Off", " off\n"}) {
    CAPTURE(word);
    CHECK_FALSE(settings({{"LLMOBSERVE_ENABLED", word}}).enabled);
    CHECK_FALSE(settings({{"LLMOBSERVE_AUTO_FUNCTION_TRACING", word}}).function_tracing);
  }
}

TEST_CASE("a boolean that cannot be read keeps the default and is reported", "[settings]") {
  for (const char* word : {"maybe", "2", "tru", "truee", "y", "-1", "true false", "\xFF"}) {
    CAPTURE(word);
    CHECK(read({{"LLMOBSERVE_ENABLED", word}}).settings.enabled);
    CHECK_FALSE(read({{"LLMOBSERVE_DEBUG", word}}).settings.debug);
    CHECK_FALSE(note({{"LLMOBSERVE_DEBUG", word}}).empty());
  }
  CHECK(note({{"LLMOBSERVE_ENABLED", "maybe"}}) ==
        "LLMOBSERVE_ENABLED: \"maybe\" is not true or false; using true");
}

TEST_CASE("OTEL_SDK_DISABLED is true by the word true only", "[settings]") {
  CHECK_FALSE(settings({{"OTEL_SDK_DISABLED", "true"}}).enabled);
  CHECK_FALSE(settings({{"OTEL_SDK_DISABLED", "TRUE"}}).enabled);
  CHECK(settings({{"OTEL_SDK_DISABLED", "False"}}).enabled);
  CHECK(read({{"OTEL_SDK_DISABLED", "1"}}).settings.enabled);
  CHECK(note({{"OTEL_SDK_DISABLED", "1"}}) == "OTEL_SDK_DISABLED: \"1\" is not true or false; using false");
  CHECK_FALSE(note({{"OTEL_SDK_DISABLED", "yes"}}).empty());
}

TEST_CASE("off is off whichever of the two switches says it", "[settings]") {
  CHECK_FALSE(settings({{"OTEL_SDK_DISABLED", "true"}, {"LLMOBSERVE_ENABLED", "true"}}).enabled);
  CHECK_FALSE(settings({{"OTEL_SDK_DISABLED", "false"}, {"LLMOBSERVE_ENABLED", "false"}}).enabled);
}

TEST_CASE("the journal size is in MiB or says its unit", "[settings]") {
  const auto size = [](const char* text) {
    CAPTURE(text);
    return settings({{"LLMOBSERVE_JOURNAL_MAX", text}}).journal_max_mib;
  };
  CHECK(size("1") == 1);
  CHECK(size("1048576") == 1048576);
  CHECK(size(" 64 ") == 64);
  CHECK(size("0064") == 64);
  CHECK(size("64M") == 64);
  CHECK(size("64mb") == 64);
  CHECK(size("64 MiB") == 64);
  CHECK(size("2G") == 2048);
  CHECK(size("2g") == 2048);
  CHECK(size("1024GiB") == 1048576);
  CHECK(size("2048K") == 2);
  CHECK(size("2049KB") == 3);
  CHECK(size("1k") == 1);
}

TEST_CASE("a number that cannot be read or is out of range keeps the default and is reported", "[settings]") {
  for (const char* text : {"abc",
                           "0",
                           "1048577",
                           "-1",
                           "+5",
                           "1.5",
                           "0x10",
                           "1e3",
                           "12 34",
                           "M",
                           "K",
                           "B",
                           "GiB",
                           "1025G",
                           "0K",
                           "1T",
                           "99999999999999999999",
                           "18446744073709551615",
                           "18446744073709551615G",
                           "18446744073709551615K",
                           "٣"}) {
    CAPTURE(text);
    const ParsedSettings parsed = read({{"LLMOBSERVE_JOURNAL_MAX", text}});
    CHECK(parsed.settings.journal_max_mib == 256);
    CHECK(parsed.notes.size() == 1);
  }
  CHECK(note({{"LLMOBSERVE_JOURNAL_MAX", "abc"}}) ==
        "LLMOBSERVE_JOURNAL_MAX: \"abc\" is not a number from 1 to 1048576 (MiB); using 256");
  CHECK(note({{"LLMOBSERVE_EXIT_WAIT_MS", "600001"}}) ==
        "LLMOBSERVE_EXIT_WAIT_MS: \"600001\" is not a number from 0 to 600000 (milliseconds); using 0");
  CHECK(settings({{"LLMOBSERVE_EXIT_WAIT_MS", "600000"}}).exit_wait_ms == 600000);
  CHECK(settings({{"LLMOBSERVE_EXIT_WAIT_MS", "0"}}).exit_wait_ms == 0);
}

TEST_CASE("exporters are a list of known names", "[settings]") {
  const auto exporters = [](const char* text) { return settings({{"LLMOBSERVE_EXPORTER", text}}).exporters; };
  CHECK(exporters("file") == "file");
  CHECK(exporters(" console , file ,") == "console,file");
  CHECK(exporters("File,FILE,file") == "file");
  CHECK(exporters("file,otlp,console,clickhouse,none") == "file,otlp,console,clickhouse,none");
  CHECK(exporters(",").empty());
}

TEST_CASE("an unknown exporter is left out and reported once", "[settings]") {
  const ParsedSettings some = read({{"LLMOBSERVE_EXPORTER", "zipkin,file,jaeger"}});
  CHECK(some.settings.exporters == "file");
  REQUIRE(some.notes.size() == 1);
  CHECK(some.notes[0] ==
        "LLMOBSERVE_EXPORTER: \"zipkin\" is not file, otlp, console, clickhouse or none; using file");

  const ParsedSettings none = read({{"OTEL_TRACES_EXPORTER", "zipkin"}});
  CHECK(none.settings.exporters.empty());
  REQUIRE(none.notes.size() == 1);
  CHECK(none.notes[0] ==
        "OTEL_TRACES_EXPORTER: \"zipkin\" is not file, otlp, console, clickhouse or none; using file");
}

TEST_CASE("our variable wins over its alias, and the alias is read where ours is unset or empty",
          "[settings]") {
  CHECK(settings({{"OTEL_TRACES_EXPORTER", "console"}}).exporters == "console");
  CHECK(settings({{"OTEL_TRACES_EXPORTER", "console"}, {"LLMOBSERVE_EXPORTER", "file"}}).exporters == "file");
  CHECK(settings({{"OTEL_TRACES_EXPORTER", "console"}, {"LLMOBSERVE_EXPORTER", " "}}).exporters == "console");
  CHECK(
      read({{"OTEL_TRACES_EXPORTER", "console"}, {"LLMOBSERVE_EXPORTER", "fil"}}).settings.exporters.empty());
}

TEST_CASE("content is captured only where a known word asks for it on spans", "[settings]") {
  const char* const official = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
  for (const char* variable : {official, "LLMOBSERVE_CAPTURE_CONTENT"}) {
    for (const char* word : {"true", "True", "SPAN_ONLY", "span_only", "SPAN_AND_EVENT", "1", "on"}) {
      CAPTURE(variable, word);
      CHECK(settings({{variable, word}}).capture_content);
    }
    for (const char* word : {"false", "FALSE", "NO_CONTENT", "no_content", "0", "off"}) {
      CAPTURE(variable, word);
      CHECK_FALSE(settings({{variable, word}}).capture_content);
    }
    for (const char* word : {"EVENT_ONLY", "spans", "all", "SPAN-ONLY"}) {
      CAPTURE(variable, word);
      CHECK_FALSE(read({{variable, word}}).settings.capture_content);
      CHECK(note({{variable, word}}).starts_with(variable));
    }
  }
  CHECK_FALSE(settings({{official, "true"}, {"LLMOBSERVE_CAPTURE_CONTENT", "false"}}).capture_content);
}

TEST_CASE("request tagging is a boolean in one spelling, or a list as it was written", "[settings]") {
  const auto tag = [](const char* text) {
    return settings({{"LLMOBSERVE_TAG_REQUESTS", text}}).tag_requests;
  };
  CHECK(tag("TRUE") == "true");
  CHECK(tag("on") == "true");
  CHECK(tag("0") == "false");
  CHECK(tag(" *.openai.com, !eu.* ") == "*.openai.com, !eu.*");
}

TEST_CASE("texts are kept as they are but for the blanks around them", "[settings]") {
  const Settings read_back =
      settings({{"LLMOBSERVE_FUNCTION_PATTERNS", " *_step , !x "},
                {"LLMOBSERVE_EXCLUDE_MODULES", ","},
                {"LLMOBSERVE_TRACE_DIR", "/tmp/my traces"},
                {"LLMOBSERVE_JOURNAL_DIR", "/run/j"},
                {"LLMOBSERVE_SESSION", "/run/j/s"},
                {"LLMOBSERVE_PROGRAM", "/opt/llmobserve"},
                {"TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
                {"TRACESTATE", "a=1,b=2"},
                {"OTEL_SERVICE_NAME", "caf\xC3\xA9 \xFF service"},
                {"OTEL_RESOURCE_ATTRIBUTES", "k=v"}});
  CHECK(read_back.function_patterns == "*_step , !x");
  CHECK(read_back.exclude_modules == ",");
  CHECK(read_back.trace_dir == "/tmp/my traces");
  CHECK(read_back.journal_dir == "/run/j");
  CHECK(read_back.session == "/run/j/s");
  CHECK(read_back.program == "/opt/llmobserve");
  CHECK(read_back.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  CHECK(read_back.tracestate == "a=1,b=2");
  CHECK(read_back.service_name == "caf\xC3\xA9 \xFF service");
  CHECK(read_back.resource_attributes == "k=v");
}

TEST_CASE("a note stays one short printable line whatever the value", "[settings]") {
  const std::string huge(1'000'000, 'x');
  const std::string odd = "\x1B[31m\n\xFF\x80 \"";
  for (const auto& row : llmo::config::setting_table()) {
    for (const std::string& value : {huge, odd, "," + huge + ",a", std::string(1'000'000, ',') + "!"}) {
      for (const std::string& text : read({{std::string{row.variable}, value}}).notes) {
        CHECK(text.size() < 250);
        CHECK(text.starts_with(row.variable));
        for (const char c : text) {
          if (c < ' ' || c > '~') FAIL("not printable in: " << text);
        }
      }
    }
  }
  CHECK(llmo::config::excerpt("a\nb\xFF") == "a?b?");
  CHECK(llmo::config::excerpt(std::string(41, 'x')) == std::string(40, 'x') + "...");
}

TEST_CASE("a list of many exporters is read in one note and one copy of each name", "[settings]") {
  std::string list;
  for (int i = 0; i < 100'000; ++i) list += "file,zip,";
  const ParsedSettings parsed = read({{"LLMOBSERVE_EXPORTER", list}});
  CHECK(parsed.settings.exporters == "file");
  CHECK(parsed.notes.size() == 1);
}

TEST_CASE("each row of the table is complete and stands for itself", "[settings]") {
  std::map<std::string_view, int> seen;
  for (const auto& row : llmo::config::setting_table()) {
    CAPTURE(row.variable);
    CHECK_FALSE(row.meaning.empty());
    CHECK_FALSE(row.values.empty());
    CHECK(++seen[row.variable] == 1);
    if (!row.alias.empty()) CHECK(++seen[row.alias] == 1);
  }
  CHECK(seen.count("LLMOBSERVE_FUNCTION_PATTERNS") == 1);
  CHECK(seen.count("OTEL_TRACES_EXPORTER") == 1);
}

TEST_CASE("the default that the table shows is what an unset variable means", "[settings]") {
  const Settings unset = settings({});
  for (const auto& row : llmo::config::setting_table()) {
    // These two defaults depend on the environment and are described, not written.
    if (row.variable == "LLMOBSERVE_EXPORTER" || row.variable == "LLMOBSERVE_JOURNAL_DIR") continue;
    CAPTURE(row.variable);
    const Settings read_back = settings({{std::string{row.variable}, std::string{row.default_text}}});
    CHECK(read_back.enabled == unset.enabled);
    CHECK(read_back.function_tracing == unset.function_tracing);
    CHECK(read_back.function_patterns == unset.function_patterns);
    CHECK(read_back.exclude_modules == unset.exclude_modules);
    CHECK(read_back.tag_requests == unset.tag_requests);
    CHECK(read_back.capture_content == unset.capture_content);
    CHECK(read_back.trace_dir == unset.trace_dir);
    CHECK(read_back.journal_max_mib == unset.journal_max_mib);
    CHECK(read_back.exit_wait_ms == unset.exit_wait_ms);
    CHECK(read_back.debug == unset.debug);
  }
}

TEST_CASE("which workflow spans are kept is one of two words", "[settings]") {
  CHECK_FALSE(settings({}).keep_api);
  CHECK(settings({{"LLMOBSERVE_KEEP", "api"}}).keep_api);
  CHECK(settings({{"LLMOBSERVE_KEEP", " API "}}).keep_api);
  CHECK_FALSE(settings({{"LLMOBSERVE_KEEP", "all"}}).keep_api);
  CHECK(note({{"LLMOBSERVE_KEEP", "some"}}) == "LLMOBSERVE_KEEP: \"some\" is not all or api; using all");
  CHECK_FALSE(read({{"LLMOBSERVE_KEEP", "some"}}).settings.keep_api);
}

TEST_CASE("the process's own environment is read", "[settings]") {
  ::setenv("LLMOBSERVE_TRACE_DIR", "/tmp/from-the-environment", 1);
  CHECK(llmo::config::read_settings_from_environment().settings.trace_dir == "/tmp/from-the-environment");
  ::unsetenv("LLMOBSERVE_TRACE_DIR");
  CHECK(llmo::config::read_settings_from_environment().settings.trace_dir == "llmobserve-traces");
}

TEST_CASE("a list is parted at every comma and its entries are trimmed", "[settings]") {
  std::string seen;
  const auto entries = [&seen](std::string_view list) {
    seen.clear();
    llmo::config::for_each_entry(list,
                                 [&](std::string_view entry) { seen += "<" + std::string{entry} + ">"; });
    return seen;
  };
  CHECK(entries("") == "");
  CHECK(entries(",,,") == "");
  CHECK(entries("a") == "<a>");
  CHECK(entries(" a b ,\tc,,d") == "<a b><c><d>");
}

TEST_CASE("the sampler's name is OpenTelemetry's, in any case", "[settings]") {
  using llmo::config::Sampler;
  const auto expect = [](const char* name, Sampler sampler, bool asks_parent) {
    CAPTURE(name);
    const Settings read_back = settings({{"OTEL_TRACES_SAMPLER", name}});
    CHECK(read_back.sampler == sampler);
    CHECK(read_back.sampler_asks_parent == asks_parent);
    CHECK(read_back.sampled_share == llmo::config::kWholeShare);
  };
  expect("", Sampler::kAlwaysOn, true);
  expect("parentbased_always_on", Sampler::kAlwaysOn, true);
  expect("ALWAYS_ON", Sampler::kAlwaysOn, false);
  expect(" always_off ", Sampler::kAlwaysOff, false);
  expect("ParentBased_Always_Off", Sampler::kAlwaysOff, true);
  expect("traceidratio", Sampler::kRatio, false);
  expect("parentbased_traceidratio", Sampler::kRatio, true);
}

TEST_CASE("a sampler that is not there is named, and the default used", "[settings]") {
  for (const char* const name : {"jaeger_remote", "parentbased_jaeger_remote", "xray", "ratio"}) {
    const Environment environment{{"OTEL_TRACES_SAMPLER", name},
                                  {"OTEL_TRACES_SAMPLER_ARG", "endpoint=http://localhost:14250"}};
    CHECK(note(environment) ==
          std::string("OTEL_TRACES_SAMPLER: \"") + name +
              "\" is not always_on, always_off or traceidratio, or one of these with parentbased_ before it; "
              "using parentbased_always_on");
    CHECK(read(environment).settings.sampler == llmo::config::Sampler::kAlwaysOn);
    CHECK(read(environment).settings.sampler_asks_parent);
  }
}

TEST_CASE("the sampler's argument counts for a ratio only", "[settings]") {
  const auto share = [](const char* sampler, const char* argument) {
    return settings({{"OTEL_TRACES_SAMPLER", sampler}, {"OTEL_TRACES_SAMPLER_ARG", argument}}).sampled_share;
  };
  constexpr std::uint64_t kWhole = llmo::config::kWholeShare;
  CHECK(share("traceidratio", "0.25") == kWhole / 4);
  CHECK(share("parentbased_traceidratio", "0") == 0);
  CHECK(share("always_on", "0.25") == kWhole);
  CHECK(share("always_on", "nonsense") == kWhole);
  const Environment bad{{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "1.5"}};
  CHECK(note(bad) == "OTEL_TRACES_SAMPLER_ARG: \"1.5\" is not a number from 0 to 1; using 1");
  CHECK(read(bad).settings.sampled_share == kWhole);
}

TEST_CASE("a share is read as it is written, whatever the form", "[settings]") {
  using llmo::config::parse_share;
  constexpr std::uint64_t kWhole = llmo::config::kWholeShare;
  for (const char* const whole :
       {"1", "1.0", "1.", "01", "1.000000000000000000000000", "1e0", "10e-1", "0.1E+1"}) {
    CAPTURE(whole);
    CHECK(parse_share(whole) == kWhole);
  }
  for (const char* const quarter : {"0.25", ".25", "0.250", "25e-2", "2.5E-1", "0.0025e2"}) {
    CAPTURE(quarter);
    CHECK(parse_share(quarter) == kWhole / 4);
  }
  for (const char* const nothing : {"0", "0.0", ".0", "0e5", "0e-900"}) CHECK(parse_share(nothing) == 0);
  for (const char* const least : {"1e-900", "0.00000000000000000000000000000000000000000001"})
    CHECK(parse_share(least) == 1);
  CHECK(parse_share("0.1") == std::uint64_t{7205759403792793});  // 2^56 / 10, rounded down
  for (const char* const bad : {"",
                                ".",
                                "-0.1",
                                "+0.5",
                                "1.0000001",
                                "2",
                                "1e1",
                                "1e900",
                                "0.5.5",
                                "0,5",
                                "0.5 0.5",
                                "nan",
                                "inf",
                                "0x1",
                                "1e",
                                "e",
                                "1e1.5",
                                "1e99999999999",
                                "99999999999999999999999",
                                "50%"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_share(bad).has_value());
  }
}
