/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One leaf of the range array (ranges.h): some of its ranges, sorted, in one block of
 * storage. See leaf.c for what is in it.
 */
#ifndef HR_LEAF_H
#define HR_LEAF_H

#include <linux/rcupdate.h>

#include "geometry.h"
#include "heapranges.h"

/* Storage, brought by the caller of what is in it. Begins a leaf, or an index of them. */
struct hr_block {
	struct rcu_head		rcu;		/* for whoever brought it */
	union {
		size_t		bytes;		/* its whole size */
		struct hr_block	*next;		/* when it is used no more: of the chain */
	};
};

/* A range, as pages from the leaf's base on: half-open. */
struct hr_leaf_entry {
	u32	begin, end;
};

/* Each HR_LEAF_GROUP-th entry's begin stands before all entries, as a key. */
#define HR_LEAF_GROUP	16

/*
 * A wide leaf never changes once it is published. Others are overwritten under readers,
 * who find out by the version, between hr_leaf_change_begin() and _end().
 */
struct hr_leaf {
	struct hr_block	block;
	/* What entries count from. Invariant: page-aligned, and 0 if is_wide. */
	unsigned long	base;
	/* Other after each change, and odd during one. */
	u32		version;
	u16		nr_ranges;	/* Invariant: of them, at least 1 */
	/* Its entries are struct heapranges_range: no base would do for all of them. */
	bool		is_wide;
	/*
	 * hr_leaf_nr_keys() keys, then nr_ranges entries. Invariants: key j is the begin of
	 * entry j * HR_LEAF_GROUP; each range is sane, and there is a page between two of
	 * them.
	 */
	u32		word[];
};

/* The largest leaf: a page at most, wherever there are pages. */
#define HR_LEAF_BYTES	SZ_4K

/* So that half of the ranges of a full leaf fill one of half its size. */
#define HR_LEAF_MAX		(2 * HR_LEAF_FIT(HR_LEAF_BYTES / 2))
#define HR_LEAF_WIDE_MAX	\
	((HR_LEAF_BYTES - sizeof(struct hr_leaf)) / sizeof(struct heapranges_range))
#define HR_LEAF_FIT(bytes)						\
	(((bytes) - sizeof(struct hr_leaf) - sizeof(u32)) * HR_LEAF_GROUP /	\
	 (HR_LEAF_GROUP * sizeof(struct hr_leaf_entry) + sizeof(u32)))

static_assert(HR_LEAF_BYTES <= PAGE_SIZE);
static_assert(offsetof(struct hr_leaf, word) % sizeof(long) == 0);
/* Half of a full leaf fits in a wide one. */
static_assert(HR_LEAF_MAX / 2 + 1 <= HR_LEAF_WIDE_MAX);

/* How many keys @nr_ranges ranges have: one a group. */
static inline unsigned int hr_leaf_nr_keys(bool is_wide, unsigned int nr_ranges)
{
	return is_wide ? 0 : DIV_ROUND_UP(nr_ranges, HR_LEAF_GROUP);
}

/*
 * The questions, for readers under whom the leaf may be overwritten, and for writers. Of
 * a leaf that is being overwritten the answer is wrong, but no storage beside the leaf's
 * is looked at.
 */

/*
 * Begins to read a leaf. What is read until hr_leaf_read_ends(), with the same version,
 * is right if that says so.
 * Return: false: it is being overwritten, and something else stands in its slot.
 */
static inline bool hr_leaf_read_begins(const struct hr_leaf *leaf, u32 *version)
{
	*version = READ_ONCE(leaf->version);
	/* Pairs with hr_leaf_change_end(). */
	smp_rmb();
	return !(*version & 1);
}

/*
 * That 2^31 changes went by meanwhile is out of the question: a grace period would have
 * had to wait for this reader for minutes.
 */
static inline bool hr_leaf_read_ends(const struct hr_leaf *leaf, u32 version)
{
	/* Pairs with hr_leaf_change_begin(). */
	smp_rmb();
	return READ_ONCE(leaf->version) == version;
}

/* The range that holds @addr. Return: false: none, @range untouched. */
bool hr_leaf_find(const struct hr_leaf *leaf, unsigned long addr,
		  struct heapranges_range *range);

/*
 * The ranges that hold an address >= @addr, @most of them at most.
 * Return: how many there are in @range.
 */
unsigned int hr_leaf_read(const struct hr_leaf *leaf, unsigned long addr,
			  struct heapranges_range *range, unsigned int most);

/* How many ranges end at or below @addr: the index of the first one behind, or around it. */
unsigned int hr_leaf_nr_below(const struct hr_leaf *leaf, unsigned long addr);

/* Range @i of the leaf. For writers. */
struct heapranges_range hr_leaf_get(const struct hr_leaf *leaf, unsigned int i);

/*
 * How a leaf of @nr_ranges ranges, in [@lowest, @highest) would be made, if it can be
 * done: its base, best @base, or that it is wide.
 * Return: false: it cannot.
 */
struct hr_leaf_form {
	unsigned int	nr_ranges;
	unsigned long	base;
	bool		is_wide;
};

bool hr_leaf_plan(struct hr_leaf_form *form, unsigned int nr_ranges, unsigned long base,
		  unsigned long lowest, unsigned long highest);

/* What storage it takes: a power of two, which is what the kernel has. */
size_t hr_leaf_bytes(const struct hr_leaf_form *form);

/*
 * A leaf is made: begun, filled from its first range to its last, ended. One that readers
 * may have is overwritten likewise, between hr_leaf_change_begin() and _end().
 */
void hr_leaf_begin(struct hr_leaf *leaf, const struct hr_leaf_form *form);
void hr_leaf_put(struct hr_leaf *leaf, unsigned int at, const struct heapranges_range *range,
		 unsigned int nr_ranges);
void hr_leaf_copy(struct hr_leaf *leaf, unsigned int at, const struct hr_leaf *from,
		  unsigned int from_at, unsigned int nr_ranges);
void hr_leaf_end(struct hr_leaf *leaf);

/*
 * What has been published in the leaf's slot, for those who find it odd, comes before; and
 * that it has left a slot, if it is the spare one, for those who find it even again.
 */
static inline void hr_leaf_change_begin(struct hr_leaf *leaf)
{
	/* Pairs with hr_leaf_read_begins(). */
	smp_wmb();
	WRITE_ONCE(leaf->version, leaf->version + 1);
	/* Pairs with hr_leaf_read_ends(). */
	smp_wmb();
}

static inline void hr_leaf_change_end(struct hr_leaf *leaf)
{
	/* Pairs with hr_leaf_read_begins(). */
	smp_wmb();
	WRITE_ONCE(leaf->version, leaf->version + 1);
}

/* With all that @from holds, which fits, has the same base, and is not wide either. */
void hr_leaf_overwrite(struct hr_leaf *leaf, const struct hr_leaf *from);

#endif /* HR_LEAF_H */
