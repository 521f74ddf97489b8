// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdio.h>

#include "amount.h"

#define HR_AMOUNT_DIGITS 10000000	/* the first number with eight digits */

static const char *hr_amount_scaled(char buf[HR_AMOUNT_MAX], __u64 amount, unsigned int step,
				    const char *units)
{
	while (amount >= HR_AMOUNT_DIGITS && units[1]) {
		amount = amount / step + (amount % step >= step / 2);
		units++;
	}
	snprintf(buf, HR_AMOUNT_MAX, "%llu%.*s", amount, *units != ' ', units);
	return buf;
}

const char *hr_amount_bytes(char buf[HR_AMOUNT_MAX], __u64 bytes)
{
	return hr_amount_scaled(buf, bytes / 1024, 1024, "KMGTPE");
}

const char *hr_amount_count(char buf[HR_AMOUNT_MAX], __u64 count)
{
	return hr_amount_scaled(buf, count, 1000, " kMGTPE");
}

static unsigned int hr_amount_share(__u64 part, __u64 whole, unsigned int of)
{
	if (!whole)
		return 0;
	if (part >= whole)
		return of;
	if (whole > ULLONG_MAX / of)
		return part / (whole / of);
	return part * of / whole;
}

unsigned int hr_amount_percent(__u64 part, __u64 whole)
{
	return hr_amount_share(part, whole, 100);
}

unsigned int hr_amount_thousandths(__u64 part, __u64 whole)
{
	return hr_amount_share(part, whole, 1000);
}
