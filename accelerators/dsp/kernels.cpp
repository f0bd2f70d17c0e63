// SPDX-License-Identifier: Apache-2.0
#include "accelerators/dsp/kernels.h"

#include <cmath>
#include <limits>

#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"

namespace chipcast::dsp {
namespace {

constexpr std::int64_t kSumBytes = 4;  ///< sums are kept in 32 bits

/// Of a list of rates by format, that for `dtype`: int4 runs as int8 where there is none of its own.
template <class List>
auto find_rate(const List& rates, DType dtype) {
  const auto of = [&](DType wanted) {
    return std::find_if(rates.begin(), rates.end(), [wanted](const auto& rate) { return rate.dtype == wanted; });
  };
  const DType multiplied = multiplied_as(dtype);
  const auto own = of(multiplied);
  return own == rates.end() && multiplied == DType::int4 ? of(DType::int8) : own;
}

/// Registers that hold so many bytes.
std::int64_t registers_of(const Config& config, std::int64_t bytes) { return ceil_div(bytes, config.vector.count()); }

/// Cycles between two packets of a context: 1 where enough threads feed it.
double issue_interval(const Config& config) {
  const double packets_per_cycle = static_cast<double>(config.threads) / config.thread_interval;
  return std::max(1.0, config.contexts / packets_per_cycle);
}

/// Contexts that have threads to use them.
std::int64_t active_contexts(const Config& config) { return std::min(config.contexts, config.threads); }

/// `units` equal pieces of work on all contexts.
double dealt_cycles(const Config& config, double units, double packets_each) {
  const auto contexts = static_cast<double>(active_contexts(config));
  return std::ceil(units / contexts) * packets_each * issue_interval(config);
}
Kernel dealt(const Config& config, double units, double packets_each, double tcm_bytes) {
  return {.cycles = dealt_cycles(config, units, packets_each), .packets = units * packets_each, .tcm_bytes = tcm_bytes};
}

/// From `sums` registers of 32-bit sums to finished results of `bytes`.
Operations finishing(const Config& config, const Rate& rate, double sums, double bytes) {
  Operations out{
      .loads = 0.0, .stores = bytes / static_cast<double>(config.vector.count()), .multiplies = 0.0, .alu = sums};
  if (!is_float(rate.dtype)) {
    out.multiplies = sums * config.rescale_multiplies;
    out.alu = sums * config.rescale_alu;
  }
  return out;
}

/// The dense product of a tile, independent of how it is blocked.
struct Product {
  std::int64_t vectors, positions, steps;
  std::int64_t sum_registers, weight_registers;  ///< per result vector; per vector and step
  double input_loads;                            ///< per position and step
  std::int64_t element_bits;
  bool split, finished;  ///< sums go on from, or to, another tile; they end here
};

Operations block_operations(const Config& config, const Rate& rate, const Product& product, const Block& block) {
  const auto a = static_cast<double>(block.vectors), b = static_cast<double>(block.positions);
  const auto steps = static_cast<double>(product.steps);
  Operations out{.loads = steps * (a * static_cast<double>(product.weight_registers) + b * product.input_loads),
                 .stores = 0.0,
                 .multiplies = steps * a * b * rate.slots,
                 .alu = 0.0};
  const double sums = a * b * static_cast<double>(product.sum_registers);
  if (product.split) out.loads += sums;
  if (product.finished) {
    out += finishing(config, rate, sums, a * b * rate.lanes * static_cast<double>(product.element_bits) / 8.0);
  } else {
    out.stores += sums;
  }
  return out;
}

/// Blocks that a product takes.
double blocks_of(const Product& product, const Block& block) {
  return static_cast<double>(ceil_div(product.vectors, block.vectors) * ceil_div(product.positions, block.positions));
}

/// Packets of a block, after which the next one's loads arrive.
double packets_of(const Machine& machine, const Operations& block) {
  return machine.packets(block) + machine.config.loop_fill;
}

Kernel blocked(const Machine& machine, const Rate& rate, const Product& product, const Block& block) {
  const double blocks = blocks_of(product, block);
  const Operations operations = block_operations(machine.config, rate, product, block);
  const double accesses = (operations.loads + operations.stores) * static_cast<double>(machine.config.vector.count());
  return dealt(machine.config, blocks, packets_of(machine, operations), blocks * accesses);
}

/// Positions of a block of `vectors` for which the registers last; one is for the input.
std::int64_t most_positions(const Config& config, const Product& product, std::int64_t vectors) {
  const std::int64_t room = config.registers - 1 - vectors * product.weight_registers;
  return std::min(product.positions, room / (vectors * product.sum_registers));
}

/// The block of fewest cycles, and of those the first: few vectors, then few positions.
Kernel best_block(const Machine& machine, const Rate& rate, const Product& product) {
  const Config& config = machine.config;
  Block best;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t vectors = 1; vectors <= product.vectors; ++vectors) {
    const std::int64_t most = vectors == 1 ? std::max<std::int64_t>(1, most_positions(config, product, vectors))
                                           : most_positions(config, product, vectors);
    if (most < 1) break;
    double before = 0.0;
    for (std::int64_t positions = 1; positions <= most; ++positions) {
      const Block block{vectors, positions};
      const double blocks = blocks_of(product, block);
      if (blocks == before) continue;  // as many blocks, and larger ones
      before = blocks;
      const double cycles =
          dealt_cycles(config, blocks, packets_of(machine, block_operations(config, rate, product, block)));
      if (cycles < least) {
        least = cycles;
        best = block;
      }
    }
  }
  return blocked(machine, rate, product, best);
}

}  // namespace

