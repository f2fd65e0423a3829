#include "base/failpoint.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

namespace cdclake {
namespace {

constexpr std::string_view kStop = ":stop";

struct Armed {
  std::string name;
  std::atomic<long> hits_left{0};
  int signal = SIGKILL;

  Armed() {
    read_variable();
    // A child that a test forks reads what was set for it.
    pthread_atfork(nullptr, nullptr, [] { instance().read_variable(); });
  }

  static Armed& instance() {
    static Armed armed;
    return armed;
  }

 private:
  void read_variable() {
    name.clear();
    const char* setting = std::getenv("CDCLAKE_FAILPOINT");
    if (setting == nullptr) return;
    std::string_view text = setting;
    signal = text.ends_with(kStop) ? SIGSTOP : SIGKILL;
    if (signal == SIGSTOP) text.remove_suffix(kStop.size());
    const auto colon = text.rfind(':');
    name = std::string(text.substr(0, colon));
    hits_left = colon == std::string_view::npos ? 1 : std::strtol(setting + colon + 1, nullptr, 10);
  }
};

}  // namespace

void failpoint(const char* name) {
  Armed& armed = Armed::instance();
  if (armed.name.empty() || armed.name != name) return;
  if (armed.hits_left.fetch_sub(1) == 1) kill(getpid(), armed.signal);
}

}  // namespace cdclake
