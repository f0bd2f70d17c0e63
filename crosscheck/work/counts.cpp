// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/counts.h"
