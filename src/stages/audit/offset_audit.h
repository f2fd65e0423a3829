#pragma once

#include "platform/metadata/metadata_store.h"
#include "stages/audit/finding.h"

namespace cdclake::audit {

/// Whether the store's own numbers add up. Counts every record anew: shares no sum with the commits
/// that wrote the numbers.
///   Bronze: segments and gaps of a partition lie side by side from offset 0 to its position.
///   Stage: its ranges do, to the stage's position, which is not past Bronze's; between any two
///   offsets at which both a segment and a staged range end, Bronze's records are the stage's rows,
///   quarantined records and records without a row; every quarantined record is listed.
///   Files: each segment and each file of staged rows is in a live file; the ranges and topics by
///   which the merge finds staged rows lie in what their commit took.
///   Merge: no table's progress is past the stage's.
void audit_offsets(const metadata::Accounts& accounts, Findings& findings);

}  // namespace cdclake::audit
