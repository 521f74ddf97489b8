// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_bulk: several runs by one call, and what all that allocate
 * otherwise than heapranges_alloc() have in common with it: gfp, zeroing, what is
 * counted.
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>

#include "heap_helpers.h"
#include "suites.h"

#define HR_TEST_BULK	40

struct hr_test_bulk {
	void		*addrs[HR_TEST_BULK];
	unsigned int	got;
};

/* What is behind the runs that were allocated stays as it was: this. */
static void *hr_test_bulk_mark(int i)
{
	return (void *)(7UL + i * PAGE_SIZE);
}

static void hr_test_bulk_alloc(struct kunit *test, struct heapranges *heap,
			       unsigned long nr, unsigned int count,
			       struct hr_test_bulk *b)
{
	int i;

	for (i = 0; i < HR_TEST_BULK; i++)
		b->addrs[i] = hr_test_bulk_mark(i);
	b->got = heapranges_alloc_bulk(heap, nr, HR_TEST_QUIET, count, b->addrs);
	KUNIT_ASSERT_LE_MSG(test, b->got, count, "pages=%lu", nr);
	for (i = b->got; i < HR_TEST_BULK; i++)
		KUNIT_EXPECT_PTR_EQ_MSG(test, b->addrs[i], hr_test_bulk_mark(i),
					"pages=%lu count=%u got=%u addrs[%d]", nr, count,
					b->got, i);
}

/* In an empty region of @region pages. */
static const struct hr_test_bulk_row {
	const char	*desc;
	unsigned long	region, nr;
	unsigned int	count, want;
} hr_test_bulk_rows[] = {
	{ "none", 100, 1, 0, 0 },
	{ "none of 0 pages", 100, 0, 0, 0 },
	{ "one", 100, 1, 1, 1 },
	{ "single pages", 100, 1, 40, 40 },
	{ "as many as fit", 39, 1, 40, 39 },
	{ "exactly as many", 40, 1, 40, 40 },
	{ "of 0 pages", 100, 0, 5, 0 },
	{ "too large for one", 100, 101, 3, 0 },
	{ "all in one", 100, 100, 1, 1 },
	{ "all in the first", 100, 100, 40, 1 },
	{ "the rest is too small", 100, 33, 40, 3 },
	{ "over words", 3000, 65, 40, 40 },
	{ "whole chunks", 512 * 40, 512, 40, 40 },
	{ "over chunk borders", 20000, 513, 40, 38 },
	{ "larger than chunks", 10000, 1500, 40, 6 },
	{ "pages at most", 100, ULONG_MAX, 4, 0 },
	{ "bytes wrap", 100, HR_TEST_ALL_PAGES + 1, 4, 0 },
};

static void hr_test_bulk_desc(const struct hr_test_bulk_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_bulk, hr_test_bulk_rows, hr_test_bulk_desc);

static void bulk_rows(struct kunit *test)
{
	const struct hr_test_bulk_row *row = test->param_value;
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long page;
	struct hr_test_bulk b;
	struct heapranges_stats s;
	int i;

	/* Neither the region nor the runs need a chunk's border. */
	hr_test_add(test, heap, hr_test_addr(33), row->region);
	hr_test_bulk_alloc(test, heap, row->nr, row->count, &b);
	KUNIT_EXPECT_EQ(test, b.got, row->want);
	for (i = 0, page = 33; i < b.got; i++, page += row->nr) {
		KUNIT_EXPECT_EQ_MSG(test, (unsigned long)b.addrs[i], hr_test_addr(page),
				    "run %d of %u", i, b.got);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, b.addrs[i]), row->nr,
				    "run %d of %u", i, b.got);
	}
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.used_pages, row->nr * row->want);
	KUNIT_EXPECT_EQ(test, s.allocs, row->want + 0ULL);
	KUNIT_EXPECT_EQ(test, !s.alloc_failures, row->want == row->count);
	hr_test_verify(test, heap, row->desc);

	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, b.got, b.addrs), row->want);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.frees, row->want + 0ULL);
	KUNIT_EXPECT_EQ(test, s.largest_free_pages, row->region);
	hr_test_verify(test, heap, row->desc);
}

