// Spans as a tree, for comparing as text and for finding the one a test means. Declared in otlp_reader.h.
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>

#include "tests/support/otlp_reader.h"

namespace llmo::test {
namespace {

constexpr std::uint32_t kParentIsRemote = 0x200;  // opentelemetry.proto: SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK

const char* kind_mark(int kind) {
  constexpr const char* kMarks[] = {"", "", "  [server]", "  [client]", "  [producer]", "  [consumer]"};
  return kind >= 0 && kind < 6 ? kMarks[kind] : "  [unknown kind]";
}

class Tree {
 public:
  explicit Tree(const std::vector<Span>& spans) {
    for (const Span& span : spans) ++count_[id_of(span)];
    for (const Span& span : spans) {
      const Id parent{span.trace_id, span.parent_span_id};
      (count_.contains(parent) ? children_[parent] : roots_).push_back(&span);
    }
  }

  std::string text() {
    print(roots_, 0);
    print_cycles();
    return std::move(text_);
  }

 private:
  using Id = std::tuple<std::string, std::string>;

  static Id id_of(const Span& span) { return {span.trace_id, span.span_id}; }

  void print(std::vector<const Span*> siblings, std::size_t depth) {
    std::stable_sort(siblings.begin(), siblings.end(), [](const Span* left, const Span* right) {
      // Two that start in one tick: the one that ends later was opened first.
      return std::tie(left->start_unix_nanos, right->end_unix_nanos, left->name) <
             std::tie(right->start_unix_nanos, left->end_unix_nanos, right->name);
    });
    for (const Span* span : siblings) print_span(*span, depth);
  }

  void print_span(const Span& span, std::size_t depth) {
    text_.append(2 * depth, ' ')
        .append(span.name)
        .append(kind_mark(span.kind))
        .append(marks(span))
        .append("\n");
    if (printed_.insert(id_of(span)).second) print(children_[id_of(span)], depth + 1);
  }

  std::string marks(const Span& span) {
    std::string result;
    if (span.status == 2) result += " ERROR";
    if (has_attribute(span, "llmobserve.end")) result += " end=" + attribute(span, "llmobserve.end");
    if (!span.parent_span_id.empty() && !count_.contains({span.trace_id, span.parent_span_id})) {
      result += (span.flags & kParentIsRemote) != 0 ? " [remote parent]" : " [parent missing]";
    }
    if (count_[id_of(span)] > 1) result += " [twice]";
    return result;
  }

  // Spans that are their own ancestors hang under no root; a tree without them would look right.
  void print_cycles() {
    for (const auto& [parent, children] : children_) {
      if (!children.empty() && !printed_.contains(parent))
        text_ += "[cycle below " + std::get<1>(parent) + "]\n";
    }
  }

  std::map<Id, int> count_;
  std::map<Id, std::vector<const Span*>> children_;
  std::vector<const Span*> roots_;
  std::set<Id> printed_;
  std::string text_;
};

}  // namespace

std::string tree_of(const std::vector<Span>& spans) { return Tree(spans).text(); }

std::vector<Span> spans_named(const std::vector<Span>& spans, std::string_view name) {
  std::vector<Span> result;
  for (const Span& span : spans) {
    if (span.name == name) result.push_back(span);
  }
  std::stable_sort(result.begin(), result.end(), [](const Span& left, const Span& right) {
    return left.start_unix_nanos < right.start_unix_nanos;
  });
  return result;
}

Span only_span(const std::vector<Span>& spans, std::string_view name) {
  std::vector<Span> found = spans_named(spans, name);
  if (found.size() == 1) return found.front();
  throw std::runtime_error(std::to_string(found.size()) + " spans are named " + std::string(name) +
                           ", not 1, in:\n" + tree_of(spans));
}

}  // namespace llmo::test
