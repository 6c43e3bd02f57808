// Voyage (https://docs.voyageai.com/reference) and Jina (https://api.jina.ai/redoc), who embed and rerank: 8
// tokens for embeddings, 26 for reranking.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

Answer voyage_embed(const Asked&) {
  return json_answer(R"({"object":"list","data":[{"object":"embedding","embedding":[0.0023,-0.0093,0.0151],)"
                     R"("index":0}],"model":"$MODEL","usage":{"total_tokens":8}})");
}

Answer voyage_rerank(const Asked&) {
  return json_answer(R"({"object":"list","data":[{"relevance_score":0.92,"index":1}],"model":"$MODEL",)"
                     R"("usage":{"total_tokens":26}})");
}

Answer jina_embed(const Asked&) {
  return json_answer(R"({"model":"$MODEL","object":"list","usage":{"total_tokens":8,"prompt_tokens":8},)"
                     R"("data":[{"object":"embedding","index":0,"embedding":[0.0023,-0.0093,0.0151]}]})");
}

Answer jina_rerank(const Asked&) {
  return json_answer(R"({"model":"$MODEL","usage":{"total_tokens":26},"results":[{"index":1,)"
                     R"("relevance_score":0.92,"document":{"text":"spans"}}]})");
}

Answer error(const Asked&, int status) {
  return json_answer(std::string(R"({"detail":")") + kErrorMessage + R"("})", status);
}

Headers jina_headers(const Asked&) {
  return {{"x-ratelimit-limit", "500"}, {"x-ratelimit-remaining", "499"}, {"x-ratelimit-reset", "60"}};
}

constexpr Route kVoyageRoutes[] = {
    {"POST", "/v1/embeddings", voyage_embed},
    {"POST", "/v1/contextualizedembeddings", voyage_embed},
    {"POST", "/v1/multimodalembeddings", voyage_embed},
    {"POST", "/v1/rerank", voyage_rerank},
};
constexpr Route kJinaRoutes[] = {{"POST", "/v1/embeddings", jina_embed}, {"POST", "/v1/rerank", jina_rerank}};
constexpr Service kVoyage{"api.voyageai.com", kVoyageRoutes, error, no_headers};
constexpr Service kJina{"api.jina.ai", kJinaRoutes, error, jina_headers};

}  // namespace

const Service& voyage_service() { return kVoyage; }
const Service& jina_service() { return kJina; }

}  // namespace llmo::test
