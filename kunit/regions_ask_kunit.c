// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_regions_ask: what a heap says that it owns. contains, walk, get_stats;
 * and which chunk it remembers that it was asked about.
 *
 * Heaps here are HEAPRANGES_ADDRESS_ONLY over addresses that nothing maps.
 */
#include "../module/heap.h"
#include "../module/span.h"
#include "heap_helpers.h"
#include "suites.h"

/* Of a heap that owns pages 8-16 (of two regions), 20-30 and 511-513. */
static void regions_ask_contains(struct kunit *test)
{
	static const struct {
		long		first;		/* byte, against HR_TEST_BASE */
		unsigned long	nr_pages;
		bool		want;
	} rows[] = {
		{ 8 * PAGE_SIZE, 8, true }, { 8 * PAGE_SIZE, 9, false },
		{ 8 * PAGE_SIZE, 0, false }, { 9 * PAGE_SIZE, 1, true },
		{ 8 * PAGE_SIZE + 1, 7, true }, { 8 * PAGE_SIZE + 1, 8, false },
		{ 8 * PAGE_SIZE - 1, 1, false }, { 9 * PAGE_SIZE - 1, 1, true },
		{ 15 * PAGE_SIZE, 1, true }, { 15 * PAGE_SIZE + 1, 1, false },
		{ 16 * PAGE_SIZE - 1, 1, false }, { 16 * PAGE_SIZE, 1, false },
		{ 15 * PAGE_SIZE, 6, false }, { 8 * PAGE_SIZE, 22, false },
		{ 20 * PAGE_SIZE, 10, true }, { 19 * PAGE_SIZE, 11, false },
		{ 511 * PAGE_SIZE, 2, true }, { 512 * PAGE_SIZE, 1, true },
		{ 511 * PAGE_SIZE, 3, false }, { 513 * PAGE_SIZE, 1, false },
		{ 0, 1, false }, { 4096 * PAGE_SIZE, 1, false },
		{ 8 * PAGE_SIZE, ULONG_MAX, false },
		{ 8 * PAGE_SIZE, HR_TEST_ALL_PAGES, false },
		{ 8 * PAGE_SIZE, HR_TEST_ALL_PAGES + 1, false },
		{ 8 * PAGE_SIZE, HR_TEST_ALL_PAGES - 1, false },
		{ -(long)HR_TEST_BASE, 1, false },
		{ -(long)HR_TEST_BASE, HR_TEST_ALL_PAGES - 1, false },
		{ -(long)HR_TEST_BASE - 1, 1, false },
		{ -(long)HR_TEST_BASE - PAGE_SIZE, 1, false },
	};
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long base = HR_TEST_BASE;
	int i, round;

	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, base, 1));
	hr_test_add(test, heap, base + 8 * PAGE_SIZE, 4);
	hr_test_add(test, heap, base + 12 * PAGE_SIZE, 4);
	hr_test_add(test, heap, base + 20 * PAGE_SIZE, 10);
	hr_test_add(test, heap, base + 511 * PAGE_SIZE, 2);

	/* Free, and then all in use: owned is not allocated. */
	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			KUNIT_EXPECT_EQ_MSG(test, heapranges_contains(heap,
								      base + rows[i].first,
								      rows[i].nr_pages),
					    rows[i].want, "base+%ld pages=%lu",
					    rows[i].first, rows[i].nr_pages);
		for (i = 0; !round && i < 20; i++)
			hr_test_alloc(test, heap, 1);
	}
}

static int hr_test_stop_at(const struct heapranges_range *range, void *data)
{
	unsigned long *calls = data;

	calls[0]++;
	return calls[0] == calls[1] ? (int)calls[2] : 0;
}

static void regions_ask_walk_stops(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	static const int values[] = { 1, -1, -ENOENT, INT_MAX, INT_MIN };
	unsigned long calls[3];
	int i, stop;

	calls[0] = 0;
	calls[1] = 1;
	calls[2] = 7;
	KUNIT_EXPECT_EQ(test, heapranges_walk(heap, hr_test_stop_at, calls), 0);
	KUNIT_EXPECT_EQ(test, calls[0], 0UL);
	for (i = 0; i < 5; i++)
		hr_test_add(test, heap, HR_TEST_BASE + (8 - 2 * i) * PAGE_SIZE, 1);
	for (stop = 1; stop <= 6; stop++) {
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			calls[0] = 0;
			calls[1] = stop;
			calls[2] = values[i];
			KUNIT_EXPECT_EQ(test, heapranges_walk(heap, hr_test_stop_at,
							      calls),
					stop <= 5 ? values[i] : 0);
			KUNIT_EXPECT_EQ(test, calls[0], min(stop, 5) + 0UL);
		}
	}
	hr_test_expect_layout(test, heap, HR_TEST_BASE, "0-1 2-3 4-5 6-7 8-9");
}

