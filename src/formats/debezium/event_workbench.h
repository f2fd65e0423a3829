#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/debezium/record_decoder.h"
#include "model/record.h"

namespace cdclake::debezium {

/// A change event of public.t in the making, as bare JSON. Every part may be replaced.
struct TestEvent {
  std::string before = "null";
  std::string after = R"({"id":1,"v":"a"})";
  std::string op = R"("u")";
  std::string snapshot = "null";
  std::string lsn = "26724256";
  std::string sequence = R"("[\"26724200\",\"26724256\"]")";
  std::string ts_ms = "1795416067456";
  std::string table = R"("t")";
  std::string more_source{};   ///< `,"x":1`
  std::string more_members{};  ///< The same, after the last.

  std::string source() const {
    return R"({"version":"3.7.0.Final","connector":"postgresql","name":"src","ts_ms":)" + ts_ms +
           R"(,"snapshot":)" + snapshot + R"(,"db":"db","sequence":)" + sequence +
           R"(,"schema":"public","table":)" + table + R"(,"txId":749,"lsn":)" + lsn +
           R"(,"xmin":null)" + more_source + "}";
  }
  std::string text() const {
    return R"({"before":)" + before + R"(,"after":)" + after + R"(,"source":)" + source() +
           R"(,"transaction":null,"op":)" + op + R"(,"ts_ms":1795416067614)" + more_members + "}";
  }
};

/// A record that owns what it is made of.
class TestRecord {
 public:
  TestRecord(std::optional<std::string> key, std::optional<std::string> value)
      : key_(std::move(key)), value_(std::move(value)) {}
  TestRecord& header(std::string key, std::string value) {
    headers_.emplace_back(std::move(key), std::move(value));
    return *this;
  }
  TestRecord& topic(std::string name) {
    partition_.topic = std::move(name);
    return *this;
  }

  model::RawRecord raw() {
    views_.clear();
    for (const auto& [key, value] : headers_) views_.push_back({key, value});
    model::RawRecord record;
    record.partition = &partition_;
    if (key_) record.key = *key_;
    if (value_) record.value = *value_;
    record.headers = views_;
    return record;
  }

 private:
  model::PartitionId partition_{"src.public.t", "1", 0};
  std::optional<std::string> key_;
  std::optional<std::string> value_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<model::Header> views_;
};

/// The catalog of one table, public.t, with the columns given as name and type.
model::SourceCatalog catalog_of_t(const std::vector<std::pair<std::string, std::string>>& columns,
                                  std::vector<std::string> primary_key = {"id"});

/// `REASON` of a rejection; what else it is otherwise.
std::string outcome_of(const model::DecodedRecord& decoded);

}  // namespace cdclake::debezium
