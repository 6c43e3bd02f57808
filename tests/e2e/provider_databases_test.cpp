// Vector stores through the real libcurl: the conventions for databases, and errors that come with status
// 200.
#include <catch2/catch.hpp>
#include <string>

#include "tests/e2e/provider_calls.h"

namespace llmo::test {
namespace {

constexpr const char* kFailed = "The mock was asked to fail.";

Attributes database(const std::string& system, const std::string& operation, const std::string& collection,
                    const Attributes& more = {}) {
  return merged(
      {{"db.system.name", system}, {"db.operation.name", operation}, {"db.collection.name", collection}},
      more);
}

Attributes found(std::int64_t rows, const Attributes& more = {}) {
  return merged({{"db.response.returned_rows", rows}}, more);
}

const std::vector<std::string> kNoModel{"gen_ai.provider.name", "gen_ai.operation.name"};

TEST_CASE("Pinecone's index, namespace and counts are in its spans", "[e2e][providers]") {
  const std::string host = "http://docs-a1b2c3d.svc.aped-4627-b74a.pinecone.io";
  const Attributes in_docs = {{"db.namespace", "docs"}};
  check_calls({
      {.url = host + "/query",
       .body = R"({"vector":[0.1,0.2],"topK":5,"namespace":"docs"})",
       .expected = database("pinecone", "query", "docs",
                            found(2, merged(in_docs, {{"llmobserve.db.read_units", std::int64_t{6}},
                                                      {"llmobserve.db.top_k", std::int64_t{5}}}))),
       .span = "pinecone.query",
       .absent = kNoModel},
      {.url = host + "/vectors/upsert",
       .body = R"({"vectors":[{"id":"a","values":[0.1]},{"id":"b","values":[0.2]}],"namespace":"docs"})",
       .expected = database("pinecone", "upsert", "docs",
                            merged(in_docs, {{"llmobserve.db.upserted", std::int64_t{2}},
                                             {"llmobserve.db.vectors", std::int64_t{2}}})),
       .span = "pinecone.upsert",
       .absent = {"db.operation.batch.size"}},
      {.url = host + "/vectors/fetch?ids=doc-7&namespace=docs",
       .body = "",
       .expected = database("pinecone", "fetch", "docs", in_docs),
       .span = "pinecone.fetch",
       .method = "GET"},
      {.url = host + "/query",
       .body = R"({"vector":[0.1],"topK":5})",
       .expected = database("pinecone", "query", "docs",
                            {{"http.response.status_code", std::int64_t{429}},
                             {"error.type", "RESOURCE_EXHAUSTED"},
                             {"db.response.status_code", "RESOURCE_EXHAUSTED"}}),
       .span = "pinecone.query",
       .mock = "status:429",
       .fails = true,
       .message = kFailed},
  });
}

TEST_CASE("Qdrant's collection and operation stand in the path", "[e2e][providers]") {
  const std::string cloud = "http://abc.eu-central.aws.cloud.qdrant.io:6333/collections/docs/points";
  check_calls({
      {.url = cloud + "/search",
       .body = R"({"vector":[0.1],"limit":5})",
       .expected = database("qdrant", "search", "docs", found(2, {{"llmobserve.db.top_k", std::int64_t{5}}})),
       .span = "qdrant.search",
       .absent = kNoModel},
      {.url = cloud + "/query",
       .body = R"({"query":[0.1],"limit":5})",
       .expected = database("qdrant", "query", "docs", found(2)),
       .span = "qdrant.query"},
      {.url = cloud,
       .body = R"({"points":[{"id":1,"vector":[0.1]},{"id":2,"vector":[0.2]}]})",
       .expected = database("qdrant", "upsert", "docs", {{"llmobserve.db.vectors", std::int64_t{2}}}),
       .span = "qdrant.upsert",
       .method = "PUT"},
      // A server of one's own, by its paths.
      {.url = "http://search.internal.example/collections/docs/points/search",
       .body = R"({"vector":[0.1],"limit":5})",
       .expected = database("qdrant", "search", "docs"),
       .span = "qdrant.search"},
      {.url = cloud + "/search",
       .body = R"({"vector":[0.1],"limit":5})",
       .expected = {{"http.response.status_code", std::int64_t{404}},
                    {"db.response.status_code", "404"},
                    {"error.type", "404"}},
       .span = "qdrant.search",
       .mock = "status:404",
       .fails = true,
       .message = kFailed},
  });
}

TEST_CASE("Weaviate's errors count although they come with status 200", "[e2e][providers]") {
  const std::string base = "http://abc.gcp.weaviate.cloud/v1";
  const std::string query = R"({"query":"{ Get { Article(limit: 2) { title } } }"})";
  check_calls({
      {.url = base + "/graphql",
       .body = query,
       .expected = {{"db.system.name", "weaviate"}, {"db.operation.name", "query"}},
       .span = "weaviate.query",
       .absent = {"db.query.text"}},
      {.url = base + "/graphql",
       .body = query,
       .expected = {{"error.type", "_OTHER"}},
       .span = "weaviate.query",
       .mock = "error-in-200",
       .fails = true,
       .message = kFailed},
      {.url = base + "/objects",
       .body = R"({"class":"Article","tenant":"acme","properties":{"title":"Spans"}})",
       .expected = database("weaviate", "insert", "Article", {{"db.namespace", "acme"}}),
       .span = "weaviate.insert"},
      {.url = base + "/batch/objects",
       .body = R"({"objects":[{"class":"Article"},{"class":"Article"}]})",
       .expected = database("weaviate", "insert", "Article", {{"llmobserve.db.vectors", std::int64_t{2}}}),
       .span = "weaviate.insert"},
      {.url = base + "/objects",
       .body = R"({"class":"Article"})",
       .expected = {{"http.response.status_code", std::int64_t{500}}, {"error.type", "500"}},
       .span = "weaviate.insert",
       .mock = "status:500",
       .fails = true,
       .message = kFailed},
  });
}

TEST_CASE("Chroma's tenant and database are its namespace", "[e2e][providers]") {
  const std::string base = "http://api.trychroma.com/api/v2/tenants/acme/databases/prod/collections/c-7";
  const Attributes in_prod = {{"db.namespace", "acme|prod"}};
  check_calls({
      {.url = base + "/query",
       .body = R"({"query_embeddings":[[0.1]],"n_results":5})",
       .expected = database("chroma", "query", "c-7",
                            found(2, merged(in_prod, {{"llmobserve.db.top_k", std::int64_t{5}}}))),
       .span = "chroma.query"},
      {.url = base + "/add",
       .body = R"({"ids":["a","b"],"embeddings":[[0.1],[0.2]]})",
       .expected = database("chroma", "add", "c-7",
                            merged(in_prod, {{"http.response.status_code", std::int64_t{201}},
                                             {"llmobserve.db.vectors", std::int64_t{2}}})),
       .span = "chroma.add"},
      {.url = base + "/get",
       .body = R"({"ids":["doc-7","doc-2"]})",
       .expected = database("chroma", "get", "c-7", found(2, in_prod)),
       .span = "chroma.get"},
      {.url = base + "/query",
       .body = R"({"query_embeddings":[[0.1]]})",
       .expected = {{"http.response.status_code", std::int64_t{404}}, {"error.type", "NotFoundError"}},
       .span = "chroma.query",
       .mock = "status:404",
       .fails = true,
       .message = kFailed},
  });
}

TEST_CASE("Milvus names its collection in the body, and its errors by a code", "[e2e][providers]") {
  const std::string base = "http://in01-abc.serverless.gcp-us-west1.cloud.zilliz.com/v2/vectordb/entities";
  const std::string own = "http://milvus.internal.example:19530/v2/vectordb/entities";
  const std::string query = R"({"dbName":"prod","collectionName":"docs","data":[[0.1]],"limit":5})";
  const Attributes in_prod = {{"db.namespace", "prod"}};
  check_calls({
      {.url = base + "/search",
       .body = query,
       .expected = database("milvus", "search", "docs",
                            found(2, merged(in_prod, {{"llmobserve.db.top_k", std::int64_t{5}}}))),
       .span = "milvus.search"},
      {.url = own + "/insert",
       .body = R"({"collectionName":"docs","data":[{"id":1},{"id":2}]})",
       .expected = database(
           "milvus", "insert", "docs",
           {{"llmobserve.db.upserted", std::int64_t{2}}, {"llmobserve.db.vectors", std::int64_t{2}}}),
       .span = "milvus.insert",
       .absent = {"db.response.returned_rows"}},
      {.url = own + "/search",
       .body = query,
       .expected =
           database("milvus", "search", "docs", {{"error.type", "100"}, {"db.response.status_code", "100"}}),
       .span = "milvus.search",
       .mock = "error-in-200",
       .fails = true,
       .message = kFailed},
  });
}

}  // namespace
}  // namespace llmo::test
