// SPDX-License-Identifier: GPL-2.0
/*
 * What a heap owns: how regions and arenas enter and leave it.
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
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>

#include "arena.h"
#include "cache.h"
#include "mem.h"
#include "own.h"

/* Return: for hr_own_end_change(). */
static unsigned int hr_own_begin_change(struct heapranges *heap)
{
	mutex_lock(&heap->change);
	return memalloc_noio_save();
}

static void hr_own_end_change(struct heapranges *heap, unsigned int noio)
{
	memalloc_noio_restore(noio);
	mutex_unlock(&heap->change);
}

static void hr_own_free_block_rcu(struct rcu_head *rcu)
{
	hr_mem_kvfree(container_of(rcu, struct hr_ranges_block, rcu));
}

/* Storage for one change of the range array. Caller holds change. */
static struct hr_ranges_block *hr_own_prepare_block(struct heapranges *heap)
{
	size_t bytes = hr_ranges_spare_bytes(&heap->ranges);
	struct hr_ranges_block *spare = hr_mem_kvmalloc(bytes, GFP_KERNEL | __GFP_NOWARN);

	if (spare)
		spare->bytes = bytes;
	return spare;
}

/* The span is about to be owned. Caller holds change. */
static int hr_own_prepare(struct heapranges *heap, unsigned long base,
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

/*
 * The span is owned; @live_pages from @live_base on, if any, are a live run at
 * once, so that nobody else can take what a caller has grown the heap for.
 * Return: false: the heap is corrupt, and those pages are nobody's.
 */
static bool hr_own_commit(struct heapranges *heap, unsigned long base,
			  unsigned long nr_pages, unsigned long live_base,
			  unsigned long live_pages, struct hr_ranges_block *spare)
{
	unsigned long before_pages = hr_bytes_to_pages(live_base - base);

	lockdep_assert_held(&heap->change);
	hr_chunks_own(&heap->runs.chunks, base, nr_pages);
	hr_heap_account(heap, nr_pages);
	/* All that it refuses, prepare has refused. */
	WARN_ON_ONCE(hr_ranges_add(&heap->ranges, base, nr_pages, &spare));
	if (spare)
		call_rcu(&spare->rcu, hr_own_free_block_rcu);
	hr_heap_disclose(heap, base, before_pages);
	hr_heap_disclose(heap, live_base + hr_pages_to_bytes(live_pages),
			 nr_pages - before_pages - live_pages);
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
	if (!err)
		hr_own_commit(heap, base, nr_pages, base, 0, spare);
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

/* Caller holds change. */
static int hr_own_remove_in_change(struct heapranges *heap, unsigned long base,
				   unsigned long nr_pages)
{
	struct hr_ranges_block *spare;

	lockdep_assert_held(&heap->change);
	if (!hr_span_is_sane(base, nr_pages))
		return -EINVAL;
	if (!hr_ranges_contains(&heap->ranges, base, nr_pages) ||
	    hr_own_touches_arena(heap, base, nr_pages))
		return -ENOENT;
	spare = hr_own_prepare_block(heap);
	if (!spare)
		return -ENOMEM;
	/* Until the chunks are gone, which caches remember. */
	hr_cache_close(heap);
	if (!hr_heap_claim(heap, base, nr_pages)) {
		hr_cache_open(heap);
		hr_mem_kvfree(spare);
		return -EBUSY;
	}

	/* All that it refuses, the lines above have refused. */
	WARN_ON_ONCE(hr_ranges_remove(&heap->ranges, base, nr_pages, &spare));
	call_rcu(&spare->rcu, hr_own_free_block_rcu);
	hr_heap_account(heap, -nr_pages);
	hr_chunks_disown(&heap->runs.chunks, base, nr_pages);
	hr_heap_unlink(heap, base, nr_pages);
	hr_chunks_prune(&heap->runs.chunks, base, nr_pages);
	hr_cache_open(heap);
	return 0;
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

/* A run that is wanted, and, once there is an arena for it, where it is. */
struct hr_own_want {
	unsigned long	nr_pages;	/* 0: none, just the arena */
	unsigned long	align_pages;
	unsigned long	base;
};

/* Caller holds change. */
static int hr_own_add_arena_in_change(struct heapranges *heap, unsigned long nr_pages,
				      gfp_t gfp, struct hr_own_want *want)
{
	struct hr_ranges_block *spare;
	struct hr_arena *arena;
	int err;

	lockdep_assert_held(&heap->change);
	arena = hr_arena_create(nr_pages, heap->node, gfp);
	if (!arena)
		return -ENOMEM;
	err = hr_own_prepare(heap, arena->base, nr_pages, &spare);
	if (err) {
		hr_arena_destroy(arena);
		return err;
	}
	/* The arena is the heap's, even if the heap turns out to be corrupt. */
	want->base = ALIGN(arena->base, hr_pages_to_bytes(want->align_pages));
	if (!hr_own_commit(heap, arena->base, nr_pages, want->base, want->nr_pages, spare))
		err = -EIO;
	list_add_tail(&arena->link, &heap->arenas);
	WRITE_ONCE(heap->nr_arenas, heap->nr_arenas + 1);
	return err;
}

int hr_own_add_arena(struct heapranges *heap, unsigned long nr_pages)
{
	struct hr_own_want want = { .align_pages = 1 };
	unsigned int noio;
	int err;

	noio = hr_own_begin_change(heap);
	err = hr_own_add_arena_in_change(heap, nr_pages, __GFP_RETRY_MAYFAIL, &want);
	hr_own_end_change(heap, noio);
	return err;
}

/*
 * As large as the heap is already, so that a heap of any size has few arenas,
 * but within arena_pages and grow_max_pages; at least @nr_pages; at most what
 * max_pages leaves. Return: 0: @nr_pages is more than that. Caller holds change.
 */
static unsigned long hr_own_next_arena_pages(struct heapranges *heap,
					     unsigned long nr_pages)
{
	unsigned long owned_pages = hr_ranges_nr_pages(&heap->ranges);
	unsigned long room_pages, arena_pages;

	lockdep_assert_held(&heap->change);
	room_pages = (heap->max_pages ?: ULONG_MAX) - owned_pages;
	if (nr_pages > room_pages)
		return 0;
	arena_pages = max(owned_pages, heap->arena_pages);
	arena_pages = min(arena_pages, heap->grow_max_pages);
	return clamp(arena_pages, nr_pages, room_pages);
}

/* Caller holds change. Return: the run's address; 0: shortage. */
static unsigned long hr_own_grow_in_change(struct heapranges *heap,
					   struct hr_own_want *want, gfp_t gfp)
{
	unsigned long arena_pages, least_pages;
	int err = -ENOMEM;

	lockdep_assert_held(&heap->change);
	/* Wherever an arena begins, an aligned run fits into so many pages. */
	if (check_add_overflow(want->nr_pages, want->align_pages - 1, &least_pages))
		return 0;
	arena_pages = hr_own_next_arena_pages(heap, least_pages);
	if (!arena_pages)
		return 0;
	/* What nobody has asked for is not worth much trying. */
	if (arena_pages > least_pages)
		err = hr_own_add_arena_in_change(heap, arena_pages, __GFP_NORETRY, want);
	if (err == -ENOMEM)
		err = hr_own_add_arena_in_change(heap, least_pages,
						 gfp & __GFP_NORETRY ?:
						 __GFP_RETRY_MAYFAIL, want);
	hr_heap_count(heap, err ? HR_COUNT_GROW_FAILURES : HR_COUNT_GROWS);
	return err ? 0 : want->base;
}

/* Takes a run of pages that are free or parked. Caller holds change. */
static unsigned long hr_own_take_parked(struct heapranges *heap,
					const struct hr_own_want *want)
{
	unsigned long base;

	base = hr_heap_take_aligned(heap, want->nr_pages, want->align_pages);
	if (base || !heap->caches)
		return base;
	hr_cache_close(heap);
	base = hr_heap_take_aligned(heap, want->nr_pages, want->align_pages);
	hr_cache_open(heap);
	return base;
}

unsigned long hr_own_grow_and_take(struct heapranges *heap, unsigned long nr_pages,
				   unsigned long align_pages, gfp_t gfp)
{
	struct hr_own_want want = { .nr_pages = nr_pages, .align_pages = align_pages };
	unsigned long base;
	unsigned int noio;

	noio = hr_own_begin_change(heap);
	/*
	 * Whoever held it may have grown the heap, or have claimed for a removal
	 * what turned out to be in use.
	 */
	base = hr_own_take_parked(heap, &want);
	if (!base && !READ_ONCE(heap->corrupt) && !(heap->flags & HEAPRANGES_FIXED)) {
		base = hr_own_grow_in_change(heap, &want, gfp);
		/* Others have gone on giving meanwhile. */
		if (!base)
			base = hr_own_take_parked(heap, &want);
	}
	hr_own_end_change(heap, noio);
	return base;
}

unsigned long hr_own_take_at(struct heapranges *heap, unsigned long addr,
			     unsigned long nr_pages)
{
	unsigned long base;

	mutex_lock(&heap->change);
	hr_cache_close(heap);
	base = hr_heap_take_at(heap, addr, nr_pages);
	hr_cache_open(heap);
	mutex_unlock(&heap->change);
	return base;
}

unsigned long hr_own_exit(struct heapranges *heap)
{
	struct hr_arena *arena, *next;
	unsigned long nr_left = 0;

	hr_cache_drain(heap);
	list_for_each_entry_safe(arena, next, &heap->arenas, link) {
		struct heapranges_range range = {
			arena->base,
			arena->base + hr_pages_to_bytes(arena->nr_pages),
		};
		struct hr_bits_tally tally = { 0 };

		list_del(&arena->link);
		if (hr_heap_tally(heap, &range, &tally) && !tally.busy_pages) {
			hr_arena_destroy(arena);
		} else {
			hr_mem_kfree(arena);
			nr_left++;
		}
	}
	hr_radix_exit(&heap->runs.radix);
	hr_chunks_exit(&heap->runs.chunks);
	hr_mem_kvfree(hr_ranges_exit(&heap->ranges));
	return nr_left;
}
