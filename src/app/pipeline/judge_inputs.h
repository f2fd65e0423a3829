#pragma once

#include <vector>

#include "platform/config/config.h"
#include "platform/config/fault.h"

namespace cdclake::pipeline {

/// Whether records can come from where the configuration says: files are there, patterns are
/// patterns. Makes and changes nothing, and asks no server.
std::vector<config::Fault> judge_source(const config::SourceConfig& source);
/// The same of the files that declared types come from.
std::vector<config::Fault> judge_type_files(const config::TypesConfig& types);

}  // namespace cdclake::pipeline
