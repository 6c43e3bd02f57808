// The attributes of a span, an event, a link or a resource: one list to whoever reads it.
//
// What all calls of a function have alike (its name, its place in the source, its thread) stands once in
// memory, in a list that they share and that never changes; what a span has for itself stands behind it.
//
//   span  ─┬─► shared  code.function.name, code.file.path, thread.id   ◄─┬─ span
//          └─► own     error.type                                       └─► own
//
// To change one of the shared ones gives the list a copy of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "exporters/span/attribute_key.h"

namespace llmo {

// A list of strings, a string, or a number: what an OTLP AnyValue of ours can hold.
using AttributeValue = std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>>;

struct Attribute {
  AttributeKey key;
  AttributeValue value;

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

class AttributeList {
 public:
  using Shared = std::shared_ptr<const std::vector<Attribute>>;
  class Iterator;
  using value_type = Attribute;
  using const_iterator = Iterator;
  using iterator = Iterator;

  AttributeList() = default;
  AttributeList(std::initializer_list<Attribute> own) : own_(own) {}
  AttributeList(std::vector<Attribute> own) : own_(std::move(own)) {}  // NOLINT(*-explicit-*)
  explicit AttributeList(Shared shared) : shared_(std::move(shared)) {}

  std::size_t size() const { return shared_size() + own_.size(); }
  bool empty() const { return size() == 0; }
  const Attribute& operator[](std::size_t index) const {
    return index < shared_size() ? (*shared_)[index] : own_[index - shared_size()];
  }
  Iterator begin() const;
  Iterator end() const;

  // The value of `key`, or null. The pointer holds until the list changes.
  const AttributeValue* find(std::string_view key) const;
  // The same, quicker, for who keeps the key.
  const AttributeValue* value_of(const AttributeKey& key) const;

  // Sets `key`, replacing the value that it has.
  void set(AttributeKey key, AttributeValue value);
  // For a key that the list does not have.
  void push_back(Attribute attribute) { own_.push_back(std::move(attribute)); }
  void erase(std::string_view key);
  void clear() { *this = {}; }
  void reserve_own(std::size_t count) { own_.reserve(count); }

  // Null without any. Writers that put it out once need not do so again.
  const Shared& shared() const { return shared_; }
  const std::vector<Attribute>& own() const { return own_; }

 private:
  std::size_t shared_size() const { return shared_ == nullptr ? 0 : shared_->size(); }
  void own_all();

  Shared shared_;
  std::vector<Attribute> own_;
};

// From the last of the shared to the first of the list's own.
class AttributeList::Iterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = Attribute;
  using difference_type = std::ptrdiff_t;
  using pointer = const Attribute*;
  using reference = const Attribute&;

  Iterator() = default;
  Iterator(pointer at, pointer turn, pointer own) : at_(at == turn ? own : at), turn_(turn), own_(own) {}

  reference operator*() const { return *at_; }
  pointer operator->() const { return at_; }
  Iterator& operator++() {
    if (++at_ == turn_) at_ = own_;
    return *this;
  }
  Iterator operator++(int) {
    Iterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

 private:
  pointer at_ = nullptr;
  pointer turn_ = nullptr;  // behind the last of the shared
  pointer own_ = nullptr;
};

inline AttributeList::Iterator AttributeList::begin() const {
  if (shared_size() == 0) return {own_.data(), nullptr, own_.data()};
  return {shared_->data(), shared_->data() + shared_->size(), own_.data()};
}

inline AttributeList::Iterator AttributeList::end() const {
  const Attribute* const end = own_.data() + own_.size();
  return {end, nullptr, end};
}

inline bool operator==(const AttributeList& a, const AttributeList& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

// The value of `key`, or null.
inline const AttributeValue* find_attribute(const AttributeList& attributes, std::string_view key) {
  return attributes.find(key);
}

// Sets `key`, replacing the value that it has.
inline void set_attribute(AttributeList& attributes, AttributeKey key, AttributeValue value) {
  attributes.set(std::move(key), std::move(value));
}

}  // namespace llmo
