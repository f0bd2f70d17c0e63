// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "platform/simulation.h"

/// What the tests of whole runs share.
namespace chipcast::system_test {

/// Names of configs/platforms/*.json.
std::vector<std::string> platform_names();

/// A bundled platform, read once and kept.
std::shared_ptr<const Platform> bundled(const std::string& name);
std::shared_ptr<const Platform> bundled(const std::string& name, const std::vector<std::string>& overrides);

/// A network of the zoo, built once and kept.
const Graph& network(const std::string& name);

/// A fresh simulation of both.
Simulation simulate(const std::string& network, const std::string& platform, DType dtype);

/// One convolution [1, in, size, size] -> out channels, 3x3, in `dtype`.
Graph one_conv(std::int64_t in, std::int64_t out, std::int64_t size, DType dtype);

}  // namespace chipcast::system_test
