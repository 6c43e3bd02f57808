#include "shim/platform/exports.h"

#include <algorithm>
#include <cstring>

namespace llmo::platform {

// Exported symbols are the last in the symbol table, from `first` to the end of the longest chain; those of
// one bucket stand together, and the lowest bit of a chain's word marks the last of them.
struct Exports::GnuHash {
  std::uint32_t bucket_count;
  std::uint32_t first;
  std::uint32_t bloom_count;
  std::uint32_t bloom_shift;

  const std::uint64_t* bloom() const { return reinterpret_cast<const std::uint64_t*>(this + 1); }
  const std::uint32_t* buckets() const {
    return reinterpret_cast<const std::uint32_t*>(bloom() + bloom_count);
  }
  const std::uint32_t* chain() const { return buckets() + bucket_count - first; }

  std::uint32_t end() const {
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < bucket_count; ++i) last = std::max(last, buckets()[i]);
    if (last < first) return first;
    while ((chain()[last] & 1) == 0) ++last;
    return last + 1;
  }

  bool may_hold(std::uint32_t hash) const {
    if (bucket_count == 0 || bloom_count == 0) return false;
    const std::uint64_t word = bloom()[hash / 64 % bloom_count];
    return (word >> (hash % 64) & word >> ((hash >> bloom_shift) % 64) & 1) != 0;
  }
};

namespace {

std::uint32_t gnu_hash(const char* name) {
  std::uint32_t hash = 5381;
  for (; *name != '\0'; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
  return hash;
}

}  // namespace

Exports::Exports(const LoadedModule& module)
    : module_(module),
      symbols_(module.symbols()),
      hash_(static_cast<const GnuHash*>(module.pointer(DT_GNU_HASH))) {
  if (hash_ != nullptr) first_ = hash_->first;
}

std::uint32_t Exports::symbol_count() const {
  if (symbols_ == nullptr) return 0;
  if (hash_ != nullptr) return hash_->end();
  const auto* const counts = static_cast<const std::uint32_t*>(module_.pointer(DT_HASH));
  return counts == nullptr ? 0 : counts[1];  // buckets, symbols, …
}

bool Exports::is_function(std::uint32_t symbol) const {
  return ELF64_ST_TYPE(symbols_[symbol].st_info) == STT_FUNC && symbols_[symbol].st_shndx != SHN_UNDEF;
}

const char* Exports::name_of(std::uint32_t symbol) const { return module_.text(symbols_[symbol].st_name); }

const void* Exports::address_of(std::uint32_t symbol) const { return module_.at(symbols_[symbol].st_value); }

template <typename Accept>
std::optional<std::uint32_t> Exports::find(const char* name, Accept accept) const {
  const auto matches = [&](std::uint32_t i) {
    return is_function(i) && std::strcmp(name_of(i), name) == 0 && accept(i);
  };
  if (hash_ == nullptr) {
    for (std::uint32_t i = 0, end = symbol_count(); i < end; ++i) {
      if (matches(i)) return i;
    }
    return std::nullopt;
  }
  const std::uint32_t hash = gnu_hash(name);
  if (symbols_ == nullptr || !hash_->may_hold(hash)) return std::nullopt;
  // 0, which is below the first: an empty bucket.
  for (std::uint32_t i = hash_->buckets()[hash % hash_->bucket_count]; i >= first_; ++i) {
    const std::uint32_t word = hash_->chain()[i];
    if ((word | 1) == (hash | 1) && matches(i)) return i;
    if ((word & 1) != 0) break;
  }
  return std::nullopt;
}

const void* Exports::function(const char* name) const {
  const auto found = find(name, [this](std::uint32_t i) { return !module_.is_old_version(i); });
  return found ? address_of(*found) : nullptr;
}

// What has no version serves every caller (glibc, elf/dl-lookup.c).
bool Exports::fits(std::uint32_t symbol, const char* version) const {
  if (version == nullptr) return !module_.is_old_version(symbol);
  const char* const own = module_.version_of(symbol);
  return own == nullptr || std::strcmp(own, version) == 0;
}

bool Exports::satisfies(const char* name, const char* version) const {
  return find(name, [&](std::uint32_t i) { return fits(i, version); }).has_value();
}

}  // namespace llmo::platform
