# SPDX-License-Identifier: Apache-2.0
"""The workbench: a local server and the page that it shows. See docs/workbench.md."""
