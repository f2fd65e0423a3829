#pragma once

namespace cdclake {

/// Marks a point between two durable steps where tests may end the process.
///
/// `CDCLAKE_FAILPOINT=<name>:<n>` kills the process with SIGKILL the n-th time the point of that
/// name is reached (`:1` may be left out); with `:stop` at the end it stops there, as by SIGSTOP. A
/// forked child reads the variable anew. Without the variable a point costs one load. The names in
/// use are listed in docs/architecture.md.
void failpoint(const char* name);

}  // namespace cdclake
