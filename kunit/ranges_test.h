/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the range array share: an array with its storage, each
 * change of it audited, and a validator of the whole.
 *
 * The storage handed in is never larger than asked for, is full of decoys, that
 * is ranges that own everything, and has more of them behind its end: a read of
 * what was not written finds addresses that nobody owns, a write behind the end
 * destroys a decoy.
 */
#ifndef HR_KUNIT_RANGES_TEST_H
#define HR_KUNIT_RANGES_TEST_H

#include <kunit/test.h>

#include "../module/geometry.h"
#include "../module/ranges.h"

#define HR_TEST_SPANS	8
#define HR_TEST_PAGE(n)	((unsigned long)(n) << PAGE_SHIFT)

/* As rows write a range. An array of them ends with one of 0 pages, or full. */
struct hr_test_span {
	unsigned long base, nr_pages;
};

/* hr_ranges_add or hr_ranges_remove. */
typedef int hr_test_op(struct hr_ranges *ranges, unsigned long base,
		       unsigned long nr_pages, struct hr_ranges_block **spare);

struct hr_test_ranges {
	struct kunit		*test;
	struct mutex		writers;	/* the one that ranges is told of */
	struct hr_ranges	ranges;

	/* The last step, to be printed if it fails. */
	hr_test_op		*op;
	unsigned long		base, nr_pages;
	struct heapranges_range	input[HR_TEST_SPANS];
	unsigned long		nr_input;
};

/* Blocks that exist. */
extern atomic_t hr_test_blocks;

/* .init and .exit of the suites: test->priv is the array; no block may be left. */
int hr_test_ranges_init(struct kunit *test);
void hr_test_ranges_exit(struct kunit *test);

struct hr_ranges_block *hr_test_block_alloc(size_t bytes);
void hr_test_block_free(struct hr_ranges_block *block);
struct hr_ranges_block *hr_test_ranges_block(struct hr_test_ranges *t);

/*
 * One audited step: @op's errno, whatever it is. What went wrong otherwise
 * (storage lost or swapped, a published block changed) fails the test.
 */
int hr_test_ranges_apply(struct hr_test_ranges *t, hr_test_op *op,
			 unsigned long base, unsigned long nr_pages,
			 struct hr_ranges_block **spare);

/* The same with storage of exactly hr_ranges_spare_bytes(). */
int hr_test_ranges_change(struct hr_test_ranges *t, hr_test_op *op,
			  unsigned long base, unsigned long nr_pages);

/* Steps that must succeed, or the case ends: up to HR_TEST_SPANS, or one. */
void hr_test_ranges_fill(struct hr_test_ranges *t,
			 const struct hr_test_span *spans);
void hr_test_ranges_must(struct hr_test_ranges *t, hr_test_op *op,
			 unsigned long base, unsigned long nr_pages);

/*
 * Every invariant of the block, and that every question agrees with it at every
 * boundary. Reports the first that does not. Return: all is well.
 */
bool hr_test_ranges_validate(struct hr_test_ranges *t);

/* Does the array hold just these? Reports both if not. */
bool hr_test_ranges_holds(struct hr_test_ranges *t,
			  const struct hr_test_span *spans);

/* Fails the test with the last step, its input and what came of it. */
__printf(2, 3)
bool hr_test_ranges_fail(struct hr_test_ranges *t, const char *fmt, ...);

#endif /* HR_KUNIT_RANGES_TEST_H */
