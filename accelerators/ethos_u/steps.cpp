// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/steps.h"

namespace chipcast::ethos_u {
namespace {

std::string extents(const Extents& e) {
  return std::to_string(e.height) + " x " + std::to_string(e.width) + " x " + std::to_string(e.depth);
}

}  // namespace

std::string describe(const Job& job) {
  std::string text = std::to_string(job.blocks) + (job.blocks == 1 ? " block of " : " blocks of ");
  text += extents(job.block.ofm) + " (rows x columns x channels)";
  if (job.operation.unit == Unit::conv) {
    text += job.block.traversal == Traversal::depth_first ? ", depth first" : ", part kernel first";
  }
  if (job.operation.has_weights) text += job.streams.staged() ? ", weights staged" : ", weights streamed";
  return text;
}

}  // namespace chipcast::ethos_u
