// SPDX-License-Identifier: Apache-2.0
#include "kernels/recurrent/recurrent.h"

#include "sim/base/check.h"
#include "tests/kernels/elementwise/random_values.h"

namespace chipcast::kernels {
namespace {

struct Case {
  Recurrent op;
  std::int64_t steps, batch, input;
};

double sigmoid_of(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// ONNX's formulas in double, one step of one row after the other.
class Plain {
 public:
  Plain(const Case& one, const Floats& x, const Floats& w, const Floats& r, const Floats& bias, const Floats& h0,
        const Floats& c0)
      : s_(one), x_(x), w_(w), r_(r), bias_(bias), h0_(h0), c0_(c0) {}

  std::vector<double> y() const {
    std::vector<double> all(static_cast<std::size_t>(s_.steps * dirs() * s_.batch * hidden()));
    for (std::int64_t d = 0; d < dirs(); ++d) {
      for (std::int64_t b = 0; b < s_.batch; ++b) {
        std::vector<double> h, c;
        for (std::int64_t i = 0; i < hidden(); ++i) {
          h.push_back(static_cast<double>(h0_[(d * s_.batch + b) * hidden() + i]));
          c.push_back(static_cast<double>(c0_[(d * s_.batch + b) * hidden() + i]));
        }
        for (std::int64_t step = 0; step < s_.steps; ++step) {
          const std::int64_t t = d == 1 || s_.op.reverse ? s_.steps - 1 - step : step;
          advance(d, b, t, h, c);
          for (std::int64_t i = 0; i < hidden(); ++i) {
            const std::int64_t at = s_.op.batch_first ? ((b * s_.steps + t) * dirs() + d) * hidden() + i
                                                      : ((t * dirs() + d) * s_.batch + b) * hidden() + i;
            all[static_cast<std::size_t>(at)] = h[static_cast<std::size_t>(i)];
          }
        }
      }
    }
    return all;
  }

 private:
  std::int64_t hidden() const { return s_.op.hidden; }
  std::int64_t dirs() const { return s_.op.bidirectional ? 2 : 1; }
  std::int64_t gates() const { return s_.op.cell == Cell::lstm ? 4 : s_.op.cell == Cell::gru ? 3 : 1; }
  double bound(double v) const { return s_.op.clip ? std::clamp(v, -*s_.op.clip, *s_.op.clip) : v; }

  double of_input(std::int64_t d, std::int64_t b, std::int64_t t, std::int64_t row) const {
    const std::int64_t at = s_.op.batch_first ? b * s_.steps + t : t * s_.batch + b;
    double sum = static_cast<double>(bias_[d * 2 * gates() * hidden() + row]);
    for (std::int64_t k = 0; k < s_.input; ++k) {
      sum += static_cast<double>(w_[(d * gates() * hidden() + row) * s_.input + k]) *
             static_cast<double>(x_[at * s_.input + k]);
    }
    return sum;
  }
  double of_state(std::int64_t d, std::int64_t row, const std::vector<double>& h) const {
    double sum = static_cast<double>(bias_[(d * 2 + 1) * gates() * hidden() + row]);
    for (std::int64_t k = 0; k < hidden(); ++k) {
      sum += static_cast<double>(r_[(d * gates() * hidden() + row) * hidden() + k]) * h[static_cast<std::size_t>(k)];
    }
    return sum;
  }
  void advance(std::int64_t d, std::int64_t b, std::int64_t t, std::vector<double>& h, std::vector<double>& c) const {
    const std::vector<double> before = h;
    const auto gate = [&](std::int64_t g, std::int64_t i) {
      return bound(of_input(d, b, t, g * hidden() + i) + of_state(d, g * hidden() + i, before));
    };
    std::vector<double> reset = before;
    for (std::int64_t i = 0; s_.op.cell == Cell::gru && i < hidden(); ++i)
      reset[static_cast<std::size_t>(i)] *= sigmoid_of(gate(1, i));
    for (std::int64_t i = 0; i < hidden(); ++i) {
      double& y = h[static_cast<std::size_t>(i)];
      if (s_.op.cell == Cell::rnn) {
        y = std::tanh(gate(0, i));
      } else if (s_.op.cell == Cell::lstm) {
        double& cell = c[static_cast<std::size_t>(i)];
        cell = sigmoid_of(gate(2, i)) * cell + sigmoid_of(gate(0, i)) * std::tanh(gate(3, i));
        y = sigmoid_of(gate(1, i)) * std::tanh(cell);
      } else {
        const std::int64_t row = 2 * hidden() + i;
        const double state =
            s_.op.linear_before_reset ? sigmoid_of(gate(1, i)) * of_state(d, row, before) : of_state(d, row, reset);
        const double z = sigmoid_of(gate(0, i));
        y = (1 - z) * std::tanh(bound(of_input(d, b, t, row) + state)) + z * before[static_cast<std::size_t>(i)];
      }
    }
  }

  const Case& s_;
  const Floats &x_, &w_, &r_, &bias_, &h0_, &c0_;
};

TEST(Recurrent, EqualsOnnxFormulas) {
  std::vector<Case> cases;
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn}) {
    cases.push_back({{.cell = cell, .hidden = 17}, 5, 1, 3});
    cases.push_back({{.cell = cell, .hidden = 33, .bidirectional = true, .batch_first = true}, 4, 3, 16});
    cases.push_back({{.cell = cell, .hidden = 1, .reverse = true, .linear_before_reset = true, .clip = 0.3}, 3, 2, 1});
  }
  for (const Case& one : cases) {
    const std::int64_t hidden = one.op.hidden, dirs = one.op.bidirectional ? 2 : 1;
    const std::int64_t rows = dirs * (one.op.cell == Cell::lstm ? 4 : one.op.cell == Cell::gru ? 3 : 1) * hidden;
    std::mt19937 random(8);
    const Floats x(one.steps * one.batch * one.input, random), w(rows * one.input, random, -0.5F, 0.5F),
        r(rows * hidden, random, -0.5F, 0.5F), bias(2 * rows, random), h0(dirs * one.batch * hidden, random),
        c0(dirs * one.batch * hidden, random);
    const auto wanted = Plain(one, x, w, r, bias, h0, c0).y();
    with_each_target([&] {
      ThreadPool pool;
      const RecurrentF32 layer(one.op, one.input, w.data(), r.data(), bias.data());
      Floats y(static_cast<std::int64_t>(wanted.size())), y_h(h0.size()), y_c(c0.size());
      layer.run({.steps = one.steps,
                 .batch = one.batch,
                 .x = x.data(),
                 .h0 = h0.data(),
                 .c0 = c0.data(),
                 .y = y.data(),
                 .y_h = y_h.data(),
                 .y_c = y_c.data()},
                pool);
      expect_near(y, wanted, 3e-6);
      if (!one.op.reverse && !one.op.batch_first) {
        EXPECT_EQ(y_h[0], y[(one.steps - 1) * dirs * one.batch * hidden]);
      }
    });
  }
}

TEST(Recurrent, Refuses) {
  const float w[8] = {};
  ThreadPool pool;
  EXPECT_THROW(RecurrentF32({.hidden = 1}, 0, w, w, nullptr), InputError);
  EXPECT_THROW(RecurrentF32({.hidden = 0}, 1, w, w, nullptr), InputError);
  EXPECT_THROW(RecurrentF32({.hidden = 1, .clip = 0.0}, 1, w, w, nullptr), InputError);
  EXPECT_THROW(RecurrentF32({.hidden = 1, .activations = {"tanh"}}, 1, w, w, nullptr), InputError);
  EXPECT_THROW(RecurrentF32({.hidden = 1, .activations = {"tanh", "tan", "tanh"}}, 1, w, w, nullptr), InputError);
  EXPECT_THROW(RecurrentF32({.hidden = 1}, 1, w, w, nullptr).run({.steps = 0}, pool), InputError);
}

TEST(Recurrent, refuses_sizes_beyond_63_bits) {
  const std::vector<float> weights(64);
  float y = 0;
  const RecurrentF32 layer({.hidden = 2}, 2, weights.data(), weights.data(), nullptr);
  ThreadPool pool;
  EXPECT_THROW(layer.run({.steps = 1 << 30, .batch = 1 << 30, .x = weights.data(), .y = &y}, pool), InputError);
  EXPECT_THROW(RecurrentF32({.hidden = 1 << 30}, 1 << 30, weights.data(), weights.data(), nullptr), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
