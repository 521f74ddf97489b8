/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For suites about what pages hold. They hold whatever the machine clears by itself
 * (init_on_alloc=, init_on_free=) and with poison=1: tools/check runs them so, too.
 */
#ifndef HR_TEST_ZERO_HELPERS_H
#define HR_TEST_ZERO_HELPERS_H

#include "../module/own.h"
#include "heap_helpers.h"

#define HR_TEST_PAGES	1600UL
#define HR_TEST_DIRT	0xa5
#define HR_TEST_ZERO	(HR_TEST_QUIET | __GFP_ZERO)

/* Loaded with poison=1: free pages hold a pattern. */
static inline bool hr_test_poisons(void)
{
	return heapranges_default()->flags & HR_HEAP_POISONS;
}

static inline bool hr_test_is_filled(unsigned long addr, unsigned long nr_pages, int byte)
{
	return !memchr_inv((void *)addr, byte, nr_pages * PAGE_SIZE);
}

static inline void hr_test_fill(unsigned long addr, unsigned long nr_pages, int byte)
{
	memset((void *)addr, byte, nr_pages * PAGE_SIZE);
}

/* A span of mapped memory enters the heap as an arena does that comes clear. */
static inline void hr_test_add_zeroes(struct kunit *test, struct heapranges *heap,
				      unsigned long base, unsigned long nr_pages)
{
	struct hr_change change;
	unsigned int noio;
	int err;

	hr_test_fill(base, nr_pages, 0);
	if (hr_test_poisons()) {
		hr_test_add(test, heap, base, nr_pages);
		return;
	}
	noio = hr_own_begin_change(heap);
	err = hr_own_prepare(heap, base, nr_pages, &change);
	if (!err)
		hr_own_commit(heap, base, nr_pages, base, 0, true, &change);
	hr_own_end_change(heap, noio);
	KUNIT_ASSERT_EQ_MSG(test, err, 0, "base=%lx pages=%lu", base, nr_pages);
}

/* Heaps whose memory comes, or is handed out, in different ways. */
static const struct hr_test_kind {
	const char	*name;
	unsigned int	flags;
	int		node;
} hr_test_kinds[] = {
	{ "caches", 0, NUMA_NO_NODE },
	{ "no-caches", HEAPRANGES_NO_CACHE, NUMA_NO_NODE },
	{ "node", 0, 0 },
	{ "fixed", HEAPRANGES_FIXED, NUMA_NO_NODE },
};

/* Of HR_TEST_PAGES at most. */
static inline struct heapranges *
hr_test_heap_of_kind(struct kunit *test, const struct hr_test_kind *kind)
{
	struct heapranges_params params = {
		.name = kind->name, .flags = kind->flags, .node = kind->node,
		.max_pages = HR_TEST_PAGES,
	};
	struct heapranges *heap;

	if (!(kind->flags & HEAPRANGES_FIXED)) {
		params.arena_pages = HR_TEST_CHUNK;
		params.grow_max_pages = HR_TEST_CHUNK;
	}
	heap = hr_test_create_params(test, &params);
	if (kind->flags & HEAPRANGES_FIXED)
		hr_test_add(test, heap, hr_test_area(test, HR_TEST_PAGES), HR_TEST_PAGES);
	return heap;
}

/* Mapped memory that begins with a chunk; lives as long as the case. */
static inline unsigned long hr_test_chunks_area(struct kunit *test, unsigned long nr_pages)
{
	return ALIGN(hr_test_area(test, nr_pages + HR_TEST_CHUNK),
		     HR_TEST_CHUNK * PAGE_SIZE);
}

#endif /* HR_TEST_ZERO_HELPERS_H */
