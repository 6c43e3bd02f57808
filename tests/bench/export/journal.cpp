#include "tests/bench/export/journal.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "exporters/span/clock.h"

namespace llmo::bench {
namespace {

constexpr std::uint32_t kThreads = 4;
constexpr std::uint32_t kFunctions = 40;
constexpr std::uint64_t kTicksPerSpan = 1000;

class Places : public CodeLookup {
 public:
  std::optional<SourcePosition> declared_at(const ModuleDefinition&, std::uint64_t address) override {
    return SourcePosition{"/home/build/research-agent/src/agent/planning.cpp",
                          static_cast<std::uint32_t>(address)};
  }
  std::vector<CodeFrame> frames_at(const ModuleDefinition&, std::uint64_t address) override {
    const auto line = static_cast<std::uint32_t>(address);
    return {{"acme::research::call_model_workflow",
             "call_model_workflow",
             {"/home/build/research-agent/src/agent/model.cpp", line},
             address}};
  }
  std::string source_of(const ModuleDefinition&, std::uint64_t) override { return "model.cpp"; }
};

std::string function_name(std::uint32_t number) {
  return "acme::research::step_" + std::to_string(number) + "_workflow";
}

void describe(test::JournalImage& image) {
  const auto block = image.add_block(journal::BlockKind::kDefinitions, 0);
  image.add_module(block, 0, "/home/build/research-agent/bin/research_agent");
  for (std::uint32_t i = 0; i < kFunctions; ++i) image.add_function(block, i, function_name(i));
}

test::AttributeBytes api_attributes(std::uint64_t number) {
  test::AttributeBytes bytes;
  bytes.add("http.request.method", "POST");
  bytes.add("server.address", "api.openai.com");
  bytes.add_int("server.port", 443);
  bytes.add("url.full", "https://api.openai.com/v1/chat/completions");
  bytes.add_int("http.response.status_code", 200);
  bytes.add_int("http.request.body.size", 2113);
  bytes.add_int("http.response.body.size", 1507);
  bytes.add("network.peer.address", "162.159.140.245");
  bytes.add("network.protocol.version", "2");
  bytes.add_double("llmobserve.http.dns_seconds", 0.0021);
  bytes.add_double("llmobserve.http.connect_seconds", 0.0113);
  bytes.add_double("llmobserve.http.tls_seconds", 0.0247);
  bytes.add_double("llmobserve.http.first_byte_seconds", 0.4711);
  bytes.add("gen_ai.operation.name", "chat");
  bytes.add("gen_ai.provider.name", "openai");
  bytes.add("gen_ai.request.model", "gpt-4o-mini");
  bytes.add_double("gen_ai.request.temperature", 0.2);
  bytes.add_int("gen_ai.request.max_tokens", 512);
  bytes.add("gen_ai.response.model", "gpt-4o-mini-2024-07-18");
  bytes.add("gen_ai.response.id", "chatcmpl-" + std::to_string(7'000'000'000'000'000 + number));
  bytes.add_int("gen_ai.usage.input_tokens", 412);
  bytes.add_int("gen_ai.usage.output_tokens", static_cast<std::int64_t>(50 + number % 100));
  bytes.add("openai.response.service_tier", "default");
  bytes.add("openai.response.system_fingerprint", "fp_72ed7ab54c");
  bytes.add_stack("llmobserve.call_stack", {{0, 0, 120 + number % 8}, {0, 0, 340}, {0, 0, 77}, {0, 0, 12}});
  return bytes;
}

// Each thread's records, in blocks that take turns as threads do.
class Writer {
 public:
  Writer(test::JournalImage& image, std::uint64_t first_tick) : image_(image), tick_(first_tick) {}

  void add(std::uint64_t number, bool api) {
    const std::uint32_t thread = static_cast<std::uint32_t>(number / 64 % kThreads);
    tick_ += kTicksPerSpan;
    const test::CallSpec call{.span_id = number * 0x9e3779b97f4a7c15 | 1,
                              .parent = number * 0x9e3779b97f4a7c15 | 3,
                              .function = static_cast<std::uint32_t>(number % kFunctions),
                              .start = tick_ - 400,
                              .end = tick_,
                              .flags = journal::kFlagSampled | journal::kFlagRandom};
    if (api) {
      const test::AttributeBytes attributes = api_attributes(number);
      image_.add_span(room(thread, 128 + attributes.bytes().size()), call, "llm.request", attributes);
    } else {
      image_.add_call(room(thread, sizeof(journal::FunctionSpan)), call);
    }
  }

 private:
  std::uint32_t room(std::uint32_t thread, std::size_t bytes) {
    auto& block = blocks_.at(thread);
    if (!block || image_.used(*block) + bytes > journal::kMaxRecordSize) {
      if (block) image_.block_header(*block).state.store(journal::BlockState::kSealed);
      block = image_.add_block(journal::BlockKind::kRecords, thread + 1);
    }
    return *block;
  }

  test::JournalImage& image_;
  std::uint64_t tick_;
  std::array<std::optional<std::uint32_t>, kThreads> blocks_;
};

}  // namespace

test::JournalImage make_journal(const Mix& mix, std::size_t spans, std::uint64_t ticks_per_second) {
  test::JournalImage image(0x7ffffff0, 77, 1 << 20);
  auto& header = image.header();
  header.clock_kind = journal::ClockKind::kTsc;
  header.opened = take_clock_pair(journal::ClockKind::kTsc);
  // Its life lies in the past, as far as its spans reach and a minute more.
  const std::uint64_t seconds = 60 + spans * kTicksPerSpan / ticks_per_second;
  header.opened.ticks -= seconds * ticks_per_second;
  header.opened.monotonic_nanos -= seconds * 1'000'000'000;
  const std::uint64_t first_tick = header.opened.ticks;
  describe(image);
  Writer writer(image, first_tick);
  for (std::uint64_t i = 0; i < spans; ++i) {
    writer.add(i, i * 7919 % 100 < static_cast<std::uint64_t>(mix.api_percent));
  }
  return image;
}

std::shared_ptr<CodeLookup> make_places() { return std::make_shared<Places>(); }

}  // namespace llmo::bench
