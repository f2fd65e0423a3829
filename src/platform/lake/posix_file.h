#pragma once

#include <memory>
#include <string>

#include "platform/lake/beneath.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::lake {

/// `where` is for messages.
std::unique_ptr<FileWriter> write_to(Descriptor file, std::string where);
/// Refuses what is not a regular file.
Result<std::unique_ptr<FileReader>> read_from(Descriptor file, std::string where);

}  // namespace cdclake::lake
