// SPDX-License-Identifier: GPL-2.0
/*
 * From an address to its chunk: which chunks are there after what, through
 * erased slots and moves to a larger table, or a smaller one.
 */
#include <kunit/test.h>
#include <linux/cleanup.h>
#include <linux/slab.h>

#include "../module/chunks.h"
#include "../module/mem.h"
#include "suites.h"

struct hr_test_chunks {
	struct mutex		writers;	/* of chunks */
	struct hr_chunks	chunks;
};

static int hr_test_chunks_init(struct kunit *test)
{
	struct hr_test_chunks *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	mutex_init(&t->writers);
	hr_chunks_init(&t->chunks, &t->writers, false);
	test->priv = t;
	return 0;
}

static void hr_test_chunks_exit(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;

	if (t)
		hr_chunks_exit(&t->chunks);
}

static unsigned long hr_test_chunk_addr(unsigned long chunk_idx, unsigned int page_idx)
{
	return hr_chunk_idx_to_addr(chunk_idx) + hr_pages_to_bytes(page_idx);
}

static bool hr_test_chunks_has(struct kunit *test, unsigned long chunk_idx)
{
	struct hr_test_chunks *t = test->priv;
	struct hr_chunk *chunk = hr_chunks_find(&t->chunks, chunk_idx);

	if (chunk)
		KUNIT_EXPECT_EQ(test, chunk->chunk_idx, chunk_idx);
	return chunk;
}

static void hr_test_chunks_drop(struct hr_test_chunks *t, unsigned long base,
				unsigned long nr_pages)
{
	hr_chunks_disown(&t->chunks, base, nr_pages);
	hr_chunks_prune(&t->chunks, base, nr_pages);
}

static void chunks_find_in_empty(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;

	guard(mutex)(&t->writers);
	KUNIT_EXPECT_FALSE(test, hr_test_chunks_has(test, 0));
	KUNIT_EXPECT_FALSE(test, hr_test_chunks_has(test, ULONG_MAX >> HR_CHUNK_SHIFT));
}

static void chunks_prepare_covers_both_edges(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long base = hr_test_chunk_addr(7, 511);

	guard(mutex)(&t->writers);
	KUNIT_ASSERT_EQ(test, hr_chunks_prepare(&t->chunks, base, 514), 0);
	KUNIT_EXPECT_FALSE(test, hr_test_chunks_has(test, 6));
	KUNIT_EXPECT_TRUE(test, hr_test_chunks_has(test, 7));
	KUNIT_EXPECT_TRUE(test, hr_test_chunks_has(test, 8));
	KUNIT_EXPECT_TRUE(test, hr_test_chunks_has(test, 9));
	KUNIT_EXPECT_FALSE(test, hr_test_chunks_has(test, 10));
}

static void chunks_prepare_at_the_top(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long top_idx = hr_addr_to_chunk_idx(HR_ADDR_END - 1);

	guard(mutex)(&t->writers);
	KUNIT_ASSERT_EQ(test, hr_chunks_prepare(&t->chunks,
						HR_ADDR_END - hr_pages_to_bytes(600),
						600), 0);
	KUNIT_EXPECT_TRUE(test, hr_test_chunks_has(test, top_idx - 1));
	KUNIT_EXPECT_TRUE(test, hr_test_chunks_has(test, top_idx));
}

static void chunks_prepare_makes_pages_busy(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	struct hr_chunk *chunk;

	guard(mutex)(&t->writers);
	KUNIT_ASSERT_EQ(test, hr_chunks_prepare(&t->chunks, hr_test_chunk_addr(3, 5), 1), 0);
	chunk = hr_chunks_find(&t->chunks, 3);
	KUNIT_ASSERT_NOT_NULL(test, chunk);
	KUNIT_EXPECT_EQ(test, chunk->owned_pages, 0);
	KUNIT_EXPECT_TRUE(test, bitmap_full(chunk->bits.busy, HR_CHUNK_PAGES));
}

static void chunks_prune_keeps_the_owned(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long base = hr_test_chunk_addr(20, 0);

	guard(mutex)(&t->writers);
	KUNIT_ASSERT_EQ(test, hr_chunks_prepare(&t->chunks, base, 3 * 512), 0);
	hr_chunks_own(&t->chunks, hr_test_chunk_addr(21, 511), 1);
	hr_chunks_prune(&t->chunks, base, 3 * 512);
	KUNIT_EXPECT_FALSE(test, hr_test_chunks_has(test, 20));
	KUNIT_EXPECT_TRUE(test, hr_test_chunks_has(test, 21));
	KUNIT_EXPECT_FALSE(test, hr_test_chunks_has(test, 22));
}

