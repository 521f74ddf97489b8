// SPDX-License-Identifier: GPL-2.0
/*
 * What a heap owns: how ranges enter and leave it, and regions as such.
 *
 *	prepare		check, and gather all memory that the change takes
 *	commit		cannot fail
 *	cancel		undo of prepare
 *
 * The change mutex is held throughout. Reclaim that an allocation under it enters
 * must not come back for it, through a file system or a driver which allocates
 * from the same heap, nor for a lock that somebody holds who waits for it: all
 * of them are made as with GFP_NOIO. The heap's lock is held for a chunk at a
 * time, and for the run that a caller has grown the heap for.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "arena.h"
#include "cache.h"
#include "mem.h"
#include "own.h"

unsigned int hr_own_begin_change(struct heapranges *heap)
{
	mutex_lock(&heap->change);
	return memalloc_noio_save();
}

bool hr_own_try_begin_change(struct heapranges *heap, unsigned int *noio)
{
	if (!mutex_trylock(&heap->change))
		return false;
	*noio = memalloc_noio_save();
	return true;
}

void hr_own_end_change(struct heapranges *heap, unsigned int noio)
{
	memalloc_noio_restore(noio);
	mutex_unlock(&heap->change);
}

static void hr_own_free_block_rcu(struct rcu_head *rcu)
{
	hr_mem_kvfree(container_of(rcu, struct hr_ranges_block, rcu));
}

struct hr_ranges_block *hr_own_prepare_block(struct heapranges *heap)
{
	size_t bytes = hr_ranges_spare_bytes(&heap->ranges);
	struct hr_ranges_block *spare = hr_mem_kvmalloc(bytes, GFP_KERNEL | __GFP_NOWARN);

	if (spare)
		spare->bytes = bytes;
	return spare;
}

int hr_own_prepare(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, struct hr_ranges_block **spare)
{
	unsigned long owned_pages = hr_ranges_nr_pages(&heap->ranges);
	int err;

	lockdep_assert_held(&heap->change);
	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	if (hr_ranges_overlaps(&heap->ranges, base, nr_pages))
		return -EEXIST;
	if (heap->max_pages && nr_pages > heap->max_pages - owned_pages)
		return -ENOSPC;

	*spare = hr_own_prepare_block(heap);
	if (!*spare)
		return -ENOMEM;
	err = hr_chunks_prepare(&heap->runs.chunks, base, nr_pages);
	if (err)
		goto err_block;
	err = hr_heap_link(heap, base, nr_pages);
	if (err)
		goto err_chunks;
	return 0;

err_chunks:
	hr_heap_unlink(heap, base, nr_pages);
	hr_chunks_cancel(&heap->runs.chunks, base, nr_pages);
err_block:
	hr_mem_kvfree(*spare);
	return err;
}

bool hr_own_commit(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, unsigned long live_base,
		   unsigned long live_pages, bool is_zero,
		   struct hr_ranges_block *spare)
{
	unsigned long before_pages = hr_bytes_to_pages(live_base - base);

	lockdep_assert_held(&heap->change);
	hr_chunks_own(&heap->runs.chunks, base, nr_pages);
	hr_heap_account(heap, nr_pages);
	/* All that it refuses, prepare has refused. */
	WARN_ON_ONCE(hr_ranges_add(&heap->ranges, base, nr_pages, &spare));
	if (spare)
		call_rcu(&spare->rcu, hr_own_free_block_rcu);
	hr_heap_disclose(heap, base, before_pages, is_zero);
	hr_heap_disclose(heap, live_base + hr_pages_to_bytes(live_pages),
			 nr_pages - before_pages - live_pages, is_zero);
	return !live_pages || hr_heap_hand_out(heap, live_base, live_pages);
}

int hr_own_add_region(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages)
{
	struct hr_ranges_block *spare;
	unsigned int noio;
	int err;

	noio = hr_own_begin_change(heap);
	err = hr_own_prepare(heap, base, nr_pages, &spare);
	if (!err) {
		if (heap->kept)
			hr_poison_fill(base, nr_pages, 0);
		/* Seen by whoever takes such a page: he had the heap's lock later. */
		WRITE_ONCE(heap->has_regions, true);
		hr_own_commit(heap, base, nr_pages, base, 0, false, spare);
	}
	hr_own_end_change(heap, noio);
	return err;
}

/* Caller holds change. */
static bool hr_own_touches_arena(struct heapranges *heap, unsigned long base,
				 unsigned long nr_pages)
{
	struct hr_arena *arena;

	lockdep_assert_held(&heap->change);
	list_for_each_entry(arena, &heap->arenas, link) {
		if (base - arena->base < hr_pages_to_bytes(arena->nr_pages) ||
		    arena->base - base < hr_pages_to_bytes(nr_pages))
			return true;
	}
	return false;
}

bool hr_own_leave(struct heapranges *heap, unsigned long base,
		  unsigned long nr_pages, bool leave_reserve,
		  struct hr_ranges_block *spare)
{
	lockdep_assert_held(&heap->change);
	if (!hr_heap_claim(heap, base, nr_pages, leave_reserve)) {
		hr_mem_kvfree(spare);
		return false;
	}
	/* All that it refuses, the callers have refused. */
	WARN_ON_ONCE(hr_ranges_remove(&heap->ranges, base, nr_pages, &spare));
	call_rcu(&spare->rcu, hr_own_free_block_rcu);
	hr_heap_account(heap, -nr_pages);
	hr_chunks_disown(&heap->runs.chunks, base, nr_pages);
	hr_heap_unlink(heap, base, nr_pages);
	hr_chunks_prune(&heap->runs.chunks, base, nr_pages);
	return true;
}

/* Caller holds change. */
static int hr_own_remove_in_change(struct heapranges *heap, unsigned long base,
				   unsigned long nr_pages)
{
	struct hr_ranges_block *spare;
	bool left;

	lockdep_assert_held(&heap->change);
	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	if (!hr_ranges_contains(&heap->ranges, base, nr_pages) ||
	    hr_own_touches_arena(heap, base, nr_pages))
		return -ENOENT;
	spare = hr_own_prepare_block(heap);
	if (!spare)
		return -ENOMEM;
	hr_cache_close(heap);
	left = hr_own_leave(heap, base, nr_pages, false, spare);
	hr_cache_open(heap);
	return left ? 0 : -EBUSY;
}

int hr_own_remove_region(struct heapranges *heap, unsigned long base,
			 unsigned long nr_pages)
{
	unsigned int noio;
	int err;

	noio = hr_own_begin_change(heap);
	err = hr_own_remove_in_change(heap, base, nr_pages);
	hr_own_end_change(heap, noio);
	return err;
}

struct hr_taken hr_own_take_at(struct heapranges *heap, unsigned long addr,
			       unsigned long nr_pages)
{
	struct hr_taken taken;

	mutex_lock(&heap->change);
	hr_cache_close(heap);
	taken = hr_heap_take_at(heap, addr, nr_pages, true);
	hr_cache_open(heap);
	mutex_unlock(&heap->change);
	return taken;
}

void hr_own_exit(struct heapranges *heap)
{
	hr_radix_exit(&heap->runs.radix);
	hr_chunks_exit(&heap->runs.chunks);
	hr_mem_kvfree(hr_ranges_exit(&heap->ranges));
}
