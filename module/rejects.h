/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last bad frees of a heap, for who comes later: the log says only some of them.
 */
#ifndef HR_REJECTS_H
#define HR_REJECTS_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "reports.h"

#define HR_REJECTS_NR		16

struct hr_reject {
	u64		ns;		/* since boot, without what was slept */
	const void	*addr;
	unsigned long	caller;
	enum hr_verdict	verdict;
};

struct hr_rejects {
	/* Guards what is below. Taken by bad callers and readers only, and last of all locks. */
	raw_spinlock_t		lock;
	unsigned int		nr, oldest;
	struct hr_reject	reject[HR_REJECTS_NR];
};

void hr_rejects_init(struct hr_rejects *rejects);

/* Any context but NMI. */
void hr_rejects_add(struct hr_rejects *rejects, enum hr_verdict verdict, const void *addr,
		    unsigned long caller);

/* Copies them, the oldest first. Return: how many. */
unsigned int hr_rejects_copy(struct hr_rejects *rejects, struct hr_reject *copy);

#endif /* HR_REJECTS_H */
