// SPDX-License-Identifier: Apache-2.0
#include "models/thermal/network.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "sim/base/check.h"

namespace chipcast::thermal {
namespace {

using Index = Eigen::Index;

Index position(const Config& config, const std::string& name) {
  Index at = 0;
  for (const auto& node : config.nodes) {
    if (node.first == name) return at;
    ++at;
  }
  CHIPCAST_ASSERT(false);
  return at;
}

/// Heat that leaves each node per kelvin of each, W/K; symmetric, positive definite where all nodes reach the air.
Eigen::MatrixXd conductance(const Config& config) {
  const auto n = static_cast<Index>(config.nodes.size());
  Eigen::MatrixXd g = Eigen::MatrixXd::Zero(n, n);
  for (Index i = 0; i < n; ++i) {
    const double r = config.nodes[static_cast<std::size_t>(i)].second.to_ambient_k_per_w;
    if (r > 0.0) g(i, i) += 1.0 / r;
  }
  for (const auto& link : config.links) {
    const Index a = position(config, link.from), b = position(config, link.to);
    const double flow = 1.0 / link.resistance_k_per_w;
    g(a, a) += flow;
    g(b, b) += flow;
    g(a, b) -= flow;
    g(b, a) -= flow;
  }
  return g;
}

std::vector<std::vector<double>> columns(const Eigen::MatrixXd& matrix, bool reversed) {
  std::vector<std::vector<double>> result;
  for (Index c = 0; c < matrix.cols(); ++c) {
    const Eigen::VectorXd column = matrix.col(reversed ? matrix.cols() - 1 - c : c);
    result.emplace_back(column.data(), column.data() + column.size());
  }
  return result;
}

}  // namespace

Network::Network(const Config& config) : ambient_(config.ambient_c), celsius_(config.nodes.size(), config.ambient_c) {
  config.validate();
  if (config.nodes.empty()) return;
  const auto n = static_cast<Index>(config.nodes.size());
  Eigen::VectorXd root(n);
  for (Index i = 0; i < n; ++i) root(i) = std::sqrt(config.nodes[static_cast<std::size_t>(i)].second.capacity_j_per_k);
  root_capacity_.assign(root.data(), root.data() + n);

  const Eigen::MatrixXd g = conductance(config);
  resistance_ = columns(g.ldlt().solve(Eigen::MatrixXd::Identity(n, n)), false);
  const Eigen::MatrixXd scaled = root.cwiseInverse().asDiagonal() * g * root.cwiseInverse().asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(scaled);
  CHIPCAST_ASSERT(solver.info() == Eigen::Success);
  modes_ = columns(solver.eigenvectors(), true);
  for (Index i = n; i-- > 0;) rates_.push_back(solver.eigenvalues()(i));
}

void Network::set(const std::vector<double>& celsius) {
  CHIPCAST_ASSERT(celsius.size() == size());
  celsius_ = celsius;
}

std::vector<double> Network::steady(const std::vector<double>& watts) const {
  CHIPCAST_ASSERT(watts.size() == size());
  std::vector<double> celsius(size(), ambient_);
  for (std::size_t from = 0; from < size(); ++from) {
    for (std::size_t to = 0; to < size(); ++to) celsius[to] += resistance_[from][to] * watts[from];
  }
  return celsius;
}

void Network::advance(Seconds time, const std::vector<double>& watts) {
  CHIPCAST_ASSERT(time >= Seconds(0.0));
  const std::vector<double> end = steady(watts);
  std::vector<double> moved(size(), 0.0);
  for (std::size_t m = 0; m < size(); ++m) {
    double distance = 0.0;
    for (std::size_t i = 0; i < size(); ++i) distance += modes_[m][i] * root_capacity_[i] * (celsius_[i] - end[i]);
    const double change = distance * std::expm1(-rates_[m] * time.count());
    for (std::size_t i = 0; i < size(); ++i) moved[i] += modes_[m][i] * change;
  }
  for (std::size_t i = 0; i < size(); ++i) celsius_[i] += moved[i] / root_capacity_[i];
}

std::vector<Seconds> Network::time_constants() const {
  std::vector<Seconds> result;
  for (const double rate : rates_) result.emplace_back(1.0 / rate);
  return result;
}

}  // namespace chipcast::thermal
