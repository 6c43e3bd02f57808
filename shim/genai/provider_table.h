// Every API that is known, as data: where a provider answers (a Service: host, beginning of the path), and
// what it can be asked there (its Endpoints). Many providers speak one language, so they share a list.
//
// To add an API, add rows: a Provider, its services and endpoints, and, where its bodies are laid out as no
// other's, a BodyShape with field tables.
//
// Hosts and paths are patterns, see label_pattern.h. Captures that have a meaning: {index} (a Pinecone index
// with its project suffix), {collection}, {namespace}, {tenant} and {database} (together a namespace),
// {model}, {owner} (what stands before the model in its name: `owner/model`), {response}.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "shim/genai/providers.h"

namespace llmo::genai {

struct Provider {
  std::string_view name;  // gen_ai.provider.name or db.system.name
  std::string_view word;  // in span names: `<word>.<operation>`, `auto.workflow.<word>`
  ApiKind kind;
};

// The last two labels of a path in a few bits each: the same for the same label, mostly not for another,
// never 0. Nearly all rows are ruled out by them before any label is looked at.
struct PathMarks {
  std::uint32_t last = 0;  // 0, in the marks of a pattern: whatever it is
  std::uint32_t before = 0;
};

constexpr std::uint32_t label_mark(std::string_view label) {
  label.remove_prefix(label.rfind(':') + 1);  // `{model}:predict` is told by its verb
  if (label.empty()) return 1;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(label[at]));
  };
  const auto size = static_cast<std::uint32_t>(label.size());
  return (size * 0x01000193u ^ byte(0) * 0x00ff51afu ^ byte(size / 2) * 0x9e3779b1u ^
          byte(size - 1) * 0x85ebca6bu) |
         1u;
}

constexpr std::uint32_t pattern_mark(std::string_view label) {
  const std::string_view verb = label.substr(label.rfind(':') + 1);
  return verb.empty() || verb.find_first_of("*{}") != std::string_view::npos ? 0 : label_mark(verb);
}

constexpr std::string_view take_last_label(std::string_view* path) {
  while (path->ends_with('/')) path->remove_suffix(1);
  const std::string_view label = path->substr(path->rfind('/') + 1);
  path->remove_suffix(label.size());
  return label;
}

constexpr PathMarks marks_of_path(std::string_view path) {
  const std::uint32_t last = label_mark(take_last_label(&path));
  return {last, label_mark(take_last_label(&path))};
}

// A `**` stands for any number of labels, so nothing is known of what is before it.
constexpr PathMarks marks_of_pattern(std::string_view pattern) {
  const std::string_view last = take_last_label(&pattern);
  return {pattern_mark(last), last == "**" ? 0 : pattern_mark(take_last_label(&pattern))};
}

// One kind of request. The path goes on where the path of the service ends.
struct Endpoint {
  std::string_view method;  // empty: any
  std::string_view path;
  // Empty: the provider is known, what is asked of it is not, so the span is a plain HTTP one.
  std::string_view operation;
  BodyShape shape = BodyShape::kNone;
  std::string_view api_type;         // openai.api.type
  std::string_view required_header;  // lower case; the row fits only where the request carries it
  PathMarks marks;                   // of its path

  constexpr Endpoint(std::string_view method_in, std::string_view path_in, std::string_view operation_in,
                     BodyShape shape_in = BodyShape::kNone, std::string_view api_type_in = {},
                     std::string_view required_header_in = {})
      : method(method_in),
        path(path_in),
        operation(operation_in),
        shape(shape_in),
        api_type(api_type_in),
        required_header(required_header_in),
        marks(marks_of_pattern(path_in)) {}
};

// A mark as one of 64 bits.
constexpr std::uint64_t mark_bit(std::uint32_t mark) { return std::uint64_t{1} << (mark >> 26); }

// What paths of a list may end with; every bit where one of its rows takes any.
constexpr std::uint64_t endings_of(std::span<const Endpoint> endpoints) {
  std::uint64_t endings = 0;
  for (const Endpoint& endpoint : endpoints) {
    endings |= endpoint.marks.last == 0 ? ~std::uint64_t{0} : mark_bit(endpoint.marks.last);
  }
  return endings;
}

// Lists of endpoints, one after the other.
template <std::size_t First, std::size_t Second>
constexpr std::array<Endpoint, First + Second> join(const Endpoint (&first)[First],
                                                    const Endpoint (&second)[Second]) {
  return [&]<std::size_t... A, std::size_t... B>(std::index_sequence<A...>, std::index_sequence<B...>) {
    return std::array<Endpoint, First + Second>{first[A]..., second[B]...};
  }
  (std::make_index_sequence<First>{}, std::make_index_sequence<Second>{});
}

struct Service {
  const Provider* provider;
  std::string_view host;
  std::string_view base;  // what all paths begin with; may hold `**` and captures
  std::span<const Endpoint> endpoints;
  std::uint16_t port;     // 0: any
  bool is_plain_host;     // a name and no pattern
  std::uint64_t endings;  // of the paths of its endpoints

  constexpr Service(const Provider* provider_in, std::string_view host_in, std::string_view base_in,
                    std::span<const Endpoint> endpoints_in, std::uint16_t port_in = 0)
      : provider(provider_in),
        host(host_in),
        base(base_in),
        endpoints(endpoints_in),
        port(port_in),
        is_plain_host(host_in.find_first_of("*{") == std::string_view::npos),
        endings(endings_of(endpoints_in)) {}
};

// The last two labels of a host, or of a pattern of hosts: `api.openai.com` is at `openai.com`.
std::string_view domain_of(std::string_view host);

// The services of the domain that `host` (lower case) is in, in the order in which they are tried. Takes one
// look into an index, so the other domains cost nothing.
std::span<const Service> services_in_domain_of(std::string_view host);

// Those that may be on any host: known by their paths, their port or the first label of the host. Tried last.
std::span<const Service> services_anywhere();

// All that have a domain; services_anywhere() are the rest of the table.
std::span<const Service> services_with_domain();

}  // namespace llmo::genai
