// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/reference/call.h"
#include "kernels/reference/functions.h"

namespace chipcast::kernels::reference {
namespace {

std::size_t at(std::int64_t place) { return static_cast<std::size_t>(place); }

std::int64_t gates_of(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }

/// Functions of one direction: of the gates, of the cell and (lstm) of the output.
std::array<Unary, 3> functions_of(const Recurrent& op, std::size_t direction, const Call& call) {
  const std::size_t count = op.cell == Cell::lstm ? 3 : op.cell == Cell::gru ? 2 : 1;
  std::array<Unary, 3> out{};
  out.fill({.function = UnaryFunction::tanh});
  if (op.cell != Cell::rnn) out[0].function = UnaryFunction::sigmoid;
  if (op.activations.empty()) return out;
  const std::size_t directions = op.bidirectional ? 2 : 1;
  if (op.activations.size() != count * directions) {
    call.fail("activations has " + std::to_string(op.activations.size()) + " entries; " +
              std::to_string(count * directions) + " are needed (or none)");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& name = op.activations[direction * count + i];
    const auto function = enum_from<UnaryFunction>(name);
    if (!function) call.fail("activation " + in_quotes(name) + suggestion(name, all_names<UnaryFunction>()));
    out[i].function = *function;
  }
  return out;
}

/// Weights of one direction and the state that it carries along.
template <class C>
struct Direction {
  const Recurrent& op;
  std::array<Unary, 3> functions;
  std::int64_t inputs, batch;
  const C *w, *r;  ///< [gates * hidden, inputs], [gates * hidden, hidden]
  std::vector<C> input_bias, state_bias;
  std::vector<C> hidden, cell;  ///< [batch, hidden]

