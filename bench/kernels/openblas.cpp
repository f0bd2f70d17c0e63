// SPDX-License-Identifier: Apache-2.0
#include <cblas-openblas.h>

#include <memory>

#include "bench/kernels/case.h"

namespace chipcast::bench {

namespace {

/// Weights are kept transposed, as BLAS likes them: [K, N].
Values<float> transposed(const Case& some, const Values<float>& weights) {
  const auto n = static_cast<std::size_t>(some.out_channels), k = static_cast<std::size_t>(some.depth());
  Values<float> out(n * k);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < k; ++j) out[j * n + i] = weights[i * k + j];
  }
  return out;
}

std::optional<Prepared> prepare(const Case& some, Format format, const Operands& operands) {
  const bool plain_product = some.groups == 1 && some.kernel == 1 && some.stride == 1;
  if (format != Format::fp32 || !plain_product) return std::nullopt;
  openblas_set_num_threads(1);
  struct State {
    Values<float> b, c, bias;
  };
  auto state = std::make_shared<State>();
  state->b = transposed(some, operands.weights);
  state->bias = operands.bias;
  state->c.resize(static_cast<std::size_t>(some.outputs()));
  const auto m = static_cast<int>(some.positions()), n = static_cast<int>(some.out_channels),
             k = static_cast<int>(some.depth());
  const float* a = operands.input.data();
  return Prepared{[=] {
                    if (m == 1) {
                      cblas_sgemv(CblasRowMajor, CblasTrans, k, n, 1.0F, state->b.data(), n, a, 1, 0.0F,
                                  state->c.data(), 1);
                      return;
                    }
                    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0F, a, k, state->b.data(), n,
                                0.0F, state->c.data(), n);
                  },
                  [=] {
                    std::vector<float> result(state->c.begin(), state->c.end());
                    for (std::size_t i = 0; i < result.size(); ++i) result[i] += state->bias[i % state->bias.size()];
                    return result;
                  }};
}

}  // namespace

Contender openblas() { return {"OpenBLAS", prepare}; }

}  // namespace chipcast::bench
