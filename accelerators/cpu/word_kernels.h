// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/cpu/config.h"

/// Kernels of cores that compute in single words (Cortex-M): what a library's inner loops spend beside the multiplies.
/// All counts are cycles of a core of scalar speed 1 with words of 4 bytes.
namespace chipcast::cpu {

/// True where a profile says what integer kernels spend, and the format is one.
bool runs_word_kernels(const Config& config, DType dtype);

/// Cycles of a tile on n cores, m multiply-accumulates a cycle each, scalar speed s, words of v * 4 bytes:
///   dense       macs * (1 / m + product * f / (s v)) + patches * copy / (s v) + results * result / s
///               f = odd_channels where input channels are no multiple of 4
///   depthwise   macs * (1 / m + depthwise / (s v)) + results * result / s
///   others      operations * element, pool or function / s, or elements moved * copy / (s v)
/// all divided by n, and the waits for flash.
Cycles word_kernel_cycles(const Config& config, const OpDescription& op, const OpTile& tile);

/// Elements that are copied so that every position's window stands together (im2col): positions * taps * channels of
/// dense convolutions with more than one tap.
std::int64_t patch_elements(const OpDescription& op, const OpTile& tile);

/// Cycles that weights keep the core waiting: lines * wait states, once, or once for every group of `tile_columns`
/// positions where they do not fit the flash's cache.
Cycles flash_waits(const Config& config, const OpDescription& op, const OpTile& tile);

}  // namespace chipcast::cpu
