#pragma once

#include <memory>
#include <stop_token>

#include "base/result.h"

namespace cdclake::pipeline {

/// Turns SIGTERM and SIGINT into a stop request for as long as it lives. A second signal ends the
/// process at once, as it would without us: the lake is safe from that too.
///
/// Make it before the first thread, so that every thread leaves the signals to it; one at a time.
class StopSignal {
 public:
  static Result<StopSignal> watch();
  StopSignal(StopSignal&&) noexcept;
  StopSignal& operator=(StopSignal&&) noexcept;
  ~StopSignal();

  std::stop_source& source();

 private:
  class Impl;
  explicit StopSignal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::pipeline
