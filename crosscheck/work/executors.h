// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "crosscheck/work/check.h"

/// The executors behind check_work, one for each way in which an operator is run. Each adds quantities to the tally and
/// values to the result.
namespace chipcast::crosscheck {

struct TileCounts;

/// What is being checked.
struct Subject {
  const OpDescription& op;
  const DeviceUnderCheck& on;
  const tiling::Plan& plan;
  const Traffic& traffic;
  const WorkOptions& options;
};

/// What a schedule charges, summed over its steps.
struct Charged {
  Bytes input{}, weights{}, output{};
  TileWork work{};
};
Charged charged_by(const Schedule& schedule);

/// Sum of an action's counts: `component` is the name behind the device's ("buffer"), `action` a name or, with a '*' at
/// its end, how it begins ("mac_*").
double action_count(const Device& device, const TileWork& work, const std::string& component,
                    const std::string& action);

/// Every `n`-th result is computed so that at most `options.most_macs` are executed.
std::int64_t sample_step(const OpDescription& op, const WorkOptions& options);

/// Tiles of a single loop nest, found by search.
void run_tiles(const Subject& subject, Tally& tally, WorkCheck& check);
/// Equal pieces of any other operator, by search or by a device's schedule: every byte of every operand crosses once.
void run_pieces(const Subject& subject, Tally& tally);
/// First operand and all others, each whole and once: devices that state both.
void whole_operands(const Subject& subject, const Charged& charged, Tally& tally);
/// Devices' own schedules of a single loop nest; the sums over all steps are compared.
void run_folds(const Subject& subject, Tally& tally, WorkCheck& check);           ///< systolic
void run_passes(const Subject& subject, Tally& tally, WorkCheck& check);          ///< row_stationary
void run_blocks(const Subject& subject, Tally& tally, WorkCheck& check);          ///< ethos_u
void run_supersteps(const Subject& subject, Tally& tally, WorkCheck& check);      ///< ipu
void run_buffer_split(const Subject& subject, Tally& tally, WorkCheck& check);    ///< npu
void run_vector_kernels(const Subject& subject, Tally& tally, WorkCheck& check);  ///< cpu

/// An operator's loops in blocks of `tile`, weights outer, as TileRun executes them: values, and counts of each block.
void run_blocked(const Subject& subject, const OpTile& tile, WorkCheck& check,
                 const std::function<void(const TileCounts&)>& visit);

}  // namespace chipcast::crosscheck
