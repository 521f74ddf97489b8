/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arenas: the mapped memory that a heap's pages come from.
 */
#ifndef HR_ARENA_H
#define HR_ARENA_H

#include <linux/list.h>
#include <linux/types.h>

struct hr_arena {
	struct list_head	link;		/* for the caller's use */
	unsigned long		base;
	unsigned long		nr_pages;
	struct page		*first_page;	/* Invariant: mapped at base */
	bool			is_zero;	/* was, when it came */
	unsigned int		nr_idle_ticks;	/* for the caller's use */
	bool			is_kept;	/* never released but at the end */
	bool			is_reclaimable;	/* counted as such in the machine's figures */
};

/* The machine has so much memory, and so many addresses, whoever uses them. */
bool hr_arena_is_possible(unsigned long nr_pages);

/*
 * An arena of @nr_pages from @node or, if that is NUMA_NO_NODE, from anywhere.
 * May sleep.
 *
 * @gfp: how hard to try: __GFP_NORETRY or __GFP_RETRY_MAYFAIL. Not 0: a heap that
 *	is asked for more than there is shall fail, not get others killed. With
 *	__GFP_ZERO: its pages are zero
 *
 * Return: NULL: shortage, without a word in the log.
 */
struct hr_arena *hr_arena_create(unsigned long nr_pages, int node, gfp_t gfp);

/*
 * The arena's pages could be had back, or no longer: what /proc/meminfo counts into
 * MemAvailable. Its owner's lock is held.
 */
void hr_arena_set_reclaimable(struct hr_arena *arena, bool is_reclaimable);

/* Leaves the pages as they are, for good: somebody uses them. */
void hr_arena_abandon(struct hr_arena *arena);

/* Unmaps and frees the pages. May sleep. */
void hr_arena_destroy(struct hr_arena *arena);

#endif /* HR_ARENA_H */
