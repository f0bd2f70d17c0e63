# SPDX-License-Identifier: Apache-2.0
# What `cmake --install BUILD --prefix DIR --component cpp` leaves there, for C++ without Python:
#   bin/chipcast-run            the command
#   include/chipcast/           headers; includes start there, as they start at the root here
#   lib/chipcast/               static libraries
#   lib/cmake/chipcast/         find_package(chipcast): chipcast::platform and the libraries below it
#   share/chipcast/configs/     platforms, devices, cores, memories
# The Python wheel takes the component `python` only.
include(CMakePackageConfigHelpers)

get_property(_libraries GLOBAL PROPERTY CHIPCAST_LIBRARIES)
set_target_properties(chipcast_systemc PROPERTIES EXPORT_NAME systemc)
install(TARGETS ${_libraries} chipcast_systemc EXPORT chipcastTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/chipcast COMPONENT cpp)
install(TARGETS chipcast-run RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cpp)
install(DIRECTORY sim workloads models accelerators mappers platform
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/chipcast COMPONENT cpp FILES_MATCHING PATTERN "*.h")
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/chipcast COMPONENT cpp)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/chipcast COMPONENT cpp)

set(_package ${CMAKE_INSTALL_LIBDIR}/cmake/chipcast)
set(CONFIGS_DIR ${CMAKE_INSTALL_DATADIR}/chipcast/configs)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/Config.cmake.in ${PROJECT_BINARY_DIR}/chipcastConfig.cmake
                              INSTALL_DESTINATION ${_package} PATH_VARS CONFIGS_DIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/chipcastConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/chipcastConfig.cmake ${PROJECT_BINARY_DIR}/chipcastConfigVersion.cmake
        DESTINATION ${_package} COMPONENT cpp)
install(EXPORT chipcastTargets NAMESPACE chipcast:: DESTINATION ${_package} COMPONENT cpp)
