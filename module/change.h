/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change of the range array: which leaves it replaces by which, and what storage that
 * takes, so that the commit (commit.h) cannot fail. Nothing is allocated here:
 *
 *	mutex_lock(ranges->writers);
 *	err = hr_change_prepare_add(&change, ranges, base, nr_pages);
 *	for each i with change.bytes[i]: change.block[i] = so many bytes, ->bytes set
 *	err = hr_commit_change(&change, ranges);
 *	mutex_unlock(ranges->writers);
 *	free the chain change.retired after an RCU grace period
 *
 * or, instead of the commit, free what change.block[] has.
 */
#ifndef HR_CHANGE_H
#define HR_CHANGE_H

#include "leaf.h"
#include "ranges.h"

/* Two leaves, full of narrow entries, and a range more, if all of them had to be wide. */
#define HR_CHANGE_LEAVES	\
	DIV_ROUND_UP(2 * HR_LEAF_MAX + 1, HR_LEAF_WIDE_MAX)

/* Of its blocks of storage the first ones are leaves. */
enum {
	HR_CHANGE_INDEX = HR_CHANGE_LEAVES,
	HR_CHANGE_SPARE,
	HR_CHANGE_BLOCKS,
};

/* Ranges of what is going to be: of a leaf that there is, or new ones. */
struct hr_change_part {
	const struct hr_leaf	*leaf;	/* NULL: of change->in */
	unsigned int		from, nr_ranges;
};

#define HR_CHANGE_PARTS		5	/* two leaves, each cut in two, and what is new */

struct hr_change {
	/* Storage. 0 bytes: none is needed. */
	size_t			bytes[HR_CHANGE_BLOCKS];
	struct hr_block		*block[HR_CHANGE_BLOCKS];	/* the caller's */
	/* After commit: what is used no more, a chain, or NULL. */
	struct hr_block		*retired;
	size_t			retired_bytes;

	/* Private. Of the array that it was prepared for. */
	unsigned long		generation;
	long			nr_pages_more;

	/*
	 * Of the ranges of the @nr_old leaves from @first on, counted through, the @nr_out
	 * from @at on are replaced by @nr_in others: that is @nr_parts parts.
	 */
	unsigned long		first;
	unsigned int		nr_old, at, nr_out, nr_in, nr_parts;
	struct heapranges_range	in[2];
	struct hr_change_part	part[HR_CHANGE_PARTS];

	/* And these make @nr_new leaves. */
	unsigned int		nr_new;
	struct hr_leaf_form	form[HR_CHANGE_LEAVES];
	bool			keeps_index;
	bool			keeps_leaf;	/* the only old one is overwritten */
};

/*
 * Owns [base, base + nr_pages), coalesced with the ranges that it abuts.
 * Caller holds writers, up to the commit.
 * Return: 0; -EINVAL: unaligned, empty, wraps, holds page 0 or the last page; -EEXIST:
 * overlaps.
 */
int hr_change_prepare_add(struct hr_change *change, const struct hr_ranges *ranges,
			  unsigned long base, unsigned long nr_pages);

/*
 * Disowns [base, base + nr_pages), splitting a range if need be. Otherwise as
 * hr_change_prepare_add(), with -ENOENT: a page of it is not owned.
 */
int hr_change_prepare_remove(struct hr_change *change, const struct hr_ranges *ranges,
			     unsigned long base, unsigned long nr_pages);

#endif /* HR_CHANGE_H */
