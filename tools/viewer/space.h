/* SPDX-License-Identifier: GPL-2.0 */
/* All ranges of one snapshot in the order of their addresses, or of two, side by side. */
#ifndef HR_SPACE_H
#define HR_SPACE_H

#include "snapshot.h"

enum hr_change {
	HR_CHANGE_NONE,		/* the same in both, or there is only one */
	HR_CHANGE_INSIDE,	/* other limits, or other pages used */
	HR_CHANGE_CAME,
	HR_CHANGE_WENT,
	HR_CHANGE_SPLIT,	/* came, out of the one before */
	HR_CHANGE_MERGED,	/* went, into the one before */
	HR_NR_CHANGES,
};

/* A range at one time. */
struct hr_side {
	const struct hr_range	*range;		/* NULL: it was not there */
	const char		*cells;		/* NULL: there is no map of it */
};

struct hr_span {
	const char		*name;		/* the heap's */
	struct hr_side		now, before;
	enum hr_change		change;
};

struct hr_space {
	struct hr_span		*spans;		/* ascending, as hr_span_range() says */
	size_t			nr;
	size_t			changes[HR_NR_CHANGES];	/* how many of each */
	__u64		longest_pages;	/* at least 1 */
};

/* @before may be NULL. Both must stay until the space has been cleared. */
void hr_space_fill(struct hr_space *space, const struct hr_snapshot *now,
		   const struct hr_snapshot *before);
void hr_space_clear(struct hr_space *space);

/* Where it lies: now, or, if it went, before. */
const struct hr_range *hr_span_range(const struct hr_span *span);

#endif /* HR_SPACE_H */
