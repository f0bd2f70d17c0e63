# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts of this folder; sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Precompiled headers are only cached with these set.
export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS:-pch_defines,time_macros}"

# Words go to stderr: stdout is for data.
say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
if [[ ! -t 2 || -n "${NO_COLOR:-}" ]]; then say() { printf '==> %s\n' "$*" >&2; }; fi
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Debian's own python3 goes with the python3-venv and python3-dev packages; another one on PATH may not.
system_python() { if [[ -x /usr/bin/python3 ]]; then echo /usr/bin/python3; else command -v python3; fi; }

# The newest of the given clang tools that is installed: clang_tool clang-format
clang_tool() {
  local name
  for name in "$1-14" "$1" "$1"-{19,18,17,16,15}; do
    if command -v "$name" >/dev/null; then echo "$name"; return; fi
  done
  fail "$1 is not installed; on Debian: apt-get install $1-14"
}

# Sources of ours, each ended by a zero byte.
cpp_sources() { git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cpp'; }
