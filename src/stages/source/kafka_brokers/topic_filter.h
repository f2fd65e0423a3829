#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace cdclake::source {

/// Which topics are meant: by name, or by patterns that begin with `^` (extended POSIX, as kcat
/// and librdkafka understand them).
class TopicFilter {
 public:
  /// kInvalidConfig for a pattern that is none, or a name that Kafka does not allow.
  static Result<TopicFilter> make(const std::vector<std::string>& topics);
  TopicFilter(TopicFilter&&) noexcept;
  TopicFilter& operator=(TopicFilter&&) noexcept;
  ~TopicFilter();

  /// Whether a pattern matches the topic.
  bool matches(const std::string& topic) const;
  /// The names and patterns that fit none of these topics, as TOPICS spells them: `a,^b`.
  std::string without_topic(const std::vector<std::string>& topics) const;
  bool has_patterns() const { return !patterns_.empty(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  struct Pattern;
  TopicFilter();
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Pattern>> patterns_;
};

}  // namespace cdclake::source
