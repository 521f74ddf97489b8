// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_resize: a live run grows and shrinks where it is. Afterwards it
 * is a run like any other, of its new size, and what it gave back is free.
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>

#include "heap_helpers.h"
#include "suites.h"

static int hr_test_resize(struct heapranges *heap, unsigned long addr, unsigned long nr)
{
	return heapranges_resize(heap, (void *)addr, nr);
}

static void hr_test_at(struct kunit *test, struct heapranges *heap, unsigned long page,
		       unsigned long nr)
{
	void *want = (void *)hr_test_addr(page);

	KUNIT_ASSERT_PTR_EQ_MSG(test, heapranges_alloc_at(heap, hr_test_addr(page), nr,
							  HR_TEST_QUIET), want,
				"at page=%lu pages=%lu", page, nr);
}

/* A resize is no allocation and no free. Whether a bad one is counted is open. */
static void hr_test_expect_resized(struct kunit *test, struct heapranges *heap,
				   const struct heapranges_stats *before, long more,
				   const char *what)
{
	struct heapranges_stats want = *before, got = hr_test_stats(test, heap);

	want.used_pages += more;
	want.free_pages -= more;
	want.metadata_bytes = got.metadata_bytes;
	if (more)
		want.largest_free_pages = got.largest_free_pages;
	want.rejected_foreign = got.rejected_foreign;
	want.rejected_interior = got.rejected_interior;
	want.rejected_double = got.rejected_double;
	want.rejected_size = got.rejected_size;
	hr_test_expect_stats(test, &got, &want, what);
}

/* That it has @nr pages, seen from all sides, and what it had is free. */
static void hr_test_expect_run(struct kunit *test, struct heapranges *heap,
			       unsigned long addr, unsigned long nr, unsigned long old,
			       const char *what)
{
	unsigned long page, end = max(nr, old);
	void *at;
	int want, got;

	KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, (void *)addr), nr, "%s", what);
	for (page = 1; page < end; page++) {
		/* About its ends and words' and chunks' borders. */
		if (page > 2 && page + 2 < end && abs((long)(page - nr)) > 2 &&
		    abs((long)(page - old)) > 2 &&
		    (addr / PAGE_SIZE + page + 1) % 64 > 1)
			continue;
		at = (void *)(addr + page * PAGE_SIZE);
		want = page < nr ? -EINVAL : -EALREADY;
		got = heapranges_free(heap, at);
		KUNIT_EXPECT_EQ_MSG(test, got, want, "free of page %lu after %s", page, what);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, at), 0UL,
				    "size of page %lu after %s", page, what);
	}
	if (old != nr)
		KUNIT_EXPECT_EQ_MSG(test, heapranges_free_sized(heap, (void *)addr, old),
				    -ERANGE, "%s", what);
}

/* Where the run starts, in pages from a chunk's border. */
static const struct hr_test_start {
	const char	*desc;
	unsigned long	page;
} hr_test_starts[] = {
	{ "at a chunk's border", 512 }, { "behind it", 513 }, { "63 behind", 575 },
	{ "64 behind", 576 }, { "in the middle", 800 }, { "128 before", 896 },
	{ "127 before", 897 }, { "65 before", 959 }, { "64 before", 960 },
	{ "63 before", 961 }, { "2 before", 1022 }, { "the last page", 1023 },
};

static void hr_test_start_desc(const struct hr_test_start *start, char *desc)
{
	strscpy(desc, start->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_start, hr_test_starts, hr_test_start_desc);

static const unsigned long hr_test_sizes[] = {
	1, 2, 63, 64, 65, 125, 126, 127, 128, 129, 511, 512, 513, 1024, 1500,
};

/* From @old pages to @nr and back, and what was freed is free. */
static void hr_test_resize_pair(struct kunit *test, struct heapranges *heap,
				unsigned long page, unsigned long old, unsigned long nr)
{
	unsigned long addr = hr_test_addr(page);
	struct heapranges_stats before;
	char what[80];

	snprintf(what, sizeof(what), "page=%lu from %lu to %lu", page, old, nr);
	hr_test_at(test, heap, page, old);
	before = hr_test_stats(test, heap);
	KUNIT_ASSERT_EQ_MSG(test, hr_test_resize(heap, addr, nr), 0, "%s", what);
	hr_test_expect_resized(test, heap, &before, nr - old, what);
	hr_test_verify(test, heap, what);
	hr_test_expect_run(test, heap, addr, nr, old, what);
	if (nr < old) {
		/* Exactly the tail: another run takes it. */
		hr_test_at(test, heap, page + nr, old - nr);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, (void *)addr), nr, "%s",
				    what);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_resize(heap, addr, nr + 1), -ENOSPC,
				    "%s", what);
		hr_test_free(test, heap, addr + nr * PAGE_SIZE);
		before.allocs++;
		before.frees++;
	}
	KUNIT_ASSERT_EQ_MSG(test, hr_test_resize(heap, addr, old), 0, "back: %s", what);
	hr_test_expect_resized(test, heap, &before, 0, what);
	KUNIT_ASSERT_EQ_MSG(test, hr_test_resize(heap, addr, nr), 0, "again: %s", what);
	KUNIT_EXPECT_EQ_MSG(test, heapranges_free_sized(heap, (void *)addr, nr), 0, "%s",
			    what);
}

