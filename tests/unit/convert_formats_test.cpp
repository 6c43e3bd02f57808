// What convert writes, read back by what reads such files.
#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <protozero/pbf_reader.hpp>

#include "exporters/convert/converter.h"
#include "exporters/file/otlp_json_reader.h"
#include "exporters/file/otlp_json_writer.h"
#include "exporters/otlp/protobuf_reader.h"
#include "tests/unit/exporter_journal.h"

namespace {

using namespace llmo;
using convert::Format;
using protozero::pbf_reader;

constexpr std::uint64_t kStart = 1'760'000'000'123'456'789;

Span span_of(std::uint64_t id, std::uint64_t parent, std::uint64_t start, std::uint64_t end) {
  static const auto resource = [] {
    auto made = std::make_shared<Resource>();
    made->attributes = {{"service.name", std::string("agent")}, {"process.pid", std::int64_t{4711}}};
    return std::shared_ptr<const Resource>(made);
  }();
  Span span;
  span.trace_id = {1, 2};
  span.span_id = id;
  span.parent_span_id = parent;
  span.name = "call " + std::to_string(id);
  span.start_unix_nanos = kStart + start;
  span.end_unix_nanos = kStart + end;
  span.resource = resource;
  span.attributes = {{"thread.id", std::int64_t{4712}}, {"thread.name", std::string("worker")}};
  return span;
}

// A workflow with two transfers side by side and a linked one of another thread.
std::vector<Span> workflow() {
  std::vector<Span> spans = {span_of(2, 1, 1'000, 9'001), span_of(3, 1, 2'000, 8'000),
                             span_of(1, 0, 0, 10'000)};
  spans[0].kind = SpanKind::kClient;
  spans[0].status = StatusCode::kError;
  spans[0].attributes.push_back({"big", std::int64_t{1} << 60});
  spans[0].attributes.push_back({"list", std::vector<std::string>{"a", "b"}});
  spans[0].events = {{kStart + 1'500, "exception", {{"exception.type", std::string("E")}}}};
  spans.push_back(span_of(4, 0, 9'500, 9'600));
  spans[3].attributes = {{"thread.id", std::int64_t{5000}}};
  spans[3].links = {{{1, 2}, 3, "", {}, 0}, {{9, 9}, 3, "", {}, 0}};
  return spans;
}

std::string converted(Format format, const std::vector<Span>& spans) {
  const test::MemoryDir root;
  const std::string path = root / "out";
  convert::OutputFile output;
  REQUIRE(output.open(path));
  const auto sink = convert::make_sink(format, output);
  REQUIRE(sink != nullptr);
  for (const Span& span : spans) sink->take(Span(span));
  CHECK_FALSE(std::filesystem::exists(path));
  REQUIRE(sink->finish());
  REQUIRE(output.finish());
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<const rapidjson::Value*> events_of(const rapidjson::Document& trace, const std::string& phase) {
  std::vector<const rapidjson::Value*> found;
  for (const auto& event : trace["traceEvents"].GetArray()) {
    if (event["ph"].GetString() == phase) found.push_back(&event);
  }
  return found;
}

std::string text_of(pbf_reader& message) {
  const auto view = message.get_view();
  return {view.data(), view.size()};
}

// Packets as text: `begin 5 +1000 flows`, with tracks by number and names by theirs.
struct PerfettoTrace {
  std::vector<std::string> names{"?"};
  std::vector<std::string> lines;

  void read_interned(pbf_reader data) {
    while (data.next(2)) {
      pbf_reader entry = data.get_message();
      std::uint64_t number = 0;
      while (entry.next()) {
        if (entry.tag() == 1) number = entry.get_uint64();
        if (entry.tag() == 2) {
          names.resize(std::max<std::size_t>(names.size(), number + 1));
          names[number] = text_of(entry);
        }
      }
    }
  }

  void read_event(pbf_reader event, std::uint64_t time) {
    constexpr const char* kTypes[] = {"?", "begin", "end", "instant"};
    std::string type;
    std::string name;
    std::string flows;
    std::uint64_t track = 0;
    while (event.next()) {
      switch (event.tag()) {
        case 9:
          type = kTypes[event.get_enum()];
          break;
        case 10:
          name = " " + names.at(event.get_uint64());
          break;
        case 11:
          track = event.get_uint64();
          break;
        case 47:
          flows += " out" + std::to_string(event.get_fixed64());
          break;
        case 48:
          flows += " in" + std::to_string(event.get_fixed64());
          break;
        default:
          event.skip();
      }
    }
    lines.push_back(type + name + " @" + std::to_string(track) + " +" + std::to_string(time - kStart) +
                    flows);
  }

  void read_track(pbf_reader track) {
    std::string line = "track";
    while (track.next()) {
      switch (track.tag()) {
        case 1:
          line += " " + std::to_string(track.get_uint64());
          break;
        case 2:
          line += " " + text_of(track);
          break;
        case 3: {
          pbf_reader process = track.get_message();
          while (process.next()) {
            if (process.tag() == 1) line += " pid " + std::to_string(process.get_int32());
            if (process.tag() == 6) line += " " + text_of(process);
          }
          break;
        }
        case 4: {
          pbf_reader thread = track.get_message();
          while (thread.next()) {
            if (thread.tag() == 5) {
              line += " " + text_of(thread);
            } else {
              line += " " + std::to_string(thread.get_int32());
            }
          }
          break;
        }
        case 5:
          line += " under " + std::to_string(track.get_uint64());
          break;
        default:
          track.skip();
      }
    }
    lines.push_back(line);
  }

  explicit PerfettoTrace(const std::string& bytes) {
    pbf_reader trace(bytes);
    while (trace.next(1)) {
      pbf_reader packet = trace.get_message();
      std::uint64_t time = 0;
      while (packet.next()) {
        switch (packet.tag()) {
          case 8:
            time = packet.get_uint64();
            break;
          case 11:
            read_event(packet.get_message(), time);
            break;
          case 12:
            read_interned(packet.get_message());
            break;
          case 60:
            read_track(packet.get_message());
            break;
          default:
            packet.skip();
        }
      }
    }
  }
};

}  // namespace

TEST_CASE("OTLP is converted without loss, to JSON and to protobuf", "[convert]") {
  std::vector<Span> spans = workflow();
  spans[1].scope = std::make_shared<const Scope>(Scope{"theirs", "1.2", {}});
  spans[1].tracestate = "a=1";
  spans[1].dropped_events = 3;
  const std::string json = converted(Format::kOtlpJson, spans);
  CHECK(json == file::to_otlp_json(spans) + "\n");

  const auto read_back = [](const std::string& bytes) {
    std::vector<Span> back;
    file::ReadCounts counts;
    otlp::read_otlp_protobuf(
        bytes, [&](Span&& span) { back.push_back(std::move(span)); }, counts);
    CHECK(counts.damaged_lines == 0);
    return back;
  };
  const std::string protobuf = converted(Format::kOtlpProtobuf, spans);
  const std::vector<Span> once = read_back(protobuf);
  REQUIRE(once.size() == 4);
  CHECK(converted(Format::kOtlpProtobuf, once) == protobuf);
  std::vector<Span> from_json;
  file::ReadCounts counts;
  file::read_otlp_json_line(
      json, [&](Span&& span) { from_json.push_back(std::move(span)); }, counts);
  CHECK(converted(Format::kOtlpProtobuf, from_json) == protobuf);
  CHECK(converted(Format::kOtlpJson, once) == converted(Format::kOtlpJson, from_json));
}

TEST_CASE("a batch boundary loses no span", "[convert]") {
  std::vector<Span> spans(2500, span_of(1, 0, 0, 1));
  for (std::uint64_t i = 0; i < spans.size(); ++i) spans[i].span_id = i + 1;
  const std::string protobuf = converted(Format::kOtlpProtobuf, spans);
  std::uint64_t next = 0;
  file::ReadCounts counts;
  otlp::read_otlp_protobuf(
      protobuf, [&](Span&& span) { CHECK(span.span_id == ++next); }, counts);
  CHECK(next == 2500);
}

TEST_CASE("Chrome trace events keep nanoseconds, names, attributes and relations", "[convert][chrome]") {
  rapidjson::Document trace;
  trace.Parse(converted(Format::kChrome, workflow()).c_str());
  REQUIRE_FALSE(trace.HasParseError());
  CHECK(std::string(trace["otherData"]["first_unix_nanos"].GetString()) == std::to_string(kStart));

  const auto slices = events_of(trace, "X");
  REQUIRE(slices.size() == 4);
  CHECK(std::string((*slices[0])["name"].GetString()) == "call 1");
  CHECK((*slices[0])["ts"].GetDouble() == 0);
  CHECK((*slices[0])["pid"].GetInt() == 4711);
  CHECK((*slices[0])["tid"].GetInt() == 4712);
  const rapidjson::Value& call = *slices[1];
  CHECK(call["dur"].GetDouble() == 8.001);
  CHECK(call["tid"].GetInt() == 4712);
  CHECK(std::string(call["cat"].GetString()) == "client");
  CHECK(std::string(call["args"]["big"].GetString()) == "1152921504606846976");
  CHECK(call["args"]["list"].Size() == 2);
  CHECK(std::string(call["args"]["parent_span_id"].GetString()) == "0000000000000001");
  CHECK(std::string(call["args"]["status"].GetString()) == "error");
  CHECK((*slices[2])["tid"].GetInt() > 4'194'304);  // side by side with the other: a lane of its own

  const auto instants = events_of(trace, "i");
  REQUIRE(instants.size() == 1);
  CHECK((*instants[0])["ts"].GetDouble() == 1.5);
  CHECK((*instants[0])["tid"] == call["tid"]);

  const auto starts = events_of(trace, "s");
  const auto ends = events_of(trace, "f");
  REQUIRE(starts.size() == 2);
  REQUIRE(ends.size() == 2);
  CHECK(std::string((*ends[0])["bp"].GetString()) == "e");
  CHECK(events_of(trace, "M").size() == 2 + 3 * 2);
}

TEST_CASE("a Perfetto trace has tracks, slices that nest, and flows", "[convert][perfetto]") {
  const PerfettoTrace trace(converted(Format::kPerfetto, workflow()));
  CHECK(trace.lines == std::vector<std::string>{
                           "track 1 pid 4711 agent", "track 2 under 1 4711 4712 worker",
                           "track 3 worker (2) under 2", "track 4 under 1 4711 5000 thread 5000",
                           "begin call 1 @2 +0 out1", "begin call 2 @2 +1000", "instant exception @2 +1500",
                           "begin call 3 @3 +2000 out2 in1", "end @3 +8000", "end @2 +9001",
                           "begin call 4 @4 +9500 in2", "end @4 +9600", "end @2 +10000"});
}

TEST_CASE("processes and threads of one number stay apart", "[convert]") {
  std::vector<Span> spans = {span_of(1, 0, 0, 1), span_of(2, 0, 0, 1)};
  auto other = std::make_shared<Resource>();
  other->attributes = {{"service.name", std::string("agent")},
                       {"process.pid", std::int64_t{4711}},
                       {"host.name", std::string("elsewhere")}};
  spans[1].resource = other;
  rapidjson::Document trace;
  trace.Parse(converted(Format::kChrome, spans).c_str());
  const auto slices = events_of(trace, "X");
  REQUIRE(slices.size() == 2);
  CHECK((*slices[0])["pid"] != (*slices[1])["pid"]);
  CHECK((*slices[0])["tid"] != (*slices[1])["tid"]);
}

TEST_CASE("CSV quotes what would break a row, and takes the sting out of formulas", "[convert][csv]") {
  Span span = span_of(1, 0, 0, 1500);
  span.name = "a,\"b\"\r\nc";
  span.status_message = "=HYPERLINK(\"x\")";
  span.attributes = {{"gen_ai.usage.input_tokens", std::int64_t{-3}},
                     {"llmobserve.cost.usd", 0.25},
                     {"llmobserve.open", true},
                     {"error.type", std::string("@x")}};
  const std::string csv = converted(Format::kCsv, {span});
  const std::size_t row = csv.find("\r\n") + 2;
  CHECK(csv.substr(0, 32) == "trace_id,span_id,parent_span_id,");
  CHECK(csv.substr(row) ==
        "00000000000000010000000000000002,0000000000000001,,agent,4711,,,\"a,\"\"b\"\"\r\nc\",internal,"
        "2025-10-09T08:53:20.123456789Z,1760000000123456789,1500,true,,\"'=HYPERLINK(\"\"x\"\")\",'@x,,,,,-3,"
        ",0.25,"
        ",,,,,,,\"{\"\"gen_ai.usage.input_tokens\"\":-3,\"\"llmobserve.cost.usd\"\":0.25,"
        "\"\"llmobserve.open\"\":true,\"\"error.type\"\":\"\"@x\"\"}\"\r\n");
}

TEST_CASE("a conversion that cannot be written leaves no file, and the old one as it was", "[convert]") {
  const test::MemoryDir root;
  const std::string path = root / "out";
  std::ofstream(path) << "before";
  {
    convert::OutputFile output;
    REQUIRE(output.open(path));
    output.write(std::string(1 << 20, 'x'));
  }
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "before");
  CHECK(std::distance(std::filesystem::directory_iterator(std::string(root / ".")), {}) == 1);

  convert::OutputFile full;
  REQUIRE(full.open("/dev/full"));
  full.write(std::string(1 << 20, 'x'));
  CHECK(full.failed());
  CHECK_FALSE(full.finish());
  convert::OutputFile nowhere;
  CHECK_FALSE(nowhere.open(root / "no/such/folder"));
}
