#pragma once

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

/// The places that `hosts` means: names, addresses and folders of Unix sockets, with commas
/// between, as libpq takes them, in their order. kUnavailable where no name has an address, or none
/// is known in time; kCancelled where the wait was ended.
Result<std::vector<HostAddress>> addresses_of(const std::string& hosts, const BoundedWait& wait);

/// Whether it is the folder of a Unix socket.
bool is_socket_folder(std::string_view host);

}  // namespace cdclake::source_catalog
