#include "tests/support/mock/routes.h"

#include <fnmatch.h>

#include <algorithm>
#include <sstream>

namespace llmo::test {
namespace {

std::vector<const Service*> all_services() {
  std::vector<const Service*> services{&openai_service(),  &anthropic_service(), &pinecone_service(),
                                       &ollama_service(),  &azure_service(),     &google_service(),
                                       &bedrock_service(), &cohere_service(),    &voyage_service(),
                                       &jina_service(),    &qdrant_service(),    &weaviate_service(),
                                       &chroma_service(),  &milvus_service(),    &huggingface_service()};
  for (const Service& service : openai_like_services()) services.push_back(&service);
  return services;
}

const std::vector<const Service*>& services() {
  static const std::vector<const Service*> list = all_services();
  return list;
}

bool matches(const char* glob, const std::string& text) { return ::fnmatch(glob, text.c_str(), 0) == 0; }

bool has_host(const Service& service, const std::string& host) {
  std::istringstream globs(service.hosts);
  for (std::string glob; globs >> glob;) {
    if (matches(glob.c_str(), host)) return true;
  }
  return false;
}

const Route* route_for(const Service& service, const Request& request) {
  const auto found =
      std::find_if(service.routes.begin(), service.routes.end(), [&request](const Route& route) {
        return request.method == route.method && matches(route.path, request.path);
      });
  return found == service.routes.end() ? nullptr : &*found;
}

}  // namespace

const Service* service_for(const Request& request, const Asked& asked) {
  for (const Service* const service : services()) {
    if (has_host(*service, asked.host)) return service;
  }
  if (request.path == "/") return nullptr;
  for (const Service* const service : services()) {
    if (route_for(*service, request) != nullptr) return service;
  }
  return nullptr;
}

Answer answer_of(const Service& service, const Request& request, const Asked& asked, int failure) {
  const Route* const route = route_for(service, request);
  Answer answer;
  if (failure != 0 || route == nullptr) {
    answer = service.error(asked, failure != 0 ? failure : 404);
    if (answer.status == 429) answer.headers.emplace_back("retry-after", "1");
  } else {
    answer = route->answer(asked);
  }
  // The words of an error under a status that says that all is well.
  if (asked.has("error-in-200") && answer.status == 200 &&
      answer.pieces.front().find("errors") == std::string::npos) {
    answer = service.error(asked, std::max(200, std::atoi(asked.value("error-in-200", "500").c_str())));
    answer.status = 200;
  }
  const Headers more = service.headers(asked);
  answer.headers.insert(answer.headers.end(), more.begin(), more.end());
  return answer;
}

}  // namespace llmo::test
