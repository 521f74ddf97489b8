/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Readers of the range array while a writer never rests: ranges_race_readers.c, and
 * ranges_race_kunit.c, which is the writer and reports in the end what they noted.
 *
 * The addresses are a row of cells of four pages. Some cells are owned throughout, some
 * never, and the writer has the rest: it adds one, removes another, and so on, so that
 * ranges come, go, grow, shrink, split and merge around the cells that stay. What holds
 * at any time:
 *
 *   - a range begins and ends with a cell;
 *   - all permanent cells are owned, no foreign one is.
 *
 * In a small race all is in one leaf, which is overwritten again and again, and
 *
 *   - the cells owned are half of them, or one more.
 *
 * In a large one leaves are split and merged meanwhile, too.
 */
#ifndef HR_KUNIT_RANGES_RACE_H
#define HR_KUNIT_RANGES_RACE_H

#include <linux/prandom.h>

#include "ranges_test.h"

#define RACE_CELL_BYTES	HR_TEST_PAGE(4)
#define RACE_BASE	HR_TEST_PAGE(64)

enum race_cell { RACE_CHURN, RACE_STAYS, RACE_FOREIGN };

static inline enum race_cell hr_race_cell(unsigned int cell)
{
	switch (cell % 8) {
	case 3:
		return RACE_STAYS;
	case 6:
		return RACE_FOREIGN;
	default:
		return RACE_CHURN;
	}
}

static inline unsigned long hr_race_addr(unsigned int cell)
{
	return RACE_BASE + cell * RACE_CELL_BYTES;
}

/* One reader, touched by nobody else until it has stopped. */
struct race_reader {
	const char		*context;
	const struct hr_ranges	*ranges;
	unsigned int		nr_cells;	/* a multiple of 8 */
	bool			is_small;
	struct rnd_state	rnd;
	bool			slow;		/* may dawdle under RCU */
	unsigned long		rounds, generations, faults;
	u64			last_seen;	/* a digest of the last walk */
	struct hr_ranges_memo	memo;
	/* The first fault. */
	const char		*what;
	unsigned long		addr, base, limit;
};

/* Those that stay. */
static inline unsigned int hr_race_nr_permanent(unsigned int nr_cells)
{
	return nr_cells / 8;
}

/* How many are owned in a small race. */
static inline unsigned int hr_race_nr_owned(unsigned int nr_cells)
{
	return nr_cells / 2;
}

/* Asks everything. */
void hr_race_round(struct race_reader *r);

#endif /* HR_KUNIT_RANGES_RACE_H */
