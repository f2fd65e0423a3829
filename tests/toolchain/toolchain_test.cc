// Guards what every build must have: each library is the one we mean, and all of
// them live in one process without serving each other's symbols.
#include <arrow/compute/initialize.h>
#include <arrow/config.h>
#include <arrow/util/config.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <openssl/evp.h>
#include <parquet/properties.h>
#include <simdjson.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <typeinfo>

namespace cdclake {
namespace {

/// The file that serves a symbol at run time.
std::string home_of(const char* symbol) {
  Dl_info info{};
  void* address = dlsym(RTLD_DEFAULT, symbol);
  if (address == nullptr || dladdr(address, &info) == 0) return "";
  return info.dli_fname;
}

TEST(ToolchainTest, ServesOpenSslFromTheSystemAndNotFromLibparquet) {
  for (const char* symbol : {"EVP_DigestInit_ex", "SSL_new", "SSL_CTX_new", "X509_verify_cert"}) {
    const std::string home = home_of(symbol);
    const bool from_system = home.find("/libcrypto.so") != std::string::npos ||
                             home.find("/libssl.so") != std::string::npos;
    EXPECT_TRUE(from_system) << symbol << " is served by " << home;
  }
}

TEST(ToolchainTest, KeepsItsOwnSimdjson) {
  EXPECT_STREQ(SIMDJSON_VERSION, "3.9.4");
  const std::string_view name = typeid(simdjson::ondemand::parser).name();
  EXPECT_NE(name.find("cdclake_simdjson"), std::string_view::npos) << name;

  Dl_info info{};
  const simdjson::implementation* active = simdjson::get_active_implementation();
  const void* const* vtable = reinterpret_cast<const void* const*>(active);
  ASSERT_NE(dladdr(*vtable, &info), 0);
  EXPECT_EQ(std::string(info.dli_fname).find("libparquet"), std::string::npos) << info.dli_fname;
}

TEST(ToolchainTest, ParsesWithSimdjson) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string text = R"({"offset": 9007199254740993})"_padded;
  simdjson::ondemand::document document;
  ASSERT_EQ(parser.iterate(text).get(document), simdjson::SUCCESS);
  std::int64_t offset = 0;
  ASSERT_EQ(document["offset"].get(offset), simdjson::SUCCESS);
  EXPECT_EQ(offset, 9007199254740993);
}

TEST(ToolchainTest, HasAnSqliteWithoutTheWalResetBug) {
  EXPECT_GE(sqlite3_libversion_number(), 3'051'003);
  EXPECT_STREQ(sqlite3_libversion(), SQLITE_VERSION);
  EXPECT_EQ(sqlite3_threadsafe(), 1);
}

TEST(ToolchainTest, HasALibrdkafkaWithFetchQueueBackoff) {
  EXPECT_GE(rd_kafka_version(), 0x02030000);
  char message[512] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  EXPECT_EQ(rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "5", message, sizeof message),
            RD_KAFKA_CONF_OK)
      << message;
  for (const char* feature : {"ssl", "sasl_scram", "zstd", "gzip", "lz4", "snappy"}) {
    char features[512] = "";
    std::size_t size = sizeof features;
    ASSERT_EQ(rd_kafka_conf_get(conf, "builtin.features", features, &size), RD_KAFKA_CONF_OK);
    EXPECT_NE(std::string_view(features).find(feature), std::string_view::npos) << features;
  }
  rd_kafka_conf_destroy(conf);
}

TEST(ToolchainTest, StartsAndEndsAKafkaClientWithTls) {
  char message[512] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  ASSERT_EQ(rd_kafka_conf_set(conf, "security.protocol", "ssl", message, sizeof message),
            RD_KAFKA_CONF_OK);
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, message, sizeof message);
  ASSERT_NE(consumer, nullptr) << message;
  rd_kafka_destroy(consumer);
}

TEST(ToolchainTest, FindsArrowComputeKernels) {
  EXPECT_TRUE(arrow::compute::Initialize().ok());
  EXPECT_EQ(arrow::GetBuildInfo().version_string, ARROW_VERSION_STRING);
  EXPECT_NE(parquet::default_writer_properties(), nullptr);
}

TEST(ToolchainTest, LinksTheRest) {
  EXPECT_GE(PQlibVersion(), 150000);
  EXPECT_NE(curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_SSL, 0);
  EXPECT_NE(ZSTD_versionNumber(), 0U);
  EXPECT_NE(std::string_view(zlibVersion()), "");
  EXPECT_NE(XXH3_128bits("a", 1).low64, 0U);
  EXPECT_EQ(nlohmann::json::parse("[1]")[0], 1);
  EXPECT_EQ((tl::expected<int, std::string>(7)).value(), 7);
  EXPECT_EQ(CLI::App("x").get_description(), "x");
  EXPECT_NE(spdlog::default_logger(), nullptr);
}

}  // namespace
}  // namespace cdclake
