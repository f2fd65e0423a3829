#include "testing/reference/reference_fold.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/assert.h"

namespace cdclake::reference {
namespace {

using nlohmann::json;

json unwrapped(const json& document) {
  return document.is_object() && document.contains("schema") && document.contains("payload")
             ? document.at("payload")
             : document;
}

json parsed(const json& record, const char* field) {
  if (!record.contains(field) || record.at(field).is_null()) return json();
  return unwrapped(json::parse(record.at(field).get<std::string>()));
}

std::optional<json> header(const json& record, const std::string& name) {
  const json& headers = record.at("headers");
  for (std::size_t i = 0; i + 1 < headers.size(); i += 2) {
    if (headers[i] == name) return unwrapped(json::parse(headers[i + 1].get<std::string>()));
  }
  return std::nullopt;
}

std::pair<std::int64_t, std::int64_t> sequence_of(const json& source) {
  if (!source.contains("sequence") || !source.at("sequence").is_string()) return {-1, -1};
  const json pair = json::parse(source.at("sequence").get<std::string>());
  const auto number = [](const json& text) {
    return text.is_string() ? static_cast<std::int64_t>(std::stoll(text.get<std::string>())) : -1;
  };
  return {number(pair.at(0)), number(pair.at(1))};
}

/// Reads records into events; a tombstone belongs to the table that its topic had last.
class EventReader {
 public:
  EventReader(const std::map<std::string, std::map<std::string, std::string>>& types,
              WireSettings settings)
      : types_(types), settings_(std::move(settings)) {}

  Event read(const json& record) {
    Event event;
    event.topic = record.at("topic").get<std::string>();
    event.partition = record.at("partition").get<std::int32_t>();
    event.offset = record.at("offset").get<std::int64_t>();
    const json key = parsed(record, "key");
    const json value = parsed(record, "payload");
    if (value.is_null()) {
      event.op = "tombstone";
      event.table = table_of_topic_[event.topic];
    } else if (value.contains("op") && value.contains("source") &&
               value.at("source").contains("table")) {
      const json& source = value.at("source");
      event.op = value.at("op").get<std::string>();
      event.table =
          source.at("schema").get<std::string>() + "." + source.at("table").get<std::string>();
      event.sequence = sequence_of(source);
      event.identity =
          json::array({source.value("txId", json()), source.value("sequence", json())}).dump();
    }
    if (!types_.contains(event.table)) {
      event.op.clear();  // Transaction markers, fences, temporary tables.
      return event;
    }
    table_of_topic_[event.topic] = event.table;
    event.key = key_of(event.table, key);
    if (const auto moved = header(record, "__debezium.newkey"))
      event.moved_to = key_of(event.table, *moved);
    if (const auto moved = header(record, "__debezium.oldkey"))
      event.moved_from = key_of(event.table, *moved);
    if (event.op == "c" || event.op == "u" || event.op == "r") read_cells(event, value.at("after"));
    return event;
  }

 private:
  std::string key_of(const std::string& table, const json& key) const {
    Row row;
    std::vector<std::string> names;
    for (const auto& [name, value] : key.items()) {
      row[name] = from_wire(types_.at(table).at(name), settings_, value.dump());
      names.push_back(name);
    }
    std::ranges::sort(names);  // JSON objects of the library are sorted; so are key_columns().
    return key_text(row, names);
  }

  void read_cells(Event& event, const json& after) const {
    for (const auto& [name, value] : after.items()) {
      const std::string& type = types_.at(event.table).at(name);
      const std::string text = value.dump();
      event.cells[name] = is_placeholder(type, settings_, text)
                              ? nullptr
                              : std::make_shared<const Value>(from_wire(type, settings_, text));
    }
  }

