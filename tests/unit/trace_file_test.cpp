// Trace files: compressed, followed by others, and deleted when there are too many.
#include "exporters/file/trace_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "exporters/file/old_files.h"
#include "exporters/file/otlp_json_writer.h"
#include "tests/unit/exporter_journal.h"

namespace {

using namespace llmo;
using file::Compression;
using file::FileSettings;
using file::TraceFile;
using test::MemoryDir;

Span span_of(std::uint64_t id, std::int64_t pid = 7) {
  auto resource = std::make_shared<Resource>();
  resource->attributes = {{"service.name", std::string("my-agent")}, {"process.pid", pid}};
  Span span;
  span.trace_id = {1, 2};
  span.span_id = id;
  span.name = "call";
  span.start_unix_nanos = 1'760'000'000'000'000'000;
  span.end_unix_nanos = span.start_unix_nanos + 1;
  span.resource = resource;
  return span;
}

std::string line_of(std::uint64_t id) {
  const Span span = span_of(id);
  return file::to_otlp_json({&span, 1}) + "\n";
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::uint64_t> ids_in(const std::string& path, std::uint64_t offset, std::uint64_t length) {
  std::vector<std::uint64_t> ids;
  const auto take = [&ids](Span&& span) { ids.push_back(span.span_id); };
  return file::read_batch(path, offset, length, take) ? ids : std::vector<std::uint64_t>{0};
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What a command makes of a file.
std::string output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char piece[4096];
  while (const std::size_t size = std::fread(piece, 1, sizeof piece, pipe)) text.append(piece, size);
  CHECK(::pclose(pipe) == 0);
  return text;
}

void make_file(const std::string& path, int minutes_old, const std::string& text = "x\n") {
  std::ofstream(path) << text;
  std::filesystem::last_write_time(
      path, std::filesystem::file_time_type::clock::now() - std::chrono::minutes(minutes_old));
}

const char* look_up(const char* name, void* context) {
  const auto& values = *static_cast<const std::map<std::string, std::string>*>(context);
  const auto found = values.find(name);
  return found == values.end() ? nullptr : found->second.c_str();
}

}  // namespace

TEST_CASE("each batch of a compressed file can be read by itself, and all of them are one file",
          "[exporter][file]") {
  for (const Compression compression : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    const MemoryDir root;
    FileSettings settings;
    settings.compression = compression;
    TraceFile output;
    REQUIRE(output.create(root.path(), span_of(1), settings));
    const std::string first = output.packed(line_of(1) + line_of(2));
    const std::string second = output.packed(line_of(3));
    REQUIRE(output.append(0, first));
    REQUIRE(output.append(first.size(), second));
    CHECK(ids_in(output.path(), 0, first.size()) == std::vector<std::uint64_t>{1, 2});
    CHECK(ids_in(output.path(), first.size(), second.size()) == std::vector<std::uint64_t>{3});
    CHECK(ids_in(output.path(), 0, first.size() + second.size()) == std::vector<std::uint64_t>{1, 2, 3});
    // Not whole, or not there.
    CHECK(ids_in(output.path(), 0, first.size() - 1) == std::vector<std::uint64_t>{0});
    CHECK(ids_in(output.path(), first.size(), second.size() + 1) == std::vector<std::uint64_t>{0});
    CHECK(ids_in(output.path() + "x", 0, 1) == std::vector<std::uint64_t>{0});
    if (compression == Compression::kGzip) {
      CHECK(output_of("gzip -dc " + output.path()) == line_of(1) + line_of(2) + line_of(3));
    }

    // A batch that is cut off leaves the others.
    REQUIRE(output.truncate(first.size()));
    CHECK(ids_in(output.path(), 0, first.size()) == std::vector<std::uint64_t>{1, 2});
  }
}

TEST_CASE("a successor goes on in the compression that the file has", "[exporter][file]") {
  const MemoryDir root;
  FileSettings settings;
  settings.compression = Compression::kZstd;
  TraceFile output;
  REQUIRE(output.create(root.path(), span_of(1), settings));
  CHECK(output.path().ends_with("my-agent-20251009T085320Z-7.otlp.jsonl.zst"));
  const std::string path = output.path();
  output.close();
  TraceFile successor;
  REQUIRE(successor.reopen(path));
  CHECK(successor.packed("text\n").substr(0, 4) == "\x28\xb5\x2f\xfd");
}

TEST_CASE("a file is full before a batch would take it beyond its size, but never while it is empty",
          "[exporter][file]") {
  const MemoryDir root;
  FileSettings settings;
  settings.max_bytes = 100;
  TraceFile output;
  REQUIRE(output.create(root.path(), span_of(1), settings));
  CHECK_FALSE(output.is_full(settings, 1000));
  REQUIRE(output.append(0, std::string(60, 'x')));
  CHECK_FALSE(output.is_full(settings, 40));
  CHECK(output.is_full(settings, 41));
  CHECK_FALSE(output.is_full({}, 1'000'000));

  settings = {};
  settings.max_age = std::chrono::hours(1);
  CHECK_FALSE(output.is_full(settings, 1));
  settings.max_age = std::chrono::milliseconds(1);
  ::usleep(2000);
  CHECK(output.is_full(settings, 1));
}

TEST_CASE("the names of trace files tell their service, and no other name does", "[exporter][file]") {
  CHECK(file::service_of_trace_file("my-agent-20251009T085320Z-7.otlp.jsonl") == "my-agent");
  CHECK(file::service_of_trace_file("a-20251009T085320Z-7-12.otlp.jsonl.gz") == "a");
  CHECK(file::service_of_trace_file("a-1-20251009T085320Z-7.otlp.jsonl.zst") == "a-1");
  for (const char* const other :
       {"", ".otlp.jsonl", "-7.otlp.jsonl", "a-7.otlp.jsonl", "-20251009T085320Z-7.otlp.jsonl",
        "a-20251009T085320-7.otlp.jsonl", "a-20251009T085320Z.otlp.jsonl", "a-20251009T085320Z-x.otlp.jsonl",
        "a-20251009T085320Z-7.jsonl", "a-20251009T085320Z-7.otlp.jsonl.gz.part",
        "a-20251009T085320Z-7-2-3.otlp.jsonl"}) {
    INFO(other);
    CHECK(file::service_of_trace_file(other).empty());
  }
}

TEST_CASE("the oldest files of a service go when there are too many, and nothing else goes",
          "[exporter][file]") {
  const MemoryDir root;
  const std::string oldest = "my-agent-20251001T000000Z-1.otlp.jsonl";
  const std::string held = "my-agent-20251002T000000Z-1.otlp.jsonl.gz";
  const std::string old = "my-agent-20251003T000000Z-1.otlp.jsonl";
  const std::string recent = "my-agent-20251004T000000Z-1-2.otlp.jsonl";
  const std::vector<std::string> foreign = {"my-20251001T000000Z-1.otlp.jsonl", "my-agent-notes.otlp.jsonl",
                                            "my-agent-20251001T000000Z-1.otlp.jsonl.bak"};
  make_file(root / oldest, 50);
  make_file(root / held, 40);
  make_file(root / old, 30);
  make_file(root / recent, 20);
  for (const std::string& name : foreign) make_file(root / name, 500);
  REQUIRE(::symlink((root / foreign[1]).c_str(), (root / "my-agent-20250101T000000Z-1.otlp.jsonl").c_str()) ==
          0);
  const int exporter = ::open((root / held).c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(exporter, LOCK_EX) == 0);

  FileSettings settings;
  settings.max_files = 3;
  TraceFile output;
  REQUIRE(output.create(root.path(), span_of(1), settings));
  auto expected = foreign;
  expected.insert(expected.end(), {held, recent, "my-agent-20251009T085320Z-7.otlp.jsonl",
                                   "my-agent-20250101T000000Z-1.otlp.jsonl"});
  std::sort(expected.begin(), expected.end());
  CHECK(names_in(root.path()) == expected);
  CHECK(text_of(root / held) == "x\n");
  ::close(exporter);
}

TEST_CASE("the file that is written stays, also where only one may", "[exporter][file]") {
  const MemoryDir root;
  FileSettings settings;
  settings.max_files = 1;
  TraceFile first;
  REQUIRE(first.create(root.path(), span_of(1), settings));
  REQUIRE(first.append(0, "x\n"));
  TraceFile second;
  REQUIRE(second.create(root.path(), span_of(1), settings));
  CHECK(first.in_place());
  CHECK(second.in_place());
  first.close();
  TraceFile third;
  REQUIRE(third.create(root.path(), span_of(1, 8), settings));
  CHECK(names_in(root.path()).size() == 2);
  CHECK(second.in_place());
}

TEST_CASE("settings of files are read, and what cannot be read says so", "[exporter][file]") {
  std::map<std::string, std::string> values = {{"LLMOBSERVE_FILE_MAX_BYTES", "64M"},
                                               {"LLMOBSERVE_FILE_MAX_AGE", "36h"},
                                               {"LLMOBSERVE_FILE_MAX_FILES", "10"},
                                               {"LLMOBSERVE_FILE_COMPRESSION", "ZSTD"}};
  config::EnvironmentReader good(look_up, &values);
  const FileSettings settings = file::read_file_settings(good);
  CHECK(settings.max_bytes == 64 << 20);
  CHECK(settings.max_age == std::chrono::hours(36));
  CHECK(settings.max_files == 10);
  CHECK(settings.compression == Compression::kZstd);
  CHECK(good.notes().empty());

  for (const auto& [text, age] :
       std::map<std::string, long>{{"7d", 7L * 86'400'000}, {"15 m", 900'000}, {"90s", 90'000}}) {
    values = {{"LLMOBSERVE_FILE_MAX_AGE", text}};
    config::EnvironmentReader reader(look_up, &values);
    CHECK(file::read_file_settings(reader).max_age.count() == age);
  }

  values = {{"LLMOBSERVE_FILE_MAX_BYTES", "12"},
            {"LLMOBSERVE_FILE_MAX_AGE", "a day"},
            {"LLMOBSERVE_FILE_MAX_FILES", "0"},
            {"LLMOBSERVE_FILE_COMPRESSION", "brotli"}};
  config::EnvironmentReader bad(look_up, &values);
  const FileSettings unset = file::read_file_settings(bad);
  CHECK(unset.max_bytes == 0);
  CHECK(unset.max_age.count() == 0);
  CHECK(unset.max_files == 0);
  CHECK(unset.compression == Compression::kNone);
  REQUIRE(bad.notes().size() == 4);
  CHECK(bad.notes()[1] ==
        "LLMOBSERVE_FILE_MAX_AGE: \"a day\" is not a time: a plain number is milliseconds; ms, s, m, h and d "
        "say the unit; using no limit");
  values = {{"LLMOBSERVE_FILE_MAX_AGE", "99999999999999999999d"}};
  config::EnvironmentReader huge(look_up, &values);
  CHECK(file::read_file_settings(huge).max_age.count() == 0);
}
