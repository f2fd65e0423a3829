#include <algorithm>
#include <set>

#include "app/cli/command.h"
#include "app/pipeline/lake_status.h"
#include "app/terminal/json_writer.h"
#include "app/terminal/progress_line.h"
#include "app/terminal/text_table.h"
#include "platform/config/printable.h"
#include "stages/audit/lake_audit.h"

namespace cdclake::cli {
namespace {

using terminal::byte_size;
using terminal::grouped;
using terminal::JsonWriter;

/// In the text. A damaged disk must not fill a terminal.
constexpr std::size_t kFindingsShown = 50;

Result<audit::Report> look_at(const config::LakeConfig& lake, audit::Depth depth,
                              const Speech& speech) {
  const SystemClock clock;
  CDCLAKE_ASSIGN_OR_RETURN(auto store, pipeline::open_store_to_read(lake, clock));
  CDCLAKE_ASSIGN_OR_RETURN(const auto fs,
                           lake::open_posix_lake_to_read({lake.bronze_base, lake.silver_base}));
  terminal::ProgressLine line(speech.err_is_terminal ? terminal::ProgressLine::Device::kTerminal
                                                     : terminal::ProgressLine::Device::kOther,
                              clock, speech.err);
  audit::Watch watch;
  watch.roles_at_work = [&]() -> Result<std::set<std::string>> {
    CDCLAKE_ASSIGN_OR_RETURN(const auto signs, pipeline::read_roles(store, lake, clock));
    std::set<std::string> roles;
    for (const commit::RoleSign& sign : signs) {
      if (sign.is_alive) roles.emplace(to_string(sign.role));
    }
    return roles;
  };
  watch.progress = [&](std::int64_t done, std::int64_t all) {
    line.show("audit", grouped(done) + " of " + grouped(all) + " files");
  };
  return audit::audit_lake(*fs, store, depth, watch);
}

std::string layer_text(const audit::Layer& layer, const char* rows) {
  return grouped(layer.files) + " files, " + byte_size(layer.bytes) + ", " + grouped(layer.rows) +
         " " + rows;
}

std::string totals_text(const audit::Totals& totals) {
  std::string text = "Bronze   " + layer_text(totals.bronze, "records") + " in " +
                     grouped(totals.partitions) + " partitions";
  if (totals.gap_offsets > 0) text += "; " + grouped(totals.gap_offsets) + " offsets in known gaps";
  text += "\nstage    " + layer_text(totals.stage, "rows") + "; " + grouped(totals.quarantined) +
          " records quarantined, " + grouped(totals.no_row) + " without a row, " +
          grouped(totals.waiting) + " waiting\n";
  text += "current  " + layer_text(totals.current, "rows") + "\n";
  if (totals.expired.files == 0) return text;
  return text + "expired  " + layer_text(totals.expired, "records and rows") +
         ", taken out by age\n";
}

std::string as_text(const audit::Report& report, audit::Depth depth) {
  std::string text = totals_text(report.totals);
  const auto shown = std::min(report.findings.size(), kFindingsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const audit::Finding& it = report.findings[i];
    text += "\n" + std::string(to_word(it.fault)) + "\n";
    if (!it.path.empty()) text += "  " + config::printable(it.path) + "\n";
    if (it.partition) text += "  " + config::printable(model::describe(*it.partition)) + "\n";
    text +=
        "  " + config::printable(it.what) + "\n  to do: " + std::string(mend_of(it.fault)) + "\n";
  }
  if (report.findings.size() > shown) {
    text += "\n" + grouped(static_cast<std::int64_t>(report.findings.size() - shown)) +
            " findings more: --json lists them\n";
  }
  const auto damage = std::ranges::count_if(
      report.findings, [](const audit::Finding& it) { return is_damage(it.fault); });
  if (damage > 0) return text + "\nDOES NOT BALANCE: findings=" + grouped(damage) + "\n";
  return text + (depth == audit::Depth::kDeep
                     ? "\nbalances: every record and every file, read whole\n"
                     : "\nbalances: every record and every file (--deep reads them whole)\n");
}

void add_layer(JsonWriter& json, const char* name, const audit::Layer& layer) {
  json.key(name).begin_object().key("files").value(layer.files).key("bytes").value(layer.bytes);
  json.key("rows").value(layer.rows).end_object();
}

std::string as_json(const audit::Report& report) {
  JsonWriter json;
  json.begin_object().key("balances").truth(report.balances());
  add_layer(json, "bronze", report.totals.bronze);
  add_layer(json, "stage", report.totals.stage);
  add_layer(json, "current", report.totals.current);
  add_layer(json, "expired", report.totals.expired);
  json.key("partitions").value(report.totals.partitions);
  json.key("staged_rows").value(report.totals.staged_rows);
  json.key("quarantined").value(report.totals.quarantined);
  json.key("no_row").value(report.totals.no_row).key("waiting").value(report.totals.waiting);
  json.key("gap_offsets").value(report.totals.gap_offsets);
  json.key("findings").begin_array();
  for (const audit::Finding& it : report.findings) {
    json.begin_object().key("fault").value(to_word(it.fault)).key("what").value(it.what);
    json.key("damage").truth(is_damage(it.fault)).key("to_do").value(mend_of(it.fault));
    if (!it.path.empty()) json.key("path").value(it.path);
    if (!it.table.empty()) json.key("table").value(it.table);
    if (it.partition) {
      json.key("topic").value(it.partition->topic);
      json.key("incarnation").value(it.partition->incarnation);
      json.key("partition").value(it.partition->partition);
      json.key("first").value(it.offsets.first).key("next").value(it.offsets.next);
    }
    json.end_object();
  }
  json.end_array().end_object();
  return json.text();
}

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded = config::load(arguments.inputs, {}, config::Purpose::kWorkInLake);
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  const auto depth = arguments.has("--deep") ? audit::Depth::kDeep : audit::Depth::kStore;
  const auto found = look_at(loaded.config.lake, depth, speech);
  if (!found) return report(found.error(), speech);
  speech.out(arguments.has("--json") ? as_json(*found) : as_text(*found, depth));
  return found->balances() ? ExitCode::kDone : ExitCode::kCorrupt;
}

}  // namespace

Command audit_command() {
  return {
      .group = {},
      .name = "audit",
      .summary = "Prove from the lake alone that nothing was lost, doubled or altered.",
      .more =
          "Needs neither Kafka nor PostgreSQL, changes nothing, and may run while jobs work.\n\n"
          "offsets   segments and known gaps of every partition lie side by side, up to its "
          "position\n"
          "records   of every range: Bronze's = the stage's rows + quarantined + without a row\n"
          "files     each is there, with its size and rows; with --deep byte for byte, and the\n"
          "          records of Bronze against the sums taken when they were read\n"
          "folders   each shows the version that it claims\n"
          "names     no file lies in the lake that nothing names\n\n"
          "Exit codes: 0 all of it balances; 2 usage, or there is no lake; 4 the store is out of "
          "reach; 6 something does not balance.",
      .examples =
          "  cdclake audit\n"
          "  cdclake audit --deep --json    every byte; the findings for a program",
      .options = {{.name = "--deep",
                   .value_name = {},
                   .help = "Read every file whole, and every record of Bronze."},
                  json_option()},
      .settings = {config::Group::kLake},
      .run = run};
}

}  // namespace cdclake::cli
