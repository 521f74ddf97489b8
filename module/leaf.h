/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One leaf of the range array (ranges.h): some of its ranges, sorted, in one block of
 * storage that never changes once it is published. See leaf.c for what is in it.
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

struct hr_leaf {
	struct hr_block	block;
	/* What entries count from. Invariant: page-aligned, and 0 if is_wide. */
	unsigned long	base;
	u16		nr_ranges;	/* Invariant: of them, at least 1 */
	/* Invariant: as many as there are groups, or 0 if is_wide. */
	u16		nr_keys;
	/* Its entries are struct heapranges_range: no base would do for all of them. */
	bool		is_wide;
	/*
	 * nr_keys keys, then nr_ranges entries. Invariants: key j is the begin of entry
	 * j * HR_LEAF_GROUP; each range is sane, and there is a page between two of them.
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

static inline const struct hr_leaf_entry *hr_leaf_entries(const struct hr_leaf *leaf)
{
	return (const struct hr_leaf_entry *)(leaf->word + leaf->nr_keys);
}

static inline const struct heapranges_range *hr_leaf_wide(const struct hr_leaf *leaf)
{
	return (const struct heapranges_range *)leaf->word;
}

/* Range @i of the leaf. */
static inline struct heapranges_range hr_leaf_get(const struct hr_leaf *leaf, unsigned int i)
{
	const struct hr_leaf_entry *entry;

	if (unlikely(leaf->is_wide))
		return hr_leaf_wide(leaf)[i];
	entry = &hr_leaf_entries(leaf)[i];
	return (struct heapranges_range){
		.base = leaf->base + hr_pages_to_bytes(entry->begin),
		.limit = leaf->base + hr_pages_to_bytes(entry->end),
	};
}

/* How many ranges begin at or below @addr. */
unsigned int hr_leaf_nr_begun(const struct hr_leaf *leaf, unsigned long addr);

/* The range that holds @addr. Return: false: none, @range untouched. */
bool hr_leaf_find(const struct hr_leaf *leaf, unsigned long addr,
		  struct heapranges_range *range);

/* How many ranges end at or below @addr: the index of the first one behind, or around it. */
unsigned int hr_leaf_nr_below(const struct hr_leaf *leaf, unsigned long addr);

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

/* A leaf is made: begun, filled from its first range to its last, ended. */
void hr_leaf_begin(struct hr_leaf *leaf, const struct hr_leaf_form *form);
void hr_leaf_put(struct hr_leaf *leaf, unsigned int at, const struct heapranges_range *range,
		 unsigned int nr_ranges);
void hr_leaf_copy(struct hr_leaf *leaf, unsigned int at, const struct hr_leaf *from,
		  unsigned int from_at, unsigned int nr_ranges);
void hr_leaf_end(struct hr_leaf *leaf);

#endif /* HR_LEAF_H */
