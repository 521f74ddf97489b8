/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests need that has another name on some kernels. Kbuild probes. */
#ifndef HR_TEST_COMPAT_H
#define HR_TEST_COMPAT_H

#include <linux/hrtimer.h>

static inline void hr_test_hrtimer_setup(struct hrtimer *timer,
					 enum hrtimer_restart (*fn)(struct hrtimer *),
					 clockid_t clock, enum hrtimer_mode mode)
{
#ifdef HR_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, fn, clock, mode);
#else
	/* Until 6.15, "hrtimers: Delete hrtimer_init()". */
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

#endif /* HR_TEST_COMPAT_H */
