#include "shim/genai/field_rows.h"

// Vector stores but for Pinecone.
namespace llmo::genai::fields {

constinit const JsonPaths kQdrantRequest{{
    at("limit", Q::kDatabaseTopK),
    at("top", Q::kDatabaseTopK),
    at("points[]", Q::kVector),
    at("batch.ids[]", Q::kVectorId),
    at("searches[]", Q::kBatchItem),
}};

constinit const JsonPaths kQdrantResponse{{
    at("result", R::kRows), at("result[]", R::kRow), at("result.points", R::kRows),
    at("result.points[]", R::kRow), message_at("status.error", R::kErrorMessage),
    message_at("error", R::kErrorMessage),  // of its cloud's gateway
}};

// GraphQL answers 200 and tells of errors beside what data there is.
constinit const JsonPaths kWeaviateRequest{{
    at("class", Q::kCollection),
    at("tenant", Q::kNamespace),
    at("objects[]", Q::kVector),
    at("objects[].class", Q::kCollection),
    at("objects[].tenant", Q::kNamespace),
    at("match.class", Q::kCollection),
}};

constinit const JsonPaths kWeaviateResponse{{
    message_at("errors[].message", R::kErrorMessage),
    message_at("error[].message", R::kErrorMessage),
    message_at("message", R::kLooseMessage),
    // Of a batch: each object has its own result.
    message_at("[].result.errors.error[].message", R::kErrorMessage),
    at("objects", R::kRows),
    at("objects[]", R::kRow),
}};

constinit const JsonPaths kChromaRequest{{
    at("n_results", Q::kDatabaseTopK),
    at("limit", Q::kDatabaseTopK),
    at("ids[]", Q::kVectorId),
    at("query_embeddings[]", Q::kBatchItem),
    at("name", Q::kCollection),
}};

// Rows lie in a list for each of the queries, or in one list.
constinit const JsonPaths kChromaResponse{{
    at("ids", R::kRows),
    at("ids[]", R::kRow),
    at("ids[][]", R::kRow),
    message_at("error", R::kErrorName),
    message_at("message", R::kLooseMessage),
    message_at("detail", R::kLooseMessage),
    message_at("detail[].msg", R::kLooseMessage),
}};

constinit const JsonPaths kMilvusRequest{{
    at("collectionName", Q::kCollection),
    at("dbName", Q::kNamespace),
    at("limit", Q::kDatabaseTopK),
    at("data[]", Q::kRowOrQuery),
}};

// An error is a code other than 0, with HTTP's 200.
constinit const JsonPaths kMilvusResponse{{
    at("code", R::kErrorCode),
    message_at("message", R::kLooseMessage),
    at("data", R::kRows),
    at("data[]", R::kRow),
    at("data.insertCount", R::kUpserted),
    at("data.upsertCount", R::kUpserted),
}};

}  // namespace llmo::genai::fields