Kernel& Kernel::operator+=(const Kernel& other) {
  cycles += other.cycles;
  packets += other.packets;
  tcm_bytes += other.tcm_bytes;
  return *this;
}

const Rate* rate_of(const Config& config, DType dtype) {
  const auto rate = find_rate(config.rates, dtype);
  return rate == config.rates.end() ? nullptr : &*rate;
}

std::int64_t elements_per_vector(const Config& config, const Rate& rate) {
  return std::max<std::int64_t>(1, config.vector.count() * 8 / rate.lane_bits);
}

std::int64_t reduction_steps(const Rate& rate, const LoopNest& nest, const OpTile& tile) {
  const std::int64_t rows = nest.kernel_height, columns = nest.kernel_width, depth = rate.depth;
  const bool together =
      nest.dilation_w == 1 && !nest.transposed && tile.in_channels == nest.in_channels && nest.groups == 1;
  if (together) return rows * ceil_div(columns * tile.in_channels, depth);
  return rows * columns * ceil_div(tile.in_channels, depth);
}

Kernel dense_kernel(const Machine& machine, const Rate& rate, const LoopNest& nest, const OpTile& tile,
                    std::int64_t element_bits) {
  const Config& config = machine.config;
  const std::int64_t lanes = rate.lanes;
  const std::int64_t step_bits = std::int64_t{rate.depth} * rate.lane_bits;
  const Product product{
      .vectors = tile.groups * ceil_div(tile.out_channels, lanes),
      .positions = tile.out_height * tile.out_width,
      .steps = reduction_steps(rate, nest, tile),
      .sum_registers = registers_of(config, lanes * kSumBytes),
      .weight_registers = registers_of(config, ceil_div(lanes * step_bits, std::int64_t{8})),
      .input_loads = static_cast<double>(step_bits) / 8.0 / static_cast<double>(config.broadcast.count()),
      .element_bits = element_bits,
      .split = tile.in_channels < nest.in_channels,
      .finished = tile.last_in_channels};
  return best_block(machine, rate, product);
}

Kernel depthwise_kernel(const Machine& machine, const Rate& rate, const LoopNest& nest, const OpTile& tile,
                        std::int64_t element_bits) {
  const Config& config = machine.config;
  const std::int64_t elements = elements_per_vector(config, rate);
  const std::int64_t channels =
      std::min<std::int64_t>(elements, std::max<std::int64_t>(1, config.vector.count() / kSumBytes));
  const std::int64_t columns = std::max<std::int64_t>(1, elements / channels);
  const std::int64_t sums = registers_of(config, elements * kSumBytes);
  const std::int64_t across = ceil_div(tile.out_width, columns);
  // Vectors along a row whose sums fit half of the registers share what they load.
  const std::int64_t fit = std::max<std::int64_t>(1, config.registers / 2 / sums);
  const std::int64_t run = ceil_div(across, ceil_div(across, fit));
  const auto rows = static_cast<double>(nest.kernel_height), taps = static_cast<double>(nest.kernel_width);
  const auto length = static_cast<double>(run);
  const double shared = (taps - 1.0) / static_cast<double>(columns);  // neighbours that the next vectors load anyway
  Operations each{.loads = rows * (length * static_cast<double>(nest.stride_w) + shared),
                  .stores = 0.0,
                  .multiplies = rows * taps * length * rate.slots,
                  .alu = rows * (taps - 1.0) * length};
  const double results = length * static_cast<double>(elements);
  each +=
      finishing(config, rate, length * static_cast<double>(sums), results * static_cast<double>(element_bits) / 8.0);
  const auto runs = static_cast<double>(ceil_div(tile.groups * tile.out_channels, channels) * tile.out_height *
                                        ceil_div(across, run));
  const double accesses = (each.loads + each.stores) * static_cast<double>(config.vector.count());
  return dealt(config, runs, machine.packets(each) + config.loop_fill, runs * accesses);
}

