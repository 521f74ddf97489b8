// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_far: regions strewn over the whole address space. What joins
 * them is a tree that fans out by eight, so that its levels begin where a chunk's
 * number is a power of eight; and there are many heaps, and many ranges.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "heap_helpers.h"
#include "suites.h"

#define HR_TEST_CHUNK_BYTES	(HR_TEST_CHUNK * PAGE_SIZE)
#define HR_TEST_ALL_CHUNKS	(HR_TEST_ALL_PAGES / HR_TEST_CHUNK)
#define HR_TEST_8_PIB		((unsigned long)(1ULL << 53))
#define HR_TEST_STARS		40

/* Where the regions lie: each one in a chunk, ascending. */
struct hr_test_sky {
	struct heapranges	*heap;
	unsigned long		base[HR_TEST_STARS], nr[HR_TEST_STARS];
	bool			there[HR_TEST_STARS];
	int			count;
};

static void hr_test_sky_put(struct hr_test_sky *sky, unsigned long chunk,
			    unsigned long first, unsigned long nr)
{
	unsigned long base = chunk * HR_TEST_CHUNK_BYTES + first * PAGE_SIZE;

	/* Neither page 0 nor the last page. */
	if (!base) {
		base += PAGE_SIZE;
		nr -= nr > 1;
	}
	if (base + nr * PAGE_SIZE == 0) {
		base -= nr == 1 ? PAGE_SIZE : 0;
		nr -= nr > 1;
	}
	sky->base[sky->count] = base;
	sky->nr[sky->count++] = nr;
}

/* Chunks 0, 1, 7, 8, 63, 64, 511, 512, ... and the last one. */
static void hr_test_sky_chart(struct hr_test_sky *sky, unsigned long first,
			      unsigned long nr)
{
	unsigned long border;

	memset(sky, 0, sizeof(*sky));
	for (border = 1; ; border *= 8) {
		hr_test_sky_put(sky, border - 1, first, nr);
		hr_test_sky_put(sky, border, first, nr);
		if (border > HR_TEST_ALL_CHUNKS / 16)
			break;
	}
	hr_test_sky_put(sky, HR_TEST_ALL_CHUNKS - 1, first, nr);
}

/* The n-th of @count in some order: up, down, inside out, strewn. */
static int hr_test_sky_order(int order, int n, int count)
{
	int half = n / 2 + 1;

	switch (order) {
	case 0:
		return n;
	case 1:
		return count - 1 - n;
	case 2:
		return n % 2 ? count / 2 - half : count / 2 + n / 2;
	default:
		return (n * 17 + 5) % count;
	}
}

static const char * const hr_test_orders[] = { "up", "down", "inside out", "strewn" };

/* Which star an allocation of one page must come from: the lowest there is. */
static void hr_test_sky_expect_lowest(struct kunit *test, struct hr_test_sky *sky,
				      const char *what)
{
	unsigned long want = 0, got;
	int i;

	for (i = sky->count - 1; i >= 0; i--) {
		if (sky->there[i])
			want = sky->base[i];
	}
	got = (unsigned long)heapranges_alloc(sky->heap, 1, HR_TEST_QUIET);
	KUNIT_EXPECT_EQ_MSG(test, got, want, "%s", what);
	if (got)
		hr_test_free(test, sky->heap, got);
	hr_test_verify(test, sky->heap, what);
}

/* Full from the bottom to the top, one run a star. */
static void hr_test_sky_fill(struct kunit *test, struct hr_test_sky *sky,
			     const char *what)
{
	unsigned long got;
	int i;

	for (i = 0; i < sky->count; i++) {
		got = (unsigned long)heapranges_alloc(sky->heap, sky->nr[i], HR_TEST_QUIET);
		KUNIT_EXPECT_EQ_MSG(test, got, sky->base[i], "%s: fill %d of %d: pages=%lu",
				    what, i, sky->count, sky->nr[i]);
	}
	KUNIT_EXPECT_NULL_MSG(test, heapranges_alloc(sky->heap, 1, HR_TEST_QUIET), "%s",
			      what);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, sky->heap).free_pages, 0UL);
	hr_test_verify(test, sky->heap, what);
	for (i = 0; i < sky->count; i++)
		hr_test_free(test, sky->heap, sky->base[(i * 7) % sky->count]);
}

