/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One actor of the stress suite: it holds some runs, each page of which is marked, and
 * in each step does one thing to one of them. A hand is used in one context at a time,
 * which may be an interrupt. Nothing is asserted there: the first mistake of all hands is
 * kept as text.
 *
 * Hands exchange runs, so each is freed on another CPU, or in another context, than it was
 * taken in.
 */
#ifndef HR_TEST_STRESS_HAND_H
#define HR_TEST_STRESS_HAND_H

#include <linux/atomic.h>
#include <linux/prandom.h>

#include "../module/heapranges.h"

#define HR_STRESS_RUNS		12
#define HR_STRESS_SLOTS		16
#define HR_STRESS_BULK		6U
/* Pages that are there all the time, as a region. */
#define HR_STRESS_REGION	1500UL

struct hr_stress_run {
	u64			*addr;		/* NULL: none */
	unsigned long		nr;		/* pages */
	u64			mark;
};

/* What hands share. */
struct hr_stress_field {
	struct heapranges	*heap;
	unsigned long		region;
	u32			seed;
	struct hr_stress_run	*slot[HR_STRESS_SLOTS];	/* changed by xchg() */
	/* Another heap, of addresses, with one page that is not taken for good. */
	struct heapranges	*duel_heap;
	unsigned long		duel_addr;
	atomic_t		mistakes;
	char			first[256];
};

struct hr_stress_hand {
	struct hr_stress_field	*field;
	const char		*name;
	struct rnd_state	rnd;
	gfp_t			gfp;
	unsigned int		longest;	/* pages */
	struct hr_stress_run	*run[HR_STRESS_RUNS];
	/* What it did. */
	unsigned long		steps, allocs, frees, shortages, duel_allocs, duel_frees;
	unsigned long		interior, sizes, foreign, doubles;
};

/* @input is what was called with what; @got and @want are errnos or anything else. */
__printf(5, 6)
void hr_stress_mistake(struct hr_stress_field *field, const struct hr_stress_hand *hand,
		       long got, long want, const char *input, ...);

/* Any context but NMI. */
void hr_stress_step(struct hr_stress_hand *hand);

/* Frees what the hand holds. */
void hr_stress_drop(struct hr_stress_hand *hand);

/* Frees a run that nobody holds, and looks at it before. */
void hr_stress_give(struct hr_stress_hand *hand, struct hr_stress_run *run);

#endif /* HR_TEST_STRESS_HAND_H */
