// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/executor.h"

#include "kernels/executor/plan.h"

namespace chipcast::kernels {

Executor::Executor(Graph graph, Parameters parameters, ExecutorOptions options)
    : plan_(std::make_unique<Plan>(std::move(graph), std::move(parameters), options)) {}
Executor::~Executor() = default;
Executor::Executor(Executor&&) noexcept = default;

std::vector<Array> Executor::run(std::span<const Array> inputs, const Observer& observer) {
  return plan_->run(inputs, observer);
}

const std::vector<LayerTime>& Executor::times() const { return plan_->times(); }
const Graph& Executor::graph() const { return plan_->graph(); }

}  // namespace chipcast::kernels
