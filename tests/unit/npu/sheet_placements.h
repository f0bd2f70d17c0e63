// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "accelerators/npu/sheet.h"

/// What NVDLA's sheet decides by hand for each of its layers, read back from its columns: the extent of the output
/// as it is stored (a pool behind the layer is fused), whether weights count in Winograd's form, and which operands
/// cross which memory. Weights that stay in 4 MB of SRAM are charged once in 6, 11, 16 or 18 frames.
namespace chipcast::npu::sheet {

struct SheetRow {
  std::int64_t stored;  ///< height and width
  bool expanded_weights;
  Crossings dram_beside_sram, sram_read;
  bool sram_write;
  Crossings dram_alone;
};

inline constexpr std::array<SheetRow, 77> kSheetRows{{
    {27, false, {1, 18, false}, {0, 0, false}, true, {1, 1, true}},  // 1.0
    {13, false, {0, 16, false}, {1, 0, false}, true, {1, 1, true}},  // 2.0
    {13, false, {0, 18, false}, {1, 0, false}, true, {1, 1, true}},  // 2.0
    {13, true, {0, 18, false}, {1, 0, false}, true, {1, 1, true}},   // 3.0
    {13, true, {0, 18, false}, {1, 0, false}, true, {1, 1, true}},   // 4.0
    {13, true, {0, 18, false}, {1, 0, false}, true, {1, 1, true}},   // 4.0
    {6, true, {0, 18, true}, {1, 0, false}, true, {1, 1, true}},     // 5.0
    {6, true, {0, 18, true}, {1, 0, false}, true, {1, 1, true}},     // 5.0
    {1, false, {1, 16, false}, {1, 0, false}, true, {1, 16, true}},  // fc1
    {1, false, {1, 16, false}, {1, 0, false}, true, {1, 16, true}},  // fc2
    {1, false, {1, 16, false}, {1, 0, false}, true, {1, 16, true}},  // fc3
    {56, false, {1, 6, false}, {1, 6, false}, true, {1, 1, true}},   // conv1
    {28, true, {0, 6, true}, {1, 6, false}, true, {1, 1, true}},     // conv2
    {28, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 3a 1x1
    {28, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 3a 3x3 red
    {28, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 3a 5x5 red
    {28, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // Inception 3a 1x1 (combined)
    {28, true, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},   // inception 3a 3x3
    {28, false, {0, 11, true}, {1, 1, false}, true, {1, 1, true}},   // inception 3a 5x5
    {28, false, {0, 11, true}, {1, 1, false}, true, {1, 1, true}},   // inception 3a pool proj
    {28, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 3b 1x1
    {28, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 3b 3x3 red
    {28, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 3b 5x5 red
    {28, false, {1, 0, false}, {0, 1, false}, true, {1, 1, true}},   // Inception 3b 1x1 (combined)
    {28, false, {0, 0, true}, {1, 1, false}, false, {1, 1, true}},   // inception 3b 3x3
    {28, false, {0, 0, true}, {1, 1, false}, false, {1, 1, true}},   // inception 3b 5x5
    {14, false, {0, 0, true}, {1, 1, false}, true, {1, 1, true}},    // inception 3b pool proj
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4a 1x1
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4a 3x3 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4a 5x5 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // Inception 4a 1x1 (combined)
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4a 3x3
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4a 5x5
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4a pool proj
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4b 1x1
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4b 3x3 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4b 5x5 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // Inception 4b 1x1 (combined)
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4b 3x3
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4b 5x5
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4b pool proj
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4c 1x1
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4c 3x3 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4c 5x5 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // Inception 4c 1x1 (combined)
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4c 3x3
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4c 5x5
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4c pool proj
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4d 1x1
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4d 3x3 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4d 5x5 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // Inception 4d 1x1 (combined)
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4d 3x3
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4d 5x5
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4d pool proj
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4e 1x1
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4e 3x3 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // inception 4e 5x5 red
    {14, false, {0, 11, false}, {1, 0, false}, true, {1, 1, true}},  // Inception 4e 1x1 (combined)
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4e 3x3
    {14, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},  // inception 4e 5x5
    {7, false, {0, 11, false}, {1, 1, false}, true, {1, 1, true}},   // inception 4e pool proj
    {7, false, {1, 11, false}, {1, 55, false}, true, {1, 1, true}},  // inception 5a 1x1
    {7, false, {0, 11, false}, {1, 55, false}, true, {1, 1, true}},  // inception 5a 3x3 red
    {7, false, {0, 11, false}, {1, 55, false}, true, {1, 1, true}},  // inception 5a 5x5 red
    {7, false, {1, 2, false}, {1, 0, false}, true, {1, 1, true}},    // Inception 5a 1x1 (combined)
    {7, false, {0, 11, true}, {1, 55, false}, false, {1, 1, true}},  // inception 5a 3x3
    {7, false, {0, 11, true}, {1, 55, false}, false, {1, 1, true}},  // inception 5a 5x5
    {7, false, {0, 11, true}, {1, 55, false}, false, {1, 1, true}},  // inception 5a pool proj
    {7, false, {1, 11, false}, {1, 42, false}, true, {1, 1, true}},  // inception 5b 1x1
    {7, false, {0, 11, false}, {1, 42, false}, true, {1, 1, true}},  // inception 5b 3x3 red
    {7, false, {0, 11, false}, {1, 42, false}, true, {1, 1, true}},  // inception 5b 5x5 red
    {7, false, {1, 2, false}, {1, 0, false}, true, {2, 1, true}},    // Inception 5b 1x1 (combined)
    {7, false, {0, 11, true}, {1, 42, false}, false, {1, 1, true}},  // inception 5b 3x3
    {7, false, {0, 11, true}, {1, 42, false}, false, {1, 1, true}},  // inception 5b 5x5
    {1, false, {0, 11, true}, {1, 42, false}, false, {1, 1, true}},  // inception 5b pool proj
    {1, false, {1, 16, false}, {0, 0, false}, false, {1, 1, true}},  // fc
}};

}  // namespace chipcast::npu::sheet
