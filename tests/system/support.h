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

/// One platform for each combination of device types that the bundled ones have, and those that tests name everywhere.
std::vector<std::string> platforms_of_each_kind();

/// A platform of special devices alone does not run everything. True where `what` (InputError::what()) says so; a
/// fault of ours reads differently.
bool is_a_refusal(const std::string& what);

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