static void chunks_disown_one_of_two_sharers(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long left = hr_test_chunk_addr(4, 0), right = hr_test_chunk_addr(4, 300);

	guard(mutex)(&t->writers);
	KUNIT_ASSERT_EQ(test, hr_chunks_prepare(&t->chunks, left, 512), 0);
	hr_chunks_own(&t->chunks, left, 100);
	hr_chunks_own(&t->chunks, right, 100);
	hr_test_chunks_drop(t, left, 100);
	KUNIT_EXPECT_TRUE(test, hr_test_chunks_has(test, 4));
	hr_test_chunks_drop(t, right, 100);
	KUNIT_EXPECT_FALSE(test, hr_test_chunks_has(test, 4));
}

/* Where a round of the next test is: few enough places for 32 bits. */
static unsigned long hr_test_round_idx(unsigned long round)
{
	return round % 400 * 3;
}

/* Erased slots are passed by, and do not fill the table up for good. */
static void chunks_come_and_go(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long round, bytes;

	guard(mutex)(&t->writers);
	for (round = 2; round < 2000; round++) {
		unsigned long idx = hr_test_round_idx(round);
		unsigned long base = hr_test_chunk_addr(idx, 0);

		KUNIT_ASSERT_EQ(test, hr_chunks_prepare(&t->chunks, base, 2 * 512), 0);
		hr_chunks_own(&t->chunks, base, 2 * 512);
		if (round >= 4)
			hr_test_chunks_drop(t, hr_test_chunk_addr(hr_test_round_idx(round - 2), 0),
					    2 * 512);
		KUNIT_ASSERT_TRUE(test, hr_test_chunks_has(test, idx));
		KUNIT_ASSERT_TRUE(test, hr_test_chunks_has(test, idx + 1));
		KUNIT_ASSERT_FALSE(test, hr_test_chunks_has(test, idx + 2));
		KUNIT_ASSERT_EQ(test, hr_test_chunks_has(test, hr_test_round_idx(round - 1)),
				round > 2);
		KUNIT_ASSERT_FALSE(test, hr_test_chunks_has(test, hr_test_round_idx(round - 2)));
		bytes = hr_chunks_bytes(&t->chunks);
		KUNIT_ASSERT_LT(test, bytes, 7 * sizeof(struct hr_chunk));
	}
}

static void chunks_survive_the_growth_of_the_table(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long i, j;

	guard(mutex)(&t->writers);
	/* Two families, far apart, in turn. */
	for (i = 0; i < 600; i++) {
		unsigned long idx = i & 1 ? i : (ULONG_MAX >> HR_CHUNK_SHIFT) - 1 - i;

		KUNIT_ASSERT_EQ(test, hr_chunks_prepare(&t->chunks,
							hr_test_chunk_addr(idx, 1), 1), 0);
		for (j = 0; j <= i; j++) {
			idx = j & 1 ? j : (ULONG_MAX >> HR_CHUNK_SHIFT) - 1 - j;
			KUNIT_ASSERT_TRUE(test, hr_test_chunks_has(test, idx));
		}
	}
}

/* Every second one, so that none has a neighbour; 32 bits have some more. */
static unsigned long hr_test_strewn_addr(unsigned long i)
{
	return hr_test_chunk_addr(2 * i, 0);
}

static void hr_test_chunks_add_strewn(struct kunit *test, unsigned long first,
				      unsigned long behind)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long i;

	for (i = first; i < behind; i++) {
		KUNIT_ASSERT_EQ(test, hr_chunks_prepare(&t->chunks, hr_test_strewn_addr(i), 1), 0);
		hr_chunks_own(&t->chunks, hr_test_strewn_addr(i), 1);
	}
}

/* Of strewn ones up to @nr, the first @left are there. */
static void hr_test_chunks_expect_left(struct kunit *test, unsigned long left, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, hr_test_chunks_has(test, 2 * i), i < left,
				    "chunk %lu of %lu, when %lu are left", i, nr, left);
}

/* What hr_chunks_bytes() is without the chunks. */
static size_t hr_test_table_bytes(struct hr_test_chunks *t)
{
	return hr_chunks_bytes(&t->chunks) - hr_chunks_nr(&t->chunks) * sizeof(struct hr_chunk);
}

/* More than one table takes, that a page of slots is enough for. */
#define HR_TEST_TABLE_BYTES	(PAGE_SIZE + 256)
#define HR_TEST_STREWN		1000UL	/* which take 2048 slots, as they come one by one */

