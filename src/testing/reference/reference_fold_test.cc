#include "testing/reference/reference_fold.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

namespace cdclake::reference {
namespace {

std::string corpus(const std::string& path) {
  return std::string(std::getenv("CDCLAKE_SOURCE_DIR")) + "/tests/corpus/" + path;
}

struct Variant {
  std::string scenario;
  std::string variant;
  std::set<std::string> left_out;  ///< Tables whose changes do not lead to the source's rows, and
                                   ///< columns lost upstream.
};

void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.scenario << "/" << variant.variant;
}

class ReferenceFoldTest : public testing::TestWithParam<Variant> {};

TEST_P(ReferenceFoldTest, GivesTheRowsOfTheSource) {
  const auto& [scenario, variant, left_out] = GetParam();
  const Reference reference = Reference::load(
      corpus(scenario + "/" + variant + "/events.jsonl.zst"), corpus(scenario + "/catalog.json"),
      corpus(scenario + "/" + variant + "/connector.json"));
  ASSERT_FALSE(reference.tables().empty());
  for (const std::string& table : reference.tables()) {
    if (left_out.contains(table)) continue;
    const Table expected =
        load_expected(corpus(scenario + "/expected/" + table + ".csv"),
                      reference.column_types(table), reference.key_columns(table));
    Table folded = reference.fold(table, reference.everything());
    ASSERT_EQ(folded.size(), expected.size()) << table;
    for (const auto& [key, row] : expected) {
      for (const auto& [column, value] : row) {
        if (left_out.contains(column)) continue;
        EXPECT_EQ(folded[key][column], value) << table << "." << column;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Corpus, ReferenceFoldTest,
    testing::Values(
        Variant{"a_seed", "plain", {}}, Variant{"a_seed", "schema", {}},
        Variant{"b_txn", "plain", {}}, Variant{"b_txn", "schema", {}},
        Variant{"c_pkmove", "plain", {"public.pf"}}, Variant{"c_pkmove", "schema", {"public.pf"}},
        Variant{"d_toast", "plain", {"na", "tsa"}}, Variant{"d_toast", "schema", {"na", "tsa"}},
        Variant{"d_toast", "hex", {"na", "tsa", "ba"}}, Variant{"k_replay", "plain", {}},
        Variant{"k_replay", "txn", {}}, Variant{"l_partitioned_moves", "plain", {}},
        Variant{"l_partitioned_moves", "schema", {}}));

}  // namespace
}  // namespace cdclake::reference
