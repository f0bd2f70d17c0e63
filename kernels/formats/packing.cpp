// SPDX-License-Identifier: Apache-2.0
#include "kernels/formats/packing.h"

#include <string>

#include "sim/base/check.h"
#include "sim/config/field.h"

namespace chipcast::kernels {

IntRange int_range(DType dtype, const char* place) {
  switch (dtype) {
    case DType::int16:
      return {-32768, 32767};
    case DType::int8:
      return {-128, 127};
    case DType::uint8:
      return {0, 255};
    case DType::int7:
      return {-64, 63};
    case DType::int4:
      return {-8, 7};
    case DType::uint4:
      return {0, 15};
    default:
      throw InputError(place, std::string(name_of(dtype)) + " is not an integer format of 4 to 16 bits");
  }
}

std::int32_t stored_int(DType dtype, const void* values, std::int64_t i) {
  switch (dtype) {
    case DType::uint8:
      return static_cast<const std::uint8_t*>(values)[i];
    case DType::int4:
      return int4_at(static_cast<const std::uint8_t*>(values), i);
    case DType::uint4:
      return uint4_at(static_cast<const std::uint8_t*>(values), i);
    default:
      CHIPCAST_ASSERT(dtype == DType::int8 || dtype == DType::int7);
      return static_cast<const std::int8_t*>(values)[i];
  }
}

}  // namespace chipcast::kernels
