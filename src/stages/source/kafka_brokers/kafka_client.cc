#include "stages/source/kafka_brokers/kafka_client.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "stages/source/kafka_brokers/kafka_handles.h"

namespace cdclake::source {
namespace {

constexpr int kCloseSliceMs = 50;
constexpr int kCloseSlicesMax = 60;
constexpr std::size_t kSecretBytesMin = 3;  // Masking shorter ones would blot out all text.

bool names_a_secret(std::string_view option) {
  constexpr std::array<std::string_view, 7> kWords = {
      "password", "secret", "token", "jaas", "ssl.key", "oauthbearer.config", "access_key"};
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return option.find(word) != std::string_view::npos; });
}

std::string joined(const std::vector<std::string>& brokers) {
  std::string list;
  for (const std::string& broker : brokers) list += (list.empty() ? "" : ",") + broker;
  return list;
}

/// Only the log says these, in words of the pinned librdkafka; tests hold it to them.
constexpr std::string_view kNewTopicId = " changed id from ";
constexpr std::string_view kNoTopicId = "AAAAAAAAAAAAAAAAAAAAAA";  // Of topics not yet looked up.
constexpr std::string_view kOversize = "increase receive.message.max.bytes";
constexpr std::string_view kLogOfTopicIds = "metadata";

bool is_local(std::string_view broker) {
  return broker.starts_with("localhost") || broker.starts_with("127.") ||
         broker.starts_with("[::1]");
}

KafkaLogLevel level_of(int syslog_level) {
  if (syslog_level <= 3) return KafkaLogLevel::kError;
  if (syslog_level == 4) return KafkaLogLevel::kWarning;
  return syslog_level <= 6 ? KafkaLogLevel::kInfo : KafkaLogLevel::kDebug;
}

using Options = std::vector<std::pair<std::string, std::string>>;

/// In the order in which they are set: a later one wins.
Options options_of(const KafkaSourceConfig& config) {
  Options options = {
      {"client.id", "cdclake"},
      // The default of a second lets a consumer that keeps up with its queue starve.
      {"fetch.queue.backoff.ms", "5"},
      // What else is asked of a broker waits behind a fetch that waits for records.
      {"fetch.wait.max.ms", "100"},
      {"queued.max.messages.kbytes", std::to_string(config.queue_bytes_max / 1024)},
      // Of one answer of a broker, which comes on top; a record that is larger comes alone.
      {"fetch.max.bytes", std::to_string(std::max<std::int64_t>(config.queue_bytes_max, 1 << 20))},
      {"socket.keepalive.enable", "true"},
      // The group is never joined. This only bounds how long an end waits for a commit that does
      // not come through, which would be 45 s.
      {"session.timeout.ms", "2000"},
      {"heartbeat.interval.ms", "500"},
      {"statistics.interval.ms", "0"},
  };
  options.insert(options.end(), config.librdkafka.begin(), config.librdkafka.end());
  const auto debug = config.librdkafka.find("debug");
  const std::string wanted = debug == config.librdkafka.end() ? "" : debug->second + ",";
  // Our promises stand on these.
  const Options fixed = {
      {"bootstrap.servers", joined(config.brokers)},
      {"group.id", config.group_id},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},
      {"check.crcs", "true"},
      {"log.queue", "true"},
      {"debug", wanted + std::string(kLogOfTopicIds)},
  };
  options.insert(options.end(), fixed.begin(), fixed.end());
  return options;
}

}  // namespace

