#include "shim/genai/content.h"

#include "shim/genai/content_fields.h"

namespace llmo::genai {
namespace {

void add_if_any(std::string_view key, const std::string& value, journal::SpanDraft* draft) {
  if (!value.empty()) draft->add_long(key, value);
}

}  // namespace

void ContentCapture::begin(const ApiMatch& match) {
  input_.clear();
  output_.clear();
  request_.begin(request_content(match.shape));
  response_.begin(response_content(match.shape));
}

void ContentCapture::write(journal::SpanDraft* draft) {
  request_.flush();
  response_.flush();
  write_request(draft);
  add_if_any(journal::kContentOutput, output_.messages(), draft);
}

void ContentCapture::write_request(journal::SpanDraft* draft) {
  std::size_t omitted = 0;
  add_if_any(journal::kContentSystem, input_.system(), draft);
  add_if_any(journal::kContentTools, input_.tools(), draft);
  add_if_any(journal::kContentInput, input_.messages(&omitted), draft);
  if (omitted > 0) draft->add_int(journal::kContentOmitted, static_cast<std::int64_t>(omitted));
}

}  // namespace llmo::genai
