// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/npu/config.h"

/// Where tiles are searched: what a tile may take of one half of the buffer. A bank holds inputs or weights, so both
/// together take banks_for(inputs) + banks_for(weights) of the half's banks.
namespace chipcast::npu {

struct Room {
  Bytes input, weights, shared;

  bool holds(Bytes inputs, Bytes weights_too) const {
    return inputs <= input && weights_too <= weights && inputs + weights_too <= shared;
  }
};

/// The room for an operator's tiles. Bounds that guarantee whole banks are a split into i banks of inputs and n - i of
/// weights, or both together in n - 1, however they are shared out: the one with the least traffic is taken,
///   min(weights + inputs * ceil(weights / their room), inputs + weights * ceil(inputs / theirs)),
/// where equal the one that leaves the choice to the search.
Room room_of(const Config& config, const OpDescription& op);

}  // namespace chipcast::npu
