# SPDX-License-Identifier: Apache-2.0
# Everything that comes from outside, found in one place.
find_package(PkgConfig REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Protobuf REQUIRED)
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
# x86 processors without AVX2 are rare today: they get plain code, which saves a third of the compile time of everything
# that has SIMD code. Files that use dot products add AVX3_DL (AVX-512 with VNNI) by defining HWY_WANT_AVX3_DL.
add_library(chipcast_simd INTERFACE)
target_link_libraries(chipcast_simd INTERFACE PkgConfig::HWY)
target_compile_definitions(chipcast_simd INTERFACE "HWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_SSE4)")
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# Debian's SystemC is built as C++17 and checks that at link time: its users are compiled as C++20 with the
# C++17 interface. Set here and nowhere else.
add_library(chipcast_systemc INTERFACE)
target_link_libraries(chipcast_systemc INTERFACE PkgConfig::SYSTEMC)
target_compile_definitions(chipcast_systemc INTERFACE SC_CPLUSPLUS=201703L SC_INCLUDE_DYNAMIC_PROCESSES)

include(CheckCXXSourceCompiles)
get_target_property(_systemc_includes PkgConfig::SYSTEMC INTERFACE_INCLUDE_DIRECTORIES)
set(CMAKE_REQUIRED_DEFINITIONS -DSC_CPLUSPLUS=201703L)
set(CMAKE_REQUIRED_FLAGS -std=c++20)
set(CMAKE_REQUIRED_LIBRARIES systemc)
check_cxx_source_compiles("#include <systemc>
int sc_main(int, char**) { sc_core::sc_start(); return 0; }" CHIPCAST_SYSTEMC_LINKS)
unset(CMAKE_REQUIRED_DEFINITIONS)
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_LIBRARIES)
if(NOT CHIPCAST_SYSTEMC_LINKS)
  message(FATAL_ERROR "SystemC ${SYSTEMC_VERSION} does not link. The library must be built as C++17 (Debian's "
                      "libsystemc-dev is) or SC_CPLUSPLUS in cmake/ChipcastDependencies.cmake must name its standard.")
endif()
