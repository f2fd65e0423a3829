#include <array>
#include <cstdio>

#include "platform/config/printable.h"
#include "platform/logging/log.h"

namespace cdclake::logging {
namespace {

std::string_view upper_name(Level level) {
  switch (level) {
    case Level::kInfo:
      return "INFO";
    case Level::kWarning:
      return "WARNING";
    case Level::kError:
      return "ERROR";
  }
  return {};
}

// `printable` leaves only quotes and backslashes for JSON to escape.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char letter : config::printable(text)) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + "\"";
}

std::string json_form(const LogLine& line, WallTime time) {
  std::string out = "{\"time\":" + quoted(utc_timestamp(time));
  out += ",\"level\":" + quoted(upper_name(line.level));
  if (!line.job.empty()) out += ",\"job\":" + quoted(line.job);
  if (!line.run_id.empty()) out += ",\"run_id\":" + quoted(line.run_id);
  return out + ",\"message\":" + quoted(line.message) + "}";
}

std::string with_run_id(const LogLine& line) {
  std::string out;
  if (!line.run_id.empty()) out = "run_id=" + config::printable(line.run_id) + " ";
  return out + config::printable(line.message);
}

std::string text_form(const LogLine& line, WallTime time) {
  std::string stamp = utc_timestamp(time);
  stamp.erase(stamp.size() - 4, 3);  // No person reads microseconds.
  std::array<char, 96> head{};
  std::snprintf(head.data(), head.size(), "%s %-7s %-14s ", stamp.c_str(),
                std::string(upper_name(line.level)).c_str(),
                std::string(line.job.empty() ? "cdclake" : line.job).c_str());
  return head.data() + with_run_id(line);
}

}  // namespace

std::string stderr_form(const LogLine& line, WallTime time, config::LogFormat format) {
  return format == config::LogFormat::kJson ? json_form(line, time) : text_form(line, time);
}

std::string file_form(const LogLine& line, WallTime time) {
  // `2026-11-24T11:04:12.345678Z` becomes `2026-11-24 11:04:12,345`.
  std::string stamp = utc_timestamp(time);
  stamp.resize(stamp.size() - 4);
  stamp[stamp.find('T')] = ' ';
  stamp[stamp.find('.')] = ',';
  return stamp + " | " + std::string(upper_name(line.level)) + " | " + with_run_id(line);
}

std::string_view log_folder(std::string_view job) {
  if (job == "bronze_write") return "cdc_writer";
  if (job == "bronze_compact") return "bronze_compactor";
  return job;
}

}  // namespace cdclake::logging
