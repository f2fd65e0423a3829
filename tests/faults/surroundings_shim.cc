// Loaded before the C library into a program under test: a machine that is slow, has a wrong clock,
// or keeps its files elsewhere than it seems.
//
//   SYNC_DELAY_MS   how much longer each fsync takes
//   SYNC_NOTHING    1: fsync does nothing (to measure what it costs)
//   CLOCK_STEPS     n:seconds,…: from the n-th time that it is asked, the clock is so far off
//   FILE_SYSTEM     the type that statfs gives, as a number

#include <dlfcn.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>

namespace {

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

long number(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? 0 : std::strtol(value, nullptr, 0);
}

struct Settings {
  long sync_delay_ms = number("SYNC_DELAY_MS");
  bool sync_nothing = number("SYNC_NOTHING") == 1;
  long file_system = number("FILE_SYSTEM");
  std::map<long, long> clock_steps;
  std::atomic<long> clock_asked = 0;

  Settings() {
    const char* text = std::getenv("CLOCK_STEPS");
    while (text != nullptr && *text != '\0') {
      char* end = nullptr;
      const long first = std::strtol(text, &end, 10);
      clock_steps[first] = std::strtol(end + 1, &end, 10);
      text = *end == ',' ? end + 1 : end;
    }
  }

  static Settings& get() {
    static Settings settings;
    return settings;
  }

  long seconds_off() {
    if (clock_steps.empty()) return 0;
    const auto next = clock_steps.upper_bound(++clock_asked);
    return next == clock_steps.begin() ? 0 : std::prev(next)->second;
  }
};

int sync_slowly(int file, const char* name) {
  const Settings& settings = Settings::get();
  if (settings.sync_nothing) return 0;
  if (settings.sync_delay_ms > 0) usleep(static_cast<useconds_t>(settings.sync_delay_ms * 1000));
  return real<int (*)(int)>(name)(file);
}

int statfs_elsewhere(const char* path, struct statfs* out) {
  const int done = real<int (*)(const char*, struct statfs*)>("statfs")(path, out);
  if (done == 0 && Settings::get().file_system != 0) out->f_type = Settings::get().file_system;
  return done;
}

}  // namespace

// The C library names its parameters with underscores, which are not ours to use.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

int fsync(int file) { return sync_slowly(file, "fsync"); }
int fdatasync(int file) { return sync_slowly(file, "fdatasync"); }

int statfs(const char* path, struct statfs* out) { return statfs_elsewhere(path, out); }

int clock_gettime(clockid_t clock, struct timespec* out) {
  const int done = real<int (*)(clockid_t, struct timespec*)>("clock_gettime")(clock, out);
  if (done == 0 && clock == CLOCK_REALTIME) out->tv_sec += Settings::get().seconds_off();
  return done;
}

int gettimeofday(struct timeval* out, void* zone) {
  const int done = real<int (*)(struct timeval*, void*)>("gettimeofday")(out, zone);
  if (done == 0) out->tv_sec += Settings::get().seconds_off();
  return done;
}

time_t time(time_t* out) {
  struct timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
