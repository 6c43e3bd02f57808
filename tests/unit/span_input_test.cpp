// What the commands that show traces can read.
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "exporters/file/otlp_json_writer.h"
#include "exporters/input/follower.h"
#include "exporters/input/span_input.h"
#include "exporters/otlp/protobuf_writer.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/console_spans.h"

namespace llmo::input {
namespace {

using console::make_span;
using console::text;

std::vector<Span> spans_named(std::initializer_list<const char*> names) {
  std::vector<Span> spans;
  for (const char* const name : names) {
    spans.push_back(
        make_span(spans.size() + 1, 0, name, spans.size(), 10, {text("code.function.name", name)}));
  }
  return spans;
}

std::string json_line(std::initializer_list<const char*> names) {
  return file::to_otlp_json(spans_named(names)) + "\n";
}

std::string protobuf(std::initializer_list<const char*> names) {
  std::string out;
  otlp::append_otlp_protobuf(spans_named(names), out);
  return out;
}

std::string gzipped(const std::string& plain) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&stream, plain.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::string zstandard(const std::string& plain) {
  std::string out(::ZSTD_compressBound(plain.size()), '\0');
  out.resize(::ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  return out;
}

// As people's tools write it: each thing on a line of its own.
std::string pretty(const std::string& json) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  bool escaped = false;
  const auto new_line = [&] { out += "\n" + std::string(depth * 2, ' '); };
  for (const char c : json) {
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = c == '\\' && !escaped;
    if (!in_string && (c == '}' || c == ']')) {
      --depth;
      new_line();
    }
    if (c != '\n') out += c;
    if (in_string || c == '"') continue;
    if (c == '{' || c == '[') ++depth;
    if (c == '{' || c == '[' || c == ',') new_line();
    if (c == ':') out += ' ';
  }
  return out + "\n";
}

struct Read {
  InputReport report;
  std::vector<std::string> names;
  std::vector<Span> spans;
};

Read read(const std::vector<std::string>& paths) {
  Read result;
  result.report = read_spans(paths, {}, [&result](Span&& span) {
    result.names.push_back(span.name);
    result.spans.push_back(std::move(span));
  });
  return result;
}

class Folder {
 public:
  std::string write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path path = dir_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string path() const { return dir_.path(); }
  Read read_bytes(const std::string& bytes) const { return read({write("any", bytes)}); }

