/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the model suite compares a heap with: a twin that has one byte for each
 * page of a window of the address space, and searches it page by page. The window
 * may be cut into islands, each of which lies a stride behind the one before; the
 * last page of an island is never owned.
 */
#ifndef HR_KUNIT_MODEL_TWIN_H
#define HR_KUNIT_MODEL_TWIN_H

#include <linux/prandom.h>

#include "heap_helpers.h"

enum { HR_TWIN_FOREIGN, HR_TWIN_FREE, HR_TWIN_HEAD, HR_TWIN_BODY };

struct hr_test_model_row {
	const char	*desc;
	unsigned long	base, window, island;	/* an address, and pages */
	unsigned long	stride;			/* chunks */
	unsigned long	max_pages;
	int		verify_every;		/* steps; 0: each */
};

struct hr_test_twin {
	struct kunit		*test;
	struct heapranges	*heap;
	const struct hr_test_model_row *row;
	unsigned long		window, seed;
	struct heapranges_stats	want;
	struct rnd_state	rnd;
	bool			filling;
	int			step;
	char			what[120];	/* the step, to be printed */
	u8			page[];		/* [window]: foreign */
};

unsigned long hr_test_twin_rnd(struct hr_test_twin *t, unsigned long below);
unsigned long hr_test_twin_length(struct hr_test_twin *t);

/* Between pages of the window, counted through, and addresses. */
unsigned long hr_test_twin_addr(struct hr_test_twin *t, unsigned long page);
unsigned long hr_test_twin_page(struct hr_test_twin *t, unsigned long addr);

/* The pages of the live run that starts at @page; 0: there is none. */
unsigned long hr_test_twin_run(struct hr_test_twin *t, unsigned long page);

/* Does something at random to both; ends the case if their answers differ. */
void hr_test_twin_step(struct hr_test_twin *t);

#endif /* HR_KUNIT_MODEL_TWIN_H */
