#include "stages/source/kafka_brokers/topic_filter.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace cdclake::source {
namespace {

constexpr std::size_t kTopicNameBytesMax = 249;

bool is_topic_name(const std::string& name) {
  const auto is_allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kTopicNameBytesMax && name != "." && name != ".." &&
         std::ranges::all_of(name, is_allowed);
}

}  // namespace

struct TopicFilter::Pattern {
  explicit Pattern(const std::string& text_in)
      : text(text_in), code(regcomp(&compiled, text.c_str(), REG_EXTENDED | REG_NOSUB)) {}
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern() {
    if (code == 0) regfree(&compiled);
  }

  bool matches(const std::string& topic) const {
    return regexec(&compiled, topic.c_str(), 0, nullptr, 0) == 0;
  }

  std::string why_not() const {
    std::array<char, 200> reason{};
    regerror(code, &compiled, reason.data(), reason.size());
    return reason.data();
  }

  std::string text;
  regex_t compiled{};
  int code;  ///< 0: `compiled` holds the pattern.
};

Result<TopicFilter> TopicFilter::make(const std::vector<std::string>& topics) {
  TopicFilter filter;
  for (const std::string& topic : topics) {
    if (!topic.starts_with('^')) {
      if (!is_topic_name(topic)) {
        return fail(
            ErrorKind::kInvalidConfig,
            "TOPICS: not a name that Kafka allows, nor a pattern that begins with ^: " + topic);
      }
      filter.names_.push_back(topic);
      continue;
    }
    auto pattern = std::make_unique<Pattern>(topic);
    if (pattern->code != 0) {
      return fail(ErrorKind::kInvalidConfig,
                  "TOPICS: not a pattern: " + pattern->why_not() + ": " + topic);
    }
    filter.patterns_.push_back(std::move(pattern));
  }
  return filter;
}

bool TopicFilter::matches(const std::string& topic) const {
  return std::ranges::any_of(patterns_,
                             [&](const auto& pattern) { return pattern->matches(topic); });
}

std::string TopicFilter::without_topic(const std::vector<std::string>& topics) const {
  std::string alone;
  const auto add = [&](const std::string& text) { alone += (alone.empty() ? "" : ",") + text; };
  for (const std::string& name : names_) {
    if (std::ranges::find(topics, name) == topics.end()) add(name);
  }
  for (const auto& pattern : patterns_) {
    const auto fits = [&](const std::string& topic) { return pattern->matches(topic); };
    if (std::ranges::none_of(topics, fits)) add(pattern->text);
  }
  return alone;
}

TopicFilter::TopicFilter() = default;
TopicFilter::TopicFilter(TopicFilter&&) noexcept = default;
TopicFilter& TopicFilter::operator=(TopicFilter&&) noexcept = default;
TopicFilter::~TopicFilter() = default;

}  // namespace cdclake::source
