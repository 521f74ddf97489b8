/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All live heaps: their names, their order of creation, and what two of them
 * must not both own.
 */
#ifndef HR_HEAPS_H
#define HR_HEAPS_H

#include <linux/rwsem.h>

#include "heap.h"

/*
 * Guards the list of heaps and, held for writing, that no region enters two
 * heaps at once. Readers may sleep under it; no allocation waits for it.
 */
extern struct rw_semaphore hr_heaps_rwsem;

/*
 * All heaps, by serial. Guarded by hr_heaps_rwsem, or read in an RCU read-side section:
 * a heap that is in the list then stays until the section ends.
 */
extern struct list_head hr_heaps_list;

/*
 * @params: checked, with defaults filled in
 * Return: the heap, listed and with min_pages; -EEXIST: the name is taken;
 * -ENOMEM.
 */
struct heapranges *hr_heaps_create(const struct heapranges_params *params);

/* Nothing is allocated in a heap that nobody uses any more. Empties its caches. */
bool hr_heaps_is_idle(struct heapranges *heap);

/*
 * Destroys a heap whatever lives in it. Arenas with pages in use stay allocated.
 * Return: how many.
 */
unsigned long hr_heaps_abandon(struct heapranges *heap);

/* As heapranges_add(), but for -EPERM. */
int hr_heaps_add_region(struct heapranges *heap, unsigned long base,
			unsigned long nr_pages);

/*
 * The first heap with a serial >= @serial, NULL: none. Caller holds
 * hr_heaps_rwsem.
 */
struct heapranges *hr_heaps_next(u64 serial);

#endif /* HR_HEAPS_H */
