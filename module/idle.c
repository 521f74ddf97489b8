// SPDX-License-Identifier: GPL-2.0
/*
 * Arenas of a heap that hold nothing: which could be released, and their release.
 *
 *	[kept] [ 4M ] [  8M  ] [    16M    ]
 *		 used	 idle	  <-- idle		the highest goes first
 *
 * An arena is released as a whole, once all its pages are free, parked or kept back: after
 * a while without need (tend.c), when the machine is short of memory (reclaim.c) or this
 * heap is (arenas.c), or on demand. Looking changes nothing but what the machine is told.
 *
 * Unlinked under the change mutex, unmapped behind it, but where this heap waits for it.
 */
#include <linux/list.h>

#include "arena.h"
#include "cache.h"
#include "idle.h"
#include "own.h"
#include "span.h"
#include "trace.h"

/* Parked pages are as good as free. */
unsigned long hr_idle_spare_pages(struct heapranges *heap)
{
	unsigned long idle_pages;

	if (READ_ONCE(heap->corrupt))
		return 0;
	if (!heap->reserve_pages)
		return ULONG_MAX;
	idle_pages = READ_ONCE(heap->free_pages) + hr_cache_parked_pages(heap);
	return max(idle_pages, heap->reserve_pages) - heap->reserve_pages;
}

unsigned long hr_idle_count(struct heapranges *heap)
{
	unsigned long spare_pages, nr_pages = 0;
	struct hr_arena *arena;
	bool idle;

	lockdep_assert_held(&heap->change);
	spare_pages = hr_idle_spare_pages(heap);
	list_for_each_entry(arena, &heap->arenas, link) {
		idle = !arena->is_kept && arena->nr_pages <= spare_pages - nr_pages &&
		       hr_span_is_idle(heap, arena->base, arena->nr_pages);
		hr_arena_set_reclaimable(arena, idle);
		if (idle)
			nr_pages += arena->nr_pages;
	}
	return nr_pages;
}

unsigned long hr_idle_try_count(struct heapranges *heap)
{
	unsigned long nr_pages;
	unsigned int noio;

	if (!hr_own_try_begin_change(heap, &noio))
		return 0;
	nr_pages = hr_idle_count(heap);
	hr_own_end_change(heap, noio);
	return nr_pages;
}

long hr_idle_try_reclaimable(struct heapranges *heap)
{
	struct hr_arena *arena;
	long nr_pages = 0;
	unsigned int noio;

	if (!hr_own_try_begin_change(heap, &noio))
		return -EBUSY;
	list_for_each_entry(arena, &heap->arenas, link)
		nr_pages += arena->is_reclaimable ? arena->nr_pages : 0;
	hr_own_end_change(heap, noio);
	return nr_pages;
}

/* It could be released, being one of at most @most_pages. */
static bool hr_idle_may_go(const struct hr_arena *arena, unsigned long most_pages,
			   unsigned int nr_ticks)
{
	return arena->is_reclaimable && arena->nr_idle_ticks >= nr_ticks &&
	       arena->nr_pages <= most_pages;
}

/* Caches are closed. Caller holds change. Return: false: it is in use, or no memory. */
static bool hr_idle_unlink(struct heapranges *heap, struct hr_arena *arena)
{
	struct hr_change change;

	lockdep_assert_held(&heap->change);
	if (hr_own_prepare_leave(heap, arena->base, arena->nr_pages, &change) ||
	    !hr_own_leave(heap, arena->base, arena->nr_pages, true, &change))
		return false;
	WRITE_ONCE(heap->nr_arenas, heap->nr_arenas - 1);
	return true;
}

unsigned long hr_idle_unlink_arenas(struct heapranges *heap, unsigned long least_pages,
				    unsigned long most_pages, unsigned int nr_ticks,
				    struct list_head *gone)
{
	unsigned long released_pages = 0;
	struct hr_arena *arena, *next;
	bool closed = false;

	lockdep_assert_held(&heap->change);
	if (!least_pages)
		return 0;
	hr_idle_count(heap);
	list_for_each_entry_safe(arena, next, &heap->arenas, link) {
		if (released_pages >= least_pages)
			break;
		if (!hr_idle_may_go(arena, most_pages - released_pages, nr_ticks))
			continue;
		if (!closed)
			hr_cache_close(heap);
		closed = true;
		if (!hr_idle_unlink(heap, arena))
			continue;
		list_move_tail(&arena->link, gone);
		released_pages += arena->nr_pages;
		hr_heap_count(heap, HR_COUNT_RELEASES);
	}
	if (closed)
		hr_cache_open(heap);
	return released_pages;
}

void hr_idle_destroy(struct heapranges *heap, struct list_head *gone,
		     unsigned long owned_pages)
{
	struct hr_arena *arena, *next;

	list_for_each_entry_safe(arena, next, gone, link) {
		trace_hr_release(heap->serial, arena->base, arena->nr_pages, owned_pages);
		hr_arena_destroy(arena);
	}
}

/*
 * As hr_idle_unlink_arenas(), in a change that has begun and ends here; the arenas are
 * destroyed behind it. @noio: of hr_own_begin_change().
 */
static unsigned long hr_idle_release_and_end(struct heapranges *heap,
					     unsigned long least_pages,
					     unsigned long most_pages,
					     unsigned int nr_ticks, unsigned int noio)
{
	unsigned long released_pages, owned_pages;
	LIST_HEAD(gone);

	released_pages = hr_idle_unlink_arenas(heap, least_pages, most_pages, nr_ticks, &gone);
	owned_pages = heap->owned_pages;
	hr_own_end_change(heap, noio);
	hr_idle_destroy(heap, &gone, owned_pages);
	return released_pages;
}

unsigned long hr_idle_release(struct heapranges *heap, unsigned long least_pages,
			      unsigned long most_pages)
{
	return hr_idle_release_and_end(heap, least_pages, most_pages, 0,
				       hr_own_begin_change(heap));
}

unsigned long hr_idle_tick(struct heapranges *heap, unsigned long unneeded_pages)
{
	unsigned int noio = hr_own_begin_change(heap);
	struct hr_arena *arena;

	hr_idle_count(heap);
	list_for_each_entry(arena, &heap->arenas, link)
		arena->nr_idle_ticks = arena->is_reclaimable ? arena->nr_idle_ticks + 1 : 0;
	return hr_idle_release_and_end(heap, unneeded_pages, unneeded_pages,
				       HR_HEAP_TICKS + 1, noio);
}

long hr_idle_try_release(struct heapranges *heap, unsigned long least_pages)
{
	unsigned long released_pages, owned_pages;
	struct hr_arena *arena;
	unsigned int noio;
	LIST_HEAD(gone);

	if (!hr_own_try_begin_change(heap, &noio))
		return -EBUSY;
	released_pages = hr_idle_unlink_arenas(heap, least_pages, ULONG_MAX, 0, &gone);
	list_for_each_entry(arena, &gone, link)
		hr_heap_count(heap, HR_COUNT_RELEASES_SHRINKER);
	owned_pages = heap->owned_pages;
	hr_own_end_change(heap, noio);
	hr_idle_destroy(heap, &gone, owned_pages);
	return released_pages;
}

unsigned long hr_idle_trim(struct heapranges *heap, bool may_wait)
{
	unsigned int noio;

	if (may_wait)
		noio = hr_own_begin_change(heap);
	else if (!hr_own_try_begin_change(heap, &noio))
		return 0;
	hr_cache_close(heap);
	hr_cache_open(heap);
	return hr_idle_release_and_end(heap, ULONG_MAX, ULONG_MAX, 0, noio);
}