/* Put up in one order and taken away in another, sound after each step. */
static void hr_test_sky_pass(struct kunit *test, struct hr_test_sky *sky, int up,
			     int down)
{
	char what[80];
	int i, star;

	sky->heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	for (i = 0; i < sky->count; i++) {
		star = hr_test_sky_order(up, i, sky->count);
		snprintf(what, sizeof(what), "%s: adding %d (%lx)", hr_test_orders[up], i,
			 sky->base[star]);
		hr_test_add(test, sky->heap, sky->base[star], sky->nr[star]);
		sky->there[star] = true;
		hr_test_sky_expect_lowest(test, sky, what);
	}
	hr_test_sky_fill(test, sky, what);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, sky->heap).used_pages, 0UL);
	for (i = 0; i < sky->count; i++) {
		star = hr_test_sky_order(down, i, sky->count);
		snprintf(what, sizeof(what), "%s, %s: removing %d (%lx)",
			 hr_test_orders[up], hr_test_orders[down], i, sky->base[star]);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_remove(sky->heap, sky->base[star],
							    sky->nr[star]), 0, "%s", what);
		sky->there[star] = false;
		hr_test_sky_expect_lowest(test, sky, what);
	}
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, sky->heap).owned_pages, 0UL);
	hr_test_destroy(test, sky->heap);
}

static const struct hr_test_sky_row {
	const char	*desc;
	unsigned long	first, nr;
} hr_test_sky_rows[] = {
	{ "a page", 0, 1 }, { "the last page of chunks", 511, 1 },
	{ "a page inside", 77, 1 }, { "some pages", 60, 70 },
	{ "all but the first", 1, 511 }, { "all but the last", 0, 511 },
};

static void hr_test_sky_desc(const struct hr_test_sky_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_sky, hr_test_sky_rows, hr_test_sky_desc);

static void far_chunks_one_by_one(struct kunit *test)
{
	const struct hr_test_sky_row *row = test->param_value;
	struct hr_test_sky *sky = kunit_kzalloc(test, sizeof(*sky), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, sky);
	for (i = 0; i < 8; i++) {
		hr_test_sky_chart(sky, row->first, row->nr);
		hr_test_sky_pass(test, sky, i % 4, (i + i / 4) % 4);
	}
}

/* The smallest size that the lowest do not have comes from the first that has. */
static void far_each_a_page_larger(struct kunit *test)
{
	struct hr_test_sky *sky = kunit_kzalloc(test, sizeof(*sky), GFP_KERNEL);
	unsigned long got;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, sky);
	hr_test_sky_chart(sky, 100, 1);
	sky->heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	for (i = 0; i < sky->count; i++)
		hr_test_add(test, sky->heap, sky->base[i], i + 1);
	for (i = 0; i < sky->count; i++) {
		got = (unsigned long)heapranges_alloc(sky->heap, i + 1, HR_TEST_QUIET);
		KUNIT_EXPECT_EQ_MSG(test, got, sky->base[i], "pages=%d", i + 1);
		heapranges_free(sky->heap, (void *)got);
	}
	/* From the top down they fit exactly, so each one is taken by its own. */
	for (i = sky->count - 1; i >= 0; i--)
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, sky->heap, i + 1), sky->base[i]);
	hr_test_verify(test, sky->heap, "each a page larger");
}

static void far_8_pib_apart(struct kunit *test)
{
	struct heapranges *heap;
	unsigned long near = HR_TEST_BASE, far = near + HR_TEST_8_PIB;

	if (BITS_PER_LONG == 32)
		kunit_skip(test, "32 bits do not reach 8 PiB");
	heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	hr_test_add(test, heap, far, 2000);
	hr_test_add(test, heap, near, 1000);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1001), far);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1000), near);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), far + 1001 * PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 999, HR_TEST_QUIET));
	hr_test_verify(test, heap, "8 PiB");
	/* Between them nothing is owned, and their middle is not either. */
	KUNIT_EXPECT_FALSE(test, heapranges_contains(heap, near, 1001));
	KUNIT_EXPECT_NULL(test, heapranges_alloc_at(heap, near + HR_TEST_8_PIB / 2, 1,
						    HR_TEST_QUIET));
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, (void *)(near + HR_TEST_8_PIB / 2)),
			-EFAULT);
	hr_test_free(test, heap, far);
	KUNIT_EXPECT_EQ(test, (unsigned long)heapranges_alloc_aligned(heap, 1, 512,
								      HR_TEST_QUIET), far);
	hr_test_free(test, heap, near);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, near, 1000), 0);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), far + PAGE_SIZE);
	hr_test_verify(test, heap, "8 PiB");
}

