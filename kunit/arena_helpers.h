/* SPDX-License-Identifier: GPL-2.0 */
/* Heaps that get their pages from arenas, as several suites want them. */
#ifndef HR_TEST_ARENA_HELPERS_H
#define HR_TEST_ARENA_HELPERS_H

#include "../module/heap.h"
#include "heap_helpers.h"

/* 256 MiB, or what fits beside others on 32 bits. */
#define HR_TEST_MANY_PAGES	(BITS_PER_LONG == 64 ? 65536UL : 16384UL)

/* As names, which a failure prints as they are. */
static const gfp_t hr_test_quiet = GFP_KERNEL | __GFP_NOWARN;
static const gfp_t hr_test_noio __maybe_unused = GFP_NOIO | __GFP_NOWARN;
static const gfp_t hr_test_nowait __maybe_unused = GFP_NOWAIT | __GFP_NOWARN;

static inline struct heapranges *
hr_test_arenas_create(struct kunit *test, struct heapranges_params params,
		      unsigned int flags)
{
	params.name = "kunit";
	params.node = NUMA_NO_NODE;
	params.flags = flags;
	return hr_test_create_params(test, &params);
}

/* All arenas that it grows by unasked are of @arena_pages, whole chunks. */
static inline struct heapranges *
hr_test_arenas_of(struct kunit *test, unsigned long min_pages,
		  unsigned long arena_pages, unsigned int flags)
{
	return hr_test_arenas_create(test, (struct heapranges_params){
		.min_pages = min_pages, .arena_pages = arena_pages,
		.grow_max_pages = arena_pages,
	}, flags);
}

#endif /* HR_TEST_ARENA_HELPERS_H */
