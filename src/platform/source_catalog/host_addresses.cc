#include "platform/source_catalog/host_addresses.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <future>
#include <sstream>
#include <thread>

namespace cdclake::source_catalog {
namespace {

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

Answer answer_in_time(std::future<Answer> coming, const BoundedWait& wait) {
  while (coming.wait_for(wait.slice()) != std::future_status::ready) {
    if (wait.is_over()) return {.addresses = {}, .why_none = "the name server does not answer"};
  }
  return coming.get();
}

std::vector<std::string> split(const std::string& hosts) {
  std::vector<std::string> names;
  std::istringstream list(hosts);
  for (std::string name; std::getline(list, name, ',');) names.push_back(name);
  return names;
}

}  // namespace

// Nothing interrupts a resolver, so it works on a thread that can be left behind.
std::future<Answer> look_up_aside(const std::string& host) {
  std::packaged_task<Answer()> task([host] { return look_up(host); });
  std::future<Answer> answer = task.get_future();
  std::thread(std::move(task)).detach();
  return answer;
}

bool is_socket_folder(std::string_view host) {
  return host.starts_with('/') || host.starts_with('@');
}

Result<std::vector<HostAddress>> addresses_of(const std::string& hosts, const BoundedWait& wait,
                                              const LookUp& look_up) {
  std::vector<HostAddress> places;
  std::string trouble;
  const std::vector<std::string> names = split(hosts);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& host = names[i];
    if (is_socket_folder(host)) {
      places.push_back({.host = host, .address = {}});
      continue;
    }
    const auto share = wait.share_of(names.size() - i + 1);  // One is left to connect with.
    const Answer answer = answer_in_time(look_up(host), BoundedWait::of(share, wait.stop));
    if (wait.stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped as asked");
    for (const std::string& address : answer.addresses) places.push_back({host, address});
    if (answer.addresses.empty()) {
      trouble += (trouble.empty() ? "" : "; ") + host + ": " + answer.why_none;
    }
  }
  if (places.empty()) return fail(ErrorKind::kUnavailable, "no address is known: " + trouble);
  return places;
}

}  // namespace cdclake::source_catalog
