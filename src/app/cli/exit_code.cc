#include "app/cli/exit_code.h"

namespace cdclake::cli {

ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUnavailable:
      return ExitCode::kUnreachable;
    case ErrorKind::kConflict:
      return ExitCode::kConflict;
    case ErrorKind::kCorrupt:
      return ExitCode::kCorrupt;
    case ErrorKind::kInvalidConfig:
      return ExitCode::kUsage;
    case ErrorKind::kCancelled:
      return ExitCode::kDone;
  }
  return ExitCode::kCorrupt;
}

}  // namespace cdclake::cli
