/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The default heap's life, and calls on behalf of others. The public interface is
 * heapranges.h.
 */
#ifndef HR_API_H
#define HR_API_H

#include "heapranges.h"

/* Return: 0, or -ENOMEM. */
int hr_api_init(void);

/* Arenas of the default heap that are in use stay allocated, with a line. */
void hr_api_exit(void);

/*
 * What heapranges_alloc() and heapranges_free() do, for another function that is
 * exported: the log names @caller, the address that one returns to. Beside the two,
 * not called by them, since they are quick.
 */
void *hr_api_alloc_for(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp,
		       unsigned long caller);
int hr_api_free_for(struct heapranges *heap, const void *addr, unsigned long caller);

#endif /* HR_API_H */
