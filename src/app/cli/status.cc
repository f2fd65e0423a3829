#include <algorithm>
#include <set>

#include "app/cli/command.h"
#include "app/pipeline/lake_status.h"
#include "app/terminal/json_writer.h"
#include "app/terminal/text_table.h"
#include "platform/config/printable.h"

namespace cdclake::cli {
namespace {

using terminal::grouped;
using terminal::JsonWriter;
using terminal::TextTable;

constexpr std::int64_t kRunsShown = 10;

std::string time_of(std::int64_t microseconds) {
  std::string text = utc_timestamp(WallTime{std::chrono::microseconds{microseconds}});
  text.resize(text.find('.'));
  text[text.find('T')] = ' ';
  return text;
}

/// `12 min ago`.
std::string age_of(std::int64_t microseconds, WallTime now) {
  const auto age = now - WallTime{std::chrono::microseconds{microseconds}};
  const auto seconds =
      std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(age).count());
  if (seconds < 120) return std::to_string(seconds) + " s ago";
  if (seconds < 7'200) return std::to_string(seconds / 60) + " min ago";
  if (seconds < 172'800) return std::to_string(seconds / 3'600) + " h ago";
  return std::to_string(seconds / 86'400) + " days ago";
}

using Roles = std::vector<commit::RoleSign>;

/// What the command shows, and when it looked.
struct Seen {
  pipeline::LakeStatus lake;
  Roles roles;
  WallTime now;
};

bool is_alive(const Roles& roles, std::string_view role) {
  return std::any_of(roles.begin(), roles.end(), [&](const commit::RoleSign& sign) {
    return sign.is_alive && to_string(sign.role) == role;
  });
}

std::string_view name_of(metadata::TableState state) {
  switch (state) {
    case metadata::TableState::kActive:
      return "active";
    case metadata::TableState::kRefused:
      return "refused";
    case metadata::TableState::kStopped:
      return "stopped";
  }
  return {};
}

std::string verdict_of(const pipeline::TableStatus& table) {
  if (table.table.state != metadata::TableState::kActive)
    return std::string(name_of(table.table.state));
  if (!table.flaws.empty()) return "inexact";
  return table.held_back.empty() ? "exact" : "held back";
}

std::string roles_text(const Roles& roles, WallTime now) {
  TextTable table({"role", "holder", "last sign"});
  for (const commit::RoleSign& sign : roles) {
    if (!sign.is_alive) continue;
    table.add({std::string(to_string(sign.role)), sign.holder, age_of(sign.heartbeat_us, now)});
  }
  const std::string text = table.text();
  return "who works\n" + (text.empty() ? "  nothing works on this lake now\n" : text);
}

std::string runs_text(const Seen& seen) {
  TextTable table({"started (UTC)", "job", "status", "run"});
  for (const metadata::Run& run : seen.lake.runs) {
    std::string status(to_string(run.status));
    const bool is_open = run.status == metadata::RunStatus::kRunning;
    if (is_open && !is_alive(seen.roles, run.job)) status += ", its process is gone";
    table.add({time_of(run.started_us), run.job, std::move(status), run.id.value});
  }
  return table.text();
}

/// The lag is only as new as the oldest answer of the source.
std::string partitions_title(const Seen& seen) {
  std::optional<std::int64_t> oldest;
  for (const pipeline::PartitionStatus& it : seen.lake.partitions) {
    if (it.end) oldest = std::min(oldest.value_or(it.end->seen_us), it.end->seen_us);
  }
  if (!oldest) return "\nBronze and stage";
  return "\nBronze and stage (lag as of " + time_of(*oldest) + " UTC, " +
         age_of(*oldest, seen.now) + ")";
}

std::string partitions_text(const pipeline::LakeStatus& status) {
  TextTable table({"topic", ">partition", ">lag", ">bronze at", ">stage at", ">behind", ">records",
                   ">rows", ">quarantined", ">no row"});
  for (const pipeline::PartitionStatus& it : status.partitions) {
    const auto lag = it.lag();
    table.add({it.counts.partition.topic, std::to_string(it.counts.partition.partition),
               lag ? grouped(*lag) : "-", std::to_string(it.bronze_next),
               std::to_string(it.stage_next), grouped(it.bronze_next - it.stage_next),
               grouped(it.counts.bronze_records), grouped(it.counts.rows),
               grouped(it.counts.quarantined), grouped(it.counts.no_row)});
  }
  return table.text();
}

std::string tables_text(const pipeline::LakeStatus& status) {
  TextTable table({"table", "state", ">version", ">rows", ">files", ">size", ">behind"});
  for (const pipeline::TableStatus& it : status.tables) {
    table.add({it.table.id.display(), verdict_of(it),
               it.version ? std::to_string(it.version->version) : "-", grouped(it.current_rows()),
               it.version ? std::to_string(it.version->files.size()) : "-",
               terminal::byte_size(it.current_bytes()), grouped(it.unmerged_offsets)});
  }
  return table.text();
}

std::string as_text(const Seen& seen) {
  const auto part = [](const std::string& title, const std::string& text) {
    return title + "\n" + (text.empty() ? "  none yet\n" : text);
  };
  std::string text = roles_text(seen.roles, seen.now);
  text += part("\nnewest runs", runs_text(seen));
  text += part(partitions_title(seen), partitions_text(seen.lake));
  text += part("\ncurrent tables", tables_text(seen.lake));
  const auto lines = pipeline::complaints(seen.lake);
  if (!lines.empty()) text += "\nwhat is not exact\n";
  for (const std::string& line : lines) text += "  " + config::printable(line) + "\n";
  return text;
}

void add_roles(JsonWriter& json, const Roles& roles) {
  json.key("roles").begin_array();
  for (const commit::RoleSign& sign : roles) {
    json.begin_object().key("role").value(to_string(sign.role)).key("holder").value(sign.holder);
    json.key("heartbeat_us").value(sign.heartbeat_us).key("alive").truth(sign.is_alive);
    json.end_object();
  }
  json.end_array();
}

void add_runs(JsonWriter& json, const pipeline::LakeStatus& status) {
  json.key("runs").begin_array();
  for (const metadata::Run& run : status.runs) {
    json.begin_object().key("run_id").value(run.id.value).key("job").value(run.job);
    json.key("status").value(to_string(run.status));
    json.key("started_us").value(run.started_us).key("ended_us");
    run.ended_us ? json.value(*run.ended_us) : json.null();
    json.end_object();
  }
  json.end_array();
}

JsonWriter& add_stop(JsonWriter& json, const model::PartitionStop& stop) {
  json.begin_object().key("reason").value(stop.reason).key("first").value(stop.range.first);
  return json.key("next").value(stop.range.next).key("message").value(stop.message).end_object();
}

void add_partitions(JsonWriter& json, const pipeline::LakeStatus& status) {
  json.key("partitions").begin_array();
  for (const pipeline::PartitionStatus& it : status.partitions) {
    json.begin_object().key("topic").value(it.counts.partition.topic);
    json.key("incarnation").value(it.counts.partition.incarnation);
    json.key("partition").value(it.counts.partition.partition);
    json.key("source_end");
    it.end ? json.value(it.end->next_offset) : json.null();
    json.key("source_end_seen_us");
    it.end ? json.value(it.end->seen_us) : json.null();
    json.key("bronze_next").value(it.bronze_next).key("stage_next").value(it.stage_next);
    json.key("bronze_records").value(it.counts.bronze_records).key("rows").value(it.counts.rows);
    json.key("quarantined").value(it.counts.quarantined).key("no_row").value(it.counts.no_row);
    json.key("waits_for");
    it.wait ? json.value(it.wait->need) : json.null();
    json.key("stopped");
    it.stop ? add_stop(json, *it.stop) : json.null();
    json.end_object();
  }
  json.end_array().key("gaps").begin_array();
  for (const model::Gap& gap : status.gaps) {
    json.begin_object().key("topic").value(gap.partition.topic);
    json.key("incarnation").value(gap.partition.incarnation);
    json.key("partition").value(gap.partition.partition).key("first").value(gap.range.first);
    json.key("next").value(gap.range.next).key("reason").value(gap.reason).end_object();
  }
  json.end_array();
}

void add_flaws(JsonWriter& json, const pipeline::TableStatus& table) {
  json.key("flaws").begin_array();
  for (const metadata::Flaw& flaw : table.flaws) {
    json.begin_object().key("cause").value(flaw.cause).key("detail").value(flaw.detail);
    if (flaw.partition) {
      json.key("topic").value(flaw.partition->topic);
      json.key("partition").value(flaw.partition->partition).key("offset").value(flaw.offset);
    }
    json.end_object();
  }
  json.end_array().key("held_back").begin_array();
  for (const std::string& line : table.held_back) json.value(line);
  json.end_array();
}

void add_tables(JsonWriter& json, const pipeline::LakeStatus& status) {
  json.key("tables").begin_array();
  for (const pipeline::TableStatus& it : status.tables) {
    json.begin_object().key("table").value(it.table.id.name());
    json.key("source").value(it.table.id.source).key("database").value(it.table.id.database);
    json.key("state").value(name_of(it.table.state)).key("reason").value(it.table.reason);
    json.key("exact").truth(it.is_exact()).key("version");
    it.version ? json.value(it.version->version) : json.null();
    json.key("rows").value(it.current_rows()).key("bytes").value(it.current_bytes());
    json.key("behind").value(it.unmerged_offsets);
    add_flaws(json, it);
    json.end_object();
  }
  json.end_array();
}

std::string as_json(const Seen& seen) {
  JsonWriter json;
  json.begin_object().key("complete").truth(seen.lake.is_complete());
  add_roles(json, seen.roles);
  add_runs(json, seen.lake);
  add_partitions(json, seen.lake);
  add_tables(json, seen.lake);
  json.end_object();
  return json.text();
}

std::string roles_as_json(const Roles& roles) {
  JsonWriter json;
  json.begin_object();
  add_roles(json, roles);
  json.end_object();
  return json.text();
}

/// The jobs that `--alive` asks for; kInvalidConfig names a word that is none.
Result<std::set<std::string>> jobs_asked_for(const std::vector<std::string>& words) {
  const std::set<std::string> all = {"bronze_write", "bronze_compact", "silver_stage",
                                     "silver_merge", "upkeep"};
  std::set<std::string> jobs;
  for (const std::string& word : words) {
    if (word == "run") {
      jobs = all;
    } else if (all.contains(word)) {
      jobs.insert(word);
    } else {
      return fail(ErrorKind::kInvalidConfig,
                  "--alive takes run, bronze_write, bronze_compact, silver_stage, silver_merge or "
                  "upkeep: --alive=" +
                      word);
    }
  }
  return jobs;
}

/// A health check looks often: the roles are all that is read.
Status answer_alive(const config::LakeConfig& lake, const Arguments& arguments,
                    const Speech& speech) {
  const SystemClock clock;
  CDCLAKE_ASSIGN_OR_RETURN(const auto jobs, jobs_asked_for(arguments.values("--alive")));
  CDCLAKE_ASSIGN_OR_RETURN(auto store, pipeline::open_store_to_read(lake, clock));
  CDCLAKE_ASSIGN_OR_RETURN(const auto roles, pipeline::read_roles(store, lake, clock));
  speech.out(arguments.has("--json") ? roles_as_json(roles) : roles_text(roles, clock.now()));
  std::string absent;
  for (const std::string& job : jobs) {
    if (!is_alive(roles, job)) absent += (absent.empty() ? "" : ", ") + job;
  }
  if (absent.empty()) return {};
  return fail(ErrorKind::kUnavailable, "not at work: " + absent);
}

Result<Seen> read(const config::LakeConfig& lake) {
  const SystemClock clock;
  CDCLAKE_ASSIGN_OR_RETURN(auto store, pipeline::open_store_to_read(lake, clock));
  CDCLAKE_ASSIGN_OR_RETURN(auto roles, pipeline::read_roles(store, lake, clock));
  CDCLAKE_ASSIGN_OR_RETURN(auto status, pipeline::read_lake_status(store, kRunsShown));
  return Seen{.lake = std::move(status), .roles = std::move(roles), .now = clock.now()};
}

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded = config::load(arguments.inputs, {}, config::Purpose::kWorkInLake);
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  if (arguments.has("--alive")) {
    const Status alive = answer_alive(loaded.config.lake, arguments, speech);
    return alive ? ExitCode::kDone : report(alive.error(), speech);
  }
  const auto seen = read(loaded.config.lake);
  if (!seen) return report(seen.error(), speech);
  speech.out(arguments.has("--json") ? as_json(*seen) : as_text(*seen));
  const bool is_asked = arguments.has("--check");
  return is_asked && !seen->lake.is_complete() ? ExitCode::kIncomplete : ExitCode::kDone;
}

}  // namespace

Command status_command() {
  return {
      .group = {},
      .name = "status",
      .summary = "Print who works on the lake and what is in it: runs, positions, rows, tables.",
      .more =
          "lag      records of the source that Bronze lacks; - where the source has no end to ask\n"
          "behind   offsets of Bronze that the stage has not read, or staged ones not merged\n"
          "exact    the table equals its source at the merged position, as far as we know\n"
          "inexact  a change is in the quarantine or a value was lost; below stands what and "
          "where\n"
          "held back  half of a key move is there, and waits for its other half\n"
          "refused, stopped  nothing more of the table is taken, for the reason below; a partition "
          "that is stopped is read no further\n\n"
          "Exit codes: 0 printed; 2 usage, or there is no store; 3 with --check: a table is not "
          "exact, or a partition stopped; 4 the store is out of reach, or with --alive: a job is "
          "not at work; 6 it is "
          "damaged.",
      .examples =
          "  cdclake status\n"
          "  cdclake status --check --json    exit code 3 unless every table is exact\n"
          "  cdclake status --alive run       exit code 4 unless `cdclake run` works here",
      .options = {{.name = "--check",
                   .value_name = {},
                   .help = "End with exit code 3 unless every table is exact and no partition has "
                           "stopped."},
                  {.name = "--alive",
                   .value_name = "JOB",
                   .help =
                       "For health checks: print who works, and end with exit code 4 unless these "
                       "do: run (all five), bronze_write, bronze_compact, silver_stage, "
                       "silver_merge, upkeep.",
                   .count = CommandOption::Count::kMany},
                  json_option()},
      .settings = {config::Group::kLake},
      .run = run};
}

}  // namespace cdclake::cli