class KafkaClient::Impl {
 public:
  Impl(const KafkaSourceConfig& config, KafkaLog log)
      : log_(std::move(log)),
        brokers_(joined(config.brokers)),
        wants_debug_(config.librdkafka.contains("debug")) {
    for (const auto& [option, value] : config.librdkafka) {
      if (names_a_secret(option) && value.size() >= kSecretBytesMin) secrets_.push_back(value);
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (handle_ != nullptr) close();
  }

  Status create(const KafkaSourceConfig& config) {
    std::array<char, 512> why{};
    KafkaConf conf(rd_kafka_conf_new());
    for (const auto& [option, value] : options_of(config)) {
      if (rd_kafka_conf_set(conf.get(), option.c_str(), value.c_str(), why.data(), why.size()) !=
          RD_KAFKA_CONF_OK) {
        return fail(ErrorKind::kInvalidConfig,
                    masked(std::string("Kafka option ") + option + ": " + why.data()));
      }
    }
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_log_cb(conf.get(), &Impl::on_log);
    rd_kafka_conf_set_error_cb(conf.get(), &Impl::on_error);
    rd_kafka_conf_set_offset_commit_cb(conf.get(), &Impl::on_commit);
    rd_kafka_conf_t* const given = conf.release();
    handle_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, given, why.data(), why.size()));
    if (handle_ == nullptr) {
      conf.reset(given);  // It is taken only on success.
      return fail(ErrorKind::kInvalidConfig, masked(std::string("Kafka: ") + why.data()));
    }
    rd_kafka_set_log_queue(handle_.get(), nullptr);
    warn_of_plain_text(config);
    return {};
  }

  rd_kafka_t* get() const { return handle_.get(); }
  void serve() { rd_kafka_poll(handle_.get(), 0); }
  void log(KafkaLogLevel level, const std::string& message) const {
    if (log_) log_(level, masked(message));
  }
  void log_failed_commit(std::string_view why) const {
    log(KafkaLogLevel::kDebug, "the group was not told its position: " + std::string(why));
  }

  bool heard_of_new_topic_id() const { return has_new_topic_id_; }
  bool take_heard_of_oversize() { return std::exchange(has_oversize_, false); }

  std::string masked(std::string text) const {
    for (const std::string& secret : secrets_) {
      for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
        text.replace(at, secret.size(), "***");
        at += 3;
      }
    }
    return text;
  }

  std::string unreachable(std::string_view attempt) const {
    const std::string heard = last_error_.empty() ? "no broker answered in time" : last_error_;
    return masked("cannot " + std::string(attempt) + ": Kafka is out of reach: " + heard +
                  " (is the broker running, is this its address, and can the address that it "
                  "advertises be reached?): KAFKA_BOOTSTRAP=" +
                  brokers_);
  }

 private:
  void warn_of_plain_text(const KafkaSourceConfig& config) const {
    std::array<char, 32> protocol{};
    std::size_t size = protocol.size();
    rd_kafka_conf_get(rd_kafka_conf(handle_.get()), "security.protocol", protocol.data(), &size);
    const bool is_encrypted = std::string_view(protocol.data()).ends_with("ssl");
    if (is_encrypted || std::ranges::all_of(config.brokers, is_local)) return;
    log(KafkaLogLevel::kWarning,
        "the connection to Kafka is not encrypted; set CDCLAKE_KAFKA_SECURITY_PROTOCOL=ssl or "
        "sasl_ssl: KAFKA_BOOTSTRAP=" +
            brokers_);
  }

  void close() {
    {
      const KafkaQueue events(rd_kafka_queue_new(handle_.get()));
      rd_kafka_error_t* error = rd_kafka_consumer_close_queue(handle_.get(), events.get());
      if (error != nullptr) rd_kafka_error_destroy(error);
      for (int i = 0; i < kCloseSlicesMax && rd_kafka_consumer_closed(handle_.get()) == 0; ++i) {
        const KafkaEvent event(rd_kafka_queue_poll(events.get(), kCloseSliceMs));
        serve();
      }
    }
    handle_.reset();
  }

  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
    auto* self = static_cast<Impl*>(rd_kafka_opaque(client));
    self->listen(text);
    if (level_of(level) == KafkaLogLevel::kDebug && !self->wants_debug_) return;
    self->log(level_of(level), std::string("librdkafka: ") + facility + ": " + text);
  }

  static void on_error(rd_kafka_t* /*client*/, int code, const char* reason, void* opaque) {
    auto* self = static_cast<Impl*>(opaque);
    self->listen(reason);
    // That all are down says less than why the last one is.
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) self->last_error_ = reason;
  }

  void listen(std::string_view text) {
    if (const auto at = text.find(kNewTopicId); at != std::string_view::npos) {
      const bool was_known = !text.substr(at + kNewTopicId.size()).starts_with(kNoTopicId);
      has_new_topic_id_ = has_new_topic_id_ || was_known;
    }
    has_oversize_ = has_oversize_ || text.find(kOversize) != std::string_view::npos;
  }

  static void on_commit(rd_kafka_t* /*client*/, rd_kafka_resp_err_t code,
                        rd_kafka_topic_partition_list_t* /*offsets*/, void* opaque) {
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    static_cast<Impl*>(opaque)->log_failed_commit(rd_kafka_err2str(code));
  }

  KafkaLog log_;
  std::string brokers_;
  std::vector<std::string> secrets_;
  std::string last_error_;
  bool wants_debug_ = false;
  bool has_new_topic_id_ = false;
  bool has_oversize_ = false;
  KafkaHandle handle_;
};

Result<KafkaClient> KafkaClient::create(const KafkaSourceConfig& config, KafkaLog log) {
  auto impl = std::make_unique<Impl>(config, std::move(log));
  CDCLAKE_RETURN_IF_ERROR(impl->create(config));
  return KafkaClient(std::move(impl));
}

KafkaClient::KafkaClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaClient::KafkaClient(KafkaClient&&) noexcept = default;
KafkaClient& KafkaClient::operator=(KafkaClient&&) noexcept = default;
KafkaClient::~KafkaClient() = default;

rd_kafka_s* KafkaClient::get() const { return impl_->get(); }
void KafkaClient::serve() { impl_->serve(); }
void KafkaClient::log(KafkaLogLevel level, const std::string& message) const {
  impl_->log(level, message);
}
std::string KafkaClient::unreachable(std::string_view attempt) const {
  return impl_->unreachable(attempt);
}
std::string KafkaClient::masked(std::string text) const { return impl_->masked(std::move(text)); }
void KafkaClient::log_failed_commit(std::string_view why) const { impl_->log_failed_commit(why); }
bool KafkaClient::heard_of_new_topic_id() const { return impl_->heard_of_new_topic_id(); }
bool KafkaClient::take_heard_of_oversize() { return impl_->take_heard_of_oversize(); }

}  // namespace cdclake::source