/* A run before and one well behind: they stay as they are. */
static void resize_all_sizes(struct kunit *test)
{
	const struct hr_test_start *start = test->param_value;
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long page = start->page, i, j;

	hr_test_add(test, heap, hr_test_addr(3), 4000);
	hr_test_at(test, heap, page - 5, 5);
	hr_test_at(test, heap, page + 1501, 300);
	for (i = 0; i < ARRAY_SIZE(hr_test_sizes); i++) {
		for (j = 0; j < ARRAY_SIZE(hr_test_sizes); j++)
			hr_test_resize_pair(test, heap, page, hr_test_sizes[i],
					    hr_test_sizes[j]);
	}
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).used_pages, 305UL);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)hr_test_addr(page - 5)), 5UL);
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, (void *)hr_test_addr(page + 1501)),
			300UL);
}

/* Up to a neighbour, or to the end of the range, and not a page further. */
static void resize_until_blocked(struct kunit *test)
{
	const struct hr_test_start *start = test->param_value;
	unsigned long page = start->page, addr = hr_test_addr(page), i, j, room;
	struct heapranges_stats before;
	struct heapranges *heap;
	char what[80];

	for (i = 0; i < 2 * ARRAY_SIZE(hr_test_sizes); i++) {
		room = hr_test_sizes[i / 2];
		heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
		hr_test_add(test, heap, hr_test_addr(3), page - 3 + room + 2000 * (i % 2));
		if (i % 2)
			hr_test_at(test, heap, page + room, 1);
		snprintf(what, sizeof(what), "page=%lu room=%lu, then %s", page, room,
			 i % 2 ? "a neighbour" : "the end");
		hr_test_at(test, heap, page, 1);
		before = hr_test_stats(test, heap);
		for (j = 0; j < ARRAY_SIZE(hr_test_sizes); j++) {
			if (hr_test_sizes[j] <= room)
				continue;
			KUNIT_EXPECT_EQ_MSG(test, hr_test_resize(heap, addr,
								 hr_test_sizes[j]),
					    -ENOSPC, "%s: to %lu", what,
					    hr_test_sizes[j]);
		}
		KUNIT_EXPECT_EQ_MSG(test, hr_test_resize(heap, addr, room + 1), -ENOSPC,
				    "%s", what);
		hr_test_expect_resized(test, heap, &before, 0, what);
		hr_test_expect_run(test, heap, addr, 1, 1, what);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_resize(heap, addr, room), 0, "%s", what);
		hr_test_expect_resized(test, heap, &before, room - 1, what);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_resize(heap, addr, room + 1), -ENOSPC,
				    "%s", what);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, (void *)addr), room, "%s",
				    what);
		hr_test_verify(test, heap, what);
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

/* ---- what is refused ---- */

static const struct {
	const char	*what;
	unsigned long	page, offset, nr;
	int		want;
} hr_test_resize_errors[] = {
	{ "0 pages", 600, 0, 0, -EINVAL },
	{ "foreign", 4100, 0, 1, -EFAULT }, { "before all", 2, 0, 1, -EFAULT },
	{ "foreign, unaligned", 2, 8, 7, -EFAULT },
	{ "free", 500, 0, 10, -EALREADY }, { "free, unaligned", 500, 8, 10, -EALREADY },
	{ "behind the run", 1400, 0, 1, -EALREADY }, { "before it", 599, 0, 5, -EALREADY },
	{ "its second page", 601, 0, 799, -EINVAL }, { "its last", 1399, 0, 1, -EINVAL },
	{ "at a chunk's border", 1024, 0, 376, -EINVAL },
	{ "unaligned", 600, 1, 800, -EINVAL },
	{ "unaligned by a page less one", 600, PAGE_SIZE - 1, 700, -EINVAL },
	{ "unaligned inside", 700, 16, 1, -EINVAL },
	{ "over the neighbour's first", 600, 0, 901, -ENOSPC },
	{ "over the neighbour", 600, 0, 1200, -ENOSPC },
	{ "over the end", 1500, 0, 2506, -ENOSPC },
	{ "over it by far", 1500, 0, 1UL << 20, -ENOSPC },
	{ "half of all pages", 600, 0, HR_TEST_ALL_PAGES / 2, -ENOSPC },
	{ "all pages", 600, 0, HR_TEST_ALL_PAGES, -ENOSPC },
	{ "bytes wrap to a page", 600, 0, HR_TEST_ALL_PAGES + 1, -ENOSPC },
	{ "bytes wrap to the same", 600, 0, HR_TEST_ALL_PAGES + 800, -ENOSPC },
	{ "bytes wrap to one more", 600, 0, HR_TEST_ALL_PAGES + 801, -ENOSPC },
	{ "wraps to itself", 600, 0, HR_TEST_ALL_PAGES - 1, -ENOSPC },
	{ "32 bits more", 600, 0, (unsigned long)((1ULL << 32) + 800), -ENOSPC },
	{ "16 bits more", 600, 0, (1UL << 16) + 800, -ENOSPC },
	{ "pages at most", 600, 0, ULONG_MAX, -ENOSPC },
	{ "one less", 600, 0, ULONG_MAX - 1, -ENOSPC },
};