  C apply(std::size_t function, C x) const {
    if (op.clip) x = std::clamp(x, static_cast<C>(-*op.clip), static_cast<C>(*op.clip));
    return apply_function(functions[function], x);
  }
  C plain(std::size_t function, C x) const { return apply_function(functions[function], x); }
};

template <class C>
C dot(const C* a, const C* b, std::int64_t count) {
  C sum{};
  for (std::int64_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

/// W x + its bias, and R h + its bias, of every gate.
template <class C>
struct Products {
  std::vector<C> of_input, of_state;
};

template <class C>
Products<C> products(const Direction<C>& d, const C* x, const C* hidden) {
  const std::int64_t rows = gates_of(d.op.cell) * d.op.hidden;
  Products<C> out{d.input_bias, d.state_bias};
  for (std::int64_t row = 0; row < rows; ++row) {
    out.of_input[at(row)] += dot(d.w + row * d.inputs, x, d.inputs);
    out.of_state[at(row)] += dot(d.r + row * d.op.hidden, hidden, d.op.hidden);
  }
  return out;
}

/// c' = f c + i g, h' = o act(c'); gates i, o, f, g.
template <class C>
void lstm_step(const Direction<C>& d, const Products<C>& sums, C* hidden, C* cell) {
  const std::int64_t n = d.op.hidden;
  const auto sum = [&](std::int64_t gate, std::int64_t j) {
    return sums.of_input[at(gate * n + j)] + sums.of_state[at(gate * n + j)];
  };
  for (std::int64_t j = 0; j < n; ++j) {
    const C input = d.apply(0, sum(0, j)), output = d.apply(0, sum(1, j)), forget = d.apply(0, sum(2, j));
    cell[j] = forget * cell[j] + input * d.apply(1, sum(3, j));
    hidden[j] = output * d.plain(2, cell[j]);
  }
}

/// h' = (1 - z) g + z h; gates z, r, g. The reset gate scales h before its product, or the product.
template <class C>
void gru_step(const Direction<C>& d, const Products<C>& sums, C* hidden) {
  const std::int64_t n = d.op.hidden;
  std::vector<C> update(at(n)), reset(at(n)), scaled(at(n));
  for (std::int64_t j = 0; j < n; ++j) {
    update[at(j)] = d.apply(0, sums.of_input[at(j)] + sums.of_state[at(j)]);
    reset[at(j)] = d.apply(0, sums.of_input[at(n + j)] + sums.of_state[at(n + j)]);
    scaled[at(j)] = reset[at(j)] * hidden[j];
  }
  for (std::int64_t j = 0; j < n; ++j) {
    const std::int64_t row = 2 * n + j;
    const C state = d.op.linear_before_reset ? reset[at(j)] * sums.of_state[at(row)]
                                             : dot(d.r + row * n, scaled.data(), n) + d.state_bias[at(row)];
    const C candidate = d.apply(1, sums.of_input[at(row)] + state);
    hidden[j] = (C{1} - update[at(j)]) * candidate + update[at(j)] * hidden[j];
  }
}

template <class C>
void step(Direction<C>& d, const C* x, std::int64_t row) {
  C* hidden = d.hidden.data() + row * d.op.hidden;
  const Products<C> sums = products(d, x, hidden);
  if (d.op.cell == Cell::lstm) {
    lstm_step(d, sums, hidden, d.cell.data() + row * d.op.hidden);
  } else if (d.op.cell == Cell::gru) {
    gru_step(d, sums, hidden);
  } else {
    for (std::int64_t j = 0; j < d.op.hidden; ++j) hidden[j] = d.apply(0, sums.of_input[at(j)] + sums.of_state[at(j)]);
  }
}

/// The part of a direction in [dirs, ...]; zeros where the operand is absent.
template <class C>
std::vector<C> part(const Array* array, std::int64_t direction, std::int64_t size) {
  if (array == nullptr) return std::vector<C>(at(size));
  const auto values = unpack<C>(*array);
  return {values.begin() + direction * size, values.begin() + (direction + 1) * size};
}

struct Sizes {
  std::int64_t steps, batch, inputs, directions;
};

template <class C>
Arrays recurrent(const Recurrent& op, const Call& call, const Sizes& sizes) {
  const Values<C> x = unpack<C>(call.in(0)), w = unpack<C>(call.in(1)), r = unpack<C>(call.in(2));
  const std::int64_t rows = gates_of(op.cell) * op.hidden, state = sizes.batch * op.hidden;
  Values<C> y(at(sizes.steps * sizes.directions * state)), hidden, cell;
  for (std::int64_t dir = 0; dir < sizes.directions; ++dir) {
    const auto bias = part<C>(call.maybe(3), dir, 2 * rows);
    Direction<C> d{op,
                   functions_of(op, at(dir), call),
                   sizes.inputs,
                   sizes.batch,
                   w.data() + dir * rows * sizes.inputs,
                   r.data() + dir * rows * op.hidden,
                   {bias.begin(), bias.begin() + rows},
                   {bias.begin() + rows, bias.end()},
                   part<C>(call.maybe(4), dir, state),
                   part<C>(call.maybe(5), dir, state)};
    for (std::int64_t i = 0; i < sizes.steps; ++i) {
      const std::int64_t t = dir == 1 || op.reverse ? sizes.steps - 1 - i : i;
      for (std::int64_t row = 0; row < sizes.batch; ++row) {
        const std::int64_t from = op.batch_first ? row * sizes.steps + t : t * sizes.batch + row;
        step(d, x.data() + from * sizes.inputs, row);
        const std::int64_t to = op.batch_first ? (row * sizes.steps + t) * sizes.directions + dir
                                               : (t * sizes.directions + dir) * sizes.batch + row;
        std::copy_n(d.hidden.begin() + row * op.hidden, op.hidden, y.begin() + to * op.hidden);
      }
    }
    hidden.insert(hidden.end(), d.hidden.begin(), d.hidden.end());
    cell.insert(cell.end(), d.cell.begin(), d.cell.end());
  }
  Arrays out{pack(y, call.out())};
  if (call.outputs.size() > 1) out.push_back(pack(hidden, call.out(1)));
  if (call.outputs.size() > 2) out.push_back(pack(cell, call.out(2)));
  return out;
}

}  // namespace

Arrays evaluate(const Recurrent& op, const Call& call) {
  call.expect_float();
  if (op.reverse && op.bidirectional) call.fail("is both reverse and bidirectional; one of them is enough");
  const Shape& x = call.in(0).shape();
  const Sizes sizes{x[op.batch_first ? 1 : 0], x[op.batch_first ? 0 : 1], x[2], op.bidirectional ? 2 : 1};
  return dispatch(compute_of({call.in(0).dtype()}), [&]<class C>() -> Arrays {
    if constexpr (std::is_floating_point_v<C>) {
      return recurrent<C>(op, call, sizes);
    } else {
      return {};
    }
  });
}

}  // namespace chipcast::kernels::reference
