// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_zero_saved: pages that are known to be zero are not zeroed again,
 * and zeroing_saved_bytes counts them to the byte; all others are.
 */
#include "suites.h"
#include "zero_helpers.h"

#define HR_TEST_SAVED_CHUNKS	3

/*
 * Steps on three chunks that have come clear: 'z'ero run of nr pages at page, the
 * lowest; the same '@' that page; 'a' run of which nobody asks that; 'f'ree, 'r'esize;
 * '+' and '-' a region, dirty. Of what is taken so many pages are known to be zero.
 */
struct hr_test_saved_row {
	const char	*desc;
	struct {
		char		op;
		unsigned long	page, nr, known;
	} step[12];
};

static const struct hr_test_saved_row hr_test_saved_rows[] = {
	{ "one behind the other", {
		{ 'z', 0, 100, 100 }, { 'z', 100, 1, 1 }, { 'z', 101, 50, 50 } } },
	{ "what was freed", {
		{ 'z', 0, 100, 100 }, { 'f', 0 }, { 'z', 0, 100, 0 } } },
	{ "what nobody wanted zero and freed", {
		{ 'a', 0, 100, 100 }, { 'f', 0 }, { 'z', 0, 100, 0 }, { 'z', 100, 9, 9 } } },
	{ "partly freed: a chunk is known or not", {
		{ 'z', 0, 10, 10 }, { 'f', 0 }, { 'z', 0, 20, 0 }, { 'z', 20, 1, 1 } } },
	{ "the rest of a word", {
		{ 'z', 0, 60, 60 }, { 'z', 60, 8, 8 }, { 'z', 68, 60, 60 } } },
	{ "all three chunks", {
		{ 'z', 0, 1536, 1536 }, { 'f', 0 }, { 'z', 0, 1536, 0 } } },
	{ "over a border, the front freed", {
		{ 'z', 0, 1, 1 }, { 'f', 0 }, { 'z', 0, 600, 88 }, { 'z', 600, 1, 1 } } },
	{ "over two, the front freed", {
		{ 'z', 0, 1, 1 }, { 'f', 0 }, { 'z', 0, 1536, 1024 } } },
	{ "over two, the middle freed", {
		{ '@', 600, 10, 10 }, { 'f', 600 }, { 'z', 0, 1536, 512 } } },
	{ "over two, the end freed", {
		{ '@', 1535, 1, 1 }, { 'f', 1535 }, { 'z', 0, 1536, 0 } } },
	{ "a hole", {
		{ '@', 100, 10, 10 }, { 'z', 0, 100, 0 }, { 'z', 110, 402, 402 } } },
	{ "a hole over a border: known is the end, not the front", {
		{ '@', 600, 10, 10 }, { 'z', 0, 600, 0 }, { 'z', 610, 1, 1 } } },
	{ "a run that has grown", {
		{ 'z', 0, 10, 10 }, { 'r', 0, 20 }, { 'f', 0 }, { 'z', 0, 20, 0 },
		{ 'z', 20, 5, 5 } } },
	{ "a run that has grown over a border", {
		{ 'z', 0, 10, 10 }, { 'r', 0, 600 }, { 'r', 0, 1 }, { 'z', 1, 1023, 0 },
		{ 'z', 1024, 1, 1 } } },
	{ "a run that has shrunk", {
		{ 'z', 0, 20, 20 }, { 'r', 0, 10 }, { 'z', 10, 10, 0 } } },
	{ "a chunk that came back dirty", {
		{ '-', 512, 512 }, { '+', 512, 512 }, { 'z', 0, 1536, 512 } } },
	{ "a word that came back dirty", {
		{ '-', 64, 64 }, { '+', 64, 64 }, { 'z', 0, 128, 0 }, { 'z', 128, 9, 9 } } },
	{ "what stands before it goes", {
		{ '-', 0, 64 }, { 'z', 64, 100, 100 } } },
	{ "what stands behind it goes", {
		{ '-', 500, 12 }, { 'z', 0, 100, 0 }, { 'z', 100, 100, 0 } } },
};

