# SPDX-License-Identifier: Apache-2.0
# Compiler settings for every target, and the one function that declares a library.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are only cached with these.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
endif()

add_library(chipcast_options INTERFACE)
target_compile_options(chipcast_options INTERFACE
  -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -ffp-contract=off
  # g++ 12 sees overflows in std::string that are not there (GCC bugs 105329, 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds;-fpch-preprocess>
  $<$<CXX_COMPILER_ID:Clang>:-Xclang;-fno-pch-timestamp>
  # With sanitizers it also sees uninitialised members of std::function inside std::regex.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CHIPCAST_SANITIZE}>>:-Wno-maybe-uninitialized>
  $<$<BOOL:${CHIPCAST_WERROR}>:-Werror>
  $<$<BOOL:${CHIPCAST_SANITIZE}>:-fsanitize=address,undefined;-fno-sanitize-recover=undefined;-fno-omit-frame-pointer>)
target_link_options(chipcast_options INTERFACE
  $<$<BOOL:${CHIPCAST_SANITIZE}>:-fsanitize=address,undefined>)

# chipcast_library(NAME SOURCES ... [LINKS ...] [SYSTEMC])
#   A static library of the project: includes are relative to the root, SYSTEMC adds the event kernel.
function(chipcast_library name)
  cmake_parse_arguments(ARG "SYSTEMC" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  add_library(chipcast::${name} ALIAS ${name})
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/chipcast>)
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE $<BUILD_INTERFACE:chipcast_options>)
  if(ARG_SYSTEMC)
    target_link_libraries(${name} PUBLIC chipcast_systemc)
    target_precompile_headers(${name} PRIVATE <string> <vector> <systemc>)
  else()
    target_precompile_headers(${name} PRIVATE <string> <vector> <nlohmann/json.hpp>)
  endif()
  set_property(GLOBAL APPEND PROPERTY CHIPCAST_LIBRARIES ${name})
endfunction()
