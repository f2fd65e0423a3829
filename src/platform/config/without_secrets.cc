#include "platform/config/without_secrets.h"

#include <algorithm>

#include "platform/config/setting.h"

namespace cdclake::config {

std::string without_secrets(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::string(text);
  const auto user = scheme + 3;
  const auto at = text.rfind('@');
  const bool has_user = at != std::string_view::npos && at >= user;
  std::string shown(text.substr(0, user));
  if (has_user) shown += kMask;
  const std::string_view place = text.substr(has_user ? at : user);
  const auto query = std::min(place.find('?'), place.size());
  shown += place.substr(0, query);
  if (query == place.size()) return shown;
  const std::string_view parameters = place.substr(query + 1);
  return shown.append("?").append(names_a_secret(parameters) ? kMask : parameters);
}

}  // namespace cdclake::config
