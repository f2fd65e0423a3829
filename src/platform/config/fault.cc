#include "platform/config/fault.h"

namespace cdclake::config {
namespace {

constexpr std::size_t kShownBytesMax = 120;

}  // namespace

std::string printable(const std::string& text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte >= 0x20 && byte != 0x7f) {
      out += letter;
    } else {
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

std::string to_string(const Fault& fault) {
  std::string text = printable(fault.key) + " " + fault.rule;
  if (!fault.value.empty()) {
    text += ", but is '" + printable(fault.value.substr(0, kShownBytesMax));
    text += fault.value.size() > kShownBytesMax ? "…'" : "'";
  }
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
