// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "models/dram/memory.h"

/// Bandwidth of bursts by command against arithmetic from first principles, for one bin of each family.
namespace chipcast::dram {
namespace {

using P = Param;

class Bandwidth : public testing::TestWithParam<const char*> {
 protected:
  Standard s_ = find_standard(GetParam());
  const Timing& t_ = s_.timing;
  const Organisation& o_ = s_.organisation;

  /// The part of time that is not refresh: 1 - tRFC / tREFI, with the banks' precharge before it.
  double awake() const { return 1.0 - static_cast<double>(t_[P::rfc]) / t_[P::refi]; }
  /// Bursts per cycle over a run.
  static double rate(std::int64_t bursts, Cycle cycles) {
    return static_cast<double>(bursts) / static_cast<double>(cycles);
  }
};

/// A long stream fills the data bus but for refresh: one burst per tCCD_S.
TEST_P(Bandwidth, OfAStreamIsPeakLessRefresh) {
  for (const bool write : {false, true}) {
    CommandMemory m(s_, {});
    m.submit({.address = 0, .bytes = 4 << 20, .write = write});
    const double got = rate((4 << 20) / o_.burst_bytes(), m.drain());
    const double expected = awake() / t_[P::ccd_s];
    EXPECT_LE(got, expected * 1.001);
    EXPECT_GE(got, expected * 0.965) << "the rest: rows close before each refresh and open after it";
  }
}

/// New rows of one bank: a burst per tRC (or per tRCD + tRTP + tRP where that is longer).
TEST_P(Bandwidth, OfOneBankIsABurstPerRowCycle) {
  CommandMemory m(s_, {.order = "bank group rank row column channel"});
  const int rows = 2000;
  for (int i = 0; i < rows; ++i) m.submit({.address = std::int64_t{i} * o_.row_bytes(), .bytes = o_.burst_bytes()});
  const double cycle = std::max(t_[P::rc], t_[P::rcd] + t_[P::rtp] + t_[P::rp]);
  EXPECT_NEAR(rate(rows, m.drain()), awake() / cycle, 0.01 / cycle);
}

/// New rows of all banks in turn: bound by tFAW / 4, tRRD, the banks' row cycle or the data bus.
TEST_P(Bandwidth, OfRowsInTurnIsBoundByActivation) {
  CommandMemory m(s_, {.order = "row column bank group rank channel"});
  const int bursts = 8192, banks = o_.banks_per_rank();
  // Bursts walk over the banks; a stride of a whole round of columns makes every burst a new row.
  for (int i = 0; i < bursts; ++i) {
    const std::int64_t row = i / banks, bank = i % banks;
    m.submit({.address = (row * o_.bursts_per_row() * banks + bank) * o_.burst_bytes(), .bytes = o_.burst_bytes()});
  }
  const double step = std::max({t_[P::faw] / 4.0, static_cast<double>(t_[P::rrd_s]), static_cast<double>(t_[P::ccd_s]),
                                static_cast<double>(t_[P::rc]) / banks});
  const double got = rate(bursts, m.drain());
  EXPECT_LE(got, awake() / step * 1.001);
  EXPECT_GE(got, awake() / step * 0.95);
}

/// Reads and writes in halves: each batch of writes (write_high - write_low = 16, and as many reads) costs one
/// turn to writes, RL + tDQSCK + BL + gap - WL less a burst, and one back, WL + BL + tWTR_L less a burst.
TEST_P(Bandwidth, OfReadsAndWritesLosesTheTurnarounds) {
  CommandMemory m(s_, {});
  std::int64_t bursts = 0;
  for (int i = 0; i < 4096; ++i, bursts += 1024 / o_.burst_bytes()) {
    m.submit({.address = std::int64_t{i} * 1024, .bytes = 1024, .write = i % 2 == 1});
  }
  const double got = rate(bursts, m.drain());
  const int ccd = t_[P::ccd_s];
  const int to_write = t_[P::rl] + t_[P::dqsck] + t_[P::bl] + t_[P::rtw_gap] - t_[P::wl] - ccd;
  const int to_read = t_[P::wl] + t_[P::dqss] + t_[P::bl] + t_[P::wtr_s] - ccd;
  // At least 16 writes go together, with the same number of reads; at most what both queues hold.
  const double worst = awake() * 32.0 / (32.0 * ccd + to_write + to_read);
  const double best = awake() * 64.0 / (64.0 * ccd + to_write + to_read);
  EXPECT_GE(got, worst * 0.95);
  EXPECT_LE(got, best * 1.10);
}

/// Energy of a saturated read stream by cause; the read part is energy.md section 6.
TEST_P(Bandwidth, EnergyOfAReadStreamAddsUp) {
  CommandMemory m(s_, {});
  m.submit({.address = 0, .bytes = 4 << 20});
  const Cycle end = m.drain();
  const EnergyReport e = m.energy();
  const double bits = 8.0 * (4 << 20);
  const double read = (s_.energy.read_core + s_.energy.read_io).count() * o_.devices() / (8.0 * o_.burst_bytes());
  EXPECT_NEAR(e.read.count() / bits, read, 1e-15);
  const double rows = static_cast<double>(m.activity().commands[index(Command::activate)]);
  EXPECT_NEAR(e.activate.count(), rows * s_.energy.activate.count() * o_.devices(), 1e-12);
  const double most = s_.energy.standing[index(RankState::active)].count() * o_.devices() * s_.cycle().count() *
                      static_cast<double>(end);
  EXPECT_LE(e.standing.count(), most);
  EXPECT_GE(e.standing.count(), 0.9 * most);
  EXPECT_EQ(e.write.count(), 0.0);
}

std::string bin_name(const testing::TestParamInfo<const char*>& bin) {
  std::string name = bin.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Dram, Bandwidth,
                         testing::Values("DDR3-1600", "DDR4-2400", "DDR4-3200", "LPDDR3-1600", "LPDDR4-3200",
                                         "LPDDR4X-4266", "LPDDR5-6400", "HBM2-2000"),
                         bin_name);

/// Commands and cycles of a saturated read stream times the currents, against energy.md section 6.
TEST(DramEnergy, OfASaturatedReadStreamIsTheReferences) {
  struct Row {
    const char* name;
    double pico;  ///< J/bit: device and, for LPDDR4, pins
  };
  for (const Row& row :
       {Row{"DDR3-1600G", 11.1}, Row{"DDR4-1866", 9.5}, Row{"DDR4-2400", 8.8}, Row{"LPDDR4-3200", 5.3 + 3.2}}) {
    CommandMemory m(find_standard(row.name), {});
    m.submit({.address = 0, .bytes = 8 << 20});
    m.drain();
    const EnergyReport e = m.energy();
    // The references' read energy is above standby; rows opened by the stream add a little to it.
    EXPECT_NEAR((e.read + e.activate).count() * 1e12 / (8.0 * (8 << 20)), row.pico, 0.15 * row.pico) << row.name;
  }
}

}  // namespace
}  // namespace chipcast::dram
