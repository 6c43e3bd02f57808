// What can be asked of the vector stores: the lists of provider_table.cpp.
#pragma once

#include "shim/genai/provider_table.h"

namespace llmo::genai {

// clang-format off

// Data plane: https://docs.pinecone.io/reference/api
inline constexpr Endpoint kPineconeIndex[] = {
    {"POST", "/query", "query", BodyShape::kPinecone},
    {"POST", "/vectors/upsert", "upsert", BodyShape::kPinecone},
    {"GET", "/vectors/fetch", "fetch", BodyShape::kPinecone},
    {"POST", "/vectors/fetch_by_metadata", "fetch", BodyShape::kPinecone},
    {"POST", "/vectors/delete", "delete", BodyShape::kPinecone},
    {"DELETE", "/vectors/delete", "delete", BodyShape::kPinecone},
    {"POST", "/vectors/update", "update", BodyShape::kPinecone},
    {"GET", "/vectors/list", "list", BodyShape::kPinecone},
    {"", "/describe_index_stats", "describe_index_stats", BodyShape::kPinecone},
    {"POST", "/records/namespaces/{namespace}/upsert", "upsert", BodyShape::kPinecone},
    {"POST", "/records/namespaces/{namespace}/search", "search", BodyShape::kPinecone},
    {"GET", "/namespaces", "list_namespaces", BodyShape::kPinecone},
    {"GET", "/namespaces/{namespace}", "describe_namespace", BodyShape::kPinecone},
    {"DELETE", "/namespaces/{namespace}", "delete_namespace", BodyShape::kPinecone},
    {"POST", "/bulk/imports", "start_import", BodyShape::kPinecone},
    {"GET", "/bulk/imports", "list_imports", BodyShape::kPinecone},
};

// Control plane. Some of these bodies have other things under the names of the data plane, but errors look the
// same.
inline constexpr Endpoint kPineconeControl[] = {
    {"GET", "/indexes", "list_indexes", BodyShape::kPinecone},
    {"POST", "/indexes", "create_index", BodyShape::kPinecone},
    {"POST", "/indexes/create-for-model", "create_index", BodyShape::kPinecone},
    {"GET", "/indexes/{collection}", "describe_index", BodyShape::kPinecone},
    {"PATCH", "/indexes/{collection}", "configure_index", BodyShape::kPinecone},
    {"DELETE", "/indexes/{collection}", "delete_index", BodyShape::kPinecone},
};

// https://api.qdrant.tech/api-reference, below /collections/{collection}: words that no other API has there.
inline constexpr Endpoint kQdrantPoints[] = {
    {"POST", "/points/search", "search", BodyShape::kQdrant},
    {"POST", "/points/search/batch", "search", BodyShape::kQdrant},
    {"POST", "/points/search/groups", "search", BodyShape::kQdrant},
    {"POST", "/points/search/matrix/*", "search_matrix", BodyShape::kQdrant},
    {"POST", "/points/query", "query", BodyShape::kQdrant},
    {"POST", "/points/query/batch", "query", BodyShape::kQdrant},
    {"POST", "/points/query/groups", "query", BodyShape::kQdrant},
    {"POST", "/points/recommend", "recommend", BodyShape::kQdrant},
    {"POST", "/points/recommend/batch", "recommend", BodyShape::kQdrant},
    {"POST", "/points/recommend/groups", "recommend", BodyShape::kQdrant},
    {"POST", "/points/discover", "discover", BodyShape::kQdrant},
    {"POST", "/points/discover/batch", "discover", BodyShape::kQdrant},
    {"POST", "/points/scroll", "scroll", BodyShape::kQdrant},
    {"POST", "/points/count", "count", BodyShape::kQdrant},
    {"POST", "/points/delete", "delete", BodyShape::kQdrant},
    {"POST", "/points/batch", "batch_update", BodyShape::kQdrant},
    {"POST", "/points/payload", "set_payload", BodyShape::kQdrant},
    {"PUT", "/points/payload", "overwrite_payload", BodyShape::kQdrant},
    {"POST", "/points/payload/delete", "delete_payload", BodyShape::kQdrant},
    {"POST", "/points/payload/clear", "clear_payload", BodyShape::kQdrant},
    {"PUT", "/points/vectors", "update_vectors", BodyShape::kQdrant},
    {"POST", "/points/vectors/delete", "delete_vectors", BodyShape::kQdrant},
    {"PUT", "/points", "upsert", BodyShape::kQdrant},
};
// The same place, too common elsewhere.
inline constexpr Endpoint kQdrantCollection[] = {
    {"POST", "/points", "retrieve", BodyShape::kQdrant},
    {"GET", "/points/*", "retrieve", BodyShape::kQdrant},
    {"POST", "/facet", "facet", BodyShape::kQdrant},
    {"GET", "/", "describe_collection", BodyShape::kQdrant},
    {"PUT", "/", "create_collection", BodyShape::kQdrant},
    {"PATCH", "/", "update_collection", BodyShape::kQdrant},
    {"DELETE", "/", "delete_collection", BodyShape::kQdrant},
    {"GET", "/exists", "collection_exists", BodyShape::kQdrant},
    {"PUT", "/index", "create_index", BodyShape::kQdrant},
    {"DELETE", "/index/*", "delete_index", BodyShape::kQdrant},
};
inline constexpr Endpoint kQdrantServer[] = {
    {"GET", "/collections", "list_collections", BodyShape::kQdrant},
    {"POST", "/collections/aliases", "update_aliases", BodyShape::kQdrant},
};

// https://docs.weaviate.io/weaviate/api/rest. What GraphQL asks for stands in the body.
inline constexpr Endpoint kWeaviateApi[] = {
    {"POST", "/graphql", "query", BodyShape::kWeaviate},
    {"POST", "/graphql/batch", "query", BodyShape::kWeaviate},
    {"POST", "/objects", "insert", BodyShape::kWeaviate},
    {"GET", "/objects", "list", BodyShape::kWeaviate},
    {"POST", "/objects/validate", "validate", BodyShape::kWeaviate},
    {"GET", "/objects/{collection}/*", "get", BodyShape::kWeaviate},
    {"HEAD", "/objects/{collection}/*", "exists", BodyShape::kWeaviate},
    {"PUT", "/objects/{collection}/*", "replace", BodyShape::kWeaviate},
    {"PATCH", "/objects/{collection}/*", "update", BodyShape::kWeaviate},
    {"DELETE", "/objects/{collection}/*", "delete", BodyShape::kWeaviate},
    {"POST", "/batch/references", "insert_references", BodyShape::kWeaviate},
    {"GET", "/schema", "list_collections", BodyShape::kWeaviate},
    {"POST", "/schema", "create_collection", BodyShape::kWeaviate},
    {"GET", "/schema/{collection}", "describe_collection", BodyShape::kWeaviate},
    {"PUT", "/schema/{collection}", "update_collection", BodyShape::kWeaviate},
    {"DELETE", "/schema/{collection}", "delete_collection", BodyShape::kWeaviate},
};
// Hasura answers at /v1/graphql and many a store has objects, but not in batches.
inline constexpr Endpoint kWeaviateBatch[] = {
    {"POST", "/batch/objects", "insert", BodyShape::kWeaviate},
    {"DELETE", "/batch/objects", "delete", BodyShape::kWeaviate},
};

// https://docs.trychroma.com/reference, below a collection.
inline constexpr Endpoint kChromaRecords[] = {
    {"POST", "/query", "query", BodyShape::kChroma},
    {"POST", "/search", "search", BodyShape::kChroma},
    {"POST", "/get", "get", BodyShape::kChroma},
    {"POST", "/add", "add", BodyShape::kChroma},
    {"POST", "/upsert", "upsert", BodyShape::kChroma},
    {"POST", "/update", "update", BodyShape::kChroma},
    {"POST", "/delete", "delete", BodyShape::kChroma},
    {"GET", "/count", "count", BodyShape::kChroma},
    {"POST", "/fork", "fork_collection", BodyShape::kChroma},
};
inline constexpr Endpoint kChromaCollections[] = {
    {"GET", "/collections", "list_collections", BodyShape::kChroma},
    {"POST", "/collections", "create_collection", BodyShape::kChroma},
    {"GET", "/collections_count", "count_collections", BodyShape::kChroma},
    {"GET", "/collections/{collection}", "describe_collection", BodyShape::kChroma},
    {"PUT", "/collections/{collection}", "update_collection", BodyShape::kChroma},
    {"DELETE", "/collections/{collection}", "delete_collection", BodyShape::kChroma},
};

// https://milvus.io/api-reference/restful. The collection stands in the body.
inline constexpr Endpoint kMilvusApi[] = {
    {"POST", "/entities/search", "search", BodyShape::kMilvus},
    {"POST", "/entities/hybrid_search", "hybrid_search", BodyShape::kMilvus},
    {"POST", "/entities/advanced_search", "hybrid_search", BodyShape::kMilvus},
    {"POST", "/entities/query", "query", BodyShape::kMilvus},
    {"POST", "/entities/get", "get", BodyShape::kMilvus},
    {"POST", "/entities/insert", "insert", BodyShape::kMilvus},
    {"POST", "/entities/upsert", "upsert", BodyShape::kMilvus},
    {"POST", "/entities/delete", "delete", BodyShape::kMilvus},
    {"POST", "/collections/list", "list_collections", BodyShape::kMilvus},
    {"POST", "/collections/has", "collection_exists", BodyShape::kMilvus},
    {"POST", "/collections/describe", "describe_collection", BodyShape::kMilvus},
    {"POST", "/collections/get_stats", "collection_stats", BodyShape::kMilvus},
    {"POST", "/collections/get_load_state", "load_state", BodyShape::kMilvus},
    {"POST", "/collections/create", "create_collection", BodyShape::kMilvus},
    {"POST", "/collections/drop", "delete_collection", BodyShape::kMilvus},
    {"POST", "/collections/rename", "rename_collection", BodyShape::kMilvus},
    {"POST", "/collections/load", "load_collection", BodyShape::kMilvus},
    {"POST", "/collections/release", "release_collection", BodyShape::kMilvus},
    {"POST", "/indexes/create", "create_index", BodyShape::kMilvus},
    {"POST", "/indexes/drop", "delete_index", BodyShape::kMilvus},
    {"POST", "/indexes/list", "list_indexes", BodyShape::kMilvus},
    {"POST", "/indexes/describe", "describe_index", BodyShape::kMilvus},
};
// The first version of the same.
inline constexpr Endpoint kMilvusFirst[] = {
    {"POST", "/vector/search", "search", BodyShape::kMilvus},
    {"POST", "/vector/query", "query", BodyShape::kMilvus},
    {"POST", "/vector/get", "get", BodyShape::kMilvus},
    {"POST", "/vector/insert", "insert", BodyShape::kMilvus},
    {"POST", "/vector/upsert", "upsert", BodyShape::kMilvus},
    {"POST", "/vector/delete", "delete", BodyShape::kMilvus},
};

// clang-format on

}  // namespace llmo::genai
