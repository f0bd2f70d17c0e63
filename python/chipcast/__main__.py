# SPDX-License-Identifier: Apache-2.0
from chipcast.cli import main

main()
