// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/config.h"

#include "sim/config/unit_text.h"

namespace chipcast::ipu {
namespace {

void check(const ConvUnits& entry) {
  const bool known = entry.dtype == DType::fp32 || entry.dtype == DType::fp16;
  const bool sums = entry.partials == DType::fp32 || (entry.partials == DType::fp16 && entry.dtype == DType::fp16);
  if (known && sums) return;
  throw std::invalid_argument("conv_units has " + std::string(name_of(entry.dtype)) + " with sums in " +
                              std::string(name_of(entry.partials)) +
                              "; units multiply fp32 with sums in fp32, fp16 with sums in fp32 or fp16");
}

}  // namespace

void Config::validate() const {
  if (conv_units.empty()) throw std::invalid_argument("conv_units is empty; name at least one format");
  bool fp16 = false, summed = false;
  for (std::size_t i = 0; i < conv_units.size(); ++i) {
    check(conv_units[i]);
    if (conv_units[i].dtype == DType::fp16) fp16 = true;
    if (conv_units[i].dtype == DType::fp16 && conv_units[i].partials == partials) summed = true;
    for (std::size_t j = 0; j < i; ++j) {
      if (conv_units[i].dtype == conv_units[j].dtype && conv_units[i].partials == conv_units[j].partials) {
        throw std::invalid_argument("conv_units names " + std::string(name_of(conv_units[i].dtype)) + " with sums in " +
                                    std::string(name_of(conv_units[i].partials)) + " twice; keep one of them");
      }
    }
  }
  if (fp16 && !summed) {
    throw std::invalid_argument("partials is " + std::string(name_of(partials)) +
                                ", for which conv_units has no fp16 entry; name one or take the other format");
  }
  if (chips > 1 && chips % 2 != 0) {
    throw std::invalid_argument("chips is " + std::to_string(chips) + "; take 1 or an even number (links join pairs)");
  }
  if (program >= sram)
    throw std::invalid_argument("program is " + to_text(program) + ", which leaves no room in a tile's sram of " +
                                to_text(sram) + "; make program smaller or sram larger");
}

}  // namespace chipcast::ipu
