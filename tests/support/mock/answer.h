// What the mock API server knows of a request, what it answers, and the services that do: each file
// answers_<provider>.cpp holds the shapes of one provider, or of a family of them.
//
// Bodies are the providers' own as they document them, with fixed numbers. In them $ID stands for the number
// of the request, $MODEL for the model asked for and $TEXT for the generated text.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/mock/connection.h"

namespace llmo::test {

using Behaviours = std::map<std::string, std::string, std::less<>>;

// What a request asks for, read from its URL, body and headers.
struct Asked {
  std::string id;
  std::string host;  // lower case, without port
  std::string path;
  std::string query;
  std::string model = "gpt-4o-mini";
  bool stream = false;
  bool stream_given = false;  // there is a `stream` in the body, whatever it says
  bool include_usage = false;
  int choices = 1;
  Behaviours behaviours;

  [[nodiscard]] bool has(std::string_view behaviour) const { return behaviours.contains(behaviour); }
  // The value of a behaviour, or `otherwise`.
  [[nodiscard]] std::string value(std::string_view behaviour, const std::string& otherwise) const;
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers{};
  std::vector<std::string> pieces{};  // the body; sent one after the other
};

struct Route {
  const char* method;
  const char* path;  // a glob, where * is any text
  Answer (*answer)(const Asked&);
};

struct Service {
  const char* hosts;  // globs with blanks between; empty: known by its paths alone
  std::span<const Route> routes;
  Answer (*error)(const Asked&, int status);
  Headers (*headers)(const Asked&);  // that every answer of the service carries
};

// --- the services, in the order in which their paths are tried for a host that is nobody's -----------------

const Service& openai_service();
const Service& azure_service();
std::span<const Service> openai_like_services();  // Mistral, Groq, Together, DeepSeek, xAI, Perplexity …
const Service& anthropic_service();
const Service& google_service();
const Service& bedrock_service();
const Service& cohere_service();
const Service& huggingface_service();
const Service& ollama_service();
const Service& voyage_service();
const Service& jina_service();
const Service& pinecone_service();
const Service& qdrant_service();
const Service& weaviate_service();
const Service& chroma_service();
const Service& milvus_service();

// --- what they are made of ---------------------------------------------------------------------------------

inline constexpr const char* kErrorMessage = "The mock was asked to fail.";

Answer json_answer(std::string body, int status = 200);
Answer sse_answer(std::vector<std::string> events);
// One event with a name, and one without.
std::string sse_event(const std::string& name, const std::string& data);
std::string sse_data(const std::string& data);

// The generated text as a JSON string's inside, whole and in the parts that a stream sends it in: three, or
// as `chunks:N` and `content:N` say.
std::string text_of(const Asked& asked);
std::vector<std::string> words_of(const Asked& asked);

// The placeholders filled.
std::string fill(const Asked& asked, std::string text);

// Where a stream is to fail, its first `keep` pieces and then `error`; else nothing changes.
void fail_stream(const Asked& asked, std::vector<std::string>& pieces, std::size_t keep, std::string error);

std::string replaced(std::string text, std::string_view word, std::string_view by);

// A number with K or M behind it, of bytes.
std::size_t size_of(const std::string& text);

// --- shapes that more than one provider sends --------------------------------------------------------------

Answer openai_chat(const Asked& asked);
Answer openai_embeddings(const Asked& asked);
Answer openai_transcription(const Asked& asked);
std::string openai_error_body(int status);
Answer anthropic_messages(const Asked& asked);
std::string anthropic_message(const Asked& asked);
std::vector<std::string> anthropic_event_data(const Asked& asked);  // the JSON of each event of a stream
Headers no_headers(const Asked& asked);

}  // namespace llmo::test
