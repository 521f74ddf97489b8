/* SPDX-License-Identifier: GPL-2.0 */
/* What verify.c and its parts share: what has been seen so far, and how it is said. */
#ifndef HR_VERIFIER_H
#define HR_VERIFIER_H

#include <linux/sched/signal.h>

#include "heap.h"

struct hr_verify {
	struct heapranges	*heap;
	char			*first;
	size_t			size;
	int			nr_local;	/* violations seen in one place, */
	int			nr_wide;	/* and such as need a quiet heap */

	struct hr_chunk		chunk;		/* the copy that is looked at */
	unsigned long		hint_addr;	/* as of that moment; 0: none */
	/* Where the run seen last ends, in this chunk or behind it. */
	unsigned long		run_limit;
	bool			run_is_parked;
	/* Counted so far. */
	unsigned long		live_pages, parked_pages, free_pages, held_pages;
	unsigned long		cached_pages;
	u64			nr_runs;
	unsigned long		nr_chunks, nr_nodes;	/* in the tree */
};

/* Counts a violation in @nr, and writes down the first of all. Caller holds no spinlock. */
__printf(3, 4) void hr_verify_say(struct hr_verify *v, int *nr, const char *fmt, ...);

#define hr_verify_local(v, ok, ...) \
	do { if (!(ok)) hr_verify_say(v, &(v)->nr_local, __VA_ARGS__); } while (0)
#define hr_verify_wide(v, ok, ...) \
	do { if (!(ok)) hr_verify_say(v, &(v)->nr_wide, __VA_ARGS__); } while (0)

/* Who asked is being killed: nothing more is looked at, and nothing told. */
static inline bool hr_verify_is_over(void)
{
	return fatal_signal_pending(current);
}

/* The array of ranges alone. Caller holds change. Return: whether it can be walked through. */
bool hr_verify_array(struct hr_verify *v);

/* Is the chunk where the tree leads to? Caller holds change. */
void hr_verify_links(struct hr_verify *v, const struct hr_chunk *chunk);

/* Every node of the tree, and every slot of the table. Caller holds change, so nodes stay. */
void hr_verify_tree(struct hr_verify *v);

/* All caches, which are closed meanwhile, and what they remember. Caller holds change. */
void hr_verify_caches(struct hr_verify *v);

/* Range @i of a leaf, decoded the simple way. */
struct heapranges_range hr_verify_leaf_range(const struct hr_leaf *leaf, unsigned int i);

#endif /* HR_VERIFIER_H */
