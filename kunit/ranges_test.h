/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the range array share: an array with its storage, each
 * change of it audited (ranges_test.c), and a validator of the whole (ranges_check.c).
 *
 * The storage handed in is never larger than asked for, is full of decoys, that
 * is ranges that own everything, and has more of them behind its end: a read of
 * what was not written finds addresses that nobody owns, a write behind the end
 * destroys a decoy.
 */
#ifndef HR_KUNIT_RANGES_TEST_H
#define HR_KUNIT_RANGES_TEST_H

#include <kunit/test.h>

#include "../module/change.h"
#include "../module/commit.h"
#include "../module/geometry.h"
#include "../module/ranges.h"

#define HR_TEST_SPANS	8
#define HR_TEST_PAGE(n)	((unsigned long)(n) << PAGE_SHIFT)

/* As rows write a range. An array of them ends with one of 0 pages, or full. */
struct hr_test_span {
	unsigned long base, nr_pages;
};

/* hr_change_prepare_add or hr_change_prepare_remove. */
typedef int hr_test_op(struct hr_change *change, const struct hr_ranges *ranges,
		       unsigned long base, unsigned long nr_pages);

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

/* What the array holds, as it would stand in one leaf. */
struct hr_test_flat {
	unsigned long		nr_ranges, nr_pages;
	struct heapranges_range	range[];
};

/* Blocks that exist. */
extern atomic_t hr_test_blocks;

/* .init and .exit of the suites: test->priv is the array; no block may be left. */
int hr_test_ranges_init(struct kunit *test);
void hr_test_ranges_exit(struct kunit *test);

struct hr_block *hr_test_block_alloc(size_t bytes);
void hr_test_block_free(struct hr_block *block);
void hr_test_chain_free(struct hr_block *chain);

/* The array's index, and its leaves: NULL: none. The test is the only writer. */
const struct hr_ranges_index *hr_test_ranges_index(const struct hr_test_ranges *t);
struct hr_leaf *hr_test_ranges_leaf(const struct hr_test_ranges *t, unsigned long i);

/*
 * The first @most ranges, read without the code under test. Return: how many there are.
 */
unsigned long hr_test_ranges_peek(const struct hr_test_ranges *t,
				  struct heapranges_range *range, unsigned long most);

/* All of them, to be freed by kvfree(); a failure ends the case. */
struct hr_test_flat *hr_test_ranges_flatten(struct hr_test_ranges *t);

/*
 * One audited step: @op's errno, whatever it is. What went wrong otherwise (storage lost
 * or swapped, a published leaf changed, something written behind an end) fails the test.
 */
int hr_test_ranges_change(struct hr_test_ranges *t, hr_test_op *op,
			  unsigned long base, unsigned long nr_pages);

/* The same in its parts. @more: bytes of storage beyond what was asked for. */
int hr_test_ranges_prepare(struct hr_test_ranges *t, hr_test_op *op, unsigned long base,
			   unsigned long nr_pages, struct hr_change *change);
void hr_test_ranges_pay(struct hr_test_ranges *t, struct hr_change *change, long more);
int hr_test_ranges_commit(struct hr_test_ranges *t, struct hr_change *change);
void hr_test_ranges_cancel(struct hr_change *change);

/* Steps that must succeed, or the case ends: up to HR_TEST_SPANS, or one. */
void hr_test_ranges_fill(struct hr_test_ranges *t,
			 const struct hr_test_span *spans);
void hr_test_ranges_must(struct hr_test_ranges *t, hr_test_op *op,
			 unsigned long base, unsigned long nr_pages);

/*
 * Every invariant of the array, and that every question agrees with what is in it at
 * every boundary. Reports the first that does not. Return: all is well.
 */
bool hr_test_ranges_validate(struct hr_test_ranges *t);

/* Does the array hold just these? Reports both if not. */
bool hr_test_ranges_holds(struct hr_test_ranges *t,
			  const struct hr_test_span *spans);

/* Fails the test with the last step, its input and what came of it. */
__printf(2, 3)
bool hr_test_ranges_fail(struct hr_test_ranges *t, const char *fmt, ...);

#endif /* HR_KUNIT_RANGES_TEST_H */
