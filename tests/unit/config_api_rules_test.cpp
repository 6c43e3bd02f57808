#include "shim/config/api_rules.h"

#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temp_dir.h"

namespace llmo::config {
namespace {

ApiRuleFile parsed(std::string_view text) { return parse_api_rules(text, "rules.txt"); }

// The one rule of a line that has to be right.
ApiRule rule_of(std::string_view line) {
  ApiRuleFile file = parsed(line);
  INFO(line);
  CHECK(file.errors.empty());
  REQUIRE(file.rules.size() == 1);
  return file.rules[0];
}

// The one complaint about a line that has to be wrong.
std::string error_of(std::string_view line) {
  const ApiRuleFile file = parsed(line);
  INFO(line);
  CHECK(file.rules.empty());
  REQUIRE(file.errors.size() == 1);
  return file.errors[0];
}

TEST_CASE("a rule says all its fields", "[api_rules]") {
  const ApiRule rule = rule_of(
      "corp-llm genai LLM.Corp.example POST /v1/chat/completions chat openai workflow=corp "
      "api_type=chat_completions header=X-Corp");
  CHECK(rule.provider == "corp-llm");
  CHECK(rule.word == "corp");
  CHECK(rule.kind == ApiRuleKind::kGenAi);
  CHECK(rule.host == "llm.corp.example");
  CHECK(rule.port == 0);
  CHECK(rule.method == "POST");
  CHECK(rule.path == "/v1/chat/completions");
  CHECK(rule.operation == "chat");
  CHECK(kApiShapes[rule.shape] == "openai");
  CHECK(rule.api_type == "chat_completions");
  CHECK(rule.header == "x-corp");
}

TEST_CASE("shape and options may be left out, star and dash stand for any and none", "[api_rules]") {
  const ApiRule rule = rule_of("docs db ** * ** -");
  CHECK(rule.kind == ApiRuleKind::kDatabase);
  CHECK(rule.word == "docs");
  CHECK(rule.method.empty());
  CHECK(rule.operation.empty());
  CHECK(rule.shape == 0);
  CHECK(rule_of("docs db ** * ** search -").shape == 0);
}

TEST_CASE("a rule of kind http takes a host out", "[api_rules]") {
  const ApiRule whole = rule_of("- http intranet.example");
  CHECK(whole.kind == ApiRuleKind::kHttp);
  CHECK(whole.word == "http");
  CHECK(whole.path == "**");
  const ApiRule part = rule_of("- http intranet.example POST /v1/**");
  CHECK(part.method == "POST");
  CHECK(part.path == "/v1/**");
}

TEST_CASE("a host may have a port", "[api_rules]") {
  CHECK(rule_of("a genai localhost:8080 * ** chat").host == "localhost");
  CHECK(rule_of("a genai localhost:8080 * ** chat").port == 8080);
  CHECK(rule_of("a genai [::1]:8080 * ** chat").host == "::1");
  CHECK(rule_of("a genai [::1]:8080 * ** chat").port == 8080);
  CHECK(rule_of("a genai [::1] * ** chat").port == 0);
  CHECK(rule_of("a genai fe80::1 * ** chat").host == "fe80::1");
  CHECK(error_of("a genai localhost:0 * ** chat") == "rules.txt:1: \"0\" is not a port");
  CHECK(error_of("a genai localhost:65536 * ** chat") == "rules.txt:1: \"65536\" is not a port");
  CHECK(error_of("a genai [::1 * ** chat") == "rules.txt:1: host \"[::1\" has no closing bracket");
}

TEST_CASE("every shape has a name", "[api_rules]") {
  for (std::size_t at = 0; at < std::size(kApiShapes); ++at) {
    CHECK(rule_of("a genai h * ** chat " + std::string(kApiShapes[at])).shape == at);
  }
}

TEST_CASE("comments, blank lines, tabs, CRLF, a byte order mark and no final newline are all the same",
          "[api_rules]") {
  const ApiRuleFile file = parsed(
      "\xef\xbb\xbf# rules\r\n"
      "\r\n"
      "a\tgenai  h  *  **  chat  # as the makers say\r\n"
      "   # indented\n"
      "  b db h * /x query");
  CHECK(file.errors.empty());
  REQUIRE(file.rules.size() == 2);
  CHECK(file.rules[0].shape == 0);
  CHECK(file.rules[1].operation == "query");
  CHECK(parsed("").rules.empty());
  CHECK(parsed("\n\n").errors.empty());
}

TEST_CASE("an error names the line and the reason, and the other lines work", "[api_rules]") {
  const ApiRuleFile file = parsed(
      "# one\n"
      "good genai h POST /a chat openai\n"
      "bad genai h POST /a chat opanai\n"
      "good genai h POST /b chat\n");
  CHECK(file.rules.size() == 2);
  REQUIRE(file.errors.size() == 1);
  CHECK(file.errors[0] ==
        "rules.txt:3: unknown shape \"opanai\"; known: openai, anthropic, gemini, bedrock-converse, "
        "bedrock-invoke, cohere, ollama, huggingface, pinecone, qdrant, weaviate, chroma, milvus, and `-` "
        "for none");
}

TEST_CASE("each field that cannot be understood is told", "[api_rules]") {
  CHECK(error_of("a") == "rules.txt:1: too few fields: a rule begins with provider, kind and host");
  CHECK(error_of("a ai h * ** chat") == "rules.txt:1: unknown kind \"ai\"; known: genai, db, http");
  CHECK(error_of("a genai h * **") ==
        "rules.txt:1: too few fields: provider, kind, host, method, path and operation are needed");
  CHECK(error_of("a/b genai h * ** chat") ==
        "rules.txt:1: provider \"a/b\" is not a name of up to 31 letters, digits, `.`, `_` and `-`");
  CHECK(error_of("a genai https://h/ * ** chat") ==
        "rules.txt:1: host \"https://h/\" is not a host: no scheme, no path, no user name");
  CHECK(error_of("a genai h post ** chat") ==
        "rules.txt:1: method \"post\" is neither a word in upper case nor `*`");
  CHECK(error_of("a genai h * v1 chat") == "rules.txt:1: path \"v1\" begins neither with `/` nor with `**`");
  CHECK(error_of("a genai h * /v1?x=1 chat") ==
        "rules.txt:1: path \"/v1?x=1\" has a query, which plays no part");
  CHECK(error_of("a genai h * /{modle}/x chat") ==
        "rules.txt:1: unknown capture \"{modle}\"; known: collection, namespace, tenant, database, index, "
        "model, "
        "owner, response, and `*` for what has no meaning");
  CHECK(error_of("a genai h * /{model chat") == "rules.txt:1: \"{model\" has no closing brace");
  CHECK(error_of("a genai h * /x{model} chat") ==
        "rules.txt:1: \"x{model}\" is no pattern: stars and braces can only begin a label");
  CHECK(error_of("a genai a*b * /x chat") ==
        "rules.txt:1: \"a*b\" is no pattern: stars and braces can only begin a label");
  CHECK(error_of("a genai h * /{model}* chat") ==
        "rules.txt:1: \"{model}*\" has more behind its capture than plain text");
  CHECK(error_of("a genai h * ** chat openai x=1") ==
        "rules.txt:1: unknown option \"x\"; known: workflow=, api_type=, header=");
  CHECK(error_of("a genai h * ** chat openai workflow=") ==
        "rules.txt:1: workflow \"\" is not a name of up to 31 letters, digits, `.`, `_` and `-`");
  CHECK(error_of("a http h") == "rules.txt:1: provider \"a\" of kind http has to be `-`");
  CHECK(error_of("- http h * ** chat") == "rules.txt:1: a rule of kind http ends with its path");
  CHECK(error_of("- genai h * ** chat x y z a b c d e f").find("too many fields") != std::string::npos);
}

TEST_CASE("patterns may capture, end and begin", "[api_rules]") {
  CHECK(rule_of("a genai {index}.svc.**.h * /{model=text-}:predict chat").path == "/{model=text-}:predict");
  CHECK(rule_of("a genai *-api.h * /*/{collection} chat").host == "*-api.h");
}

TEST_CASE("bytes that are no text are an error, not a crash", "[api_rules]") {
  CHECK(error_of(std::string_view("a genai h\0 * ** chat", 20)) == "rules.txt:1: the line holds a NUL byte");
  CHECK(error_of(std::string(5000, 'x')) == "rules.txt:1: the line is longer than 1024 bytes");
  for (const char byte : error_of("a \xff\x1b[31m h")) CHECK((byte >= ' ' && byte < 0x7f));
  CHECK(parsed(std::string(100, '\0')).errors.size() == 1);
}

TEST_CASE("errors and rules are bounded in number", "[api_rules]") {
  std::string wrong;
  for (int line = 0; line < 100; ++line) wrong += "wrong\n";
  const ApiRuleFile many = parsed(wrong);
  REQUIRE(many.errors.size() == kMaxApiRuleErrors + 1);
  CHECK(many.errors.back() == "rules.txt: 80 more lines are wrong");

  std::string good;
  for (std::size_t line = 0; line < kMaxApiRules + 5; ++line) good += "a genai h * ** chat\n";
  const ApiRuleFile full = parsed(good);
  CHECK(full.rules.size() == kMaxApiRules);
  REQUIRE(full.errors.size() == 1);
  CHECK(full.errors[0] == "rules.txt:1001: more than 1000 rules: those from here on are left out");
}

TEST_CASE("what the help shows is right", "[api_rules]") {
  std::string example;
  std::string_view help = api_rules_help();
  for (std::size_t start = help.find("  corp-llm"); help.substr(start).starts_with("  ");) {
    const std::size_t end = help.find('\n', start);
    example += help.substr(start, end + 1 - start);
    start = end + 1;
  }
  const ApiRuleFile file = parsed(example);
  CHECK(file.errors.empty());
  CHECK(file.rules.size() == 4);
}

std::string written(const test::TempDir& dir, std::string_view text) {
  const std::string path = (dir.path() / "api-rules.txt").string();
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST_CASE("a rule file is read, and messages name it without its directory", "[api_rules]") {
  const test::TempDir dir;
  errno = 7;
  const ApiRuleFile file = read_api_rules(written(dir, "a genai h * ** chat\nb x"));
  CHECK(errno == 7);
  CHECK(file.rules.size() == 1);
  REQUIRE(file.errors.size() == 1);
  CHECK(file.errors[0].starts_with("api-rules.txt:2: "));
}

TEST_CASE("a file that cannot be read is one error", "[api_rules]") {
  const test::TempDir dir;
  const auto error = [](const std::string& path) {
    const ApiRuleFile file = read_api_rules(path);
    CHECK(file.rules.empty());
    REQUIRE(file.errors.size() == 1);
    return file.errors[0];
  };
  CHECK(error("/no/such/rules") == "/no/such/rules: there is no such file");
  CHECK(error("/").ends_with(": it is a directory"));
  CHECK(error("/dev/null").ends_with(": it is not a file"));
  CHECK(
      error(written(dir, std::string(kMaxApiRuleFileSize + 1, '\n'))).ends_with(": it is bigger than 1 MiB"));
  const std::string pipe = (dir.path() / "pipe").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(error(pipe).ends_with(": it is not a file"));
  CHECK(read_api_rules(written(dir, std::string(kMaxApiRuleFileSize, '\n'))).errors.empty());
}

}  // namespace
}  // namespace llmo::config
