#include "base/hash128.h"

#include <xxhash.h>

#include <charconv>
#include <cstdio>

#include "base/assert.h"

namespace cdclake {

Hash128& Hash128::operator+=(const Hash128& other) {
  const std::uint64_t sum = low + other.low;
  high += other.high + (sum < low ? 1U : 0U);
  low = sum;
  return *this;
}

std::string Hash128::to_hex() const {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return text;
}

std::optional<Hash128> Hash128::from_hex(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  Hash128 hash;
  const auto parse = [](std::string_view digits, std::uint64_t& out) {
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, out, 16);
    return error == std::errc{} && stop == end;
  };
  if (!parse(text.substr(0, 16), hash.high) || !parse(text.substr(16), hash.low))
    return std::nullopt;
  return hash;
}

Hash128 hash128(std::string_view bytes, std::uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.high64, hash.low64};
}

struct StreamHash128::State {
  XXH3_state_t* xxh = XXH3_createState();
  State() {
    CDCLAKE_ASSERT(xxh != nullptr);
    XXH3_128bits_reset(xxh);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { XXH3_freeState(xxh); }
};

StreamHash128::StreamHash128() : state_(std::make_unique<State>()) {}
StreamHash128::StreamHash128(StreamHash128&&) noexcept = default;
StreamHash128& StreamHash128::operator=(StreamHash128&&) noexcept = default;
StreamHash128::~StreamHash128() = default;

void StreamHash128::update(std::string_view bytes) {
  XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
}

Hash128 StreamHash128::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh);
  return {hash.high64, hash.low64};
}

}  // namespace cdclake
