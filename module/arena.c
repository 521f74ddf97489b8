// SPDX-License-Identifier: GPL-2.0
/*
 * Arenas: the mapped memory that a heap's pages come from.
 *
 * vmalloc puts a guard page behind each area, so two arenas never abut, and
 * aligns one to a page only: chunks at its edges are partly foreign.
 *
 * Huge mappings are had where the machine can; for a node only where the kernel has a
 * function for it, see compat.h. Elsewhere the pages are allocated one by one and
 * mapped; vfree gives both back.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "arena.h"
#include "geometry.h"
#include "mem.h"

static void *hr_arena_map_pages_of_node(unsigned long nr_pages, int node, gfp_t gfp)
{
	struct page **pages = hr_mem_kvmalloc_array(nr_pages, sizeof(*pages), gfp);
	unsigned long i;
	void *mem;

	if (!pages)
		return NULL;
	for (i = 0; i < nr_pages; i++) {
		pages[i] = fatal_signal_pending(current) ? NULL :
			   hr_mem_alloc_page_node(node, gfp | __GFP_HIGHMEM);
		if (!pages[i])
			goto err_pages;
		cond_resched();
	}
	/* From here on the array is the area's. */
	mem = hr_mem_vmap_put_pages(pages, nr_pages);
	if (mem)
		return mem;

err_pages:
	while (i--)
		hr_mem_free_page(pages[i]);
	hr_mem_kvfree(pages);
	return NULL;
}

bool hr_arena_is_possible(unsigned long nr_pages)
{
	return nr_pages <= min(totalram_pages(), hr_bytes_to_pages(ULONG_MAX));
}

struct hr_arena *hr_arena_create(unsigned long nr_pages, int node, gfp_t gfp)
{
	struct hr_arena *arena;
	void *mem;

	/* vmap would say so in the log, with a backtrace; and there may be more than addresses. */
	if (!hr_arena_is_possible(nr_pages))
		return NULL;

	gfp |= GFP_KERNEL | __GFP_NOWARN;
	arena = hr_mem_kmalloc(sizeof(*arena), gfp);
	if (!arena)
		return NULL;
	/*
	 * Page tables, one for 2 MiB of small pages, are the kernel's to allocate, whatever
	 * @gfp: a page that it waits for, and kills nobody, since its scope is GFP_NOIO. One
	 * comes of what kswapd reclaims, in no such scope, or when somebody else who needs
	 * memory has a task killed; a caller who is killed has the reserves.
	 */
	if (node == NUMA_NO_NODE || HR_HUGE_OF_NODE)
		mem = hr_mem_vmalloc(hr_pages_to_bytes(nr_pages), gfp, node);
	else
		mem = hr_arena_map_pages_of_node(nr_pages, node, gfp);
	if (!mem) {
		hr_mem_kfree(arena);
		return NULL;
	}

	INIT_LIST_HEAD(&arena->link);
	arena->base = (unsigned long)mem;
	arena->nr_pages = nr_pages;
	arena->first_page = vmalloc_to_page(mem);
	/* What the machine clears when it is freed, or allocated, is clear. */
	arena->is_zero = want_init_on_alloc(gfp) || want_init_on_free();
	arena->nr_idle_ticks = 0;
	arena->is_kept = false;
	arena->is_reclaimable = false;
	return arena;
}

void hr_arena_set_reclaimable(struct hr_arena *arena, bool is_reclaimable)
{
	long nr_pages = arena->nr_pages;

	if (arena->is_reclaimable == is_reclaimable)
		return;
	arena->is_reclaimable = is_reclaimable;
	mod_node_page_state(page_pgdat(arena->first_page), NR_KERNEL_MISC_RECLAIMABLE,
			    is_reclaimable ? nr_pages : -nr_pages);
}

void hr_arena_abandon(struct hr_arena *arena)
{
	hr_arena_set_reclaimable(arena, false);
	/* Not a leak: it is told. */
	hr_mem_put(HR_MEM_AREA, (void *)arena->base);
	hr_mem_kfree(arena);
}

void hr_arena_destroy(struct hr_arena *arena)
{
	hr_arena_set_reclaimable(arena, false);
	hr_mem_vfree((void *)arena->base);
	hr_mem_kfree(arena);
}
