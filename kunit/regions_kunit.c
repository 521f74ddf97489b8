// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_regions: how a heap comes to own what it owns: add, remove.
 *
 * Most heaps here are HEAPRANGES_ADDRESS_ONLY over addresses that nothing maps:
 * cheap, and a heap that touches them dies on the spot.
 */
#include <linux/rcupdate.h>

#include "heap_helpers.h"
#include "suites.h"

/* Against a heap of 64 pages at most that owns pages 8 to 16. */
static const struct {
	const char	*what;
	unsigned long	base, nr_pages;
	int		want;
} hr_test_add_rows[] = {
	{ "unaligned by one", HR_TEST_BASE + 1, 1, -EINVAL },
	{ "unaligned by a page less one", HR_TEST_BASE + PAGE_SIZE - 1, 1, -EINVAL },
	{ "empty", HR_TEST_BASE, 0, -EINVAL },
	{ "empty and inside", HR_TEST_BASE + 9 * PAGE_SIZE, 0, -EINVAL },
	{ "page 0", 0, 1, -EINVAL },
	{ "page 0 and 1", 0, 2, -EINVAL },
	{ "the last page", -PAGE_SIZE, 1, -EINVAL },
	{ "the last two", -2 * PAGE_SIZE, 2, -EINVAL },
	{ "over the end", -2 * PAGE_SIZE, 3, -EINVAL },
	{ "round the end", -2 * PAGE_SIZE, HR_TEST_ALL_PAGES - 1, -EINVAL },
	{ "up to the end", HR_TEST_BASE, (-HR_TEST_BASE) / PAGE_SIZE, -EINVAL },
	{ "bytes wrap to 0", HR_TEST_BASE, HR_TEST_ALL_PAGES, -EINVAL },
	{ "bytes wrap to a page", HR_TEST_BASE, HR_TEST_ALL_PAGES + 1, -EINVAL },
	{ "pages at most", HR_TEST_BASE, ULONG_MAX, -EINVAL },
	{ "the same", HR_TEST_BASE + 8 * PAGE_SIZE, 8, -EEXIST },
	{ "its first page", HR_TEST_BASE + 8 * PAGE_SIZE, 1, -EEXIST },
	{ "its last page", HR_TEST_BASE + 15 * PAGE_SIZE, 1, -EEXIST },
	{ "over its start", HR_TEST_BASE + 7 * PAGE_SIZE, 2, -EEXIST },
	{ "over its end", HR_TEST_BASE + 15 * PAGE_SIZE, 2, -EEXIST },
	{ "around it", HR_TEST_BASE + 7 * PAGE_SIZE, 10, -EEXIST },
	{ "one too many", HR_TEST_BASE + HR_TEST_CHUNK * PAGE_SIZE, 57, -ENOSPC },
	{ "many too many", HR_TEST_BASE + HR_TEST_CHUNK * PAGE_SIZE, 1UL << 18,
	  -ENOSPC },
};

static void regions_add_errors(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "kunit", .max_pages = 64, .flags = HR_TEST_ADDRESSES,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);
	struct hr_test_state before;
	int i;

	hr_test_add(test, heap, HR_TEST_BASE + 8 * PAGE_SIZE, 8);
	hr_test_alloc(test, heap, 3);
	hr_test_state_take(test, heap, &before);
	for (i = 0; i < ARRAY_SIZE(hr_test_add_rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, heapranges_add(heap,
							 hr_test_add_rows[i].base,
							 hr_test_add_rows[i].nr_pages),
				    hr_test_add_rows[i].want, "add %s",
				    hr_test_add_rows[i].what);
		hr_test_expect_state(test, heap, &before, hr_test_add_rows[i].what);
	}
	/* As many as fit, and then not one. */
	hr_test_add(test, heap, HR_TEST_BASE + HR_TEST_CHUNK * PAGE_SIZE, 56);
	KUNIT_EXPECT_EQ(test, heapranges_add(heap, HR_TEST_BASE, 1), -ENOSPC);
	hr_test_expect_layout(test, heap, HR_TEST_BASE, "8-16 512-568");
}

static void regions_remove_errors(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_state before;
	int i, err;

	hr_test_add(test, heap, HR_TEST_BASE + 8 * PAGE_SIZE, 8);
	hr_test_state_take(test, heap, &before);
	for (i = 0; i < ARRAY_SIZE(hr_test_add_rows); i++) {
		if (hr_test_add_rows[i].want != -EINVAL)
			continue;
		err = heapranges_remove(heap, hr_test_add_rows[i].base,
					hr_test_add_rows[i].nr_pages);
		KUNIT_EXPECT_EQ_MSG(test, err, -EINVAL, "remove %s",
				    hr_test_add_rows[i].what);
		hr_test_expect_state(test, heap, &before, hr_test_add_rows[i].what);
	}
}