/* Each is the lowest that fits, over holes of all sizes. */
static void bulk_fills_holes_lowest_first(struct kunit *test)
{
	static const unsigned long want[] = { 2, 10, 12, 14, 511, 1022, 1024, 1998 };
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_bulk b;
	int i;

	/* Free: 0, 2-4, 6, 10-17, 511-514, 1022-1026, 1998-2000. */
	hr_test_add(test, heap, HR_TEST_BASE, 2000);
	for (i = 0; i < 7; i++) {
		static const struct { unsigned long page, nr; } used[] = {
			{ 1, 1 }, { 4, 2 }, { 7, 3 }, { 17, 494 }, { 514, 508 },
			{ 1026, 972 }, { 513, 1 },
		};
		void *at = (void *)hr_test_addr(used[i].page);

		KUNIT_ASSERT_PTR_EQ(test, heapranges_alloc_at(heap, hr_test_addr(used[i].page),
							      used[i].nr, HR_TEST_QUIET), at);
	}
	hr_test_bulk_alloc(test, heap, 2, HR_TEST_BULK, &b);
	KUNIT_ASSERT_EQ(test, b.got, (unsigned int)ARRAY_SIZE(want));
	for (i = 0; i < b.got; i++)
		KUNIT_EXPECT_EQ_MSG(test, (unsigned long)b.addrs[i],
				    hr_test_addr(want[i]), "run %d", i);
	hr_test_bulk_alloc(test, heap, 1, HR_TEST_BULK, &b);
	KUNIT_ASSERT_EQ(test, b.got, 3U);
	KUNIT_EXPECT_EQ(test, (unsigned long)b.addrs[0], hr_test_addr(0));
	KUNIT_EXPECT_EQ(test, (unsigned long)b.addrs[1], hr_test_addr(6));
	KUNIT_EXPECT_EQ(test, (unsigned long)b.addrs[2], hr_test_addr(16));
	hr_test_verify(test, heap, "holes");
}

static void bulk_grows(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit", .node = NUMA_NO_NODE, .arena_pages = 512,
		.grow_max_pages = 512, .max_pages = 1536,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);
	struct hr_test_bulk b;
	struct heapranges_stats s;
	int i;

	KUNIT_EXPECT_EQ(test, heapranges_alloc_bulk(heap, 1, GFP_NOWAIT | __GFP_NOWARN,
						    5, b.addrs), 0U);
	KUNIT_EXPECT_EQ(test, hr_test_wait_for_growth(test, heap).nr_arenas, 1UL);

	/* Seven in an arena, and three arenas at most. */
	hr_test_bulk_alloc(test, heap, 70, HR_TEST_BULK, &b);
	KUNIT_EXPECT_EQ(test, b.got, 21U);
	for (i = 0; i < b.got; i++) {
		KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, (unsigned long)b.addrs[i],
							    70));
		memset(b.addrs[i], i, 70 * PAGE_SIZE);
	}
	for (i = 0; i < b.got; i++)
		KUNIT_EXPECT_NULL_MSG(test, memchr_inv(b.addrs[i], i, 70 * PAGE_SIZE),
				      "run %d", i);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.nr_arenas, 3UL);
	KUNIT_EXPECT_EQ(test, s.used_pages, 21 * 70UL);
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, b.got, b.addrs), 21U);
	hr_test_verify(test, heap, "growth");
}

/* ---- free_bulk ---- */

static void bulk_free_tells_good_from_bad(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct heapranges_stats before, after;
	void *addrs[12];
	int i;

	hr_test_add(test, heap, HR_TEST_BASE, 2000);
	for (i = 0; i < 10; i++)
		hr_test_alloc(test, heap, 100 + i);
	hr_test_free(test, heap, hr_test_addr(100));
	addrs[0] = (void *)hr_test_addr(201);		/* the third */
	addrs[1] = NULL;
	addrs[2] = (void *)hr_test_addr(0);
	addrs[3] = (void *)hr_test_addr(303 + 5);	/* interior */
	addrs[4] = (void *)hr_test_addr(303);
	addrs[5] = (void *)hr_test_addr(3000);		/* foreign */
	addrs[6] = NULL;
	addrs[7] = (void *)hr_test_addr(100);		/* double */
	addrs[8] = (void *)hr_test_addr(303);		/* double by now */
	addrs[9] = (void *)hr_test_addr(510) + 1;	/* unaligned */
	addrs[10] = ERR_PTR(-ENOMEM);			/* foreign */
	addrs[11] = (void *)hr_test_addr(406);
	before = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, 12, addrs), 4U);
	after = hr_test_stats(test, heap);
	before.frees += 4;
	before.rejected_interior += 2;
	before.rejected_foreign += 2;
	before.rejected_double += 2;
	before.used_pages -= 102 + 100 + 103 + 104;
	before.free_pages += 102 + 100 + 103 + 104;
	before.largest_free_pages = 2000 - 1045;
	hr_test_expect_stats(test, &after, &before, "a mixed bulk");
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)hr_test_addr(510)), 105UL);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 510), HR_TEST_BASE);
	hr_test_verify(test, heap, "a mixed bulk");
}