/* Many ranges: each once and ascending, whatever the order of adding. */
static void regions_ask_walk_many(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_layout l = { .base = HR_TEST_BASE };
	const unsigned long nr = 1009;
	unsigned long i;

	for (i = 0; i < nr; i++)
		hr_test_add(test, heap, HR_TEST_BASE + i * 386 % nr * 3 * PAGE_SIZE, 2);
	heapranges_walk(heap, hr_test_layout_visit, &l);
	KUNIT_EXPECT_FALSE(test, l.unsorted);
	KUNIT_EXPECT_EQ(test, l.nr_ranges, nr);
	KUNIT_EXPECT_EQ(test, l.nr_pages, 2 * nr);

	/* With the holes filled they are one; punched again, many. */
	for (i = 0; i < nr; i++)
		hr_test_add(test, heap,
			    HR_TEST_BASE + (i * 577 % nr * 3 + 2) * PAGE_SIZE, 1);
	hr_test_expect_layout(test, heap, HR_TEST_BASE, "0-3027");
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap,
							HR_TEST_BASE + (i * 3 + 1) * PAGE_SIZE, 1),
				0);
	l = (struct hr_test_layout){ .base = HR_TEST_BASE };
	heapranges_walk(heap, hr_test_layout_visit, &l);
	KUNIT_EXPECT_FALSE(test, l.unsorted);
	KUNIT_EXPECT_EQ(test, l.nr_ranges, nr + 1);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).largest_free_pages, 2UL);
}

static void regions_ask_stats(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct heapranges_stats want = {}, got = hr_test_stats(test, heap);
	unsigned long a, b;

	want.metadata_bytes = got.metadata_bytes;
	hr_test_expect_stats(test, &got, &want, "an empty heap");

	/* 510-516 over a chunk border and 600-603. */
	hr_test_add(test, heap, HR_TEST_BASE + 510 * PAGE_SIZE, 6);
	hr_test_add(test, heap, HR_TEST_BASE + 600 * PAGE_SIZE, 3);
	got = hr_test_stats(test, heap);
	KUNIT_EXPECT_GT(test, got.metadata_bytes, want.metadata_bytes);
	want.owned_pages = 9;
	want.free_pages = 9;
	want.largest_free_pages = 6;
	want.nr_ranges = 2;
	want.metadata_bytes = got.metadata_bytes;
	hr_test_expect_stats(test, &got, &want, "two regions");

	a = hr_test_alloc(test, heap, 4);
	b = hr_test_alloc(test, heap, 3);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 3, HR_TEST_QUIET));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 0, HR_TEST_QUIET));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, GFP_KERNEL | __GFP_COMP));
	got = hr_test_stats(test, heap);
	want.used_pages = 7;
	want.free_pages = 2;
	want.largest_free_pages = 2;
	want.allocs = 2;
	want.alloc_failures = 3;
	want.metadata_bytes = got.metadata_bytes;
	hr_test_expect_stats(test, &got, &want, "two runs and three failures");

	hr_test_free(test, heap, a);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, (void *)b, 3), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, NULL), 0);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE + 511 * PAGE_SIZE,
						1), 0);
	got = hr_test_stats(test, heap);
	want.owned_pages = 8;
	want.used_pages = 0;
	want.free_pages = 8;
	want.largest_free_pages = 4;
	want.nr_ranges = 3;
	want.frees = 2;
	want.metadata_bytes = got.metadata_bytes;
	hr_test_expect_stats(test, &got, &want, "freed and split");
}

static void hr_test_expect_remembered(struct kunit *test, struct heapranges *heap,
				      const struct hr_chunk *chunk, bool want, const char *when)
{
	unsigned long addr = hr_chunk_idx_to_addr(chunk->chunk_idx);

	KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, (void *)addr), 0UL, "%s", when);
	KUNIT_EXPECT_EQ_MSG(test, heap->runs.last == chunk, want, "%s", when);
}

/* One that is about to come has not been linked, one that is about to go has been unlinked. */
static void regions_ask_remembers_no_chunk_without_parent(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long base = HR_TEST_BASE;
	struct hr_chunk *chunk;
	int err;

	mutex_lock(&heap->change);
	err = hr_chunks_prepare(&heap->runs.chunks, base, HR_TEST_CHUNK);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (err)
		goto out;
	chunk = hr_chunks_find(&heap->runs.chunks, hr_addr_to_chunk_idx(base));
	hr_test_expect_remembered(test, heap, chunk, false, "before it is linked");
	KUNIT_EXPECT_EQ(test, hr_span_link(heap, base, HR_TEST_CHUNK), 0);
	hr_test_expect_remembered(test, heap, chunk, true, "while it is linked");
	hr_span_unlink(heap, base, HR_TEST_CHUNK);
	KUNIT_EXPECT_NULL(test, heap->runs.last);
	hr_test_expect_remembered(test, heap, chunk, false, "since it was unlinked");
	/* What must not be, but the heap goes on. */
	heap->runs.last = NULL;
	hr_chunks_prune(&heap->runs.chunks, base, HR_TEST_CHUNK);
out:
	mutex_unlock(&heap->change);
	hr_test_add(test, heap, base, 9);
	hr_test_verify(test, heap, "a chunk that came and went");
}

static struct kunit_case hr_test_regions_ask_cases[] = {
	KUNIT_CASE(regions_ask_contains),
	KUNIT_CASE(regions_ask_walk_stops),
	KUNIT_CASE(regions_ask_walk_many),
	KUNIT_CASE(regions_ask_stats),
	KUNIT_CASE(regions_ask_remembers_no_chunk_without_parent),
	{}
};

struct kunit_suite heapranges_regions_ask_suite = {
	.name = "heapranges_regions_ask",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_regions_ask_cases,
};
