// A small research agent: plans with one model while it searches a vector index, lets two other models draft
// an answer at the same time, and streams the final answer.
//
//   research_agent [QUESTION]
//
// An ordinary program: it knows nothing of llmobserve, it is only built with -finstrument-functions. Traced
// are the functions whose names match (research_workflow, plan_agent, draft_agent, answer_agent) and each
// HTTP call below them.
//
// It talks to the real services with OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, PINECONE_API_KEY and
// PINECONE_HOST; with DEMO_SERVER=HOST:PORT all of it goes to a server there, as `make demo` does.
#include <curl/curl.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
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

// --- HTTP calls --------------------------------------------------------------------------------------------

using OnData = std::function<void(std::string_view)>;

struct Request {
  std::string host_and_path;
  std::string body;
  std::vector<std::string> headers;
  OnData on_data = {};  // gets the answer as it comes, besides
};

struct Response {
  long status = 0;
  curl_off_t retry_after_seconds = 0;
  std::string body;
};

using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

List make_list(const std::vector<std::string>& lines) {
  curl_slist* list = nullptr;
  for (const std::string& line : lines) list = curl_slist_append(list, line.c_str());
  return {list, curl_slist_free_all};
}

class Call {
 public:
  explicit Call(const Request& request) : on_data_(request.on_data) {
    const std::string demo_server = environment("DEMO_SERVER");
    url_ = (demo_server.empty() ? "https://" : "http://") + request.host_and_path;
    headers_ = make_list(request.headers);
    headers_.reset(curl_slist_append(headers_.release(), "Content-Type: application/json"));
    connect_to_ = make_list({"::" + demo_server});
    curl_easy_setopt(handle(), CURLOPT_URL, url_.c_str());
    curl_easy_setopt(handle(), CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    curl_easy_setopt(handle(), CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(handle(), CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(handle(), CURLOPT_WRITEDATA, this);
    if (!demo_server.empty()) curl_easy_setopt(handle(), CURLOPT_CONNECT_TO, connect_to_.get());
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  CURL* handle() { return curl_.get(); }

  // What came, when it is all there.
  Response finish(CURLcode result) {
    if (result != CURLE_OK) throw std::runtime_error(url_ + ": " + curl_easy_strerror(result));
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &response_.status);
    curl_easy_getinfo(handle(), CURLINFO_RETRY_AFTER, &response_.retry_after_seconds);
    return std::move(response_);
  }

 private:
  static size_t take(char* data, size_t size, size_t count, void* call) {
    Call& self = *static_cast<Call*>(call);
    self.response_.body.append(data, size * count);
    if (self.on_data_) self.on_data_({data, size * count});
    return size * count;
  }

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_{curl_easy_init(), curl_easy_cleanup};
  List headers_{nullptr, curl_slist_free_all};
  List connect_to_{nullptr, curl_slist_free_all};
  std::string url_;
  OnData on_data_;
  Response response_;
};

using Calls = std::vector<std::unique_ptr<Call>>;

// All at the same time, in this thread.
std::vector<Response> run_together(const Calls& calls) {
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(), curl_multi_cleanup);
  for (const auto& call : calls) curl_multi_add_handle(multi.get(), call->handle());
  int running = 0;
  do {
    curl_multi_perform(multi.get(), &running);
    if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
  } while (running > 0);

  std::vector<CURLcode> results(calls.size(), CURLE_RECV_ERROR);
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi.get(), &left)) {
    for (size_t i = 0; i < calls.size(); ++i) {
      if (calls[i]->handle() == message->easy_handle) results[i] = message->data.result;
    }
  }
  std::vector<Response> responses;
  for (size_t i = 0; i < calls.size(); ++i) {
    curl_multi_remove_handle(multi.get(), calls[i]->handle());
    responses.push_back(calls[i]->finish(results[i]));
  }
  return responses;
}

std::vector<Response> run(const Calls& calls) {
  if (calls.size() == 1) return {calls[0]->finish(curl_easy_perform(calls[0]->handle()))};
  return run_together(calls);
}

