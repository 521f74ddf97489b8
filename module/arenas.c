// SPDX-License-Identifier: GPL-2.0
/*
 * The arenas of a heap.
 *
 *	create	  [kept]				min_pages, or the reserve
 *	grow	  [kept] [ 4M ] [  8M  ] [    16M    ]	as large as the heap already is
 *	release	  [kept] [ 4M ] [  8M  ]		what holds nothing, from the right
 *
 * An arena grows out of a request, or ahead of one in the background; how it goes is in
 * idle.c. The list of arenas is kept by address, the highest first, which is the order of
 * release, since allocations take the lowest address.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>

#include "arena.h"
#include "arenas.h"
#include "cache.h"
#include "idle.h"
#include "own.h"
#include "span.h"
#include "trace.h"

/* Of an arena that cannot be had the next one that is tried is such a part. */
#define HR_ARENAS_LESS		4

/* A run that is wanted, and, once there is an arena for it, where both are. */
struct hr_arenas_want {
	unsigned long	nr_pages;	/* 0: none, just the arena */
	unsigned long	align_pages;
	struct hr_taken	taken;
	unsigned long	arena_base;	/* 0: none has come */
	unsigned long	arena_pages;
	unsigned long	owned_pages;	/* by the heap, since */
};

/* Outside of locks. */
static void hr_arenas_trace_grow(struct heapranges *heap, const struct hr_arenas_want *want)
{
	if (want->arena_base)
		trace_hr_grow(heap->serial, want->arena_base, want->arena_pages,
			      want->owned_pages);
}

/* By address, the highest first. Caller holds change. */
static void hr_arenas_link(struct heapranges *heap, struct hr_arena *arena)
{
	struct hr_arena *lower;

	lockdep_assert_held(&heap->change);
	list_for_each_entry(lower, &heap->arenas, link) {
		if (lower->base < arena->base)
			break;
	}
	list_add_tail(&arena->link, &lower->link);
	WRITE_ONCE(heap->nr_arenas, heap->nr_arenas + 1);
	WRITE_ONCE(heap->nr_kept_arenas, heap->nr_kept_arenas + arena->is_kept);
}

/* Caller holds change. */
static int hr_arenas_add(struct heapranges *heap, unsigned long nr_pages, bool is_kept,
			 gfp_t gfp, struct hr_arenas_want *want)
{
	struct hr_change change;
	struct hr_arena *arena;
	int err;

	lockdep_assert_held(&heap->change);
	arena = hr_arena_create(nr_pages, heap->node, gfp);
	if (!arena)
		return -ENOMEM;
	arena->is_kept = is_kept;
	if (heap->kept) {
		hr_poison_fill(arena->base, nr_pages, NULL);
		arena->is_zero = false;
	}
	err = hr_own_prepare(heap, arena->base, nr_pages, &change);
	if (err) {
		hr_arena_destroy(arena);
		return err;
	}
	/* The arena is the heap's, even if the heap turns out to be corrupt. */
	want->taken.base = ALIGN(arena->base, hr_pages_to_bytes(want->align_pages));
	want->taken.dirty_pages = arena->is_zero ? 0 : want->nr_pages;
	if (!hr_own_commit(heap, arena->base, nr_pages, want->taken.base, want->nr_pages,
			   arena->is_zero, &change))
		err = -EIO;
	hr_arenas_link(heap, arena);
	want->arena_base = arena->base;
	want->arena_pages = nr_pages;
	want->owned_pages = heap->owned_pages;
	return err;
}

int hr_arenas_add_kept(struct heapranges *heap, unsigned long nr_pages)
{
	struct hr_arenas_want want = { .align_pages = 1 };
	unsigned int noio;
	int err;

	noio = hr_own_begin_change(heap);
	err = hr_arenas_add(heap, nr_pages, true, __GFP_RETRY_MAYFAIL, &want);
	hr_own_end_change(heap, noio);
	hr_arenas_trace_grow(heap, &want);
	return err;
}

/* What max_pages leaves. Caller holds change. */
static unsigned long hr_arenas_room_pages(struct heapranges *heap)
{
	lockdep_assert_held(&heap->change);
	return (heap->max_pages ?: ULONG_MAX) - hr_ranges_nr_pages(&heap->ranges);
}

/*
 * As large as the heap is already, so that a heap of any size has few arenas,
 * but within arena_pages and grow_max_pages; at least @nr_pages; at most what
 * max_pages leaves. Return: 0: @nr_pages is more than that. Caller holds change.
 */
