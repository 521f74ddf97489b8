/* SPDX-License-Identifier: GPL-2.0 */
/* What an address is to the heaps, in words. */
#ifndef HR_DESCRIBE_H
#define HR_DESCRIBE_H

#include <linux/types.h>

/* As heapranges_describe(), but for -EINVAL. */
int hr_describe_addr(unsigned long addr, char *buf, size_t size);

#endif /* HR_DESCRIBE_H */
