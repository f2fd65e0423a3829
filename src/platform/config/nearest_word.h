#pragma once

#include <span>
#include <string_view>

namespace cdclake::config {

/// The candidate that a person most likely meant by `word`; empty where none is close enough to be
/// a slip of the hand (a third of the letters, at most three).
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace cdclake::config