static void hr_test_saved_desc(const struct hr_test_saved_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_saved, hr_test_saved_rows, hr_test_saved_desc);

/* What a step takes; 0: nothing. */
static unsigned long hr_test_saved_step(struct kunit *test, struct heapranges *heap,
					unsigned long base, int i)
{
	const struct hr_test_saved_row *row = test->param_value;
	unsigned long nr = row->step[i].nr, addr = base + row->step[i].page * PAGE_SIZE;
	char op = row->step[i].op;
	unsigned long old_nr;
	void *got = NULL;

	switch (op) {
	case 'f':
		hr_test_free(test, heap, addr);
		return 0;
	case '+':
		hr_test_add(test, heap, addr, nr);
		return 0;
	case '-':
		KUNIT_EXPECT_EQ(test, heapranges_remove(heap, addr, nr), 0);
		hr_test_fill(addr, nr, HR_TEST_DIRT);
		return 0;
	case 'r':
		old_nr = heapranges_size(heap, (void *)addr);
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, (void *)addr, nr), 0);
		hr_test_fill(addr, nr, HR_TEST_DIRT);
		return nr > old_nr ? nr - old_nr : 0;
	case '@':
		got = heapranges_alloc_at(heap, addr, nr, HR_TEST_ZERO);
		break;
	default:
		got = heapranges_alloc(heap, nr, op == 'z' ? HR_TEST_ZERO : HR_TEST_QUIET);
	}
	KUNIT_ASSERT_EQ_MSG(test, (unsigned long)got, addr, "step %d", i);
	if (op != 'a')
		KUNIT_EXPECT_TRUE_MSG(test, hr_test_is_filled(addr, nr, 0), "step %d", i);
	hr_test_fill(addr, nr, HR_TEST_DIRT);
	return nr;
}

static void zero_saved_bytes(struct kunit *test)
{
	const struct hr_test_saved_row *row = test->param_value;
	unsigned long base, nr, want_pages;
	struct heapranges *heap;
	bool has_region = false;
	u64 before, after = 0;
	int i;

	if (hr_test_poisons())
		kunit_skip(test, "poisoned pages are never zero");
	heap = hr_test_create(test, "kunit", HEAPRANGES_NO_CACHE);
	base = hr_test_chunks_area(test, HR_TEST_SAVED_CHUNKS * HR_TEST_CHUNK);
	hr_test_add_zeroes(test, heap, base, HR_TEST_SAVED_CHUNKS * HR_TEST_CHUNK);
	for (i = 0; row->step[i].op; i++) {
		before = after;
		nr = hr_test_saved_step(test, heap, base, i);
		after = hr_test_stats(test, heap).zeroing_saved_bytes;
		has_region |= row->step[i].op == '+';
		want_pages = want_init_on_free() && !has_region ? nr : row->step[i].known;
		if (!strchr("z@", row->step[i].op) && !want_init_on_alloc(0))
			want_pages = 0;
		KUNIT_EXPECT_EQ_MSG(test, after - before, want_pages * PAGE_SIZE + 0ULL,
				    "step %d: %c page=%lu nr=%lu", i, row->step[i].op,
				    row->step[i].page, row->step[i].nr);
		hr_test_verify(test, heap, row->desc);
	}
}