static void chunks_table_shrinks_when_most_have_gone(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long left;
	size_t bytes, before;
	long tables;

	guard(mutex)(&t->writers);
	rcu_barrier();
	tables = hr_mem_live(HR_MEM_KVMALLOC);
	hr_test_chunks_add_strewn(test, 0, HR_TEST_STREWN);
	before = hr_test_table_bytes(t);
	KUNIT_EXPECT_GT(test, before, 2 * HR_TEST_STREWN * sizeof(void *));
	for (left = HR_TEST_STREWN; left--;) {
		hr_test_chunks_drop(t, hr_test_strewn_addr(left), 1);
		bytes = hr_test_table_bytes(t);
		/* At any time: 8 slots a chunk, but for a page. */
		KUNIT_ASSERT_LE(test, bytes, HR_TEST_TABLE_BYTES + 8 * left * sizeof(void *));
		/* So soon after a move, and now and then. */
		if (bytes < before || left % 100 == 0)
			hr_test_chunks_expect_left(test, left, HR_TEST_STREWN);
		before = bytes;
	}
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, hr_mem_live(HR_MEM_KVMALLOC), tables + 1);
	hr_test_chunks_add_strewn(test, 0, HR_TEST_STREWN);
	hr_test_chunks_expect_left(test, HR_TEST_STREWN, HR_TEST_STREWN);
}

/* Of the one that shrinks there is nothing left, and what comes again stays in it. */
static void chunks_table_is_not_moved_to_and_fro(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long left = HR_TEST_STREWN, i, j;
	size_t bytes, before;

	guard(mutex)(&t->writers);
	hr_test_chunks_add_strewn(test, 0, left);
	before = hr_test_table_bytes(t);
	do {
		hr_test_chunks_drop(t, hr_test_strewn_addr(--left), 1);
		bytes = hr_test_table_bytes(t);
	} while (left && bytes == before);
	KUNIT_EXPECT_LT(test, bytes, before);

	hr_mem_watch(0, 0);
	for (i = 0; i < 10; i++) {
		hr_test_chunks_add_strewn(test, left, left + 10);
		for (j = left; j < left + 10; j++)
			hr_test_chunks_drop(t, hr_test_strewn_addr(j), 1);
	}
	/* The chunks, and nothing else. */
	KUNIT_EXPECT_EQ(test, hr_mem_unwatch(), 100UL);
}

/* Of a table and of its slots. */
static void chunks_table_stays_without_memory_for_another(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long left = HR_TEST_STREWN, fails;
	size_t before;

	guard(mutex)(&t->writers);
	hr_test_chunks_add_strewn(test, 0, left);
	before = hr_test_table_bytes(t);
	for (fails = 1; fails <= 2; fails++) {
		hr_mem_watch(fails, HR_MEM_ALL);
		while (left > 10 * (3 - fails))
			hr_test_chunks_drop(t, hr_test_strewn_addr(--left), 1);
		KUNIT_EXPECT_GE(test, hr_mem_unwatch(), fails);
		rcu_barrier();
		KUNIT_EXPECT_NULL(test, hr_mem_left());
		KUNIT_EXPECT_EQ(test, hr_test_table_bytes(t), before);
		hr_test_chunks_expect_left(test, left, HR_TEST_STREWN);
	}
	/* It is made up for by who comes next. */
	hr_test_chunks_drop(t, hr_test_strewn_addr(--left), 1);
	KUNIT_EXPECT_LT(test, hr_test_table_bytes(t), HR_TEST_TABLE_BYTES);
	hr_test_chunks_expect_left(test, left, HR_TEST_STREWN);
}

static void chunks_prepare_refuses_more_than_the_machine(struct kunit *test)
{
	struct hr_test_chunks *t = test->priv;
	unsigned long nr_pages = (HR_ADDR_END - HR_ADDR_MIN) >> PAGE_SHIFT;

	if (BITS_PER_LONG == 32)
		kunit_skip(test, "a whole 32-bit address space is not too large");
	guard(mutex)(&t->writers);
	KUNIT_EXPECT_EQ(test, hr_chunks_prepare(&t->chunks, HR_ADDR_MIN, nr_pages), -ENOMEM);
	KUNIT_EXPECT_FALSE(test, hr_test_chunks_has(test, 0));
}

static struct kunit_case hr_test_chunks_cases[] = {
	KUNIT_CASE(chunks_find_in_empty),
	KUNIT_CASE(chunks_prepare_covers_both_edges),
	KUNIT_CASE(chunks_prepare_at_the_top),
	KUNIT_CASE(chunks_prepare_makes_pages_busy),
	KUNIT_CASE(chunks_prune_keeps_the_owned),
	KUNIT_CASE(chunks_disown_one_of_two_sharers),
	KUNIT_CASE(chunks_come_and_go),
	KUNIT_CASE(chunks_survive_the_growth_of_the_table),
	KUNIT_CASE(chunks_table_shrinks_when_most_have_gone),
	KUNIT_CASE(chunks_table_is_not_moved_to_and_fro),
	KUNIT_CASE(chunks_table_stays_without_memory_for_another),
	KUNIT_CASE(chunks_prepare_refuses_more_than_the_machine),
	{}
};

struct kunit_suite heapranges_chunks_suite = {
	.name = "heapranges_chunks",
	.init = hr_test_chunks_init,
	.exit = hr_test_chunks_exit,
	.test_cases = hr_test_chunks_cases,
};
