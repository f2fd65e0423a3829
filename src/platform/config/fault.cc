#include "platform/config/fault.h"

#include "platform/config/printable.h"
#include "platform/config/without_secrets.h"

namespace cdclake::config {
namespace {

constexpr std::size_t kShownBytesMax = 120;

}  // namespace

std::string shown_value(const Fault& fault) {
  const std::string text = without_secrets(fault.value);
  return printable(text.substr(0, kShownBytesMax)) + (text.size() > kShownBytesMax ? "…" : "");
}

std::string to_string(const Fault& fault) {
  std::string text = fault.key.empty() ? "" : printable(fault.key) + " ";
  text += printable(fault.rule);
  if (!fault.value.empty()) text += ", but is '" + shown_value(fault) + "'";
  if (!fault.origin.empty()) text += " (" + printable(fault.origin) + ")";
  return text;
}

Status to_status(const std::vector<Fault>& faults) {
  if (faults.empty()) return {};
  std::string text = "the configuration is not usable:";
  for (const Fault& fault : faults) text += "\n  " + to_string(fault);
  return fail(ErrorKind::kInvalidConfig, text);
}

}  // namespace cdclake::config
