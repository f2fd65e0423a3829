#include "platform/source_catalog/host_addresses.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <future>
#include <sstream>
#include <thread>

namespace cdclake::source_catalog {
namespace {

struct Answer {
  std::vector<std::string> addresses;
  std::string why_none;
};

Answer look_up(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  if (code != 0) return {.addresses = {}, .why_none = ::gai_strerror(code)};
  Answer answer;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> number{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, number.data(), number.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      answer.addresses.emplace_back(number.data());
    }
  }
  ::freeaddrinfo(found);
  return answer;
}

// Nothing interrupts a resolver, so it works on a thread that can be left behind.
std::future<Answer> start_to_look_up(const std::string& host) {
  std::packaged_task<Answer()> task([host] { return look_up(host); });
  std::future<Answer> answer = task.get_future();
  std::thread(std::move(task)).detach();
  return answer;
}

}  // namespace

bool is_socket_folder(std::string_view host) {
  return host.starts_with('/') || host.starts_with('@');
}

Result<std::vector<HostAddress>> addresses_of(const std::string& hosts, const BoundedWait& wait) {
  std::vector<HostAddress> places;
  std::string trouble;
  std::istringstream list(hosts);
  for (std::string host; std::getline(list, host, ',');) {
    if (is_socket_folder(host)) {
      places.push_back({.host = host, .address = {}});
      continue;
    }
    std::future<Answer> coming = start_to_look_up(host);
    while (coming.wait_for(wait.slice()) != std::future_status::ready) {
      if (wait.stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped as asked");
      if (wait.is_over()) {
        return fail(ErrorKind::kUnavailable, "the name server does not answer: host=" + host);
      }
    }
    const Answer answer = coming.get();
    for (const std::string& address : answer.addresses) places.push_back({host, address});
    if (answer.addresses.empty()) {
      trouble += (trouble.empty() ? "" : "; ") + host + ": " + answer.why_none;
    }
  }
  if (places.empty()) return fail(ErrorKind::kUnavailable, "no address is known: " + trouble);
  return places;
}

}  // namespace cdclake::source_catalog