namespace {

/// Steps of the matrix unit's reduction. Where channels are few, phases of the stride become channels (space to depth),
/// so that fewer taps have fuller steps: a 7x7 of stride 2 on 3 channels takes 16 of 12 channels instead of 49 of 3.
std::int64_t matrix_reduction(const MatrixUnit& unit, const LoopNest& nest, const OpTile& tile) {
  const std::int64_t in = unit.in_channels;
  const std::int64_t direct = nest.kernel_height * nest.kernel_width * ceil_div(tile.in_channels, in);
  const bool folds = nest.groups == 1 && !nest.transposed && nest.dilation_h == 1 && nest.dilation_w == 1 &&
                     tile.in_channels == nest.in_channels;
  if (!folds) return direct;
  const std::int64_t taps = ceil_div(nest.kernel_height, nest.stride_h) * ceil_div(nest.kernel_width, nest.stride_w);
  return std::min(direct, taps * ceil_div(tile.in_channels * nest.stride_h * nest.stride_w, in));
}

}  // namespace

std::optional<Kernel> matrix_kernel(const Config& config, DType dtype, const LoopNest& nest, const OpTile& tile,
                                    bool map) {
  if (!config.matrix) return std::nullopt;
  const MatrixUnit& unit = *config.matrix;
  const auto rate = find_rate(unit.rates, dtype);
  if (rate == unit.rates.end()) return std::nullopt;
  const std::int64_t rows = unit.patch_rows, columns = unit.patch_columns;
  const std::int64_t in = unit.in_channels, out = unit.out_channels;
  const std::int64_t patches = map ? ceil_div(tile.out_height, rows) * ceil_div(tile.out_width, columns)
                                   : ceil_div(tile.out_height * tile.out_width, rows * columns);
  const auto steps = static_cast<double>(tile.groups * patches * matrix_reduction(unit, nest, tile) *
                                         ceil_div(tile.out_channels, out));
  const double macs = steps * static_cast<double>(rows * columns * in * out);
  const double results = tile.last_in_channels ? static_cast<double>(output_elements(nest, tile)) : 0.0;
  const double bytes = bits_of(rate->dtype) / 8.0;
  return Kernel{.cycles = std::max(macs / static_cast<double>(rate->macs.count()), results / unit.results),
                .packets = steps,
                .tcm_bytes = (steps * static_cast<double>(rows * columns * in + in * out) + results) * bytes};
}

Kernel element_kernel(const Machine& machine, const Rate& rate, const Elements& work) {
  const Config& config = machine.config;
  const auto vector = static_cast<double>(config.vector.count());
  const auto elements = static_cast<double>(elements_per_vector(config, rate));
  const double widened = is_float(rate.dtype) ? 1.0 : 32.0 / rate.lane_bits;
  const double unpacked = rate.lane_bits / static_cast<double>(bits_of(work.dtype));
  const double units = std::max(1.0, std::ceil(work.out_bytes * unpacked / vector));
  Operations all{.loads = work.in_bytes * unpacked / vector, .stores = units, .multiplies = 0.0, .alu = 0.0};
  const double vectors = work.operations / elements;
  switch (work.op_class) {
    case OpClass::pool:  // on the format itself, one element of a window after the other
      all.loads = std::max(all.loads, vectors);
      all.alu = vectors;
      break;
    case OpClass::elementwise:  // on 32-bit values with a scale of their own
      all += finishing(config, rate, units * widened, 0.0);
      all.alu += vectors * widened;
      break;
    case OpClass::data_movement:
    case OpClass::view:
      all.alu = units;
      break;
    default:  // reductions: on 32-bit values
      all.alu = vectors * widened;
  }
  if (bits_of(work.dtype) < bits_of(rate.dtype)) {
    all.alu += config.unpack_alu * (work.in_bytes * unpacked / vector + units);
  }
  return dealt(config, units, machine.packets(all * (1.0 / units)), (all.loads + all.stores) * vector);
}

Kernel unpack_kernel(const Machine& machine, const Rate& rate, DType dtype, std::int64_t elements) {
  if (bits_of(dtype) >= bits_of(rate.dtype) || elements == 0) return {};
  const Config& config = machine.config;
  const auto vectors = static_cast<double>(ceil_div(elements, elements_per_vector(config, rate)));
  const Operations each{.loads = static_cast<double>(bits_of(dtype)) / rate.lane_bits,
                        .stores = 1.0,
                        .multiplies = 0.0,
                        .alu = static_cast<double>(config.unpack_alu)};
  const double accesses = (each.loads + each.stores) * static_cast<double>(config.vector.count());
  Kernel kernel = dealt(config, vectors, machine.packets(each), vectors * accesses);
  kernel.cycles += config.loop_fill;
  return kernel;
}

}  // namespace chipcast::dsp