static void bulk_free_of_nothing(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	void *nulls[5] = {}, *addr;
	struct hr_test_state before;

	hr_test_add(test, heap, HR_TEST_BASE, 20);
	addr = (void *)hr_test_alloc(test, heap, 3);
	hr_test_state_take(test, heap, &before);
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, 0, NULL), 0U);
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, 0, &addr), 0U);
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, 5, nulls), 0U);
	KUNIT_EXPECT_EQ(test, heapranges_alloc_bulk(heap, 1, GFP_KERNEL, 0, NULL), 0U);
	hr_test_expect_state(test, heap, &before, "nothing");
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, 1, &addr), 1U);
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, 1, &addr), 0U);
}

/* Backwards, and every other one first: what is free merges all the same. */
static void bulk_free_in_any_order(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_bulk b;
	void *order[HR_TEST_BULK];
	int i;

	hr_test_add(test, heap, hr_test_addr(5), 100 * HR_TEST_BULK);
	hr_test_bulk_alloc(test, heap, 100, HR_TEST_BULK, &b);
	KUNIT_ASSERT_EQ(test, b.got, (unsigned int)HR_TEST_BULK);
	for (i = 0; i < HR_TEST_BULK; i++)
		order[i] = b.addrs[HR_TEST_BULK - 1 - (i * 2 + i / (HR_TEST_BULK / 2)) %
				   HR_TEST_BULK];
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, HR_TEST_BULK / 2, order),
			HR_TEST_BULK / 2U);
	hr_test_verify(test, heap, "half of it");
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).largest_free_pages, 100UL);
	KUNIT_EXPECT_EQ(test, heapranges_free_bulk(heap, HR_TEST_BULK / 2,
						   order + HR_TEST_BULK / 2),
			HR_TEST_BULK / 2U);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 100 * HR_TEST_BULK),
			hr_test_addr(5));
	hr_test_verify(test, heap, "all of it");
}

/* ---- what all have in common ---- */

enum hr_test_kind { HR_TEST_ALIGNED, HR_TEST_AT, HR_TEST_IN_BULK, HR_TEST_KINDS };

static const char * const hr_test_kinds[] = { "aligned", "at", "bulk" };

/* @nr pages, by any of the three; @at is their lowest free address. */
static void *hr_test_ask(enum hr_test_kind kind, struct heapranges *heap,
			 unsigned long at, unsigned long nr, gfp_t gfp)
{
	void *addr = NULL;

	if (kind == HR_TEST_ALIGNED)
		return heapranges_alloc_aligned(heap, nr, 1, gfp);
	if (kind == HR_TEST_AT)
		return heapranges_alloc_at(heap, at, nr, gfp);
	return heapranges_alloc_bulk(heap, nr, gfp, 1, &addr) ? addr : NULL;
}

static void bulk_kinds_gfp(struct kunit *test)
{
	static const struct { gfp_t gfp; bool fixed, addresses; } rows[] = {
		{ GFP_KERNEL, true, true }, { GFP_NOFS, true, true },
		{ GFP_NOIO, true, true }, { GFP_NOWAIT, true, true },
		{ GFP_ATOMIC, true, true }, { GFP_KERNEL | __GFP_ZERO, true, false },
		{ GFP_NOWAIT | __GFP_ZERO, true, false },
		{ GFP_KERNEL_ACCOUNT, true, true },
		{ GFP_KERNEL | __GFP_HIGHMEM, true, true },
		{ GFP_KERNEL | __GFP_NORETRY, true, true },
		{ GFP_KERNEL | __GFP_NOFAIL }, { GFP_KERNEL | __GFP_DMA },
		{ GFP_KERNEL | __GFP_DMA32 }, { GFP_KERNEL | __GFP_THISNODE },
		{ GFP_KERNEL | __GFP_MOVABLE }, { GFP_KERNEL | __GFP_COMP },
	};
	struct heapranges *fixed = hr_test_create(test, "fixed", HEAPRANGES_FIXED);
	struct heapranges *addresses = hr_test_create(test, "addresses", HR_TEST_ADDRESSES);
	unsigned long area = hr_test_area(test, 4);
	u64 failures[2] = {};
	int kind, i;
	void *got;

	hr_test_add(test, fixed, area, 4);
	hr_test_add(test, addresses, HR_TEST_BASE, 4);
	for (kind = 0; kind < HR_TEST_KINDS; kind++) {
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			got = hr_test_ask(kind, fixed, area, 3, rows[i].gfp);
			KUNIT_EXPECT_EQ_MSG(test, (unsigned long)got,
					    rows[i].fixed ? area : 0UL, "%s: row %d gfp=%x",
					    hr_test_kinds[kind], i, rows[i].gfp);
			KUNIT_EXPECT_EQ(test, heapranges_free(fixed, got), 0);
			got = hr_test_ask(kind, addresses, HR_TEST_BASE, 3, rows[i].gfp);
			KUNIT_EXPECT_EQ_MSG(test, (unsigned long)got,
					    rows[i].addresses ? HR_TEST_BASE : 0UL,
					    "%s: addresses, row %d gfp=%x",
					    hr_test_kinds[kind], i, rows[i].gfp);
			KUNIT_EXPECT_EQ(test, heapranges_free(addresses, got), 0);
			failures[0] += !rows[i].fixed;
			failures[1] += !rows[i].addresses;
		}
		KUNIT_EXPECT_EQ_MSG(test, hr_test_stats(test, fixed).alloc_failures,
				    failures[0], "%s", hr_test_kinds[kind]);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_stats(test, addresses).alloc_failures,
				    failures[1], "%s", hr_test_kinds[kind]);
	}
}