static unsigned long hr_arenas_next_pages(struct heapranges *heap,
					  unsigned long nr_pages)
{
	unsigned long room_pages = hr_arenas_room_pages(heap), arena_pages;

	if (nr_pages > room_pages)
		return 0;
	arena_pages = max(hr_ranges_nr_pages(&heap->ranges), heap->arena_pages);
	arena_pages = min(arena_pages, heap->grow_max_pages);
	return clamp(arena_pages, nr_pages, room_pages);
}

/* As hr_arenas_grow(), with what max_pages leaves and the machine has as they are. */
static int hr_arenas_grow_once(struct heapranges *heap, unsigned long least_pages, gfp_t gfp,
			       struct hr_arenas_want *want)
{
	unsigned long arena_pages = hr_arenas_next_pages(heap, least_pages);
	gfp_t zero = gfp & __GFP_ZERO;
	int err = -ENOMEM;

	lockdep_assert_held(&heap->change);
	if (!arena_pages)
		return -ENOSPC;
	/*
	 * What nobody has asked for is not worth much trying, but that a heap has few
	 * arenas when the machine is nearly full, too.
	 */
	for (; err == -ENOMEM && arena_pages > least_pages; arena_pages /= HR_ARENAS_LESS)
		err = hr_arenas_add(heap, arena_pages, false, __GFP_NORETRY | zero, want);
	if (err == -ENOMEM)
		err = hr_arenas_add(heap, least_pages, false,
				    (gfp & __GFP_NORETRY ?: __GFP_RETRY_MAYFAIL) | zero,
				    want);
	return err;
}

/*
 * Has arenas of the heap's own that hold nothing make room for one of @nr_pages, for which
 * @err says that there is none. None goes for what cannot be had all the same. Caller holds
 * change. Return: false: nothing has changed.
 */
static bool hr_arenas_make_room(struct heapranges *heap, unsigned long nr_pages, int err)
{
	unsigned long room_pages = hr_arenas_room_pages(heap), lacking_pages = nr_pages;
	unsigned long idle_pages;
	LIST_HEAD(gone);

	lockdep_assert_held(&heap->change);
	if (!hr_arena_is_possible(nr_pages) || fatal_signal_pending(current))
		return false;
	/* Tells the machine, too: what the heap could give is available. */
	idle_pages = hr_idle_count(heap);
	if (err == -ENOSPC)
		lacking_pages -= room_pages;
	if (err == -ENOSPC ? idle_pages < lacking_pages :
			     si_mem_available() < (long)nr_pages)
		return false;
	hr_idle_unlink_arenas(heap, lacking_pages, ULONG_MAX, 0, &gone);
	if (list_empty(&gone))
		return false;
	hr_idle_destroy(heap, &gone, heap->owned_pages);
	return true;
}

/*
 * Grows the heap by at least @least_pages, with what is wanted in them. Reclaim on the
 * way leaves this heap alone, since change is held: what it has to spare is spared here.
 * Caller holds change. Return: 0; -ENOSPC: over max_pages; -ENOMEM; -EIO: the heap is
 * corrupt.
 */
static int hr_arenas_grow(struct heapranges *heap, unsigned long least_pages, gfp_t gfp,
			  struct hr_arenas_want *want)
{
	int err = hr_arenas_grow_once(heap, least_pages, gfp, want);

	lockdep_assert_held(&heap->change);
	if ((err == -ENOSPC || err == -ENOMEM) && hr_arenas_make_room(heap, least_pages, err))
		err = hr_arenas_grow_once(heap, least_pages, gfp, want);
	if (err != -ENOSPC)
		hr_heap_count(heap, err ? HR_COUNT_GROW_FAILURES : HR_COUNT_GROWS);
	return err;
}

/* Takes a run of pages that are free or parked. Caller holds change. */
static struct hr_taken hr_arenas_take_parked(struct heapranges *heap,
					     const struct hr_arenas_want *want)
{
	struct hr_taken taken;

	lockdep_assert_held(&heap->change);
	taken = hr_heap_take_aligned(heap, want->nr_pages, want->align_pages, true);
	if (taken.base || (!heap->caches && !heap->kept))
		return taken;
	hr_cache_close(heap);
	taken = hr_heap_take_aligned(heap, want->nr_pages, want->align_pages, true);
	hr_cache_open(heap);
	return taken;
}

