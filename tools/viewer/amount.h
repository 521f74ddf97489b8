/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers for people, at most 8 characters wide. */
#ifndef HR_AMOUNT_H
#define HR_AMOUNT_H

#include <linux/types.h>

#define HR_AMOUNT_MAX	24	/* bytes of a buffer for one */

/* Bytes, as slabtop has them: 29524K, and M, G, ... from eight digits on. */
const char *hr_amount_bytes(char buf[HR_AMOUNT_MAX], __u64 bytes);

/* A count: 1234567, and k, M, ... (of 1000) from eight digits on. */
const char *hr_amount_count(char buf[HR_AMOUNT_MAX], __u64 count);

/* Rounded down, so that 100 is all of it; 0 of 0 is 0. */
unsigned int hr_amount_percent(__u64 part, __u64 whole);
unsigned int hr_amount_thousandths(__u64 part, __u64 whole);

#endif /* HR_AMOUNT_H */
