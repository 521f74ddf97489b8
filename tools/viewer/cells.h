/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bars of cells, as in the file map:
 *
 *	. free	o parked only	1..9 tenths used, rounded up	# all used
 */
#ifndef HR_CELLS_H
#define HR_CELLS_H

#include <stddef.h>
#include <linux/types.h>

#include "snapshot.h"

#define HR_CELLS_LEGEND	". free  o parked  1-9 tenths used  # all used"

/* 0 to 10 tenths; parked counts as none. */
unsigned int hr_cells_tenths(char cell);

/*
 * Makes at most @max cells of @cells: each of the result stands for as many, the
 * last perhaps for fewer.
 */
void hr_cells_squeeze(char *out, size_t max, const char *cells);

/* A bar of @nr cells in which #, o and . have the shares of the pages, not their places. */
void hr_cells_shares(char *out, size_t nr, const struct hr_totals *totals);

/* Pages [first, last) of cell @i of @nr in @nr_pages, as the module cuts them. */
__u64 hr_cells_first(size_t i, size_t nr, __u64 nr_pages);

#endif /* HR_CELLS_H */
