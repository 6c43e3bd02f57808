// Captured prompts and completions, in the words of the GenAI conventions.
//
// The host hands them over in a form that is cheap to write and safe to cut (journal/content_format.h). Here
// they become what the conventions ask for, each as a JSON string, which they allow on spans:
//
//   gen_ai.system_instructions   [part …]
//   gen_ai.input.messages        [{"role":…,"parts":[part …]} …]
//   gen_ai.output.messages       the same
//   gen_ai.tool.definitions      [{"type":"function","name":…,"description":…,"parameters":…} …]
//
// The JSON is whole even where the content was cut. Such a place reads `…[cut]`, and the span gets
// `llmobserve.content.truncated`.
#pragma once

#include <vector>

#include "exporters/span/span.h"

namespace llmo {

// Replaces the attributes that hold captured content; leaves all others alone. What cannot be read at all is
// dropped.
void convert_content(AttributeList& attributes);

}  // namespace llmo
