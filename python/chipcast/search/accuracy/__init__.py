# SPDX-License-Identifier: Apache-2.0
"""What number formats cost in accuracy: signal to quantisation noise of a network in mixed precision."""
