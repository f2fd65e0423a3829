#pragma once

#include <cstdint>

#include "base/result.h"

namespace cdclake::cli {

/// What the process ends with; docs/cli.md explains each.
enum class ExitCode : std::uint8_t {
  kDone = 0,
  kUsage = 2,        ///< Wrong usage or configuration: change something and start again.
  kIncomplete = 3,   ///< Done, but a table is inexact, refused, stopped or held back.
  kUnreachable = 4,  ///< Broker, disk or database is out of reach.
  kConflict = 5,     ///< Another process holds the role, or took it.
  kCorrupt = 6,      ///< Stored data breaks a promise of ours.
};

ExitCode exit_code_of(ErrorKind kind);

}  // namespace cdclake::cli