 private:
  test::TempDir dir_;
};

using Names = std::vector<std::string>;

TEST_CASE("a trace file is read whatever it is and however it is packed", "[input]") {
  const Folder folder;
  const std::string lines = json_line({"a", "b"}) + json_line({"c"});
  const std::string messages = protobuf({"a", "b"}) + protobuf({"c"});
  for (const std::string& plain : {lines, pretty(json_line({"a", "b"})) + pretty(json_line({"c"})), messages,
                                   "\n \n" + lines, "\xef\xbb\xbf" + lines}) {
    for (const std::string& bytes : {plain, gzipped(plain), zstandard(plain)}) {
      const Read result = folder.read_bytes(bytes);
      INFO(plain.substr(0, 200));
      CHECK(result.names == Names{"a", "b", "c"});
      CHECK(result.report.problems.empty());
      CHECK(result.report.files == 1);
      CHECK(result.report.counts.damaged_lines == 0);
    }
  }
}

TEST_CASE("all of a span is read from pretty-printed JSON, its resource too", "[input]") {
  const Folder folder;
  std::vector<Span> spans = spans_named({"quoted \\\"{[,\\\\"});
  spans[0].resource = console::process(77);
  spans[0].attributes = AttributeList{text("llm.note", "line\nbreak, } and ]")};
  const Read result = folder.read_bytes(pretty(file::to_otlp_json(spans)));
  REQUIRE(result.spans.size() == 1);
  CHECK(result.spans[0].name == spans[0].name);
  CHECK(*find_attribute(result.spans[0].attributes, "llm.note") == AttributeValue("line\nbreak, } and ]"));
  REQUIRE(result.spans[0].resource != nullptr);
  CHECK(*find_attribute(result.spans[0].resource->attributes, "process.pid") ==
        AttributeValue(std::int64_t{77}));
}

TEST_CASE("members and frames that follow each other are one file, and padding is none", "[input]") {
  const Folder folder;
  const std::string a = json_line({"a"});
  const std::string b = json_line({"b"});
  CHECK(folder.read_bytes(gzipped(a) + gzipped(b)).names == Names{"a", "b"});
  CHECK(folder.read_bytes(zstandard(a) + zstandard(b)).names == Names{"a", "b"});
  // The line goes on in the next member.
  CHECK(folder.read_bytes(gzipped(a.substr(0, 40)) + gzipped(a.substr(40) + b)).names == Names{"a", "b"});
  const Read padded = folder.read_bytes(gzipped(a) + std::string(600, '\0'));
  CHECK(padded.names == Names{"a"});
  CHECK(padded.report.problems.empty());
}

TEST_CASE("of a file that is cut off or damaged, what stands before is read and the rest is told",
          "[input]") {
  const Folder folder;
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += json_line({"early", "late"});
  for (const std::string& packed : {gzipped(lines), zstandard(lines)}) {
    const Read cut = folder.read_bytes(packed.substr(0, packed.size() - packed.size() / 4));
    CHECK(cut.names.size() > 100);
    REQUIRE(cut.report.problems.size() == 1);
    CHECK(cut.report.problems[0].find("data ends in the middle") != std::string::npos);
    std::string broken = packed;
    for (std::size_t at = broken.size() / 2; at < broken.size() / 2 + 16; ++at) broken[at] = '\x55';
    CHECK(folder.read_bytes(broken).report.problems.size() == 1);
  }
  const Read half_line = folder.read_bytes(json_line({"a"}) + json_line({"b"}).substr(0, 50));
  CHECK(half_line.names == Names{"a"});
  CHECK(half_line.report.counts.damaged_lines == 1);
  const Read behind = folder.read_bytes(json_line({"a"}).substr(0, 50) + "\n" + json_line({"b"}));
  CHECK(behind.names == Names{"b"});
}

TEST_CASE("protobuf that ends in the middle of a message gives the spans that are whole", "[input]") {
  const Folder folder;
  const std::string bytes = protobuf({"a", "b", "c"});
  const Read cut = folder.read_bytes(bytes.substr(0, bytes.size() - 3));
  CHECK(cut.names == Names{"a", "b"});
  REQUIRE(cut.report.problems.size() == 1);
  CHECK(cut.report.problems[0].find("ends in the middle of a message") != std::string::npos);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    CHECK(folder.read_bytes(bytes.substr(0, size)).names.size() < 3);
  }
}

TEST_CASE("a damage in pretty-printed JSON costs what is behind it, not the request after it", "[input]") {
  const Folder folder;
  const std::string whole = pretty(json_line({"a", "b"}));
  const Read cut = folder.read_bytes(whole.substr(0, whole.rfind("\"name\"")) + "\n" + whole);
  CHECK(cut.names == Names{"a", "a", "b"});
  CHECK(cut.report.counts.damaged_lines == 1);
  // A line that is cut off after a comma is not the beginning of a document.
  const std::string line = json_line({"x"});
  CHECK(folder.read_bytes(line.substr(0, line.rfind(',') + 1) + "\n" + line).names == Names{"x"});
}

TEST_CASE("what is no trace file is said to be none, and an empty one is fine", "[input]") {
  const Folder folder;
  const Read binary =
      folder.read_bytes(std::string("\x7f"
                                    "ELF\x02\x01\x01\0\0\0",
                                    10));
  REQUIRE(binary.report.problems.size() == 1);
  CHECK(binary.report.problems[0].find("neither OTLP JSON nor OTLP protobuf") != std::string::npos);
  const Read empty = folder.read_bytes("");
  CHECK(empty.report.problems.empty());
  CHECK(empty.report.files == 1);
  CHECK(folder.read_bytes("hello\nworld\n").report.counts.damaged_lines == 2);
  CHECK(read({folder.path() + "/missing"}).report.problems.size() == 1);
}

TEST_CASE("a folder's trace files are read by name, others are left alone", "[input]") {
  const Folder folder;
  folder.write("2.otlp.jsonl", json_line({"second"}));
  folder.write("1.json.gz", gzipped(pretty(json_line({"first"}))));
  folder.write("3.pb.zst", zstandard(protobuf({"third"})));
  folder.write("notes.txt", "nothing");
  CHECK(read({folder.path()}).names == Names{"first", "second", "third"});
}

TEST_CASE("a file that grows is followed from where it was, in whatever pieces it comes", "[input][follow]") {
  const Folder folder;
  const std::string bytes = json_line({"a"}) + json_line({"b", "c"});
  for (const bool packed : {false, true}) {
    const std::string name = packed ? "packed.jsonl.gz" : "plain.jsonl";
    const std::string all = packed ? gzipped(json_line({"a"})) + gzipped(json_line({"b", "c"})) : bytes;
    Follower follower({folder.path()}, std::chrono::seconds(60));
    Names names;
    const auto take = [&names](Span&& span) { names.push_back(span.name); };
    for (std::size_t size = 1; size <= all.size(); size += 7) {
      folder.write(name, all.substr(0, size));
      follower.look(take);
    }
    folder.write(name, all);
    follower.look(take);
    CHECK(names == Names{"a", "b", "c"});
    std::filesystem::remove(folder.path() + "/" + name);
  }
}

TEST_CASE("a line that is longer than memory is worth is left out and counted", "[input]") {
  const Folder folder;
  const std::string path = folder.write("long.jsonl", json_line({"a"}));
  {
    std::ofstream file(path, std::ios::binary | std::ios::app);
    const std::string megabyte(1 << 20, 'x');
    for (int i = 0; i < 66; ++i) file << megabyte;
    file << "\n" << json_line({"b"});
  }
  const Read result = read({path});
  CHECK(result.names == Names{"a", "b"});
  CHECK(result.report.counts.damaged_lines == 1);
}

TEST_CASE("a line that is longer than memory is worth may be all that a file has", "[input]") {
  const Folder folder;
  const Read result = read({folder.write("long.jsonl", std::string(70U << 20, 'x'))});
  CHECK(result.names.empty());
  CHECK(result.report.counts.damaged_lines == 1);
}

TEST_CASE("a request that ends anywhere between its words costs the one after it nothing", "[input]") {
  const Folder folder;
  const std::string next = json_line({"b"});
  for (const char* const cut :
       {"{\"resourceSpans\": [\n", "{\n  \"resourceSpans\":\n", "{\"resourceSpans\": [\n  {\"scopeSpans\":\n",
        "{\"resourceSpans\": [{\n  \"resource\":\n", "{\"other\":\n", "{\"resourceSpans\": [\n  {},\n"}) {
    INFO(cut);
    const Read result = folder.read_bytes(cut + next);
    CHECK(result.names == Names{"b"});
    CHECK(result.report.counts.damaged_lines == 1);
  }
}

}  // namespace
}  // namespace llmo::input
