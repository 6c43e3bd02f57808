// Vector stores over HTTP: Pinecone (https://docs.pinecone.io/reference), Qdrant (https://api.qdrant.tech),
// Weaviate (https://docs.weaviate.io), Chroma (https://docs.trychroma.com) and Milvus with Zilliz
// (https://milvus.io/api-reference/restful). A search finds two rows, an insert takes two.
#include "tests/support/mock/answer.h"

namespace llmo::test {
namespace {

// --- Pinecone ----------------------------------------------------------------------------------------------

Answer pinecone_query(const Asked&) {
  return json_answer(
      R"({"results":[],"matches":[{"id":"doc-7","score":0.873,"values":[],"metadata":{"title":"Spans"}},)"
      R"({"id":"doc-2","score":0.641,"values":[],"metadata":{"title":"Traces"}}],)"
      R"("namespace":"docs","usage":{"readUnits":6}})");
}
Answer pinecone_upsert(const Asked&) { return json_answer(R"({"upsertedCount":2})"); }
Answer pinecone_delete(const Asked&) { return json_answer("{}"); }
Answer pinecone_fetch(const Asked&) {
  return json_answer(R"({"vectors":{"doc-7":{"id":"doc-7","values":[0.1,0.2]}},"namespace":"docs",)"
                     R"("usage":{"readUnits":1}})");
}
Answer pinecone_stats(const Asked&) {
  return json_answer(R"({"namespaces":{"docs":{"vectorCount":1200}},"dimension":3,"totalVectorCount":1200})");
}
Answer pinecone_search(const Asked&) {
  return json_answer(R"({"result":{"hits":[{"_id":"doc-7","_score":0.87,"fields":{"title":"Spans"}},)"
                     R"({"_id":"doc-2","_score":0.64,"fields":{}}]},)"
                     R"("usage":{"read_units":6,"embed_total_tokens":8}})");
}
Answer pinecone_embed(const Asked&) {
  return json_answer(R"({"model":"$MODEL","vector_type":"dense","data":[{"values":[0.1,0.2]}],)"
                     R"("usage":{"total_tokens":8}})");
}
Answer pinecone_error(const Asked&, int status) {
  const char* const code = status == 401 ? "16" : status == 404 ? "5" : status == 429 ? "8" : "13";
  return json_answer(
      std::string(R"({"code":)") + code + R"(,"message":")" + kErrorMessage + R"(","details":[]})", status);
}
Headers pinecone_headers(const Asked&) {
  return {{"x-pinecone-request-id", "$ID"}, {"x-pinecone-request-latency-ms", "12"}};
}

constexpr Route kPineconeRoutes[] = {
    {"POST", "/query", pinecone_query},
    {"POST", "/vectors/upsert", pinecone_upsert},
    {"POST", "/vectors/delete", pinecone_delete},
    {"POST", "/vectors/update", pinecone_delete},
    {"GET", "/vectors/fetch", pinecone_fetch},
    {"POST", "/describe_index_stats", pinecone_stats},
    {"POST", "/records/namespaces/*/search", pinecone_search},
    {"POST", "/embed", pinecone_embed},
};
constexpr Service kPinecone{"*.pinecone.io", kPineconeRoutes, pinecone_error, pinecone_headers};

// --- Qdrant ------------------------------------------------------------------------------------------------

Answer qdrant_search(const Asked&) {
  return json_answer(
      R"({"result":[{"id":7,"version":3,"score":0.873,"payload":{"title":"Spans"},"vector":null},)"
      R"({"id":2,"version":3,"score":0.641,"payload":null,"vector":null}],)"
      R"("status":"ok","time":0.000527})");
}
Answer qdrant_query(const Asked&) {
  return json_answer(R"({"result":{"points":[{"id":7,"version":3,"score":0.873},)"
                     R"({"id":2,"version":3,"score":0.641}]},"status":"ok","time":0.000527})");
}
Answer qdrant_scroll(const Asked&) {
  return json_answer(R"({"result":{"points":[{"id":7},{"id":2}],"next_page_offset":null},"status":"ok",)"
                     R"("time":0.0005})");
}
Answer qdrant_count(const Asked&) {
  return json_answer(R"({"result":{"count":1200},"status":"ok","time":0.0005})");
}
Answer qdrant_update(const Asked&) {
  return json_answer(R"({"result":{"operation_id":5,"status":"acknowledged"},"status":"ok","time":0.0008})");
}
Answer qdrant_error(const Asked&, int status) {
  return json_answer(std::string(R"({"status":{"error":")") + kErrorMessage + R"("},"time":0.0000087})",
                     status);
}

constexpr Route kQdrantRoutes[] = {
    {"POST", "/collections/*/points/search", qdrant_search},
    {"POST", "/collections/*/points/query", qdrant_query},
    {"POST", "/collections/*/points/scroll", qdrant_scroll},
    {"POST", "/collections/*/points/count", qdrant_count},
    {"POST", "/collections/*/points/delete", qdrant_update},
    {"PUT", "/collections/*/points", qdrant_update},
    {"POST", "/collections/*/points", qdrant_search},
};
constexpr Service kQdrant{"*.cloud.qdrant.io", kQdrantRoutes, qdrant_error, no_headers};

// --- Weaviate ----------------------------------------------------------------------------------------------

constexpr const char* kObject =
    R"({"class":"Article","id":"00000000-0000-0000-0000-000000000007","properties":{"title":"Spans"}})";

// An error of a query comes with status 200.
Answer weaviate_graphql(const Asked& asked) {
  if (asked.has("error-in-200"))
    return json_answer(
        std::string(R"({"data":{"Get":{"Article":null}},"errors":[{"locations":[{"column":6,)") +
        R"("line":1}],"message":")" + kErrorMessage + R"(","path":["Get","Article"]}]})");
  return json_answer(R"({"data":{"Get":{"Article":[{"title":"Spans"},{"title":"Traces"}]}}})");
}
Answer weaviate_insert(const Asked&) { return json_answer(kObject); }
Answer weaviate_batch(const Asked&) {
  const std::string object = R"({"class":"Article","id":"$ID","result":{"status":"SUCCESS"}})";
  return json_answer("[" + object + "," + object + "]");
}
Answer weaviate_error(const Asked&, int status) {
  return json_answer(std::string(R"({"error":[{"message":")") + kErrorMessage + R"("}]})", status);
}

constexpr Route kWeaviateRoutes[] = {
    {"POST", "/v1/graphql", weaviate_graphql},
    {"POST", "/v1/objects", weaviate_insert},
    {"POST", "/v1/batch/objects", weaviate_batch},
};
constexpr Service kWeaviate{"*.weaviate.network *.weaviate.cloud", kWeaviateRoutes, weaviate_error,
                            no_headers};

// --- Chroma ------------------------------------------------------------------------------------------------

Answer chroma_query(const Asked&) {
  return json_answer(
      R"({"ids":[["doc-7","doc-2"]],"embeddings":null,"documents":[["Spans","Traces"]],"uris":null,)"
      R"("metadatas":[[null,null]],"distances":[[0.127,0.359]],)"
      R"("include":["distances","documents","metadatas"]})");
}
Answer chroma_get(const Asked&) {
  return json_answer(
      R"({"ids":["doc-7","doc-2"],"embeddings":null,"documents":["Spans","Traces"],"uris":null,)"
      R"("metadatas":[null,null],"include":["documents","metadatas"]})");
}
Answer chroma_add(const Asked&) { return json_answer("{}", 201); }
Answer chroma_change(const Asked&) { return json_answer("{}"); }
Answer chroma_count(const Asked&) { return json_answer("1200"); }
Answer chroma_error(const Asked&, int status) {
  return json_answer(std::string(R"({"error":")") +
                         (status == 404   ? "NotFoundError"
                          : status == 429 ? "RateLimitError"
                                          : "InternalError") +
                         R"(","message":")" + kErrorMessage + R"("})",
                     status);
}

constexpr Route kChromaRoutes[] = {
    {"POST", "/api/v*/collections/*/query", chroma_query},
    {"POST", "/api/v*/collections/*/get", chroma_get},
    {"POST", "/api/v*/collections/*/add", chroma_add},
    {"POST", "/api/v*/collections/*/upsert", chroma_change},
    {"POST", "/api/v*/collections/*/update", chroma_change},
    {"POST", "/api/v*/collections/*/delete", chroma_change},
    {"GET", "/api/v*/collections/*/count", chroma_count},
};
constexpr Service kChroma{"api.trychroma.com", kChromaRoutes, chroma_error, no_headers};

// --- Milvus ------------------------------------------------------------------------------------------------

Answer milvus_search(const Asked&) {
  return json_answer(R"({"code":0,"cost":6,"data":[{"distance":0.873,"id":7,"title":"Spans"},)"
                     R"({"distance":0.641,"id":2,"title":"Traces"}],"topks":[2]})");
}
Answer milvus_insert(const Asked&) {
  return json_answer(R"({"code":0,"cost":1,"data":{"insertCount":2,"insertIds":[7,2]}})");
}
Answer milvus_upsert(const Asked&) {
  return json_answer(R"({"code":0,"cost":1,"data":{"upsertCount":2,"upsertIds":[7,2]}})");
}
Answer milvus_delete(const Asked&) { return json_answer(R"({"code":0,"cost":0,"data":{}})"); }
// Most errors come with status 200.
Answer milvus_error(const Asked&, int status) {
  const char* const code = status == 401 ? "1800" : status == 429 ? "8" : "100";
  return json_answer(std::string(R"({"code":)") + code + R"(,"message":")" + kErrorMessage + R"("})", status);
}

constexpr Route kMilvusRoutes[] = {
    {"POST", "/v2/vectordb/entities/search", milvus_search},
    {"POST", "/v2/vectordb/entities/query", milvus_search},
    {"POST", "/v2/vectordb/entities/get", milvus_search},
    {"POST", "/v2/vectordb/entities/insert", milvus_insert},
    {"POST", "/v2/vectordb/entities/upsert", milvus_upsert},
    {"POST", "/v2/vectordb/entities/delete", milvus_delete},
    {"POST", "/v2/vectordb/entities/hybrid_search", milvus_search},
};
constexpr Service kMilvus{"*.zillizcloud.com *.cloud.zilliz.com", kMilvusRoutes, milvus_error, no_headers};

}  // namespace

const Service& pinecone_service() { return kPinecone; }
const Service& qdrant_service() { return kQdrant; }
const Service& weaviate_service() { return kWeaviate; }
const Service& chroma_service() { return kChroma; }
const Service& milvus_service() { return kMilvus; }

}  // namespace llmo::test
