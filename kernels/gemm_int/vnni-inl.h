// SPDX-License-Identifier: Apache-2.0
// Included once per instruction set, after highway.h and before the first HWY_BEFORE_NAMESPACE. Highway 1.0.3 chooses
// AVX3_DL only where the processor has AVX-512 VNNI, but lets the compiler use the VEX form alone (avxvnni), which such
// a processor need not have: only 512-bit dot products are safe here. The string must keep all that Highway's has.
#include <hwy/highway.h>

#if HWY_TARGET == HWY_AVX3_DL
#undef HWY_TARGET_STR
#define HWY_TARGET_STR \
  HWY_TARGET_STR_AVX3  \
  ",vpclmulqdq,avx512vbmi,avx512vbmi2,vaes,avxvnni,avx512vnni,avx512bitalg,avx512vpopcntdq"
#endif
