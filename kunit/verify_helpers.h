/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of heapranges_verify() share: a heap is corrupted in one place, and
 * exactly that must be told; put right again, nothing.
 *
 * The heap of the rows: addresses only, two regions that share no chunk,
 *
 *	A: pages 100 to 1700 of chunk 16 on	runs a (2), b (1), c (1000)
 *	B: 10 pages from page 20 of chunk 1000 on
 */
#ifndef HR_TEST_VERIFY_HELPERS_H
#define HR_TEST_VERIFY_HELPERS_H

#include <kunit/test.h>
#include <linux/numa.h>

#include "../module/heap.h"

#define HR_TEST_A	(hr_chunk_idx_to_addr(16) + 100 * PAGE_SIZE)
#define HR_TEST_B	(hr_chunk_idx_to_addr(1000) + 20 * PAGE_SIZE)

struct verify_row {
	const char	*name;
	void		(*corrupt)(struct heapranges *heap, bool undo);
	const char	*want;		/* how what is told first begins */
	int		nr;		/* violations; 0: it does not matter how many */
};

static inline void verify_desc(const struct verify_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

static inline struct heapranges *hr_test_verify_heap(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "verify",
		.node = NUMA_NO_NODE,
		.flags = HEAPRANGES_ADDRESS_ONLY | HEAPRANGES_NO_CACHE,
	};
	struct heapranges *heap = heapranges_create(&params);

	KUNIT_ASSERT_FALSE(test, IS_ERR(heap));
	KUNIT_ASSERT_EQ(test, heapranges_add(heap, HR_TEST_B, 10), 0);
	KUNIT_ASSERT_EQ(test, heapranges_add(heap, HR_TEST_A, 1600), 0);
	return heap;
}

/* @want: how what is told first begins; "": nothing is. */
static inline void hr_test_verify_is(struct kunit *test, struct heapranges *heap,
				     const char *want)
{
	char first[160] = "";
	int ret = heapranges_verify(heap, first, sizeof(first));

	KUNIT_EXPECT_TRUE_MSG(test, (ret > 0) == (*want != 0) && strstarts(first, want) &&
			      (*want || !*first),
			      "got %d \"%s\", want \"%s\"", ret, first, want);
}

/* @row's corruption of @heap, which it is told of; and nothing before and behind. */
static inline void hr_test_verify_row(struct kunit *test, struct heapranges *heap,
				      const struct verify_row *row)
{
	hr_test_verify_is(test, heap, "");
	row->corrupt(heap, false);
	hr_test_verify_is(test, heap, row->want);
	if (row->nr)
		KUNIT_EXPECT_EQ(test, heapranges_verify(heap, NULL, 0), row->nr);
	row->corrupt(heap, true);
	hr_test_verify_is(test, heap, "");
}

#endif /* HR_TEST_VERIFY_HELPERS_H */
