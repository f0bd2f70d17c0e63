// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/dma/config_compression.h"
#include "sim/base/time.h"

/// Closed forms of compression. Symbols: n elements of b bits, a share z of them zero, each independently.
namespace chipcast::dma {

/// What is known of data without looking at it.
struct DataKind {
  int element_bits = 8;
  double zero_share = 0.0;
};

/// Expected bytes on the bus, rounded up; never more than raw + metadata.
///   ratio             raw / ratio
///   bitmap            n / 8 + n (1 - z) b / 8
///   zero_run_length   pairs of a run of up to R = 2^run_bits - 1 zeros and a value, the value zero where a run is
///                     longer: n (1 - z) / (1 - z^(R + 1)) pairs, floor(word / (run_bits + b)) of them in a word
Bytes compressed_bytes(const Compression& compression, Bytes raw, const DataKind& data);

/// Least time that the (de)compressor needs: raw / throughput.
Time codec_time(const Compression& compression, Bytes raw);

}  // namespace chipcast::dma
