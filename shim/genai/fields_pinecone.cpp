#include "shim/genai/field_rows.h"

namespace llmo::genai::fields {

constinit const JsonPaths kPineconeRequest{{
    at("model", Q::kModel),
    at("namespace", Q::kNamespace),
    at("topK", Q::kDatabaseTopK),
    at("top_k", Q::kDatabaseTopK),
    at("query.top_k", Q::kDatabaseTopK),
    at("vectors[]", Q::kVector),
}};

constinit const JsonPaths kPineconeResponse{{
    at("model", R::kModel),
    at("namespace", R::kNamespace),
    at("matches", R::kRows),
    at("matches[]", R::kRow),
    at("result.hits", R::kRows),
    at("result.hits[]", R::kRow),
    at("vectors", R::kRows),
    at("vectors[]", R::kRow),
    at("upsertedCount", R::kUpserted),
    at("usage.readUnits", R::kReadUnits),
    at("usage.read_units", R::kReadUnits),
    at("usage.total_tokens", Tokens::kInput),
    // Errors: the control plane has an object, the data plane the status of gRPC.
    at("error.code", R::kErrorCode),
    message_at("error.message", R::kErrorMessage),
    at("code", R::kLooseCode),
    message_at("message", R::kLooseMessage),
}};

}  // namespace llmo::genai::fields
