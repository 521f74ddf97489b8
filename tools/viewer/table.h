/* SPDX-License-Identifier: GPL-2.0 */
/* The heaps as slabtop shows caches: a summary, and a line a heap. */
#ifndef HR_TABLE_H
#define HR_TABLE_H

#include "snapshot.h"

#define HR_TABLE_SUMMARY 5	/* lines */
#define HR_TABLE_LINE	256	/* bytes of a buffer for one line */
#define HR_TABLE_NAMELESS 64	/* characters before the name */
#define HR_TABLE_METER	20	/* cells of the meter */

struct hr_row {
	const struct hr_heap	*heap;
	struct hr_totals	totals;
	bool			told;		/* there are stats */
	bool			numbered;	/* and a serial in them */
	__u64		serial;
	__u64		arenas, allocs, frees, fails, rejected;
	__u64		rate;		/* allocations a second */
};

struct hr_table {
	struct hr_row		*rows;
	size_t			nr;
	struct hr_row		sum;
	bool			rates;		/* rows have them */
	unsigned int		page_bytes;
};

/* What -s takes, which are the keys too. */
struct hr_order_by {
	char			key;
	const char		*what;
};

extern const struct hr_order_by hr_table_orders[];
extern const char hr_table_default_order;

bool hr_table_is_order(char key);

/*
 * Fills @table with the heaps of @now, in order of creation. Rates are those since
 * @before, @seconds ago; NULL: there are none. Both snapshots must stay until the
 * table has been cleared.
 */
void hr_table_fill(struct hr_table *table, const struct hr_snapshot *now,
		   const struct hr_snapshot *before, double seconds);
void hr_table_clear(struct hr_table *table);

/* The largest first, names ascending; equal ones stay in order of creation. */
void hr_table_sort(struct hr_table *table, char key);

/* Each writes one line, without its end; @meter: with the meter before the name. */
void hr_table_summary(const struct hr_table *table, int i, char line[HR_TABLE_LINE]);
void hr_table_heading(const struct hr_table *table, bool meter, char line[HR_TABLE_LINE]);
void hr_table_row(const struct hr_table *table, size_t i, bool meter, char line[HR_TABLE_LINE]);

#endif /* HR_TABLE_H */
