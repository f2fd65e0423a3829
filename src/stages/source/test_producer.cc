#include "stages/source/test_producer.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdio>

#include "base/assert.h"
#include "base/ids.h"

#if defined(__clang__)
// The RD_KAFKA_V_ macros.
#pragma clang diagnostic ignored "-Wgnu-statement-expression-from-macro-expansion"
#endif

// Out of librdkafka's rdkafka_mock.h, which the pinned build leaves out.
extern "C" {
struct rd_kafka_mock_cluster_s;  // NOLINT(readability-identifier-naming)
rd_kafka_mock_cluster_s* rd_kafka_handle_mock_cluster(const rd_kafka_t* client);
void rd_kafka_mock_set_controller_id(rd_kafka_mock_cluster_s* cluster, std::int32_t broker_id);
}

namespace cdclake::source {
namespace {

constexpr int kWaitMs = 30'000;
constexpr int kCreateTriesMax = 10'000;

void must(rd_kafka_resp_err_t code) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) std::fputs(rd_kafka_err2str(code), stderr);
  CDCLAKE_ASSERT(code == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void must(rd_kafka_error_t* error) {
  if (error == nullptr) return;
  std::fputs(rd_kafka_error_string(error), stderr);
  CDCLAKE_ASSERT(error == nullptr);
}

KafkaEvent answer_of(rd_kafka_queue_s* answers) {
  KafkaEvent event(rd_kafka_queue_poll(answers, kWaitMs));
  CDCLAKE_ASSERT(event != nullptr);
  must(rd_kafka_event_error(event.get()));
  return event;
}

template <typename Answer>
rd_kafka_resp_err_t first_error(const Answer* answer,
                                const rd_kafka_topic_result_t** (*topics)(const Answer*,
                                                                          std::size_t*)) {
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = topics(answer, &count);
  CDCLAKE_ASSERT(count == 1);
  return rd_kafka_topic_result_error(results[0]);
}

/// As librdkafka takes bytes: it copies them, but asks for a mutable pointer.
std::pair<void*, std::size_t> span_of(const std::optional<std::string>& bytes) {
  if (!bytes) return {nullptr, 0};
  return {const_cast<char*>(bytes->data()), bytes->size()};
}

}  // namespace

TestProducer::TestProducer(const Options& options, Kind kind) : kind_(kind) {
  std::array<char, 200> why{};
  KafkaConf conf(rd_kafka_conf_new());
  for (const auto& [option, value] : options) {
    CDCLAKE_ASSERT(rd_kafka_conf_set(conf.get(), option.c_str(), value.c_str(), why.data(),
                                     why.size()) == RD_KAFKA_CONF_OK);
  }
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.release(), why.data(), why.size()));
  CDCLAKE_ASSERT(producer_ != nullptr);
}

TestProducer TestProducer::with_mock_cluster(int broker_count, const Options& options) {
  Options all = {{"test.mock.num.brokers", std::to_string(broker_count)}, {"linger.ms", "1"}};
  all.insert(all.end(), options.begin(), options.end());
  TestProducer it(all, Kind::kPlain);
  const rd_kafka_metadata_t* metadata = nullptr;
  must(rd_kafka_metadata(it.producer_.get(), 0, nullptr, &metadata, kWaitMs));
  for (int i = 0; i < metadata->broker_cnt; ++i) {
    const auto& broker = metadata->brokers[i];
    it.brokers_ +=
        (i == 0 ? "" : ",") + std::string(broker.host) + ":" + std::to_string(broker.port);
  }
  // It names no controller by itself, and that is who is asked about topics.
  rd_kafka_mock_set_controller_id(rd_kafka_handle_mock_cluster(it.producer_.get()),
                                  metadata->brokers[0].id);
  rd_kafka_metadata_destroy(metadata);
  return it;
}

TestProducer TestProducer::to(const std::string& brokers, const Options& options) {
  Options all = {{"bootstrap.servers", brokers}, {"linger.ms", "1"}};
  all.insert(all.end(), options.begin(), options.end());
  TestProducer it(all, Kind::kPlain);
  it.brokers_ = brokers;
  return it;
}

TestProducer TestProducer::transactional(const std::string& brokers) {
  TestProducer it({{"bootstrap.servers", brokers}, {"transactional.id", random_hex_id()}},
                  Kind::kTransactional);
  it.brokers_ = brokers;
  must(rd_kafka_init_transactions(it.producer_.get(), kWaitMs));
  return it;
}