static void far_first_and_last_page(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_add(test, heap, -2 * PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), -2 * PAGE_SIZE);
	hr_test_add(test, heap, PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	hr_test_verify(test, heap, "both ends");
	hr_test_free(test, heap, -2 * PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 2, HR_TEST_QUIET));
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, -2 * PAGE_SIZE, 1), 0);
	hr_test_add(test, heap, -600 * PAGE_SIZE, 599);
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 599), -600 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)(-600 * PAGE_SIZE), 600),
			-ENOSPC);
	hr_test_verify(test, heap, "both ends");
}

/* ---- runs across the borders of levels ---- */

/* Every run of some lengths that starts a few pages before the border. */
static void hr_test_border(struct kunit *test, unsigned long border)
{
	static const unsigned long before[] = { 1, 2, 63, 64, 65, 511, 512, 513, 1000 };
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long middle = border * HR_TEST_CHUNK_BYTES, base = PAGE_SIZE;
	unsigned long room, i, j, addr;
	char what[60];

	snprintf(what, sizeof(what), "border of chunk %lx", border);
	if (middle > 1100 * PAGE_SIZE)
		base = middle - 1100 * PAGE_SIZE;
	room = (middle - base) / PAGE_SIZE;
	hr_test_add(test, heap, base, room + 1100);
	for (i = 0; i < ARRAY_SIZE(before); i++) {
		if (before[i] >= room)
			continue;
		/* Just enough is taken that the next run lies across. */
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, room - before[i]), base);
		for (j = 0; j < ARRAY_SIZE(before); j++) {
			addr = hr_test_alloc(test, heap, before[i] + before[j]);
			KUNIT_EXPECT_EQ_MSG(test, addr, middle - before[i] * PAGE_SIZE,
					    "%s: %lu before, %lu behind", what, before[i],
					    before[j]);
			hr_test_verify(test, heap, what);
			hr_test_free(test, heap, addr);
		}
		hr_test_free(test, heap, base);
		hr_test_verify(test, heap, what);
	}
	KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, room + 1100), base);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	hr_test_free(test, heap, base);
	hr_test_destroy(test, heap);
}

static void far_over_every_border(struct kunit *test)
{
	unsigned long border;

	for (border = 1; border < HR_TEST_ALL_CHUNKS / 8; border *= 8) {
		hr_test_border(test, border);
		hr_test_border(test, 3 * border);
	}
	hr_test_border(test, HR_TEST_ALL_CHUNKS / 2);
	hr_test_border(test, HR_TEST_ALL_CHUNKS - 8);
}

/* 8^k chunks and one more on both sides: up to 64 GiB with pages of 4 KiB. */
static void far_whole_levels(struct kunit *test)
{
	unsigned long chunks, nr, base, tail;
	struct heapranges *heap;
	char what[40];

	for (chunks = 1; chunks <= 32768 && chunks < HR_TEST_ALL_CHUNKS / 8; chunks *= 8) {
		snprintf(what, sizeof(what), "chunks=%lu", chunks);
		heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
		base = (2 * chunks - 1) * HR_TEST_CHUNK_BYTES;
		nr = (chunks + 2) * HR_TEST_CHUNK;
		tail = base + (chunks + 1) * HR_TEST_CHUNK_BYTES;
		hr_test_add(test, heap, base, nr);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, nr), base, "%s", what);
		KUNIT_EXPECT_NULL_MSG(test, heapranges_alloc(heap, 1, HR_TEST_QUIET), "%s",
				      what);
		hr_test_verify(test, heap, what);
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)base, HR_TEST_CHUNK), 0);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, chunks * HR_TEST_CHUNK),
				    base + HR_TEST_CHUNK_BYTES, "%s", what);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, HR_TEST_CHUNK), tail, "%s",
				    what);
		hr_test_free(test, heap, base + HR_TEST_CHUNK_BYTES);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_stats(test, heap).largest_free_pages,
				    chunks * HR_TEST_CHUNK, "%s", what);
		KUNIT_EXPECT_NULL_MSG(test, heapranges_alloc(heap, chunks * HR_TEST_CHUNK + 1,
							     HR_TEST_QUIET), "%s", what);
		hr_test_free(test, heap, base);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, (chunks + 1) * HR_TEST_CHUNK),
				    base, "%s", what);
		hr_test_verify(test, heap, what);
		hr_test_free(test, heap, base);
		hr_test_free(test, heap, tail);
		/* The middle goes, and is in nobody's way. */
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap, base + HR_TEST_CHUNK_BYTES,
							chunks * HR_TEST_CHUNK), 0);
		KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, HR_TEST_CHUNK + 1,
							 HR_TEST_QUIET));
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, HR_TEST_CHUNK), base);
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, HR_TEST_CHUNK), tail);
		hr_test_verify(test, heap, what);
		hr_test_free(test, heap, base);
		hr_test_free(test, heap, tail);
		hr_test_destroy(test, heap);
		cond_resched();
	}
}