/* One story: each step starts from the layout that the last one left. */
static const struct {
	char		op;
	unsigned long	page, nr_pages;
	int		want;
	const char	*after;
} hr_test_layout_steps[] = {
	{ '-', 20, 10, -ENOENT, "" },
	{ '+', 20, 10, 0, "20-30" },
	{ '+', 40, 10, 0, "20-30 40-50" },
	{ '+', 29, 2, -EEXIST, "20-30 40-50" },
	{ '+', 25, 20, -EEXIST, "20-30 40-50" },
	{ '+', 10, 9, 0, "10-19 20-30 40-50" },
	{ '+', 19, 1, 0, "10-30 40-50" },		/* joins two */
	{ '+', 30, 5, 0, "10-35 40-50" },		/* abuts below */
	{ '+', 36, 4, 0, "10-35 36-50" },		/* abuts above */
	{ '+', 600, 1, 0, "10-35 36-50 600-601" },
	{ '-', 35, 1, -ENOENT, "10-35 36-50 600-601" },	/* the hole */
	{ '-', 34, 2, -ENOENT, "10-35 36-50 600-601" },	/* ends in it */
	{ '-', 35, 2, -ENOENT, "10-35 36-50 600-601" },	/* starts in it */
	{ '-', 34, 3, -ENOENT, "10-35 36-50 600-601" },	/* over it */
	{ '-', 9, 2, -ENOENT, "10-35 36-50 600-601" },
	{ '-', 601, 1, -ENOENT, "10-35 36-50 600-601" },
	{ '-', 600, 2, -ENOENT, "10-35 36-50 600-601" },
	{ '+', 35, 1, 0, "10-50 600-601" },
	{ '-', 25, 10, 0, "10-25 35-50 600-601" },	/* splits */
	{ '-', 10, 1, 0, "11-25 35-50 600-601" },	/* the head */
	{ '-', 49, 1, 0, "11-25 35-49 600-601" },	/* the tail */
	{ '-', 40, 1, 0, "11-25 35-40 41-49 600-601" },
	{ '-', 41, 8, 0, "11-25 35-40 600-601" },	/* the whole of one */
	{ '+', 25, 10, 0, "11-40 600-601" },
	{ '+', 40, 560, 0, "11-601" },			/* over a chunk border */
	{ '-', 511, 2, 0, "11-511 513-601" },
	{ '-', 11, 500, 0, "513-601" },
	{ '+', 512, 1, 0, "512-601" },
	{ '-', 512, 89, 0, "" },
	{ '-', 512, 1, -ENOENT, "" },
	{ '+', 500, 2000, 0, "500-2500" },		/* again, and larger */
	{ '-', 501, 1998, 0, "500-501 2499-2500" },
	{ '-', 500, 1, 0, "2499-2500" },
	{ '-', 2499, 1, 0, "" },
};

static void regions_add_remove_layout(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long base;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(hr_test_layout_steps); i++) {
		base = HR_TEST_BASE + hr_test_layout_steps[i].page * PAGE_SIZE;
		err = (hr_test_layout_steps[i].op == '+' ?
		       heapranges_add : heapranges_remove)
			(heap, base, hr_test_layout_steps[i].nr_pages);
		KUNIT_EXPECT_EQ_MSG(test, err, hr_test_layout_steps[i].want,
				    "step %d", i);
		hr_test_expect_layout(test, heap, HR_TEST_BASE,
				      hr_test_layout_steps[i].after);
	}
}

