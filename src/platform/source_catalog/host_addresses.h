#pragma once

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/source_catalog/bounded_wait.h"

namespace cdclake::source_catalog {

/// One place to try.
struct HostAddress {
  std::string host;     ///< As it was given; the name that a certificate must bear.
  std::string address;  ///< A number; empty for the folder of a Unix socket.
};

/// What a name server says of a name.
struct Answer {
  std::vector<std::string> addresses;
  std::string why_none;
};
using LookUp = std::function<std::future<Answer>(const std::string& host)>;
/// Asks the machine's resolver, on a thread of its own.
std::future<Answer> look_up_aside(const std::string& host);

/// The places that `hosts` means: names, addresses and folders of Unix sockets, with commas
/// between, as libpq takes them, in their order. A name may take its share of the time that is
/// left, one kept to connect with, and is passed over where nothing is known of it by then.
/// kUnavailable where that leaves none; kCancelled where the wait was ended.
Result<std::vector<HostAddress>> addresses_of(const std::string& hosts, const BoundedWait& wait,
                                              const LookUp& look_up = look_up_aside);

/// Whether it is the folder of a Unix socket.
bool is_socket_folder(std::string_view host);

}  // namespace cdclake::source_catalog
