// SPDX-License-Identifier: GPL-2.0
/*
 * The last bad frees of a heap: a ring, which its own lock guards, so that who reads it
 * is in the way of nobody but bad callers.
 */
#include <linux/ktime.h>

#include "rejects.h"

void hr_rejects_init(struct hr_rejects *rejects)
{
	raw_spin_lock_init(&rejects->lock);
	rejects->nr = 0;
	rejects->oldest = 0;
}

void hr_rejects_add(struct hr_rejects *rejects, enum hr_verdict verdict, const void *addr,
		    unsigned long caller)
{
	struct hr_reject reject = { 0, addr, caller, verdict };
	unsigned long flags;

	raw_spin_lock_irqsave(&rejects->lock, flags);
	/* Under the lock, so that they are in order. */
	reject.ns = ktime_get_mono_fast_ns();
	rejects->reject[(rejects->oldest + rejects->nr) % HR_REJECTS_NR] = reject;
	if (rejects->nr < HR_REJECTS_NR)
		rejects->nr++;
	else
		rejects->oldest = (rejects->oldest + 1) % HR_REJECTS_NR;
	raw_spin_unlock_irqrestore(&rejects->lock, flags);
}

unsigned int hr_rejects_copy(struct hr_rejects *rejects, struct hr_reject *copy)
{
	unsigned long flags;
	unsigned int i, nr;

	raw_spin_lock_irqsave(&rejects->lock, flags);
	nr = rejects->nr;
	for (i = 0; i < nr; i++)
		copy[i] = rejects->reject[(rejects->oldest + i) % HR_REJECTS_NR];
	raw_spin_unlock_irqrestore(&rejects->lock, flags);
	return nr;
}
