#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

ApiMatch qdrant(std::string_view operation) { return database_call(BodyShape::kQdrant, operation); }
ApiMatch weaviate(std::string_view operation) { return database_call(BodyShape::kWeaviate, operation); }
ApiMatch chroma(std::string_view operation) { return database_call(BodyShape::kChroma, operation); }
ApiMatch milvus(std::string_view operation) { return database_call(BodyShape::kMilvus, operation); }

TEST_CASE("Qdrant's requests", "[bodies][qdrant]") {
  CHECK(request_of(qdrant("search"), R"({"vector":[0.2,0.1],"limit":3,"filter":{"limit":9}})") ==
        Attributes{{"llmobserve.db.top_k", "3"}});
  CHECK(request_of(qdrant("upsert"), R"({"points":[{"id":1,"vector":[0.1]},{"id":2,"vector":[0.2]}]})") ==
        Attributes{{"llmobserve.db.vectors", "2"}});
  CHECK(request_of(qdrant("upsert"), R"({"batch":{"ids":[1,"b",3],"vectors":[[1],[2],[3]]}})") ==
        Attributes{{"llmobserve.db.vectors", "3"}});
  CHECK(request_of(qdrant("delete"), R"({"points":[1,2,3]})").empty());
  CHECK(request_of(qdrant("search"), R"({"searches":[{"vector":[1],"limit":3},{"vector":[2],"limit":1}]})") ==
        Attributes{{"db.operation.batch.size", "2"}});
  CHECK(request_of(qdrant("search"), R"({"searches":[{"vector":[1]}]})").empty());
}

TEST_CASE("Qdrant's answers and errors", "[bodies][qdrant]") {
  CHECK(answer_of(qdrant("search"), R"({"result":[{"id":4,"score":1.3,"payload":{"status":{"error":"no"}}},
      {"id":1,"score":1.2}],"status":"ok","time":0.0001})") ==
        Attributes{{"db.response.returned_rows", "2"}});
  CHECK(answer_of(qdrant("query"), R"({"result":{"points":[{"id":4}]},"status":"ok"})") ==
        Attributes{{"db.response.returned_rows", "1"}});
  CHECK(answer_of(qdrant("upsert"), R"({"result":{"operation_id":0,"status":"acknowledged"},"status":"ok"})")
            .empty());
  CHECK(answer_of(qdrant("search"),
                  R"({"status":{"error":"Not found: Collection `x` doesn't exist!"},"time":0.0})",
                  {.status = 404}) == Attributes{{"db.response.status_code", "404"},
                                                 {"status", "2 Not found: Collection `x` doesn't exist!"}});
}

TEST_CASE("Weaviate says 200 to what fails", "[bodies][weaviate]") {
  CHECK(answer_of(weaviate("query"),
                  R"({"data":{"Get":{"Article":null}},"errors":[{"locations":[{"column":6,"line":1}],
      "message":"explorer: vectorize params: no vectorizer","path":["Get","Article"]}]})") ==
        Attributes{{"error.type", "_OTHER"}, {"status", "2 explorer: vectorize params: no vectorizer"}});
  CHECK(answer_of(weaviate("insert"), R"([{"class":"A","id":"1","result":{"status":"SUCCESS"}},
      {"class":"A","result":{"errors":{"error":[{"message":"invalid vector"}]},"status":"FAILED"}}])")
            .at("status") == "2 invalid vector");
  CHECK(answer_of(weaviate("get"), R"({"error":[{"message":"no such class"}]})", {.status = 422}) ==
        Attributes{{"db.response.status_code", "422"}, {"status", "2 no such class"}});
  CHECK(answer_of(weaviate("list"), R"({"objects":[{"id":"1"},{"id":"2"}],"totalResults":2})") ==
        Attributes{{"db.response.returned_rows", "2"}});
  CHECK(answer_of(weaviate("query"), R"({"data":{"Get":{"Article":[{"title":"x"}]}}})").empty());
}

TEST_CASE("Weaviate's requests name class and tenant", "[bodies][weaviate]") {
  CHECK(request_of(weaviate("insert"), R"({"class":"Article","tenant":"t1","properties":{"class":"no"}})") ==
        Attributes{{"db.collection.name", "Article"}, {"db.namespace", "t1"}});
  CHECK(request_of(weaviate("insert"), R"({"objects":[{"class":"A","properties":{}},{"class":"A"}]})") ==
        Attributes{{"db.collection.name", "A"}, {"llmobserve.db.vectors", "2"}});
}

