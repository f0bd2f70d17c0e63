// SPDX-License-Identifier: Apache-2.0
#include <systemc>

/// libsystemc has a main() of its own that calls this. Programs of ours have their own main and run simulations
/// through SimulationContext, so it is never called; a program with an sc_main of its own uses that one.
extern "C" int sc_main(int /*argc*/, char** /*argv*/) { return 0; }
