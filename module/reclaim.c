// SPDX-License-Identifier: GPL-2.0
/*
 * What the machine may have back when it is short of memory: the shrinker, one for
 * all heaps.
 *
 * Reclaim may have been entered by a task that is at work on a heap, or on the list of
 * them: every lock is tried only, and what cannot be had is left alone. A heap is
 * released by whole arenas, so a scan may return more than it was asked for.
 */
#include <linux/errno.h>

#include "heaps.h"
#include "idle.h"
#include "mem.h"
#include "reclaim.h"

static struct shrinker *hr_reclaim_shrinker;

unsigned long hr_reclaim_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct heapranges *heap;
	unsigned long nr_pages = 0;

	if (!down_read_trylock(&hr_heaps_rwsem))
		return 0;
	list_for_each_entry(heap, &hr_heaps_list, link)
		nr_pages += hr_idle_try_count(heap);
	up_read(&hr_heaps_rwsem);
	return nr_pages;
}

unsigned long hr_reclaim_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct heapranges *heap;
	unsigned long nr_pages = 0;
	bool could = false;
	long released;

	if (!down_read_trylock(&hr_heaps_rwsem))
		return SHRINK_STOP;
	list_for_each_entry(heap, &hr_heaps_list, link) {
		if (nr_pages >= sc->nr_to_scan)
			break;
		released = hr_idle_try_release(heap, sc->nr_to_scan - nr_pages);
		if (released == -EBUSY)
			continue;
		could = true;
		nr_pages += released;
	}
	up_read(&hr_heaps_rwsem);
	sc->nr_scanned = max(nr_pages, sc->nr_to_scan);
	return could ? nr_pages : SHRINK_STOP;
}

int hr_reclaim_setup(void)
{
	hr_reclaim_shrinker = hr_mem_shrinker_register(hr_reclaim_count, hr_reclaim_scan);
	return hr_reclaim_shrinker ? 0 : -ENOMEM;
}

void hr_reclaim_teardown(void)
{
	hr_mem_shrinker_unregister(hr_reclaim_shrinker);
}