/* ---- many ---- */

#define HR_TEST_HEAPS	2000

static void far_many_heaps(struct kunit *test)
{
	struct heapranges **heap = kunit_kcalloc(test, HR_TEST_HEAPS, sizeof(*heap),
						 GFP_KERNEL);
	unsigned long base, i;
	char name[20];

	KUNIT_ASSERT_NOT_NULL(test, heap);
	for (i = 0; i < HR_TEST_HEAPS; i++) {
		snprintf(name, sizeof(name), "kunit-%lu", i);
		heap[i] = hr_test_create(test, name, HR_TEST_ADDRESSES);
		hr_test_add(test, heap[i], hr_test_addr(37 * i), 37);
		cond_resched();
	}
	for (i = 0; i < HR_TEST_HEAPS; i++) {
		base = hr_test_addr(37 * i);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap[i], 36), base, "heap %lu",
				    i);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_free(heap[(i + 1) % HR_TEST_HEAPS],
							  (void *)base), -EFAULT,
				    "heap %lu", i);
		KUNIT_EXPECT_NULL(test, heapranges_alloc(heap[i], 2, HR_TEST_QUIET));
	}
	for (i = 0; i < HR_TEST_HEAPS; i++) {
		struct heapranges *h = heap[i * 7 % HR_TEST_HEAPS];

		hr_test_free(test, h, hr_test_addr(37 * (i * 7 % HR_TEST_HEAPS)));
		hr_test_verify(test, h, heapranges_name(h));
		hr_test_destroy(test, h);
		cond_resched();
	}
}

#define HR_TEST_ISLES	2000

/* @stride pages from one to the next, and every page of them is a range. */
static void hr_test_isles(struct kunit *test, unsigned long stride)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned long i, isle;
	char what[40];

	snprintf(what, sizeof(what), "stride=%lu", stride);
	for (i = 0; i < HR_TEST_ISLES; i++)
		hr_test_add(test, heap, hr_test_addr(stride * (i * 1999 % HR_TEST_ISLES)), 1);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).nr_ranges, HR_TEST_ISLES + 0UL);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 2, HR_TEST_QUIET));
	hr_test_verify(test, heap, what);
	for (i = 0; i < HR_TEST_ISLES; i++)
		KUNIT_EXPECT_EQ_MSG(test, hr_test_alloc(test, heap, 1),
				    hr_test_addr(stride * i), "%s, page %lu", what, i);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 1, HR_TEST_QUIET));
	for (i = HR_TEST_ISLES; i-- > 0;) {
		isle = i * 1999 % HR_TEST_ISLES;
		hr_test_free(test, heap, hr_test_addr(stride * isle));
		KUNIT_EXPECT_EQ_MSG(test, heapranges_remove(heap, hr_test_addr(stride * isle),
							    1), 0, "%s, page %lu", what, isle);
		if (i % 500 == 0)
			hr_test_verify(test, heap, what);
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 0UL);
	hr_test_destroy(test, heap);
}

static void far_many_ranges(struct kunit *test)
{
	hr_test_isles(test, 2);
	hr_test_isles(test, 127);
	if (BITS_PER_LONG == 64) {
		hr_test_isles(test, 513);
		hr_test_isles(test, 512 * 9);
	}
}

static struct kunit_case hr_test_far_cases[] = {
	KUNIT_CASE_PARAM(far_chunks_one_by_one, hr_test_sky_gen_params),
	KUNIT_CASE(far_each_a_page_larger),
	KUNIT_CASE(far_8_pib_apart),
	KUNIT_CASE(far_first_and_last_page),
	KUNIT_CASE(far_over_every_border),
	KUNIT_CASE(far_whole_levels),
	KUNIT_CASE(far_many_heaps),
	KUNIT_CASE(far_many_ranges),
	{}
};

struct kunit_suite heapranges_far_suite = {
	.name = "heapranges_far",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_far_cases,
};
