// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <systemc>
#include <vector>

#include "accelerators/shell/pace.h"
#include "platform/power/governing.h"

namespace chipcast {

/// Power management of a run: keeps every domain's state, lets devices work when what they need is awake, and tells the
/// observer. A device needs its own domain, that of the memory that tensors live in, and the interconnect's; all of
/// them work while the device does, and wake up together with it, side by side.
///
/// Domains without idle states are always ready, those without operating points keep their clock: a platform that has
/// neither runs to the picosecond as without a manager, without an event more.
class PowerManager final : public sc_core::sc_module, public shell::Pace {
 public:
  SC_HAS_PROCESS(PowerManager);
  /// `fleet` is complete, and the manager there, before the run begins. Throws InputError: as governors_of.
  PowerManager(sc_core::sc_module_name name, const StreamsSetup& setup, const shell::Fleet& fleet,
               const WorkAhead& ahead);

  bool may_work(DeviceId device) override;
  bool may_compute(DeviceId device) override;
  Clock clock(DeviceId device) const override;
  void working(DeviceId device) override;
  void resting(DeviceId device) override;
  void computing(DeviceId device, bool begun) override;

  /// Jobs have been released or have ended.
  void jobs_changed();
  /// The run is over: nothing changes from now on.
  void finish();
  std::vector<std::string> warnings() const { return governing_.warnings(); }

 private:
  /// Of a device.
  struct Needs {
    std::vector<std::size_t> domains;  ///< its own first, each once
    bool to_work = false, to_compute = false;
    bool waits() const { return to_work || to_compute; }
  };

  void run();
  bool ready(const Needs& needs, bool compute) const;
  bool ask(DeviceId device, bool compute);
  template <class Change>
  void change(DeviceId device, const Change& to);
  DomainControl::Outlook outlook(std::size_t domain) const;
  /// Brings all domains up to date, wakes devices, tells the observer, and sees to being called again.
  void settle();
  void settle_domains();
  void settle_domain(std::size_t domain);
  bool grant();
  void tell(std::size_t domain);
  void flush();
  void schedule();

  const StreamsSetup& setup_;
  const std::vector<PowerDomain>& domains_;
  PowerObserver* observer_;
  const shell::Fleet& fleet_;
  const WorkAhead& ahead_;
  std::vector<Needs> needs_;                ///< by device
  std::vector<std::vector<Clock>> clocks_;  ///< by domain and operating point
  std::vector<DomainControl> controls_;     ///< by domain
  Governing governing_;
  std::vector<std::vector<std::size_t>> users_;  ///< devices, by domain
  /// By domain. That a domain waits is told once time has passed: its next command may begin at the same instant.
  std::vector<DomainState> told_;
  std::vector<std::optional<Time>> held_;
  sc_core::sc_event timer_{"timer"};
  std::optional<Time> scheduled_;
  bool manages_ = false;  ///< anything may sleep or change its point; else states are taken note of, no more
  bool over_ = false;
};

}  // namespace chipcast