// The answers' bodies. What a service was too busy for is asked again, after as long as it asks for.
std::vector<std::string> post(const std::vector<Request>& requests) {
  std::vector<std::string> bodies(requests.size());
  std::vector<size_t> open;
  for (size_t i = 0; i < requests.size(); ++i) open.push_back(i);
  for (int attempt = 1; !open.empty(); ++attempt) {
    Calls calls;
    for (const size_t i : open) calls.push_back(std::make_unique<Call>(requests[i]));
    std::vector<Response> responses = run(calls);

    std::vector<size_t> again;
    curl_off_t wait_seconds = 0;
    for (size_t i = 0; i < open.size(); ++i) {
      Response& response = responses[i];
      if (response.status == 200) {
        bodies[open[i]] = std::move(response.body);
      } else if (response.status == 429 && attempt < 3) {
        again.push_back(open[i]);
        wait_seconds = std::max(wait_seconds, response.retry_after_seconds);
      } else {
        throw std::runtime_error(requests[open[i]].host_and_path + " answered " +
                                 std::to_string(response.status) + ": " + response.body);
      }
    }
    open = std::move(again);
    if (!open.empty()) std::this_thread::sleep_for(std::chrono::seconds(wait_seconds));
  }
  return bodies;
}

std::string post(const Request& request) { return post(std::vector<Request>{request}).front(); }

// --- the services ------------------------------------------------------------------------------------------

std::string chat_messages(const std::string& prompt) {
  return R"([{"role":"user","content":)" + quoted(prompt) + "}]";
}

Request openai(const std::string& path, const std::string& body) {
  return {"api.openai.com/v1/" + path, body, {"Authorization: Bearer " + environment("OPENAI_API_KEY")}};
}

Request anthropic(const std::string& prompt) {
  return {"api.anthropic.com/v1/messages",
          R"({"model":"claude-sonnet-4-5","max_tokens":300,"messages":)" + chat_messages(prompt) + "}",
          {"x-api-key: " + environment("ANTHROPIC_API_KEY"), "anthropic-version: 2023-06-01"}};
}

Request gemini(const std::string& prompt) {
  return {"generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
          R"({"contents":[{"role":"user","parts":[{"text":)" + quoted(prompt) + "}]}]}",
          {"x-goog-api-key: " + environment("GEMINI_API_KEY")}};
}

Request pinecone(const std::string& vector) {
  return {environment("PINECONE_HOST", "docs-ab12cd3.svc.us-east1-gcp.pinecone.io") + "/query",
          R"({"namespace":"docs","topK":5,"includeMetadata":true,"vector":)" + vector + "}",
          {"Api-Key: " + environment("PINECONE_API_KEY")}};
}

// Prints the text of a streamed answer as it comes.
class StreamPrinter {
 public:
  void feed(std::string_view data) {
    line_ += data;
    for (size_t end; (end = line_.find('\n')) != std::string::npos; line_.erase(0, end + 1)) {
      if (line_.starts_with("data: {")) {
        std::cout << string_at(line_.substr(6, end - 6), "/choices/0/delta/content") << std::flush;
      }
    }
  }

 private:
  std::string line_;
};

// The title of the document that is nearest to the question.
std::string search_docs(const std::string& question) {
  const std::string embedding =
      post(openai("embeddings", R"({"model":"text-embedding-3-small","input":)" + quoted(question) + "}"));
  const size_t vector = embedding.find('[', embedding.find("\"embedding\":"));
  const std::string numbers = embedding.substr(vector, embedding.find(']', vector) - vector + 1);
  return string_at(post(pinecone(numbers)), "/matches/0/metadata/title");
}

}  // namespace

// --- the agent ---------------------------------------------------------------------------------------------

static std::string plan_agent(const std::string& question) {
  const std::string messages = chat_messages("Plan how to answer: " + question);
  return string_at(post(openai("chat/completions", R"({"model":"gpt-4o-mini","messages":)" + messages + "}")),
                   "/choices/0/message/content");
}

// Two models, at the same time.
static std::vector<std::string> draft_agent(const std::string& plan, const std::string& source) {
  const std::string prompt = "Follow this plan: " + plan + " Use this source: " + source;
  const std::vector<std::string> answers = post({anthropic(prompt), gemini(prompt)});
  return {string_at(answers[0], "/content/0/text"),
          string_at(answers[1], "/candidates/0/content/parts/0/text")};
}

static void answer_agent(const std::vector<std::string>& drafts) {
  const std::string messages = chat_messages("Make one answer of: " + drafts[0] + " And: " + drafts[1]);
  Request request = openai("chat/completions", R"({"model":"gpt-4o-mini","stream":true,)"
                                               R"("stream_options":{"include_usage":true},"messages":)" +
                                                   messages + "}");
  StreamPrinter printer;
  request.on_data = [&printer](std::string_view data) { printer.feed(data); };
  post(request);
}

static void research_workflow(const std::string& question) {
  auto search = std::async(std::launch::async, search_docs, question);
  const std::string plan = plan_agent(question);
  const std::string source = search.get();
  std::cout << "question: " << question << "\nsource:   " << source << "\nanswer:   ";
  answer_agent(draft_agent(plan, source));
  std::cout << "\n";
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