static void bulk_kinds_zero(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_FIXED);
	unsigned long area = hr_test_area(test, 700);
	void *addr, *two[2];
	int kind;

	hr_test_add(test, heap, area, 700);
	for (kind = 0; kind < HR_TEST_KINDS; kind++) {
		memset((void *)area, 0xa5, 700 * PAGE_SIZE);
		addr = hr_test_ask(kind, heap, area, 600, GFP_KERNEL | __GFP_ZERO);
		KUNIT_ASSERT_EQ(test, (unsigned long)addr, area);
		KUNIT_EXPECT_NULL_MSG(test, memchr_inv(addr, 0, 600 * PAGE_SIZE), "%s",
				      hr_test_kinds[kind]);
		KUNIT_EXPECT_NULL_MSG(test, memchr_inv(addr + 600 * PAGE_SIZE, 0xa5,
						       100 * PAGE_SIZE), "%s: behind it",
				      hr_test_kinds[kind]);
		hr_test_free(test, heap, area);
	}
	/* Not only the first. */
	memset((void *)area, 0xa5, 700 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, heapranges_alloc_bulk(heap, 300, GFP_KERNEL | __GFP_ZERO, 2,
						    two), 2U);
	KUNIT_EXPECT_NULL(test, memchr_inv((void *)area, 0, 600 * PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv((void *)area + 600 * PAGE_SIZE, 0xa5,
					   100 * PAGE_SIZE));
}

/* A gfp that may block where that is not allowed: no growth, and a line. */
static void bulk_kinds_atomic(struct kunit *test)
{
	struct heapranges *growing, *fixed;
	unsigned long area = hr_test_area(test, 8), flags;
	struct heapranges_stats s;
	void *none, *some;
	int kind;

	for (kind = 0; kind < HR_TEST_KINDS; kind++) {
		growing = hr_test_create(test, "growing", 0);
		fixed = hr_test_create(test, "fixed", HEAPRANGES_FIXED);
		hr_test_add(test, fixed, area, 8);
		/* might_sleep() keeps quiet about this deliberate mistake. */
		oops_in_progress++;
		local_irq_save(flags);
		none = hr_test_ask(kind, growing, area, 2, HR_TEST_QUIET);
		some = hr_test_ask(kind, fixed, area, 2, HR_TEST_QUIET);
		local_irq_restore(flags);
		oops_in_progress--;
		KUNIT_EXPECT_PTR_EQ_MSG(test, none, NULL, "%s", hr_test_kinds[kind]);
		KUNIT_EXPECT_PTR_EQ_MSG(test, some, (void *)area, "%s", hr_test_kinds[kind]);
		s = kind == HR_TEST_AT ? hr_test_stats(test, growing) :
					 hr_test_wait_for_growth(test, growing);
		KUNIT_EXPECT_EQ_MSG(test, s.rejected_context, 1ULL, "%s",
				    hr_test_kinds[kind]);
		KUNIT_EXPECT_EQ(test, s.alloc_failures, 1ULL);
		hr_test_free(test, fixed, area);
		hr_test_destroy(test, growing);
		hr_test_destroy(test, fixed);
	}
}

static struct kunit_case hr_test_bulk_cases[] = {
	KUNIT_CASE_PARAM(bulk_rows, hr_test_bulk_gen_params),
	KUNIT_CASE(bulk_fills_holes_lowest_first),
	KUNIT_CASE(bulk_grows),
	KUNIT_CASE(bulk_free_tells_good_from_bad),
	KUNIT_CASE(bulk_free_of_nothing),
	KUNIT_CASE(bulk_free_in_any_order),
	KUNIT_CASE(bulk_kinds_gfp),
	KUNIT_CASE(bulk_kinds_zero),
	KUNIT_CASE(bulk_kinds_atomic),
	{}
};

struct kunit_suite heapranges_bulk_suite = {
	.name = "heapranges_bulk",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_bulk_cases,
};