static void regions_remove_busy(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_state before;
	unsigned long page, nr;

	/* 0-10 and 10-20 are two regions; 4 to 6 and 13 are in use. */
	hr_test_add(test, heap, HR_TEST_BASE, 10);
	hr_test_add(test, heap, HR_TEST_BASE + 10 * PAGE_SIZE, 10);
	hr_test_alloc(test, heap, 4);
	hr_test_alloc(test, heap, 3);
	hr_test_alloc(test, heap, 6);
	hr_test_alloc(test, heap, 1);
	hr_test_free(test, heap, HR_TEST_BASE);
	hr_test_free(test, heap, HR_TEST_BASE + 7 * PAGE_SIZE);
	hr_test_state_take(test, heap, &before);
	for (page = 0; page < 20; page++) {
		for (nr = 1; page + nr <= 20; nr++) {
			if ((page + nr <= 4) || (page >= 7 && page + nr <= 13) ||
			    page >= 14)
				continue;
			KUNIT_EXPECT_EQ_MSG(test, heapranges_remove(heap,
								    HR_TEST_BASE + page * PAGE_SIZE,
								    nr),
					    -EBUSY, "remove page=%lu nr=%lu", page, nr);
		}
	}
	hr_test_expect_state(test, heap, &before, "busy removals");

	/* Around them, and across the border of the two regions. */
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE, 4), 0);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE + 7 * PAGE_SIZE,
						6), 0);
	hr_test_expect_layout(test, heap, HR_TEST_BASE, "4-7 13-20");
	hr_test_free(test, heap, HR_TEST_BASE + 4 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE + 4 * PAGE_SIZE,
						3), 0);
	hr_test_expect_layout(test, heap, HR_TEST_BASE, "13-20");
}

/* Where runs came from last may be gone, and its memory somebody else's. */
static void regions_remove_where_runs_came_from(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long far = HR_TEST_BASE + 100 * HR_TEST_CHUNK * PAGE_SIZE;
	struct heapranges *other;
	int i;

	hr_test_add(test, heap, HR_TEST_BASE, 512);
	hr_test_add(test, heap, far, 2);
	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE, 512), 0);
	rcu_barrier();
	other = hr_test_create(test, "kunit-2", HR_TEST_ADDRESSES);
	for (i = 0; i < 64; i++)
		hr_test_add(test, other, far + (2 * i + 1) * HR_TEST_CHUNK * PAGE_SIZE, 512);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), far);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)HR_TEST_BASE), -EFAULT);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).check_failures, 0ULL);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), far + PAGE_SIZE);
}

/* What a removal has gone through before it meets a run is free again. */
static void regions_remove_busy_far_in(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long last = HR_TEST_BASE + 1999 * PAGE_SIZE;
	struct hr_test_state before;

	hr_test_add(test, heap, HR_TEST_BASE, 2000);
	hr_test_alloc(test, heap, 1999);
	hr_test_alloc(test, heap, 1);
	hr_test_free(test, heap, HR_TEST_BASE);
	hr_test_state_take(test, heap, &before);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE, 2000), -EBUSY);
	hr_test_expect_state(test, heap, &before, "a busy removal");
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1999), HR_TEST_BASE);
	hr_test_free(test, heap, HR_TEST_BASE);
	hr_test_free(test, heap, last);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE, 2000), 0);
	hr_test_expect_layout(test, heap, HR_TEST_BASE, "");
}

static void regions_remove_arena(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_NO_CACHE);
	unsigned long arena = hr_test_alloc(test, heap, 3);
	unsigned long area = hr_test_area(test, 8), nr;
	struct hr_test_state before;

	hr_test_free(test, heap, arena);
	hr_test_add(test, heap, area, 8);
	hr_test_state_take(test, heap, &before);
	KUNIT_EXPECT_EQ(test, before.stats.nr_arenas, 1UL);
	KUNIT_EXPECT_EQ(test, before.stats.nr_ranges, 2UL);
	nr = before.stats.owned_pages - 8;
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, arena, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, arena + PAGE_SIZE, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, arena + (nr - 1) * PAGE_SIZE, 1),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, arena, nr), -ENOENT);
	hr_test_expect_state(test, heap, &before, "removal of an arena");
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, area + 2 * PAGE_SIZE, 3), 0);
	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, area + 2 * PAGE_SIZE, 1));
	KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, area, 2));
	KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, area + 5 * PAGE_SIZE, 3));
	KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, arena, 1));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).nr_ranges, 3UL);
}

/* Of two heaps, the second asks for pages 4 to 12 while the first has 0 to 8. */
static const struct hr_test_overlap_row {
	const char	*desc;
	unsigned int	first, second;
	int		want;
} hr_test_overlap_rows[] = {
	{ "fixed fixed", HEAPRANGES_FIXED, HEAPRANGES_FIXED, -EEXIST },
	{ "fixed growing", HEAPRANGES_FIXED, 0, -EEXIST },
	{ "growing fixed", 0, HEAPRANGES_FIXED, -EEXIST },
	{ "fixed addresses", HEAPRANGES_FIXED, HR_TEST_ADDRESSES, 0 },
	{ "addresses fixed", HR_TEST_ADDRESSES, HEAPRANGES_FIXED, 0 },
	{ "addresses addresses", HR_TEST_ADDRESSES, HR_TEST_ADDRESSES, 0 },
	{ "addresses growing", HR_TEST_ADDRESSES, 0, 0 },
};

