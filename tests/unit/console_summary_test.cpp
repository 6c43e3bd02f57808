// What a line says about a span.
#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "exporters/console/span_summary.h"
#include "tests/unit/console_spans.h"

namespace llmo::console {
namespace {

Span failed_call(std::vector<llmo::Attribute> attributes, std::string message = "") {
  Span span = make_call(2, 1, "llm.request", 0, 1, std::move(attributes));
  span.status = StatusCode::kError;
  span.status_message = std::move(message);
  return span;
}

TEST_CASE("a model call is told by provider, model, operation, tokens and time to first token", "[console]") {
  const SpanSummary summary = summarise(make_call(2, 1, "llm.request", 0, 1,
                                                  {text("gen_ai.provider.name", "openai"),
                                                   text("gen_ai.request.model", "gpt-4o-mini"),
                                                   text("gen_ai.operation.name", "chat"),
                                                   number("gen_ai.usage.input_tokens", 812),
                                                   number("gen_ai.usage.output_tokens", 96),
                                                   {"gen_ai.response.time_to_first_chunk", 0.21}}));
  CHECK(summary.subject == "openai gpt-4o-mini");
  CHECK(summary.operation == "chat");
  CHECK(summary.input_tokens == 812);
  CHECK(summary.output_tokens == 96);
  CHECK(summary.first_token_nanos == 210'000'000);
  CHECK(summary.is_call);
}

TEST_CASE("a vector database call is told by its collection, in the database's own word", "[console]") {
  const auto subject = [](const char* system) {
    return summarise(make_call(2, 1, "q", 0, 1,
                               {text("db.system.name", system), text("db.collection.name", "docs"),
                                number("db.operation.parameter.top_k", 5)}))
        .subject;
  };
  CHECK(subject("pinecone") == "index \"docs\" top_k 5");
  CHECK(subject("qdrant") == "collection \"docs\" top_k 5");
  CHECK(subject("weaviate") == "class \"docs\" top_k 5");
}

TEST_CASE("a call to any vector database is told by collection, namespace and size", "[console]") {
  const auto subject = [](AttributeList attributes) {
    return summarise(make_call(2, 1, "q", 0, 1, std::move(attributes))).subject;
  };
  CHECK(subject({text("db.system.name", "qdrant"), text("db.collection.name", "docs"),
                 number("llmobserve.db.top_k", 3)}) == "collection \"docs\" top_k 3");
  CHECK(subject({text("db.system.name", "milvus"), text("db.namespace", "default"),
                 text("db.collection.name", "docs"), number("llmobserve.db.vectors", 12)}) ==
        "collection \"docs\" namespace \"default\" 12 vectors");
  CHECK(subject({text("db.system.name", "chroma"), text("db.namespace", "team|main"),
                 number("llmobserve.db.vectors", 1)}) == "namespace \"team|main\" 1 vector");
  CHECK(
      subject({text("db.system.name", "weaviate"), text("url.full", "http://localhost/v1/graphql")}).empty());
}

TEST_CASE("every model provider is told the same way", "[console]") {
  for (const char* const provider :
       {"azure.ai.openai", "gcp.gemini", "aws.bedrock", "openrouter", "ollama"}) {
    const SpanSummary summary = summarise(make_call(2, 1, "llm.request", 0, 1,
                                                    {text("gen_ai.provider.name", provider),
                                                     text("gen_ai.response.model", "some/model:1"),
                                                     text("gen_ai.operation.name", "embeddings"),
                                                     {"llmobserve.cost.usd", 0.25}}));
    CHECK(summary.subject == std::string(provider) + " some/model:1");
    CHECK(summary.operation == "embeddings");
    CHECK(summary.cost_usd == 0.25);
  }
}

TEST_CASE("a call that was cancelled, or whose answer broke off, says so", "[console]") {
  const auto reasons = [](std::vector<std::string> list) {
    return llmo::Attribute{"gen_ai.response.finish_reasons", std::move(list)};
  };
  const auto end = [](std::vector<llmo::Attribute> attributes) {
    return summarise(make_call(2, 1, "llm.request", 0, 1, std::move(attributes))).end;
  };
  CHECK(end({reasons({"stop", "error"})}) == "cut short");
  CHECK(end({reasons({"stop"})}).empty());
  CHECK(end({reasons({})}).empty());
  CHECK(end({text("llmobserve.end", "cancelled"), reasons({"error"})}) == "cancelled");
  CHECK(summarise(failed_call({reasons({"error"}), text("error.type", "overloaded_error")})).end.empty());
}

TEST_CASE("an unknown HTTP call is told by host and path, without user, query and fragment", "[console]") {
  const auto subject = [](const char* url) {
    return summarise(make_call(2, 1, "GET", 0, 1, {text("url.full", url)})).subject;
  };
  CHECK(subject("https://user:pass@example.com:8443/a/b?key=secret#x") == "example.com:8443/a/b");
  CHECK(subject("http://example.com/@home") == "example.com/@home");
  CHECK(subject("https://example.com") == "example.com");
  CHECK(subject("") == "");
}

TEST_CASE("a span that is linked says to which trace, and a message by which system it went", "[console]") {
  Span span = make_span(2, 0, "poll docs", 0, 1, {text("messaging.system", "kafka")});
  span.links.push_back({{0x0af7651916cd43dd, 1}, 7, {}, {}, 0x301});
  CHECK(summarise(span).subject == "kafka linked to trace 0af76519");
  span.links.push_back(span.links.front());
  span.attributes.clear();
  CHECK(summarise(span).subject == "linked to trace 0af76519 and 1 more");
}

TEST_CASE("an error is told by status code and type, and by its message only where they say too little",
          "[console]") {
  const auto code = [](std::int64_t value) { return number("http.response.status_code", value); };
  CHECK(summarise(failed_call({code(429),
                               text("error.type", "rate_limit_error"),
                               {"http.response.header.retry-after", std::vector<std::string>{"2"}}},
                              "slow down"))
            .error == "429 rate_limit_error, retry-after 2 s");
  CHECK(summarise(failed_call({code(503), text("error.type", "503")})).error == "503");
  CHECK(summarise(failed_call({code(503), text("error.type", "503")}, "overloaded")).error ==
        "503: overloaded");
  CHECK(summarise(failed_call({text("error.type", "couldnt_connect")}, "Couldn't connect to server")).error ==
        "couldnt_connect: Couldn't connect to server");
  CHECK(summarise(failed_call({})).error.empty());
  CHECK(summarise(failed_call({})).failed);
}

TEST_CASE("an exception that left a workflow is told by type and message", "[console]") {
  Span span = make_span(1, 0, "workflow.x_agent", 0, 1);
  span.status = StatusCode::kError;
  span.events.push_back(
      {0,
       "exception",
       {text("exception.type", "std::runtime_error"), text("exception.message", "no tool\n\x1b[1m")}});
  CHECK(summarise(span).error == "std::runtime_error: no tool\\n\\x1b[1m");
}

TEST_CASE("how a span ended is said once", "[console]") {
  const auto line = [](std::vector<llmo::Attribute> attributes, StatusCode status) {
    Span span = make_span(1, 0, "workflow.x_agent", 0, 1, std::move(attributes));
    span.status = status;
    const SpanSummary summary = summarise(span);
    return summary.end + "|" + summary.error;
  };
  const auto ended = [](const char* how) { return text("llmobserve.end", how); };
  CHECK(line({ended("signal"), text("llmobserve.signal", "SIGTERM")}, StatusCode::kUnset) == "SIGTERM|");
  CHECK(line({ended("signal"), text("llmobserve.signal", "SIGSEGV"), text("error.type", "SIGSEGV")},
             StatusCode::kError) == "|SIGSEGV");
  CHECK(line({ended("abort"), text("error.type", "abort")}, StatusCode::kError) == "|abort");
  CHECK(line({ended("exception"), text("error.type", "acme::Error")}, StatusCode::kError) == "|acme::Error");
  CHECK(line({ended("exception")}, StatusCode::kUnset) == "exception|");
  CHECK(line({ended("signal")}, StatusCode::kUnset) == "signal|");
  CHECK(line({ended("longjmp")}, StatusCode::kUnset) == "longjmp|");
}

TEST_CASE("attributes of the wrong type or an impossible value count as absent", "[console]") {
  const SpanSummary summary =
      summarise(make_call(2, 1, "llm.request", 0, 1,
                          {number("gen_ai.usage.input_tokens", -5),
                           text("gen_ai.usage.output_tokens", "many"),
                           {"gen_ai.response.time_to_first_chunk", std::numeric_limits<double>::infinity()},
                           {"llmobserve.cost.usd", std::numeric_limits<double>::quiet_NaN()},
                           {"gen_ai.request.model", true},
                           {"thread.id", 1.5}}));
  CHECK_FALSE(summary.input_tokens);
  CHECK_FALSE(summary.output_tokens);
  CHECK_FALSE(summary.cost_usd);
  CHECK(summary.first_token_nanos == 0);
  CHECK(summary.subject.empty());
  CHECK(summary.thread == 0);
}

TEST_CASE("a name of a megabyte is cut before anything is done with it", "[console]") {
  CHECK(summarise(make_span(1, 0, std::string(1'000'000, '\x1b'), 0, 1)).name.size() < 4096);
}

}  // namespace
}  // namespace llmo::console
