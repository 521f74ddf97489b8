// SPDX-License-Identifier: GPL-2.0
/*
 * What is done for a heap in the background.
 *
 * Whoever may not sleep can say what is wanted from any context but NMI; a work
 * item of the heap's does it soon. Wants are bits: what is wanted twice before it
 * is done is done once.
 */
#include <linux/bitops.h>
#include <linux/errno.h>

#include "cache.h"
#include "mem.h"
#include "tend.h"

enum hr_tend_want {
	HR_TEND_DRAIN,		/* empty all caches */
};

static struct workqueue_struct *hr_tend_wq;

int hr_tend_setup(void)
{
	hr_tend_wq = hr_mem_workqueue_create("heapranges", WQ_UNBOUND);
	return hr_tend_wq ? 0 : -ENOMEM;
}

void hr_tend_teardown(void)
{
	hr_mem_workqueue_destroy(hr_tend_wq);
}

static void hr_tend_work(struct work_struct *work)
{
	struct heapranges *heap = container_of(work, struct heapranges, tend);

	if (test_and_clear_bit(HR_TEND_DRAIN, &heap->wants))
		hr_cache_drain(heap);
}

void hr_tend_init(struct heapranges *heap)
{
	INIT_WORK(&heap->tend, hr_tend_work);
}

void hr_tend_exit(struct heapranges *heap)
{
	cancel_work_sync(&heap->tend);
}

static void hr_tend_want(struct heapranges *heap, enum hr_tend_want want)
{
	set_bit(want, &heap->wants);
	queue_work(hr_tend_wq, &heap->tend);
}

unsigned long hr_tend_take(struct heapranges *heap, unsigned long nr_pages,
			   unsigned long align_pages)
{
	struct hr_cache_totals totals;
	unsigned long base;

	hr_cache_drain_this_cpu(heap);
	base = hr_heap_take_aligned(heap, nr_pages, align_pages);
	if (base)
		return base;
	hr_cache_get_totals(heap, &totals);
	if (totals.parked_pages >= nr_pages) {
		hr_heap_count(heap, HR_COUNT_FAILURES_PARKED);
		hr_tend_want(heap, HR_TEND_DRAIN);
	}
	return 0;
}