static void hr_test_overlap_desc(const struct hr_test_overlap_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_overlap, hr_test_overlap_rows, hr_test_overlap_desc);

static void regions_add_other_heap(struct kunit *test)
{
	const struct hr_test_overlap_row *row = test->param_value;
	struct heapranges *first = hr_test_create(test, "kunit-1", row->first);
	struct heapranges *second = hr_test_create(test, "kunit-2", row->second);
	unsigned long area = hr_test_area(test, 12);
	struct hr_test_state before;

	hr_test_add(test, first, area, 8);
	hr_test_state_take(test, second, &before);
	KUNIT_EXPECT_EQ(test, heapranges_add(second, area + 4 * PAGE_SIZE, 8),
			row->want);
	if (!row->want) {
		hr_test_expect_layout(test, second, area, "4-12");
		return;
	}
	hr_test_expect_state(test, second, &before, "a refused region");
	KUNIT_EXPECT_EQ(test, heapranges_add(second, area, 1), row->want);
	KUNIT_EXPECT_EQ(test, heapranges_add(second, area + 7 * PAGE_SIZE, 1),
			row->want);
	hr_test_expect_state(test, second, &before, "a refused region");

	/* Abutting is not overlapping, nor is it one range with another heap's. */
	hr_test_add(test, second, area + 8 * PAGE_SIZE, 4);
	hr_test_expect_layout(test, first, area, "0-8");
	hr_test_expect_layout(test, second, area, "8-12");

	/* What has been given up is free for others: removed, or destroyed. */
	KUNIT_EXPECT_EQ(test, heapranges_remove(first, area + 6 * PAGE_SIZE, 2), 0);
	hr_test_add(test, second, area + 6 * PAGE_SIZE, 2);
	KUNIT_EXPECT_EQ(test, heapranges_add(second, area + 5 * PAGE_SIZE, 1),
			row->want);
	hr_test_destroy(test, first);
	hr_test_add(test, second, area, 6);
	hr_test_expect_layout(test, second, area, "0-12");
}

static void regions_add_other_heaps_arena(struct kunit *test)
{
	struct heapranges *growing = hr_test_create(test, "kunit-1", 0);
	struct heapranges *fixed = hr_test_create(test, "kunit-2", HEAPRANGES_FIXED);
	unsigned long arena = hr_test_alloc(test, growing, 1);

	KUNIT_EXPECT_EQ(test, heapranges_add(fixed, arena, 1), -EEXIST);
	KUNIT_EXPECT_EQ(test, heapranges_add(growing, arena, 1), -EEXIST);
	hr_test_free(test, growing, arena);
	KUNIT_EXPECT_EQ(test, heapranges_add(fixed, arena, 1), -EEXIST);
	hr_test_expect_layout(test, fixed, arena, "");
}

/* More than there is memory to keep books on: an errno, and soon. */
static void regions_add_too_large(struct kunit *test)
{
	static const unsigned long sizes[] = {
		HR_TEST_ALL_PAGES / 64, HR_TEST_ALL_PAGES / 2, HR_TEST_ALL_PAGES - 2,
	};
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_state before;
	int i;

	if (BITS_PER_LONG == 32)
		kunit_skip(test, "a whole 32-bit address space is not too large");
	hr_test_state_take(test, heap, &before);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_EXPECT_EQ_MSG(test, heapranges_add(heap, PAGE_SIZE, sizes[i]),
				    -ENOMEM, "pages=%lx", sizes[i]);
		hr_test_expect_state(test, heap, &before, "a region too large");
	}
	hr_test_add(test, heap, PAGE_SIZE, 1);
}

/* Regions that come and go leave no bookkeeping behind. */
static void regions_metadata_does_not_pile_up(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long first = 0, chunk, base, now;
	int round, err;

	/* Other chunks each time, 100 at once; 32 bits hold no more of them. */
	for (round = 0; round < 50; round++) {
		base = HR_TEST_BASE + round % (BITS_PER_LONG == 64 ? 50 : 3) * 300 *
		       HR_TEST_CHUNK * PAGE_SIZE;
		for (chunk = 0; chunk < 200; chunk += 2)
			hr_test_add(test, heap,
				    base + chunk * HR_TEST_CHUNK * PAGE_SIZE, 1);
		now = hr_test_stats(test, heap).metadata_bytes;
		first = first ?: now;
		KUNIT_EXPECT_LE_MSG(test, now, 2 * first, "round %d", round);
		for (chunk = 0; chunk < 200; chunk += 2) {
			err = heapranges_remove(heap, base + chunk * HR_TEST_CHUNK *
						PAGE_SIZE, 1);
			KUNIT_EXPECT_EQ(test, err, 0);
		}
	}
	KUNIT_EXPECT_LT(test, hr_test_stats(test, heap).metadata_bytes, first);
}

