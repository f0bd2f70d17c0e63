// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "accelerators/config_lists.h"
#include "accelerators/spatial/nest_mapping.h"
#include "accelerators/spatial/search.h"
#include "models/dma/config.h"
#include "workloads/tensor.h"

namespace chipcast::spatial {

/// A mapping to be used instead of a search.
struct FixedMapping {
  std::string layer{};
  NestMapping mapping{};

  template <class V>
  void visit(V& v) {
    v.field("layer", layer, {.doc = "Operator's name.", .required = true});
    v.field("mapping", mapping, {.doc = "Its loops and cuts.", .required = true});
  }
};

/// A spatial array as a device of a platform. The architecture's last memory stands for the platform's: its size and
/// energies guide the search and are charged nowhere; its ports are those of `dma`.
struct Config {
  Architecture architecture{};
  Hertz clock{200e6};
  std::vector<DType> formats{DType::int8};
  std::int64_t partial_bits{32};
  Goal goal{Goal::latency};
  std::int64_t budget{200'000};
  std::vector<FixedMapping> mappings{};
  std::vector<std::string> post{"relu", "clip"};
  int post_elements{4};
  Seconds launch{10e-6};
  dma::Config dma{};
  double volts{1.0};
  Watts clock_power{0.0}, leakage{0.001};

  template <class V>
  void visit(V& v) {
    v.field("architecture", architecture, {.doc = "The array and its memories.", .required = true});
    v.field("clock", clock, {.doc = "Core clock.", .min = Hertz(1e6), .max = Hertz(5e9)});
    v.field("formats", formats, {.doc = "Number formats that it runs; int8 stands for uint8 and int7 too."});
    v.field("partial_bits", partial_bits, {.doc = "Width of a partial sum.", .min = 8, .max = 128});
    v.field("goal", goal, {.doc = "What the search for mappings minimises."});
    v.field("budget", budget,
            {.doc = "Cost evaluations of a search, of whole and of partial mappings.",
             .min = 1,
             .max = std::int64_t{1} << 40});
    v.field("mappings", mappings, {.doc = "Mappings of single layers; the others are searched for."});
    v.field("post", post, {.doc = "Operators by name that run where results leave the array."});
    v.field("post_elements", post_elements, {.doc = "Elements of those per cycle.", .min = 1, .max = 65536});
    v.field("launch", launch, {.doc = "Configuration of a layer.", .min = Seconds(0.0), .max = Seconds(1.0)});
    v.field("dma", dma, {.doc = "Its port to memory."});
    v.field("volts", volts,
            {.doc = "Supply, for post-processing; the architecture's energies are as given.", .min = 0.3, .max = 5.0});
    v.field("clock_power", clock_power,
            {.doc = "Clock network and control, while the array computes.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("leakage", leakage, {.doc = "Static power.", .min = Watts(0.0), .max = Watts(1000.0)});
  }

  void validate() const {
    check_names(formats, "formats", "number format");
    for (const DType format : formats) check_multiplied(format, "formats");
    const Memory& outermost = architecture.memories.back();
    if (outermost.operands.size() != kOperands) {
      throw std::invalid_argument("the last memory, " + outermost.name +
                                  ", does not hold all of W, I and O; it stands for the platform's memory");
    }
    if (architecture.memories.size() < 2) {
      throw std::invalid_argument("there is no memory on the chip; the last one stands for the platform's memory");
    }
  }
};

}  // namespace chipcast::spatial
