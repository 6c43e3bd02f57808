// Fields of protobuf messages as they stand on the wire: a number with the kind of value that follows.
//
// What is read is told by both: a field of a known number with another kind of value is an unknown field
// (and protozero's getters assert the kind, which bytes from outside must not get to).
#pragma once

#include <protozero/types.hpp>
#include <protozero/varint.hpp>

#include <cstddef>
#include <cstdint>

namespace llmo::otlp::wire {

constexpr std::uint32_t varint(protozero::pbf_tag_type number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t fixed32(protozero::pbf_tag_type number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::fixed32);
}
constexpr std::uint32_t fixed64(protozero::pbf_tag_type number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::fixed64);
}
// Strings, bytes and messages.
constexpr std::uint32_t bytes(protozero::pbf_tag_type number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::length_delimited);
}
inline std::size_t varint_size(std::uint64_t number) {
  return static_cast<std::size_t>(protozero::length_of_varint(number));
}
// What a field of a number below 16 comes to that holds so many bytes: tag, size and they.
inline std::size_t field_size(std::size_t bytes) { return 1 + varint_size(bytes) + bytes; }

inline constexpr auto kBytes = protozero::pbf_wire_type::length_delimited;

}  // namespace llmo::otlp::wire