TEST_CASE("Chroma's rows lie in a list for each query", "[bodies][chroma]") {
  CHECK(request_of(chroma("query"),
                   R"({"query_embeddings":[[1,2],[3,4]],"n_results":5,"include":["documents"]})") ==
        Attributes{{"llmobserve.db.top_k", "5"}, {"db.operation.batch.size", "2"}});
  CHECK(request_of(chroma("add"), R"({"ids":["a","b"],"embeddings":[[1],[2]],"documents":["x","y"]})") ==
        Attributes{{"llmobserve.db.vectors", "2"}});
  CHECK(request_of(chroma("delete"), R"({"ids":["a","b"]})").empty());
  CHECK(answer_of(chroma("query"), R"({"ids":[["a","b"],["c"]],"distances":[[1,2],[3]],"documents":null})") ==
        Attributes{{"db.response.returned_rows", "3"}});
  CHECK(answer_of(chroma("get"), R"({"ids":["a","b"],"documents":["x","y"]})") ==
        Attributes{{"db.response.returned_rows", "2"}});
  CHECK(answer_of(chroma("get"), R"({"ids":[]})") == Attributes{{"db.response.returned_rows", "0"}});
}

TEST_CASE("Chroma's errors, new and old", "[bodies][chroma]") {
  CHECK(answer_of(chroma("query"), R"({"error":"NotFoundError","message":"Collection [x] does not exist"})",
                  {.status = 404}) == Attributes{{"error.type", "NotFoundError"},
                                                 {"db.response.status_code", "NotFoundError"},
                                                 {"status", "2 Collection [x] does not exist"}});
  CHECK(answer_of(chroma("query"), R"x({"error":"ValueError('Collection x does not exist.')"})x",
                  {.status = 500}) == Attributes{{"error.type", "ValueError"},
                                                 {"db.response.status_code", "ValueError"},
                                                 {"status", "2 ValueError('Collection x does not exist.')"}});
}

TEST_CASE("Milvus says 200 and a code", "[bodies][milvus]") {
  CHECK(answer_of(milvus("search"), R"({"code":1100,"message":"can't find collection[database=default]"})") ==
        Attributes{{"error.type", "1100"},
                   {"db.response.status_code", "1100"},
                   {"status", "2 can't find collection[database=default]"}});
  CHECK(answer_of(milvus("search"), R"({"message":"bad","code":65535})").at("error.type") == "65535");
  CHECK(answer_of(milvus("search"),
                  R"({"code":0,"cost":6,"data":[{"id":1,"distance":0.9},{"id":2,"code":7}]})") ==
        Attributes{{"db.response.returned_rows", "2"}});
  CHECK(answer_of(milvus("insert"),
                  R"({"code":200,"message":"","data":{"insertCount":3,"insertIds":[1,2,3]}})") ==
        Attributes{{"llmobserve.db.upserted", "3"}});
}

TEST_CASE("Milvus names collection and database in the body", "[bodies][milvus]") {
  CHECK(
      request_of(milvus("search"), R"({"dbName":"db","collectionName":"quick","data":[[0.1],[0.2]],"limit":3,
      "annsField":"vector"})") == Attributes{{"db.collection.name", "quick"},
                                             {"db.namespace", "db"},
                                             {"llmobserve.db.top_k", "3"},
                                             {"db.operation.batch.size", "2"}});
  CHECK(request_of(milvus("insert"), R"({"collectionName":"c","data":[{"id":0,"vector":[1]},{"id":1}]})") ==
        Attributes{{"db.collection.name", "c"}, {"llmobserve.db.vectors", "2"}});
}

TEST_CASE("Pinecone's records are lines", "[bodies][pinecone]") {
  ApiMatch match = database_call(BodyShape::kPinecone, "upsert");
  match.name_space.assign("ns");
  CHECK(request_of(match, "{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\"2\",\"text\":\"b\"}\n") ==
        Attributes{{"llmobserve.db.vectors", "2"}});
}

}  // namespace
}  // namespace llmo::genai