/* An arena that was asked for zeroed, or that the machine clears. */
static void zero_saved_of_an_arena(struct kunit *test)
{
	static const gfp_t gfps[] = { HR_TEST_ZERO, HR_TEST_QUIET };
	bool machine = want_init_on_alloc(0) || want_init_on_free();
	struct heapranges *heap;
	unsigned long known;
	void *first, *second;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(hr_test_kinds); i++) {
		if (hr_test_kinds[i].flags & HEAPRANGES_FIXED)
			continue;
		for (j = 0; j < ARRAY_SIZE(gfps); j++) {
			heap = hr_test_heap_of_kind(test, &hr_test_kinds[i]);
			first = heapranges_alloc(heap, 100, gfps[j]);
			second = heapranges_alloc(heap, 50, HR_TEST_ZERO);
			KUNIT_ASSERT_TRUE(test, first && second);
			KUNIT_EXPECT_TRUE(test, hr_test_is_filled((unsigned long)second, 50, 0));
			known = 100 * (!j || want_init_on_alloc(0)) + 50 * (!j || machine);
			if (hr_test_poisons())
				known = 0;
			KUNIT_EXPECT_EQ_MSG(test, hr_test_stats(test, heap).zeroing_saved_bytes,
					    known * PAGE_SIZE + 0ULL, "%s: gfp=%x",
					    hr_test_kinds[i].name, gfps[j]);
			heapranges_walk(heap, hr_test_drain_range, heap);
			hr_test_destroy(test, heap);
		}
	}
}

static u64 hr_test_saved_by(struct kunit *test, struct heapranges *heap, unsigned long nr,
			    void **addr)
{
	u64 before = hr_test_stats(test, heap).zeroing_saved_bytes;

	*addr = heapranges_alloc(heap, nr, HR_TEST_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, *addr);
	KUNIT_EXPECT_TRUE_MSG(test, hr_test_is_filled((unsigned long)*addr, nr, 0),
			      "pages=%lu", nr);
	hr_test_fill((unsigned long)*addr, nr, HR_TEST_DIRT);
	return (hr_test_stats(test, heap).zeroing_saved_bytes - before) / PAGE_SIZE;
}

/* A cache remembers of a run that was never used that it is zero, and only of that. */
static void zero_saved_through_caches(struct kunit *test)
{
	static const char * const whence[] = { "the arena", "the heap", "the cache" };
	unsigned long nr, dirty_pages;
	struct heapranges *heap;
	void *addr, *again;
	u64 saved;
	int i;

	if (hr_test_poisons())
		kunit_skip(test, "poisoned pages are never zero");
	for (nr = 1; nr <= 16; nr++) {
		heap = hr_test_heap_of_kind(test, &hr_test_kinds[0]);
		for (i = 0; i < ARRAY_SIZE(whence); i++)
			KUNIT_EXPECT_EQ_MSG(test, hr_test_saved_by(test, heap, nr, &addr),
					    (u64)nr, "%lu from %s", nr, whence[i]);
		hr_test_free(test, heap, (unsigned long)addr);
		saved = hr_test_saved_by(test, heap, nr, &again);
		dirty_pages = again == addr && !want_init_on_free() ? nr : 0;
		KUNIT_EXPECT_EQ_MSG(test, saved + dirty_pages, (u64)nr, "%lu again", nr);
		/* Of what has gone back to the heap nothing is known any more. */
		dirty_pages = hr_test_stats(test, heap).cached_pages && !want_init_on_free() ?
			      nr : 0;
		heapranges_trim(heap);
		saved = nr - dirty_pages;
		KUNIT_EXPECT_EQ_MSG(test, hr_test_saved_by(test, heap, nr, &addr), saved,
				    "%lu from a cache that was emptied", nr);
		hr_test_verify(test, heap, "caches");
		heapranges_walk(heap, hr_test_drain_range, heap);
		hr_test_destroy(test, heap);
	}
}

static struct kunit_case hr_test_zero_saved_cases[] = {
	KUNIT_CASE_PARAM(zero_saved_bytes, hr_test_saved_gen_params),
	KUNIT_CASE(zero_saved_of_an_arena),
	KUNIT_CASE(zero_saved_through_caches),
	{}
};

struct kunit_suite heapranges_zero_saved_suite = {
	.name = "heapranges_zero_saved",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_zero_saved_cases,
};
