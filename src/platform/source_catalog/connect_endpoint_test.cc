#include "platform/source_catalog/connect_endpoint.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "platform/source_catalog/silent_server.h"

namespace cdclake::source_catalog {
namespace {

/// Answers one HTTP request on a free port of this machine.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, generic, size), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    EXPECT_EQ(::getsockname(socket_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(socket_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  std::string address(const std::string& path) const {
    return "http://user:secret@127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  void serve(const std::string& answer) const {
    const int peer = ::accept(socket_, nullptr, nullptr);
    char request[4096];
    EXPECT_GT(::recv(peer, request, sizeof request, 0), 0);
    std::size_t sent = 0;
    while (sent < answer.size()) {
      const auto count = ::send(peer, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    ::close(peer);
  }

  int socket_;
  int port_ = 0;
  std::thread thread_;
};

std::string http(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

TEST(ConnectEndpointTest, ReadsTheSettingsOfAConnector) {
  const OneAnswer server(
      http("200 OK", R"({"name":"shop","config":{"decimal.handling.mode":"string"},"tasks":[]})"));
  const auto settings = fetch_connector_config(server.address("/connectors/shop"));
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->at("decimal.handling.mode"), "string");
}

TEST(ConnectEndpointTest, TellsAMissingConnectorFromAServerInTrouble) {
  for (const auto& [status, kind] : {std::pair("404 Not Found", ErrorKind::kInvalidConfig),
                                     std::pair("302 Found", ErrorKind::kInvalidConfig),
                                     std::pair("503 Busy", ErrorKind::kUnavailable)}) {
    const OneAnswer server(http(status, "{}"));
    const auto settings = fetch_connector_config(server.address("/connectors/shop"));
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().kind, kind) << status;
  }
}

TEST(ConnectEndpointTest, TakesNoEndlessAnswer) {
  const OneAnswer server(http("200 OK", std::string(std::size_t{2} * 1024 * 1024, ' ')));
  const auto settings = fetch_connector_config(server.address("/"));
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind, ErrorKind::kInvalidConfig);
}

TEST(ConnectEndpointTest, EndsItsWaitWhenItIsStopped) {
  const SilentServer server;
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  const auto settings =
      fetch_connector_config("http://127.0.0.1:" + server.port() + "/connectors/shop",
                             stop.get_token(), std::chrono::minutes(5));
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind, ErrorKind::kCancelled);
}

TEST(ConnectEndpointTest, NeverRepeatsCredentials) {
  const auto settings =
      fetch_connector_config("http://user:secret@127.0.0.1:1/connectors/shop?token=secret");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(settings.error().message.find("secret"), std::string::npos) << settings.error().message;
  EXPECT_NE(settings.error().message.find("@127.0.0.1:1/connectors/shop?"), std::string::npos);
}

TEST(ConnectEndpointTest, ReadsNothingButHttp) {
  EXPECT_FALSE(is_http_address("connector.json"));
  EXPECT_FALSE(fetch_connector_config("file:///etc/hostname"));
}

}  // namespace
}  // namespace cdclake::source_catalog