/* The heap owns 3 to 4003; 600 to 1400 is a run, and 1500 to 1510 is one. */
static void resize_errors(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct heapranges_stats before;
	unsigned long addr;
	int i;

	hr_test_add(test, heap, hr_test_addr(3), 4000);
	hr_test_at(test, heap, 600, 800);
	hr_test_at(test, heap, 1500, 10);
	before = hr_test_stats(test, heap);
	for (i = 0; i < ARRAY_SIZE(hr_test_resize_errors); i++) {
		/* 2^32 pages more are none on 32 bits. */
		if (hr_test_resize_errors[i].nr == 800 &&
		    hr_test_resize_errors[i].want == -ENOSPC)
			continue;
		addr = hr_test_addr(hr_test_resize_errors[i].page) +
		       hr_test_resize_errors[i].offset;
		KUNIT_EXPECT_EQ_MSG(test, hr_test_resize(heap, addr,
							 hr_test_resize_errors[i].nr),
				    hr_test_resize_errors[i].want, "%s",
				    hr_test_resize_errors[i].what);
		hr_test_expect_resized(test, heap, &before, 0,
				       hr_test_resize_errors[i].what);
	}
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, NULL, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, NULL, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, ERR_PTR(-ENOMEM), 1), -EFAULT);
	hr_test_expect_resized(test, heap, &before, 0, "NULL");
	hr_test_expect_run(test, heap, hr_test_addr(600), 800, 800, "errors");
	hr_test_verify(test, heap, "errors");

	/* Freed: double, until it is somebody's again. */
	hr_test_free(test, heap, hr_test_addr(600));
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(600), 1), -EALREADY);
	hr_test_at(test, heap, 590, 20);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(600), 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(590), 1), 0);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(600), 1), -EALREADY);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 597), hr_test_addr(591));
}

static void resize_other_heap(struct kunit *test)
{
	struct heapranges *a = hr_test_create(test, "kunit-a", HR_TEST_ADDRESSES);
	struct heapranges *b = hr_test_create(test, "kunit-b", HR_TEST_ADDRESSES);

	hr_test_add(test, a, HR_TEST_BASE, 100);
	hr_test_add(test, b, hr_test_addr(100), 100);
	hr_test_at(test, a, 90, 5);
	KUNIT_EXPECT_EQ(test, hr_test_resize(b, hr_test_addr(90), 1), -EFAULT);
	/* The other heap's pages are not room. */
	KUNIT_EXPECT_EQ(test, hr_test_resize(a, hr_test_addr(90), 11), -ENOSPC);
	KUNIT_EXPECT_EQ(test, hr_test_resize(a, hr_test_addr(90), 10), 0);
}

/* ---- where runs may grow to ---- */

static void resize_over_regions(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long addr = hr_test_addr(500);

	hr_test_add(test, heap, addr, 8);
	hr_test_at(test, heap, 500, 8);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 9), -ENOSPC);
	hr_test_add(test, heap, hr_test_addr(509), 20);		/* a gap of one page */
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 9), -ENOSPC);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 10), -ENOSPC);
	hr_test_add(test, heap, hr_test_addr(508), 1);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 29), 0);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(528), 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 28), 0);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(528), 1), 0);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 29), -ENOSPC);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 1), 0);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, hr_test_addr(501), 27), 0);
	hr_test_expect_layout(test, heap, HR_TEST_BASE, "500-501");
	hr_test_verify(test, heap, "regions");
}

/* The last page but one is the last that a heap owns. */
static void resize_at_the_top(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long addr = -600 * PAGE_SIZE;

	hr_test_add(test, heap, addr, 599);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 3), addr);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 600), -ENOSPC);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 601), -ENOSPC);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 604), -ENOSPC);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 599), 0);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 600), -ENOSPC);
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, addr, 88), 0);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 511), -512 * PAGE_SIZE);
	hr_test_verify(test, heap, "the top");
}

