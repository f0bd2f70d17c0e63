// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Sums and maps over dense lines. Internal to kernels/normalisation and kernels/attention.
namespace chipcast::kernels::lines {

float largest(const float* x, std::int64_t count);  ///< NaN where there is one
double sum(const float* x, std::int64_t count);
double sum_of_squares(const float* x, double mean, std::int64_t count);  ///< of x - mean

/// y = exp(x - by); returns the sum. x == y is allowed.
double exponentials(const float* x, float by, float* y, std::int64_t count);
/// y = (x - mean) * factor * scale + bias; scale and bias may be null.
void normalise(const float* x, double mean, float factor, const float* scale, const float* bias, float* y,
               std::int64_t count);
/// y = x * scale + bias, each a whole line.
void affine(const float* x, const float* scale, const float* bias, float* y, std::int64_t count);
/// y = (x - mean) * factor + offset.
void affine(const float* x, float mean, float factor, float offset, float* y, std::int64_t count);

/// Line by line: into[i] = max(into[i], x[i]); into[i] += x[i]; into[i] += (x[i] - mean[i])^2; y = exp(x - by), added
/// to into.
void join_largest(const float* x, float* into, std::int64_t count);
void join_sum(const float* x, float* into, std::int64_t count);
void join_squares(const float* x, const float* mean, float* into, std::int64_t count);
void join_exponentials(const float* x, const float* by, float* y, float* into, std::int64_t count);
/// y = x / by, y = x - by.
void divide(const float* x, const float* by, float* y, std::int64_t count);
void subtract(const float* x, const float* by, float* y, std::int64_t count);
/// y = log(x).
void logarithms(const float* x, float* y, std::int64_t count);

/// y = x * scale^-beta.
void damp(const float* x, const float* scale, float beta, float* y, std::int64_t count);

}  // namespace chipcast::kernels::lines
