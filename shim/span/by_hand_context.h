// A place in a trace as a program carries it from one thread to another: eight words that it may copy, keep
// for as long as it likes, and never fill.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/span/by_hand.h"

namespace llmo::span::by_hand {

inline constexpr std::size_t kContextWords = 8;

// Where the calling thread is; false, and nothing is written, where it is in no trace.
bool capture(std::uint64_t (&words)[kContextWords], Address stack_address);

// What a traceparent names; false, and nothing is written, where it cannot be read.
bool parse(std::uint64_t (&words)[kContextWords], std::string_view traceparent);

// Enters the place; nullptr, and words that were never filled, are none: what opens there are roots.
Block enter_captured(const std::uint64_t* words, Address frame, Address stack_address);

}  // namespace llmo::span::by_hand