/* What a run gives back is the lowest again, and what it takes is not. */
static void resize_and_the_lowest(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_add(test, heap, HR_TEST_BASE, 6000);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 3000), hr_test_addr(0));
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 100), hr_test_addr(3000));
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(3000), 2000), 0);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), hr_test_addr(5000));
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(3000), 1999), 0);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 2), hr_test_addr(5001));
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(0), 10), 0);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), hr_test_addr(10));
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(10), 2990), 0);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), hr_test_addr(4999));
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), hr_test_addr(5003));
	KUNIT_EXPECT_EQ(test, hr_test_resize(heap, hr_test_addr(10), 1), 0);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 2989), hr_test_addr(11));
	hr_test_verify(test, heap, "the lowest");
}

/* A run never moves, its memory stays as it is, and no arena comes. */
static void resize_keeps_the_memory(struct kunit *test)
{
	static const unsigned long sizes[] = { 300, 900, 901, 2, 64, 1000, 1, 999 };
	struct heapranges *heap[2];
	unsigned long addr, nr, kept;
	struct heapranges_stats before;
	int i, j;

	heap[0] = hr_test_create(test, "fixed", HEAPRANGES_FIXED);
	hr_test_add(test, heap[0], hr_test_area(test, 1000), 1000);
	heap[1] = hr_test_create(test, "growing", 0);
	for (i = 0; i < ARRAY_SIZE(heap); i++) {
		addr = hr_test_alloc(test, heap[i], 1000);
		memset((void *)addr, 0x11, 1000 * PAGE_SIZE);
		before = hr_test_stats(test, heap[i]);
		for (j = 0, kept = nr = 1000; j < ARRAY_SIZE(sizes); j++) {
			nr = sizes[j];
			KUNIT_ASSERT_EQ_MSG(test, hr_test_resize(heap[i], addr, nr), 0,
					    "%s: to %lu", heapranges_name(heap[i]), nr);
			kept = min(kept, nr);
			KUNIT_EXPECT_NULL_MSG(test, memchr_inv((void *)addr, 0x11,
							       kept * PAGE_SIZE),
					      "%s: after %lu", heapranges_name(heap[i]), nr);
			if (nr > kept && want_init_on_alloc(GFP_KERNEL))
				KUNIT_EXPECT_NULL_MSG(test,
						      memchr_inv((void *)addr + kept * PAGE_SIZE, 0,
								 (nr - kept) * PAGE_SIZE),
						      "%s: zero up to %lu",
						      heapranges_name(heap[i]), nr);
			memset((void *)addr, 0x11, nr * PAGE_SIZE);
			kept = nr;
			/* With poison=1 a tail is kept back. */
			heapranges_trim(heap[i]);
			before.zeroing_saved_bytes =
				hr_test_stats(test, heap[i]).zeroing_saved_bytes;
			hr_test_expect_resized(test, heap[i], &before, nr - 1000, "memory");
		}
		KUNIT_EXPECT_EQ(test, hr_test_resize(heap[i], addr, 1UL << 20), -ENOSPC);
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap[i]).grows, before.grows);
	}
}

static void resize_with_irqs_off(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	int more, less, none;
	unsigned long flags;

	hr_test_add(test, heap, HR_TEST_BASE, 2000);
	hr_test_alloc(test, heap, 5);
	local_irq_save(flags);
	more = hr_test_resize(heap, HR_TEST_BASE, 2000);
	less = hr_test_resize(heap, HR_TEST_BASE, 700);
	none = hr_test_resize(heap, HR_TEST_BASE, 2001);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, more, 0);
	KUNIT_EXPECT_EQ(test, less, 0);
	KUNIT_EXPECT_EQ(test, none, -ENOSPC);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).used_pages, 700UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).rejected_context, 0ULL);
}

static struct kunit_case hr_test_resize_cases[] = {
	KUNIT_CASE_PARAM(resize_all_sizes, hr_test_start_gen_params),
	KUNIT_CASE_PARAM(resize_until_blocked, hr_test_start_gen_params),
	KUNIT_CASE(resize_errors),
	KUNIT_CASE(resize_other_heap),
	KUNIT_CASE(resize_over_regions),
	KUNIT_CASE(resize_at_the_top),
	KUNIT_CASE(resize_and_the_lowest),
	KUNIT_CASE(resize_keeps_the_memory),
	KUNIT_CASE(resize_with_irqs_off),
	{}
};

struct kunit_suite heapranges_resize_suite = {
	.name = "heapranges_resize",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_resize_cases,
};
