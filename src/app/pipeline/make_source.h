#pragma once

#include <memory>

#include "app/pipeline/memory_plan/memory_plan.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/record_source.h"
#include "platform/config/config.h"
#include "stages/source/kafka_brokers/kafka_client.h"

namespace cdclake::pipeline {

/// The source that the configuration names, checked and not yet opened. `clock` must outlive it.
Result<std::unique_ptr<model::RecordSource>> make_source(const config::SourceConfig& config,
                                                         const MemoryPlan& memory,
                                                         source::KafkaLog log, const Clock& clock);

}  // namespace cdclake::pipeline