/* Caller holds change. Return: as hr_arenas_take(). */
static struct hr_taken hr_arenas_take_in_change(struct heapranges *heap,
						struct hr_arenas_want *want, gfp_t gfp)
{
	struct hr_taken taken;
	unsigned long least_pages;

	lockdep_assert_held(&heap->change);
	/*
	 * Whoever held the mutex may have grown the heap, or have claimed for a
	 * removal what turned out to be in use.
	 */
	taken = hr_arenas_take_parked(heap, want);
	if (taken.base || READ_ONCE(heap->corrupt) || heap->flags & HEAPRANGES_FIXED)
		return taken;
	/* Wherever an arena begins, an aligned run fits into so many pages. */
	if (check_add_overflow(want->nr_pages, want->align_pages - 1, &least_pages))
		return taken;
	if (!hr_arenas_grow(heap, least_pages, gfp, want))
		return want->taken;
	/* Others have gone on giving meanwhile. */
	return hr_arenas_take_parked(heap, want);
}

struct hr_taken hr_arenas_take(struct heapranges *heap, unsigned long nr_pages,
			       unsigned long align_pages, gfp_t gfp)
{
	struct hr_arenas_want want = { .nr_pages = nr_pages, .align_pages = align_pages };
	struct hr_taken taken;
	unsigned int noio;

	noio = hr_own_begin_change(heap);
	taken = hr_arenas_take_in_change(heap, &want, gfp);
	hr_own_end_change(heap, noio);
	hr_arenas_trace_grow(heap, &want);
	return taken;
}

/* By at least @nr_pages, which nobody waits for. Caller holds change. */
static void hr_arenas_grow_unasked(struct heapranges *heap, unsigned long nr_pages,
				   struct hr_arenas_want *want)
{
	lockdep_assert_held(&heap->change);
	if (nr_pages && !READ_ONCE(heap->corrupt))
		hr_arenas_grow(heap, nr_pages, __GFP_NORETRY, want);
}

/* From what is parked, first. Caller holds change. */
static void hr_arenas_fill_reserve(struct heapranges *heap, struct hr_arenas_want *want)
{
	unsigned long free_pages;

	lockdep_assert_held(&heap->change);
	if (READ_ONCE(heap->free_pages) >= heap->reserve_pages)
		return;
	if (hr_cache_parked_pages(heap)) {
		hr_cache_close(heap);
		hr_cache_open(heap);
	}
	free_pages = READ_ONCE(heap->free_pages);
	if (free_pages < heap->reserve_pages)
		hr_arenas_grow_unasked(heap, min(heap->reserve_pages - free_pages,
						 hr_arenas_room_pages(heap)), want);
}

void hr_arenas_grow_ahead(struct heapranges *heap, unsigned long nr_pages)
{
	struct hr_arenas_want reserve = { .align_pages = 1 }, run = { .align_pages = 1 };
	unsigned int noio = hr_own_begin_change(heap);

	hr_arenas_fill_reserve(heap, &reserve);
	/* Apart: what cannot be had must not stand in the reserve's way. */
	if (nr_pages > hr_heap_largest_free_pages(heap))
		hr_arenas_grow_unasked(heap, nr_pages, &run);
	hr_own_end_change(heap, noio);
	hr_arenas_trace_grow(heap, &reserve);
	hr_arenas_trace_grow(heap, &run);
}

bool hr_arenas_next(struct heapranges *heap, unsigned long from, struct hr_arena *copy)
{
	struct hr_arena *arena;
	bool found = false;

	mutex_lock(&heap->change);
	list_for_each_entry_reverse(arena, &heap->arenas, link) {
		found = arena->base >= from;
		if (found) {
			*copy = *arena;
			break;
		}
	}
	mutex_unlock(&heap->change);
	return found;
}

unsigned long hr_arenas_exit(struct heapranges *heap)
{
	struct hr_arena *arena, *next;
	unsigned long nr_left = 0, owned_pages = heap->owned_pages;
	unsigned int noio;
	LIST_HEAD(gone);

	noio = hr_own_begin_change(heap);
	list_for_each_entry_safe(arena, next, &heap->arenas, link) {
		if (hr_span_is_idle(heap, arena->base, arena->nr_pages)) {
			list_move_tail(&arena->link, &gone);
			owned_pages -= arena->nr_pages;
		} else {
			list_del(&arena->link);
			hr_arena_abandon(arena);
			nr_left++;
		}
	}
	hr_own_end_change(heap, noio);
	hr_idle_destroy(heap, &gone, owned_pages);
	return nr_left;
}
