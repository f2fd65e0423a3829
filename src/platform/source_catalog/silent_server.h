#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "base/assert.h"

namespace cdclake::source_catalog {

/// Takes connections on every loopback address of a free port, and never says a word. Tests only.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CDCLAKE_ASSERT(::bind(socket_, generic, size) == 0);
    CDCLAKE_ASSERT(::listen(socket_, 16) == 0);
    CDCLAKE_ASSERT(::getsockname(socket_, generic, &size) == 0);
    port_ = std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { ::close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  const std::string& port() const { return port_; }

 private:
  int socket_;
  std::string port_;
};

}  // namespace cdclake::source_catalog
