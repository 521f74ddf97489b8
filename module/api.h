/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The default heap's life, and calls on behalf of others. The public interface is
 * heapranges.h.
 */
#ifndef HR_API_H
#define HR_API_H

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/sched.h>

#include "heapranges.h"
#include "reports.h"

/* Return: 0, or -ENOMEM. */
int hr_api_init(void);

/* Arenas of the default heap that are in use stay allocated, with a line. */
void hr_api_exit(void);

/*
 * As heapranges_alloc() and heapranges_free_sized(), but not quick, and for another
 * function that is exported: the log names @caller, the address that one returns to.
 *
 * @nr_pages: of a free: 0: the caller does not say
 */
void *hr_api_alloc(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp,
		   unsigned long caller);
int hr_api_give(struct heapranges *heap, const void *addr, unsigned long nr_pages,
		unsigned long caller);

/* As IS_ERR_OR_NULL(), in one comparison. */
static __always_inline bool hr_api_is_no_heap(const struct heapranges *heap)
{
	return unlikely((unsigned long)heap - 1 >= -MAX_ERRNO - 1UL);
}

/* A caller that never looked at what create returned must not take us along. */
static inline bool hr_api_is_heap(const struct heapranges *heap, unsigned long caller)
{
	if (!hr_api_is_no_heap(heap))
		return true;
	hr_reports_mistake(NULL, "?", "not a heap", caller);
	return false;
}

/*
 * May the call wait for whoever changes the heap? Not if its task reclaims memory, as kswapd
 * does, or whoever finds none: that may be for this very change, or have it wait.
 */
static inline bool hr_api_may_wait(gfp_t gfp)
{
	return gfpflags_allow_blocking(gfp) && !(current->flags & PF_MEMALLOC);
}

#endif /* HR_API_H */
