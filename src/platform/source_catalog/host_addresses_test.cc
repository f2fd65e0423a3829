#include "platform/source_catalog/host_addresses.h"

#include <gtest/gtest.h>

namespace cdclake::source_catalog {
namespace {

std::vector<std::string> places_of(const std::string& hosts) {
  const auto places = addresses_of(hosts, BoundedWait::of(std::chrono::seconds(8), {}));
  EXPECT_TRUE(places) << places.error().message;
  std::vector<std::string> texts;
  for (const auto& place : places.value()) texts.push_back(place.host + "=" + place.address);
  return texts;
}

TEST(HostAddressesTest, KeepsTheOrderOfNumbersAndSockets) {
  EXPECT_EQ(places_of("127.0.0.2,/run/postgresql,::1"),
            (std::vector<std::string>{"127.0.0.2=127.0.0.2", "/run/postgresql=", "::1=::1"}));
}

TEST(HostAddressesTest, LooksNamesUp) {
  for (const std::string& place : places_of("localhost")) {
    EXPECT_TRUE(place == "localhost=127.0.0.1" || place == "localhost=::1") << place;
  }
}

TEST(HostAddressesTest, PassesOverANameWithoutAddressWhileThereIsAnother) {
  EXPECT_EQ(places_of("two words,127.0.0.1"), (std::vector<std::string>{"127.0.0.1=127.0.0.1"}));
  const auto none = addresses_of("two words", BoundedWait::of(std::chrono::seconds(8), {}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(none.error().message.find("two words: "), std::string::npos) << none.error().message;
}

TEST(BoundedWaitTest, HasNothingToShareWhenItIsOver) {
  const auto wait = BoundedWait::of(std::chrono::milliseconds(-5), {});
  EXPECT_EQ(wait.share_of(2), std::chrono::milliseconds(0));
}

TEST(HostAddressesTest, GivesADeadNameNoMoreThanItsShare) {
  std::vector<std::promise<Answer>> asked;
  const LookUp dead_or_known = [&](const std::string& host) {
    std::promise<Answer>& promise = asked.emplace_back();
    if (host != "dead") promise.set_value({.addresses = {"192.0.2.1"}, .why_none = {}});
    return promise.get_future();
  };
  const auto wait = BoundedWait::of(std::chrono::milliseconds(300), {});
  const auto places = addresses_of("before,after,dead", wait, dead_or_known);
  ASSERT_TRUE(places) << places.error().message;
  EXPECT_EQ(places->size(), 2U);
  EXPECT_FALSE(wait.is_over()) << "there is time left to connect";
}

}  // namespace
}  // namespace cdclake::source_catalog