/* Of 600 that lie apart one is left, with what it takes, a page of slots and a spare leaf. */
static void regions_metadata_follows_what_is_left(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long i, first, bytes = 2 * HR_TEST_CHUNK * PAGE_SIZE;

	hr_test_add(test, heap, HR_TEST_BASE, 1);
	first = hr_test_stats(test, heap).metadata_bytes;
	for (i = 1; i < 600; i++)
		hr_test_add(test, heap, HR_TEST_BASE + i * bytes, 1);
	for (i = 1; i < 600; i++)
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_BASE + i * bytes, 1), 0);
	KUNIT_EXPECT_LE(test, hr_test_stats(test, heap).metadata_bytes, first + 3 * PAGE_SIZE);
	hr_test_verify(test, heap, "most regions have gone");
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), HR_TEST_BASE);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)(HR_TEST_BASE + bytes)), -EFAULT);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)HR_TEST_BASE), 0);
}

static void hr_test_edge_of_space(struct kunit *test, unsigned long base,
				  unsigned long nr)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long last = base + (nr - 1) * PAGE_SIZE;
	char layout[32];

	snprintf(layout, sizeof(layout), "0-%lu", nr);
	hr_test_add(test, heap, base, nr);
	hr_test_expect_layout(test, heap, base, layout);
	KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, base, nr));
	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, base, nr + 1));
	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, base - PAGE_SIZE, nr));
	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, last + PAGE_SIZE, 1));
	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, last + 1, 1));
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).largest_free_pages, nr);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, nr), base);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)base), nr);
	hr_test_free(test, heap, base);
	if (nr > 1) {
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, nr - 1), base);
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), last);
		hr_test_free(test, heap, base);
		hr_test_free(test, heap, last);
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap, last, 1), 0);
		KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, last, 1));
		hr_test_add(test, heap, last, 1);
	}
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)(last + PAGE_SIZE)),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)(base - 1)), -EFAULT);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, base, nr), 0);
	hr_test_expect_layout(test, heap, base, "");
	hr_test_destroy(test, heap);
}

static void regions_edge_of_space(struct kunit *test)
{
	static const unsigned long sizes[] = {
		1, 2, 63, 64, 65, 510, 511, 512, 513, 1023, 1024, 1600,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		hr_test_edge_of_space(test, PAGE_SIZE, sizes[i]);
		hr_test_edge_of_space(test, -(sizes[i] + 1) * PAGE_SIZE, sizes[i]);
	}
}

/* Both ends of the address space in one heap. */
static void regions_both_edges_of_space(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_add(test, heap, -3 * PAGE_SIZE, 2);
	hr_test_add(test, heap, PAGE_SIZE, 2);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).largest_free_pages, 2UL);
	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, -3 * PAGE_SIZE, 6));
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 3, HR_TEST_QUIET));
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 2), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 2), -3 * PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
}

static struct kunit_case hr_test_regions_cases[] = {
	KUNIT_CASE(regions_add_errors),
	KUNIT_CASE(regions_remove_errors),
	KUNIT_CASE(regions_add_remove_layout),
	KUNIT_CASE(regions_remove_busy),
	KUNIT_CASE(regions_remove_busy_far_in),
	KUNIT_CASE(regions_remove_where_runs_came_from),
	KUNIT_CASE(regions_remove_arena),
	KUNIT_CASE_PARAM(regions_add_other_heap, hr_test_overlap_gen_params),
	KUNIT_CASE(regions_add_other_heaps_arena),
	KUNIT_CASE(regions_add_too_large),
	KUNIT_CASE(regions_metadata_does_not_pile_up),
	KUNIT_CASE(regions_metadata_follows_what_is_left),
	KUNIT_CASE(regions_edge_of_space),
	KUNIT_CASE(regions_both_edges_of_space),
	{}
};

struct kunit_suite heapranges_regions_suite = {
	.name = "heapranges_regions",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_regions_cases,
};
