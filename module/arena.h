/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arenas: the vmalloc'd areas that a heap's pages come from. The only caller of
 * vmalloc and vfree for pages that a heap hands out.
 */
#ifndef HR_ARENA_H
#define HR_ARENA_H

#include <linux/list.h>
#include <linux/types.h>

struct hr_arena {
	struct list_head	link;		/* for the caller's use */
	unsigned long		base;
	unsigned long		nr_pages;
};

/*
 * An arena of @nr_pages from @node or, if that is NUMA_NO_NODE, from anywhere.
 * Of @gfp only __GFP_NORETRY counts. May sleep, enters no file system and starts
 * no I/O.
 *
 * Return: NULL: shortage.
 */
struct hr_arena *hr_arena_create(unsigned long nr_pages, int node, gfp_t gfp);

/* Unmaps and frees the pages. May sleep. */
void hr_arena_destroy(struct hr_arena *arena);

#endif /* HR_ARENA_H */
