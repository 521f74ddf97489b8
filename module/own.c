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
#include "own.h"
#include "span.h"

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

int hr_own_prepare(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, struct hr_change *change)
{
	unsigned long owned_pages = hr_ranges_nr_pages(&heap->ranges);
	int err;

	lockdep_assert_held(&heap->change);
	err = hr_change_prepare_add(change, &heap->ranges, base, nr_pages);
	if (err)
		return err;
	if (heap->max_pages && nr_pages > heap->max_pages - owned_pages)
		return -ENOSPC;

	if (!hr_store_gather(change))
		return -ENOMEM;
	err = hr_chunks_prepare(&heap->runs.chunks, base, nr_pages);
	if (err)
		goto err_change;
	err = hr_span_link(heap, base, nr_pages);
	if (err)
		goto err_chunks;
	return 0;

err_chunks:
	hr_span_unlink(heap, base, nr_pages);
	hr_chunks_cancel(&heap->runs.chunks, base, nr_pages);
err_change:
	hr_store_cancel(change);
	return err;
}

bool hr_own_commit(struct heapranges *heap, unsigned long base,
		   unsigned long nr_pages, unsigned long live_base,
		   unsigned long live_pages, bool is_zero,
		   struct hr_change *change)
{
	unsigned long before_pages = hr_bytes_to_pages(live_base - base);

	lockdep_assert_held(&heap->change);
	hr_chunks_own(&heap->runs.chunks, base, nr_pages);
	hr_span_account(heap, nr_pages);
	hr_store_commit(&heap->store, &heap->ranges, change);
	hr_span_disclose(heap, base, before_pages, is_zero);
	hr_span_disclose(heap, live_base + hr_pages_to_bytes(live_pages),
			 nr_pages - before_pages - live_pages, is_zero);
	return !live_pages || hr_heap_hand_out(heap, live_base, live_pages);
}

int hr_own_add_region(struct heapranges *heap, unsigned long base,
		      unsigned long nr_pages)
{
	struct hr_change change;
	unsigned int noio;
	int err;

	noio = hr_own_begin_change(heap);
	err = hr_own_prepare(heap, base, nr_pages, &change);
	if (!err) {
		if (heap->kept)
			hr_poison_fill(base, nr_pages, NULL);
		/* Seen by whoever takes such a page: he had the heap's lock later. */
		WRITE_ONCE(heap->has_regions, true);
		hr_own_commit(heap, base, nr_pages, base, 0, false, &change);
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

int hr_own_prepare_leave(struct heapranges *heap, unsigned long base,
			 unsigned long nr_pages, struct hr_change *change)
{
	int err;

	lockdep_assert_held(&heap->change);
	err = hr_change_prepare_remove(change, &heap->ranges, base, nr_pages);
	if (err)
		return err;
	return hr_store_gather(change) ? 0 : -ENOMEM;
}

bool hr_own_leave(struct heapranges *heap, unsigned long base,
		  unsigned long nr_pages, bool leave_reserve,
		  struct hr_change *change)
{
	lockdep_assert_held(&heap->change);
	if (!hr_span_claim(heap, base, nr_pages, leave_reserve)) {
		hr_store_cancel(change);
		return false;
	}
	hr_store_commit(&heap->store, &heap->ranges, change);
	hr_span_account(heap, -nr_pages);
	hr_chunks_disown(&heap->runs.chunks, base, nr_pages);
	hr_span_unlink(heap, base, nr_pages);
	hr_chunks_prune(&heap->runs.chunks, base, nr_pages);
	return true;
}

/* Caller holds change. */
static int hr_own_remove_in_change(struct heapranges *heap, unsigned long base,
				   unsigned long nr_pages)
{
	struct hr_change change;
	bool left;
	int err;

	lockdep_assert_held(&heap->change);
	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	if (hr_own_touches_arena(heap, base, nr_pages))
		return -ENOENT;
	err = hr_own_prepare_leave(heap, base, nr_pages, &change);
	if (err)
		return err;
	hr_cache_close(heap);
	left = hr_own_leave(heap, base, nr_pages, false, &change);
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

	/* Nobody's cache has what the heap does not own. */
	if (!PAGE_ALIGNED(addr) || !hr_ranges_contains(&heap->ranges, addr, nr_pages))
		return HR_TAKEN_NONE;
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
	hr_store_exit(&heap->store, &heap->ranges);
}
