// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/fusion/layout.h"

namespace chipcast::fusion {

/// The most bytes of rows that a group holds at a time, steps still whole. Rows are there
/// - of tensors from outside, from the step before the last one that loads any (they arrive while that one computes),
/// - of tensors of the group, from the step that makes them,
/// until the last step that reads them, and rows to be stored until the next but one are.
Bytes rows_peak(const Group& group, const Layout& layout);

}  // namespace chipcast::fusion