void TestProducer::produce(const std::string& topic, std::int32_t partition,
                           const TestMessage& message) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, value] : message.headers) {
    const auto [data, size] = span_of(value);
    rd_kafka_header_add(headers, name.c_str(), -1, data, static_cast<ssize_t>(size));
  }
  const auto [key, key_size] = span_of(message.key);
  const auto [value, value_size] = span_of(message.value);
  must(rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
                         RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                         RD_KAFKA_V_TIMESTAMP(message.timestamp_ms), RD_KAFKA_V_KEY(key, key_size),
                         RD_KAFKA_V_VALUE(value, value_size), RD_KAFKA_V_HEADERS(headers),
                         RD_KAFKA_V_END));
  if (kind_ == Kind::kPlain) must(rd_kafka_flush(producer_.get(), kWaitMs));
}

void TestProducer::produce(const std::string& topic, std::int32_t partition, int count) {
  for (int i = 0; i < count; ++i) {
    produce(topic, partition, {.key = "k", .value = std::to_string(i)});
  }
}

void TestProducer::flush() { must(rd_kafka_flush(producer_.get(), kWaitMs)); }

void TestProducer::begin_transaction() { must(rd_kafka_begin_transaction(producer_.get())); }

void TestProducer::commit_transaction() {
  must(rd_kafka_commit_transaction(producer_.get(), kWaitMs));
}

void TestProducer::abort_transaction() {
  must(rd_kafka_flush(producer_.get(), kWaitMs));
  must(rd_kafka_abort_transaction(producer_.get(), kWaitMs));
}

void TestProducer::tell_group(const std::string& brokers, const std::string& group,
                              const std::string& topic, std::int64_t next_offset) {
  std::array<char, 200> why{};
  KafkaConf conf(rd_kafka_conf_new());
  for (const auto& [option, value] : Options{{"bootstrap.servers", brokers}, {"group.id", group}}) {
    rd_kafka_conf_set(conf.get(), option.c_str(), value.c_str(), why.data(), why.size());
  }
  const KafkaHandle other(rd_kafka_new(RD_KAFKA_CONSUMER, conf.release(), why.data(), why.size()));
  const KafkaPartitionList offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), 0)->offset = next_offset;
  must(rd_kafka_commit(other.get(), offsets.get(), /*async=*/0));
}

void TestProducer::create_topic(const std::string& topic, int partitions, const Options& settings) {
  std::array<char, 200> why{};
  rd_kafka_NewTopic_t* wanted =
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, why.data(), why.size());
  for (const auto& [setting, value] : settings) {
    must(rd_kafka_NewTopic_set_config(wanted, setting.c_str(), value.c_str()));
  }
  const KafkaQueue answers(rd_kafka_queue_new(producer_.get()));
  // A topic that was deleted keeps its name a while.
  for (int tries = 0;; ++tries) {
    rd_kafka_CreateTopics(producer_.get(), &wanted, 1, nullptr, answers.get());
    const KafkaEvent event = answer_of(answers.get());
    const auto code = first_error(rd_kafka_event_CreateTopics_result(event.get()),
                                  rd_kafka_CreateTopics_result_topics);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    CDCLAKE_ASSERT(code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && tries < kCreateTriesMax);
  }
  rd_kafka_NewTopic_destroy(wanted);
}

void TestProducer::add_partitions(const std::string& topic, std::size_t total) {
  std::array<char, 200> why{};
  rd_kafka_NewPartitions_t* wanted =
      rd_kafka_NewPartitions_new(topic.c_str(), total, why.data(), why.size());
  const KafkaQueue answers(rd_kafka_queue_new(producer_.get()));
  rd_kafka_CreatePartitions(producer_.get(), &wanted, 1, nullptr, answers.get());
  const KafkaEvent event = answer_of(answers.get());
  must(first_error(rd_kafka_event_CreatePartitions_result(event.get()),
                   rd_kafka_CreatePartitions_result_topics));
  rd_kafka_NewPartitions_destroy(wanted);
}

void TestProducer::delete_topic(const std::string& topic) {
  rd_kafka_DeleteTopic_t* unwanted = rd_kafka_DeleteTopic_new(topic.c_str());
  const KafkaQueue answers(rd_kafka_queue_new(producer_.get()));
  rd_kafka_DeleteTopics(producer_.get(), &unwanted, 1, nullptr, answers.get());
  const KafkaEvent event = answer_of(answers.get());
  must(first_error(rd_kafka_event_DeleteTopics_result(event.get()),
                   rd_kafka_DeleteTopics_result_topics));
  rd_kafka_DeleteTopic_destroy(unwanted);
}

void TestProducer::delete_records_before(const std::string& topic, std::int32_t partition,
                                         std::int64_t offset) {
  const KafkaPartitionList before(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(before.get(), topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* unwanted = rd_kafka_DeleteRecords_new(before.get());
  const KafkaQueue answers(rd_kafka_queue_new(producer_.get()));
  rd_kafka_DeleteRecords(producer_.get(), &unwanted, 1, nullptr, answers.get());
  const KafkaEvent event = answer_of(answers.get());
  const auto* offsets =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  must(offsets->elems[0].err);
  rd_kafka_DeleteRecords_destroy(unwanted);
}

}  // namespace cdclake::source
