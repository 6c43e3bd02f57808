// A small research agent: plans with one model, searches a vector index, lets two models answer at the same
// time.
//
//   research_agent [QUESTION]
//
// An ordinary program: it knows nothing of llmobserve, it is only built with -finstrument-functions. Traced
// are the functions whose names match (research_workflow, plan_agent, answer_agent) and each HTTP call below
// them.
//
// It talks to the real services with OPENAI_API_KEY, ANTHROPIC_API_KEY, PINECONE_API_KEY and PINECONE_HOST;
// with DEMO_SERVER=HOST:PORT all of it goes to a server there, as `make demo` does.
#include <curl/curl.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

std::string environment(const char* name, const std::string& otherwise = "") {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

std::string quoted(const std::string& text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer>(buffer).String(text.c_str());
  return buffer.GetString();
}

// The string at a JSON pointer of an answer, "/choices/0/message/content".
std::string string_at(const std::string& json, const char* pointer) {
  rapidjson::Document document;
  document.Parse(json.c_str());
  const auto* const value = document.HasParseError() ? nullptr : rapidjson::Pointer(pointer).Get(document);
  return value != nullptr && value->IsString() ? value->GetString() : "";
}

// --- one HTTP call -----------------------------------------------------------------------------------------

struct Response {
  long status = 0;
  curl_off_t retry_after_seconds = 0;
  std::string body;
};

size_t append(char* data, size_t size, size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

List make_list(const std::vector<std::string>& lines) {
  curl_slist* list = nullptr;
  for (const std::string& line : lines) list = curl_slist_append(list, line.c_str());
  return {list, curl_slist_free_all};
}

Response post_once(const std::string& host_and_path, const std::string& body, const List& headers) {
  const std::string demo_server = environment("DEMO_SERVER");
  const std::string url = (demo_server.empty() ? "https://" : "http://") + host_and_path;
  const List connect_to = make_list({"::" + demo_server});
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);

  Response response;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &response.body);
  if (!demo_server.empty()) curl_easy_setopt(curl.get(), CURLOPT_CONNECT_TO, connect_to.get());

  const CURLcode result = curl_easy_perform(curl.get());
  if (result != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(result));
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &response.status);
  curl_easy_getinfo(curl.get(), CURLINFO_RETRY_AFTER, &response.retry_after_seconds);
  return response;
}

// Tries again when the service says that it is too busy, after as long as it asks for.
std::string post(const std::string& host_and_path, const std::string& body,
                 std::vector<std::string> headers) {
  headers.emplace_back("Content-Type: application/json");
  const List list = make_list(headers);
  for (int attempt = 1;; ++attempt) {
    const Response response = post_once(host_and_path, body, list);
    if (response.status == 200) return response.body;
    if (response.status != 429 || attempt == 3) {
      throw std::runtime_error(host_and_path + " answered " + std::to_string(response.status) + ": " +
                               response.body);
    }
    std::this_thread::sleep_for(std::chrono::seconds(response.retry_after_seconds));
  }
}

// --- the services ------------------------------------------------------------------------------------------

std::string openai(const std::string& path, const std::string& body) {
  return post("api.openai.com/v1/" + path, body, {"Authorization: Bearer " + environment("OPENAI_API_KEY")});
}

std::string ask_openai(const std::string& prompt) {
  const std::string messages = R"([{"role":"user","content":)" + quoted(prompt) + "}]";
  return string_at(openai("chat/completions", R"({"model":"gpt-4o-mini","messages":)" + messages + "}"),
                   "/choices/0/message/content");
}

std::string ask_anthropic(const std::string& prompt) {
  const std::string messages = R"([{"role":"user","content":)" + quoted(prompt) + "}]";
  return string_at(post("api.anthropic.com/v1/messages",
                        R"({"model":"claude-sonnet-4-5","max_tokens":300,"messages":)" + messages + "}",
                        {"x-api-key: " + environment("ANTHROPIC_API_KEY"), "anthropic-version: 2023-06-01"}),
                   "/content/0/text");
}

// The title of the document that is nearest to the question.
std::string search_docs(const std::string& question) {
  const std::string embedding =
      openai("embeddings", R"({"model":"text-embedding-3-small","input":)" + quoted(question) + "}");
  const std::size_t vector = embedding.find('[', embedding.find("\"embedding\":"));
  const std::string numbers = embedding.substr(vector, embedding.find(']', vector) - vector + 1);
  const std::string host = environment("PINECONE_HOST", "docs-ab12cd3.svc.us-east1-gcp.pinecone.io");
  return string_at(post(host + "/query",
                        R"({"namespace":"docs","topK":5,"includeMetadata":true,"vector":)" + numbers + "}",
                        {"Api-Key: " + environment("PINECONE_API_KEY")}),
                   "/matches/0/metadata/title");
}

}  // namespace

// --- the agent ---------------------------------------------------------------------------------------------

using Model = std::string (*)(const std::string& prompt);

static std::string plan_agent(const std::string& question) {
  return ask_openai("Plan how to answer: " + question);
}

static std::string answer_agent(Model model, const std::string& plan, const std::string& source) {
  return model("Follow this plan: " + plan + " Use this source: " + source);
}

static void research_workflow(const std::string& question) {
  const std::string plan = plan_agent(question);
  const std::string source = search_docs(question);
  auto first = std::async(std::launch::async, answer_agent, ask_openai, plan, source);
  auto second = std::async(std::launch::async, answer_agent, ask_anthropic, plan, source);
  std::cout << "question:  " << question << "\nsource:    " << source << "\nOpenAI:    " << first.get()
            << "\nAnthropic: " << second.get() << "\n";
}

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  try {
    research_workflow(argc > 1 ? argv[1] : "Why do spans nest?");
  } catch (const std::exception& error) {
    std::cerr << "research_agent: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
