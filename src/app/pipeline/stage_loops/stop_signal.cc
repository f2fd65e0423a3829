#include "app/pipeline/stage_loops/stop_signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

namespace cdclake::pipeline {
namespace {

class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int number) : number_(number) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  OwnedDescriptor& operator=(OwnedDescriptor&&) = delete;
  ~OwnedDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

class StopSignal::Impl {
 public:
  Impl(OwnedDescriptor signals, OwnedDescriptor farewell, const sigset_t& mask_before)
      : signals_(std::move(signals)),
        farewell_(std::move(farewell)),
        mask_before_(mask_before),
        watcher_([this] { wait_for_signals(); }) {}

  ~Impl() {
    const std::uint64_t one = 1;
    // An eventfd takes the first write always.
    [[maybe_unused]] const auto written = ::write(farewell_.number(), &one, sizeof one);
    watcher_.join();
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::stop_source& source() { return source_; }

 private:
  void wait_for_signals() {
    pollfd waits[] = {{signals_.number(), POLLIN, 0}, {farewell_.number(), POLLIN, 0}};
    for (;;) {
      if (::poll(waits, 2, -1) < 0 && errno != EINTR) return;
      if ((waits[1].revents & POLLIN) != 0) return;
      if ((waits[0].revents & POLLIN) == 0) continue;
      signalfd_siginfo info{};
      if (::read(signals_.number(), &info, sizeof info) != sizeof info) continue;
      if (!source_.request_stop()) die_of(static_cast<int>(info.ssi_signo));
    }
  }

  // Impatience is a right: the default action, for this signal, now.
  static void die_of(int signal_number) {
    ::signal(signal_number, SIG_DFL);
    const sigset_t signals = stop_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    ::raise(signal_number);
  }

  OwnedDescriptor signals_;
  OwnedDescriptor farewell_;
  sigset_t mask_before_;
  std::stop_source source_;
  std::thread watcher_;  // Last: it uses all of the above.
};

Result<StopSignal> StopSignal::watch() {
  const sigset_t signals = stop_signals();
  sigset_t mask_before;
  if (::pthread_sigmask(SIG_BLOCK, &signals, &mask_before) != 0) {
    return fail(ErrorKind::kUnavailable, "cannot block the stop signals");
  }
  OwnedDescriptor signal_descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  OwnedDescriptor farewell(::eventfd(0, EFD_CLOEXEC));
  if (signal_descriptor.number() < 0 || farewell.number() < 0) {
    return fail(ErrorKind::kUnavailable,
                std::string("cannot wait for the stop signals: ") + std::strerror(errno));
  }
  return StopSignal(
      std::make_unique<Impl>(std::move(signal_descriptor), std::move(farewell), mask_before));
}

StopSignal::StopSignal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StopSignal::StopSignal(StopSignal&&) noexcept = default;
StopSignal& StopSignal::operator=(StopSignal&&) noexcept = default;
StopSignal::~StopSignal() = default;

std::stop_source& StopSignal::source() { return impl_->source(); }

}  // namespace cdclake::pipeline
