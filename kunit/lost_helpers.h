/* SPDX-License-Identifier: GPL-2.0 */
/* A range array that does not say what its heap knows. */
#ifndef HR_TEST_LOST_HELPERS_H
#define HR_TEST_LOST_HELPERS_H

#include <kunit/test.h>

#include "../module/change.h"
#include "../module/heap.h"

typedef int (*hr_test_prepare_t)(struct hr_change *change, const struct hr_ranges *ranges,
				 unsigned long base, unsigned long nr_pages);

static inline void hr_test_change_range(struct kunit *test, struct heapranges *heap,
					hr_test_prepare_t prepare, unsigned long base,
					unsigned long nr_pages)
{
	struct hr_change change;
	int err;

	mutex_lock(&heap->change);
	err = prepare(&change, &heap->ranges, base, nr_pages);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (!err && hr_store_gather(&change))
		hr_store_commit(&heap->store, &heap->ranges, &change);
	mutex_unlock(&heap->change);
}

/* The array loses a range while the bits still say whether its pages are free. */
static inline void hr_test_lose_range(struct kunit *test, struct heapranges *heap,
				      unsigned long base, unsigned long nr_pages)
{
	hr_test_change_range(test, heap, hr_change_prepare_remove, base, nr_pages);
}

/* The array has a range that it has lost, or of whose chunks there are none. */
static inline void hr_test_gain_range(struct kunit *test, struct heapranges *heap,
				      unsigned long base, unsigned long nr_pages)
{
	hr_test_change_range(test, heap, hr_change_prepare_add, base, nr_pages);
}

#endif /* HR_TEST_LOST_HELPERS_H */
