// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "models/cache/model.h"
#include "models/dma/model.h"
#include "models/interconnect/model.h"
#include "models/memory_module.h"
#include "platform/platform.h"
#include "platform/recorder.h"

namespace chipcast {

/// Interconnect, system cache and memories of a platform: modules of the simulation at hand.
class MemorySystem {
 public:
  struct Observers {
    TransferObserver& interconnect;
    TransferObserver& cache;
    std::vector<TransferObserver*> memories;
  };

  /// The first memory is at least as large as `footprint`.
  MemorySystem(const Platform& platform, Bytes footprint, const Observers& observers);

  /// To be called for the load and the store engine of each device, in the platform's order.
  void connect(dma::Engine& dma) { dma.socket.bind(fabric_.target); }
  /// What still waits, for a run that got stuck.
  std::vector<std::string> state() const;
  /// Books what memories and cache used apart from transfers, and closes the books.
  void close(Recorder& recorder, Time end);

 private:
  interconnect::Fabric fabric_;
  std::vector<std::unique_ptr<MemoryModule>> memories_;
  std::unique_ptr<cache::Model> cache_;
};

}  // namespace chipcast
