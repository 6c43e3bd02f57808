// Patterns over names that consist of labels: hosts (`{index}.svc.**.pinecone.io`) and paths
// (`**/v1/chat/completions`, `/model/{model}:generateContent`).
//
//   word           this label, exactly
//   *              one label, whatever it is; what follows the star is its exact end
//   **             any number of labels, also none
//   {name}         one label, which is handed out under that name; what follows the brace is its exact end
//   {name=begin}   the same for a label that begins so
//
// Empty labels do not count, so a double or final separator changes nothing.
#pragma once

#include <cstddef>
#include <string_view>

namespace llmo::genai {

// The labels that a pattern named. The views look into the text that was matched.
struct LabelCaptures {
  static constexpr std::size_t kMax = 4;
  struct Capture {
    std::string_view name;
    std::string_view label;
  };
  Capture captures[kMax];
  std::size_t count = 0;

  // Replaces an earlier capture of that name. What is too many is left out.
  void set(std::string_view name, std::string_view label);
  // Empty where nothing has that name.
  std::string_view get(std::string_view name) const;
};

// A pattern in one piece or two: the labels of `then` follow those of `first`.
struct LabelPattern {
  std::string_view first;
  std::string_view then = {};
};

// True where `text`, split at `separator`, is what `pattern` describes. `captures` is only of use then.
// Time: at worst labels of the one times labels of the other. Does not allocate.
bool labels_match(const LabelPattern& pattern, std::string_view text, char separator,
                  LabelCaptures* captures);

}  // namespace llmo::genai
