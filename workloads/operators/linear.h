// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/field.h"

/// Products of matrices.
namespace chipcast {

/// a [M,K], b [K,N], c? -> y [M,N]; transposes are applied first.
struct Gemm {
  static constexpr std::string_view kind = "gemm";
  bool transpose_a{false}, transpose_b{false};
  std::optional<double> alpha{}, beta{};  ///< y = alpha * a b + beta * c; 1 where absent
  template <class V>
  void visit(V& v) {
    v.field("transpose_a", transpose_a, {.doc = "First operand is stored [K,M]."});
    v.field("transpose_b", transpose_b, {.doc = "Second operand is stored [N,K]."});
    v.field("alpha", alpha, {.doc = "Factor of the product; default 1."});
    v.field("beta", beta, {.doc = "Factor of c; default 1."});
  }
};

/// a [...,M,K], b [...,K,N] -> y [...,M,N]; leading axes broadcast; 1-D operands as NumPy's matmul.
struct Matmul {
  static constexpr std::string_view kind = "matmul";
  bool transpose_a{false}, transpose_b{false};
  template <class V>
  void visit(V& v) {
    v.field("transpose_a", transpose_a, {.doc = "Last two axes of the first operand are swapped."});
    v.field("transpose_b", transpose_b, {.doc = "Last two axes of the second operand are swapped."});
  }
};

enum class Cell { lstm, gru, rnn };
constexpr std::array<std::pair<Cell, std::string_view>, 3> enum_names(Cell) {
  return {{{Cell::lstm, "lstm"}, {Cell::gru, "gru"}, {Cell::rnn, "rnn"}}};
}

/// x [steps,batch,in], W [dirs,gates*hidden,in], R [dirs,gates*hidden,hidden], B? [dirs,2*gates*hidden],
/// h0?, c0? -> y [steps,dirs,batch,hidden], y_h [dirs,batch,hidden], y_c (lstm). gates: lstm 4, gru 3, rnn 1,
/// in ONNX's order: input, output, forget, cell (lstm); update, reset, hidden (gru).
struct Recurrent {
  static constexpr std::string_view kind = "recurrent";
  Cell cell{Cell::lstm};
  std::int64_t hidden{1};
  bool bidirectional{false};
  bool batch_first{false};  ///< x is [batch,steps,in], y [batch,steps,dirs*hidden]
  bool reverse{false}, linear_before_reset{false};
  std::optional<double> clip{};
  std::vector<std::string> activations{};
  template <class V>
  void visit(V& v) {
    v.field("cell", cell, {.doc = "Kind of cell.", .required = true});
    v.field("hidden", hidden, {.doc = "Hidden size.", .min = 1, .required = true});
    v.field("bidirectional", bidirectional, {.doc = "A second pass runs backwards."});
    v.field("batch_first", batch_first, {.doc = "x is [batch,steps,in], y [batch,steps,dirs*hidden]."});
    v.field("reverse", reverse, {.doc = "The only pass runs backwards."});
    v.field("linear_before_reset", linear_before_reset,
            {.doc = "gru: the reset gate scales R h + its bias instead of h (ONNX; always so in PyTorch and Keras)."});
    v.field("clip", clip, {.doc = "Bounds the gates' arguments to [-clip, clip]."});
    v.field("activations", activations,
            {.doc = "Functions of each direction in ONNX's order, as unary spells them; empty means sigmoid, tanh, "
                    "tanh (lstm), sigmoid, tanh (gru) or tanh (rnn)."});
  }
};

}  // namespace chipcast
