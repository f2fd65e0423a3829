#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cdclake {

/// 128 bits of a hash, or a sum of such hashes (addition modulo 2^128).
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const Hash128&, const Hash128&) = default;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
  Hash128& operator+=(const Hash128& other);

  /// 32 lower-case hexadecimal digits.
  std::string to_hex() const;
  static std::optional<Hash128> from_hex(std::string_view text);
};

/// XXH3-128 of `bytes` with `seed`. Guards against accidents, not against forgers.
Hash128 hash128(std::string_view bytes, std::uint64_t seed = 0);

/// XXH3-128 over bytes that arrive in pieces.
class StreamHash128 {
 public:
  StreamHash128();
  StreamHash128(StreamHash128&&) noexcept;
  StreamHash128& operator=(StreamHash128&&) noexcept;
  ~StreamHash128();

  void update(std::string_view bytes);
  Hash128 digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cdclake
