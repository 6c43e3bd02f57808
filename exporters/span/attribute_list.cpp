#include "exporters/span/attribute_list.h"

namespace llmo {
namespace {

template <typename List>
auto find_in(List& attributes, std::string_view key) {
  return std::find_if(attributes.begin(), attributes.end(),
                      [&](const Attribute& attribute) { return attribute.key == key; });
}

template <typename List>
auto find_in(List& attributes, const AttributeKey& key) {
  if (!key.is_kept()) return find_in(attributes, key.view());
  return std::find_if(attributes.begin(), attributes.end(),
                      [&](const Attribute& attribute) { return attribute.key.is_at_one(key); });
}

template <typename Key>
const AttributeValue* find_in_both(const AttributeList& list, const Key& key) {
  if (const auto own = find_in(list.own(), key); own != list.own().end()) return &own->value;
  if (list.shared() == nullptr) return nullptr;
  const auto shared = find_in(*list.shared(), key);
  return shared == list.shared()->end() ? nullptr : &shared->value;
}

}  // namespace

const AttributeValue* AttributeList::find(std::string_view key) const { return find_in_both(*this, key); }

const AttributeValue* AttributeList::value_of(const AttributeKey& key) const {
  return find_in_both(*this, key);
}

void AttributeList::set(AttributeKey key, AttributeValue value) {
  if (shared_ != nullptr && find_in(*shared_, key) != shared_->end()) own_all();
  const auto found = find_in(own_, key);
  if (found != own_.end()) {
    found->value = std::move(value);
  } else {
    own_.push_back({std::move(key), std::move(value)});
  }
}

void AttributeList::erase(std::string_view key) {
  if (shared_ != nullptr && find_in(*shared_, key) != shared_->end()) own_all();
  std::erase_if(own_, [&](const Attribute& attribute) { return attribute.key == key; });
}

void AttributeList::own_all() {
  own_.insert(own_.begin(), shared_->begin(), shared_->end());
  shared_.reset();
}

}  // namespace llmo