  const std::map<std::string, std::map<std::string, std::string>>& types_;
  WireSettings settings_;
  std::map<std::string, std::string> table_of_topic_;
};

WireSettings settings_of(const std::string& connector) {
  const json config = json::parse(read_recording(connector));
  WireSettings settings;
  settings.decimal_mode = config.value("decimal.handling.mode", settings.decimal_mode);
  settings.binary_mode = config.value("binary.handling.mode", settings.binary_mode);
  settings.placeholder = config.value("unavailable.value.placeholder", settings.placeholder);
  return settings;
}

/// Event indexes in the order of the fold; asserts that it keeps the order of each partition.
std::vector<std::size_t> fold_order(const std::vector<Event>& events,
                                    std::vector<std::size_t> of_table) {
  std::set<std::int32_t> partitions;
  for (const std::size_t i : of_table) partitions.insert(events[i].partition);
  std::ranges::sort(of_table, {}, [&](std::size_t i) {
    return std::pair(events[i].partition, events[i].offset);
  });
  if (partitions.size() == 1) return of_table;
  std::pair<std::int64_t, std::int64_t> last{-1, -1};
  std::map<std::size_t, std::pair<std::int64_t, std::int64_t>> at;
  for (const std::size_t i : of_table) {
    // A tombstone follows its delete and has no sequence of its own.
    last = events[i].op == "tombstone" ? last : events[i].sequence;
    at[i] = last;
  }
  // A move's delete before its create; the rest of one sequence is in one partition, in its order.
  std::ranges::sort(of_table, {}, [&](std::size_t i) {
    return std::tuple(at[i], events[i].moved_from.has_value(), events[i].partition,
                      events[i].offset);
  });
  std::map<std::int32_t, std::int64_t> seen;
  for (const std::size_t i : of_table) {
    CDCLAKE_ASSERT(!seen.contains(events[i].partition) ||
                   seen[events[i].partition] < events[i].offset);
    seen[events[i].partition] = events[i].offset;
  }
  return of_table;
}

}  // namespace

Reference Reference::load(const std::string& recording, const std::string& catalog,
                          const std::string& connector) {
  Reference reference;
  for (const json& table : json::parse(read_recording(catalog))) {
    const std::string name =
        table.at("schema").get<std::string>() + "." + table.at("table").get<std::string>();
    for (const json& column : table.at("columns")) {
      reference.column_types_[name][column.at("name")] = column.at("type").get<std::string>();
    }
    reference.key_columns_[name] = table.at("primary_key").get<std::vector<std::string>>();
    std::ranges::sort(reference.key_columns_[name]);
  }
  EventReader reader(reference.column_types_, settings_of(connector));
  std::istringstream lines(read_recording(recording));
  for (std::string line; std::getline(lines, line);)
    reference.events_.push_back(reader.read(json::parse(line)));
  std::map<std::string, std::vector<std::size_t>> by_table;
  for (std::size_t i = 0; i < reference.events_.size(); ++i) {
    if (!reference.events_[i].op.empty()) by_table[reference.events_[i].table].push_back(i);
  }
  for (auto& [table, events] : by_table) {
    reference.order_[table] = fold_order(reference.events_, std::move(events));
  }
  return reference;
}

const std::vector<std::string>& Reference::key_columns(const std::string& table) const {
  return key_columns_.at(table);
}

const std::map<std::string, std::string>& Reference::column_types(const std::string& table) const {
  return column_types_.at(table);
}

std::vector<std::string> Reference::tables() const {
  std::vector<std::string> names;
  for (const auto& [table, events] : order_) names.push_back(table);
  return names;
}

Cut Reference::everything() const {
  Cut cut;
  for (const Event& event : events_) {
    std::int64_t& next = cut[{event.topic, event.partition}];
    next = std::max(next, event.offset + 1);
  }
  return cut;
}

Table Reference::fold(const std::string& table, const Cut& cut) const {
  using Cells = std::map<std::string, std::shared_ptr<const Value>>;
  struct KeptRow {
    Cells cells;
    std::pair<std::int64_t, std::int64_t> sequence;
  };
  std::map<std::string, KeptRow> rows;
  std::map<std::pair<std::string, std::string>, KeptRow>
      moving;  ///< Old rows, by (identity, new key).
  for (const std::size_t i : order_.at(table)) {
    const Event& event = events_[i];
    const auto end = cut.find({event.topic, event.partition});
    if (end == cut.end() || event.offset >= end->second) continue;
    if (event.op == "d" || event.op == "tombstone") {
      const auto row = rows.find(event.key);
      if (row == rows.end()) continue;
      if (event.op == "d" && event.moved_to)
        moving[{event.identity, *event.moved_to}] = row->second;
      rows.erase(row);
      continue;
    }
    Cells cells = event.cells;
    const auto moved = moving.find({event.identity, event.key});
    // A moved row that is there already, as it was written then or later: this is a replay. An old
    // row that is newer than its own move is another one, that only has the same key.
    const auto own = rows.find(event.key);
    const bool has_own =
        own != rows.end() && (!event.moved_from || own->second.sequence >= event.sequence);
    const bool has_old = moved != moving.end() && moved->second.sequence <= event.sequence;
    for (auto& [column, cell] : cells) {
      if (cell == nullptr && has_own) cell = own->second.cells.at(column);
      if (cell == nullptr && has_old) cell = moved->second.cells.at(column);
    }
    if (moved != moving.end()) moving.erase(moved);
    // A create whose delete never came: its old key was gone all the same.
    const auto old = event.moved_from ? rows.find(*event.moved_from) : rows.end();
    if (old != rows.end() && old->second.sequence < event.sequence) rows.erase(old);
    rows[event.key] = {std::move(cells), event.sequence};
  }
  Table folded;
  for (const auto& [key, row] : rows) {
    for (const auto& [column, cell] : row.cells)
      folded[key][column] = cell == nullptr ? Value() : *cell;
  }
  return folded;
}

}  // namespace cdclake::reference
