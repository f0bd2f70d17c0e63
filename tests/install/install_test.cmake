# SPDX-License-Identifier: Apache-2.0
# cmake -DBUILD=... -DSOURCE=... -DWORK=... -DGENERATOR=... -DCOMPILER=... [-DFLAGS=...] -P install_test.cmake
function(run)
  cmake_parse_arguments(ARG "" "OUTPUT" "COMMAND" ${ARGN})
  execute_process(COMMAND ${ARG_COMMAND} OUTPUT_VARIABLE text ERROR_VARIABLE words RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARG_COMMAND}\nfailed (${code}):\n${text}\n${words}")
  endif()
  if(ARG_OUTPUT)
    set(${ARG_OUTPUT} "${text}" PARENT_SCOPE)
  endif()
endfunction()

function(expect_file path)
  if(NOT EXISTS "${WORK}/prefix/${path}")
    message(FATAL_ERROR "${path} was not installed")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix --component cpp)
expect_file(bin/chipcast-run)
expect_file(include/chipcast/platform/simulation.h)
expect_file(share/chipcast/configs/platforms/rk3588.json)
expect_file(share/doc/chipcast/LICENSE)

# The folder moves: nothing may remember where it was installed.
file(RENAME ${WORK}/prefix ${WORK}/elsewhere)
run(COMMAND ${CMAKE_COMMAND} -S ${SOURCE}/examples/cpp -B ${WORK}/build -G ${GENERATOR}
            -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_PREFIX_PATH=${WORK}/elsewhere)
run(COMMAND ${CMAKE_COMMAND} --build ${WORK}/build)
run(COMMAND ${WORK}/build/forecast OUTPUT text)
if(NOT text MATCHES "^small on rk3588: latency [0-9.]+ us \\(without contention [0-9.]+ us\\), energy [0-9.]+ uJ, 6303744 MACs\n$")
  message(FATAL_ERROR "unexpected output: ${text}")
endif()
run(COMMAND ${WORK}/elsewhere/bin/chipcast-run --version OUTPUT text)
if(NOT text MATCHES "^chipcast [0-9]+\\.[0-9]+\\.[0-9]+\n$")
  message(FATAL_ERROR "unexpected output: ${text}")
endif()
