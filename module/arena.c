// SPDX-License-Identifier: GPL-2.0
/*
 * Arenas: the vmalloc'd areas that a heap's pages come from.
 *
 * vmalloc puts a guard page behind each area, so two arenas never abut, and
 * aligns one to a page only: chunks at its edges are partly foreign.
 *
 * The caller holds the mutex under which its heap grows. Reclaim that vmalloc
 * enters must not come back for that mutex through a file system or a driver
 * which allocates from the same heap, so every arena is made as with GFP_NOIO.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "arena.h"
#include "geometry.h"

struct hr_arena *hr_arena_create(unsigned long nr_pages, int node, gfp_t gfp)
{
	unsigned long bytes = hr_pages_to_bytes(nr_pages);
	struct hr_arena *arena;
	unsigned int scope;
	void *mem;

	/* vmalloc would say so in the log, with a backtrace. */
	if (nr_pages > totalram_pages())
		return NULL;

	gfp = GFP_KERNEL | __GFP_NOWARN | (gfp & __GFP_NORETRY);
	scope = memalloc_noio_save();
	arena = kmalloc(sizeof(*arena), gfp);
	/* The exported calls take a node or a gfp, not both. */
	if (!arena)
		mem = NULL;
	else if (node == NUMA_NO_NODE)
		mem = __vmalloc(bytes, gfp);
	else
		mem = vmalloc_node(bytes, node);
	memalloc_noio_restore(scope);
	if (!mem) {
		kfree(arena);
		return NULL;
	}

	INIT_LIST_HEAD(&arena->link);
	arena->base = (unsigned long)mem;
	arena->nr_pages = nr_pages;
	return arena;
}

void hr_arena_destroy(struct hr_arena *arena)
{
	vfree((void *)arena->base);
	kfree(arena);
}
