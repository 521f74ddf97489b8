// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_dropin: heapranges_vmalloc(), heapranges_vzalloc() and
 * heapranges_vfree(). They are on the default heap, which others have used before:
 * figures are compared with those at the start of a case, and what the heap has
 * said so far is forgotten.
 */
#include <linux/limits.h>

#include "../module/heap.h"
#include "context_helpers.h"
#include "heap_helpers.h"
#include "log_helpers.h"
#include "suites.h"

static struct hr_test_log hr_test_dropin_log;

static int hr_test_dropin_init(struct kunit *test)
{
	hr_reports_init(&heapranges_default()->reports);
	hr_test_log_mark(&hr_test_dropin_log, "default");
	return hr_test_init(test);
}

static void hr_test_dropin_exit(struct kunit *test)
{
	hr_test_verify(test, heapranges_default(), "the case");
	hr_test_exit(test);
}

static int hr_test_dropin_lines(const char *word)
{
	return hr_test_log_lines(&hr_test_dropin_log, word);
}

static struct heapranges_stats hr_test_dropin_stats(struct kunit *test)
{
	return hr_test_stats(test, heapranges_default());
}

/* ---- sizes ---- */

static const struct hr_test_size_row {
	const char	*desc;
	size_t		bytes;
	unsigned long	nr_pages;	/* 0: NULL */
} hr_test_size_rows[] = {
	{ "0", 0, 0 },
	{ "1", 1, 1 },
	{ "a page less 1", PAGE_SIZE - 1, 1 },
	{ "a page", PAGE_SIZE, 1 },
	{ "a page and 1", PAGE_SIZE + 1, 2 },
	{ "64 pages", 64 * PAGE_SIZE, 64 },
	{ "64 pages and 1", 64 * PAGE_SIZE + 1, 65 },
	{ "a chunk less 1", 512 * PAGE_SIZE - 1, 512 },
	{ "a chunk", 512 * PAGE_SIZE, 512 },
	{ "a chunk and 1", 512 * PAGE_SIZE + 1, 513 },
	{ "chunks", 2000 * PAGE_SIZE - 100, 2000 },
	/* What has as many pages as there are, or wraps when it is rounded up. */
	{ "all", SIZE_MAX, 0 },
	{ "all less 1", SIZE_MAX - 1, 0 },
	{ "all less a page", SIZE_MAX - PAGE_SIZE, 0 },
	{ "all less a page, and 1", SIZE_MAX - PAGE_SIZE + 1, 0 },
	{ "all less a page, and 2", SIZE_MAX - PAGE_SIZE + 2, 0 },
	{ "all less a chunk", SIZE_MAX - 512 * PAGE_SIZE, 0 },
	{ "half of all less 1", LONG_MAX, 0 },
	{ "half of all", LONG_MAX + 1UL, 0 },
	{ "half of all and 1", LONG_MAX + 2UL, 0 },
	{ "half of all less a page", LONG_MAX - PAGE_SIZE, 0 },
	{ "a third of all", SIZE_MAX / 3, 0 },
};

static void hr_test_size_desc(const struct hr_test_size_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_size, hr_test_size_rows, hr_test_size_desc);

static void hr_test_dropin_expect_none(struct kunit *test, void *addr, const char *call,
				       const struct heapranges_stats *before)
{
	struct heapranges_stats s = hr_test_dropin_stats(test);

	KUNIT_EXPECT_NULL_MSG(test, addr, "%s", call);
	KUNIT_EXPECT_EQ_MSG(test, s.alloc_failures, before->alloc_failures + 1, "%s", call);
	KUNIT_EXPECT_EQ_MSG(test, s.allocs, before->allocs, "%s", call);
	KUNIT_EXPECT_EQ_MSG(test, s.owned_pages, before->owned_pages, "%s", call);
	KUNIT_EXPECT_EQ_MSG(test, s.used_pages, before->used_pages, "%s", call);
}

static void hr_test_dropin_expect_run(struct kunit *test, u8 *run, const char *call,
				      const struct heapranges_stats *before)
{
	const struct hr_test_size_row *row = test->param_value;
	struct heapranges_stats s = hr_test_dropin_stats(test);

	KUNIT_ASSERT_NOT_NULL_MSG(test, run, "%s", call);
	KUNIT_EXPECT_TRUE_MSG(test, PAGE_ALIGNED(run), "%s", call);
	KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heapranges_default(), run),
			    row->nr_pages, "%s", call);
	KUNIT_EXPECT_EQ_MSG(test, s.used_pages, before->used_pages + row->nr_pages,
			    "%s", call);
	KUNIT_EXPECT_EQ_MSG(test, s.allocs, before->allocs + 1, "%s", call);
	memset(run, 0xa5, row->bytes);

	heapranges_vfree(run);
	s = hr_test_dropin_stats(test);
	KUNIT_EXPECT_EQ_MSG(test, s.used_pages, before->used_pages, "%s", call);
	KUNIT_EXPECT_EQ_MSG(test, s.frees, before->frees + 1, "%s", call);
}

static void dropin_sizes(struct kunit *test)
{
	static void *(*const calls[])(size_t bytes) = {
		heapranges_vmalloc, heapranges_vzalloc,
	};
	static const char * const names[] = { "vmalloc", "vzalloc" };
	const struct hr_test_size_row *row = test->param_value;
	struct heapranges_stats before;
	void *addr;
	int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		before = hr_test_dropin_stats(test);
		addr = calls[i](row->bytes);
		if (row->nr_pages)
			hr_test_dropin_expect_run(test, addr, names[i], &before);
		else
			hr_test_dropin_expect_none(test, addr, names[i], &before);
	}
	/* One a failure, but nothing asked for is no shortage. */
	KUNIT_EXPECT_EQ(test, hr_test_dropin_lines("shortage: "),
			row->bytes && !row->nr_pages ? 2 : 0);
	KUNIT_EXPECT_EQ(test, hr_test_dropin_lines("misuse: "), 0);
}

static void dropin_more_than_the_machine_has(struct kunit *test)
{
	unsigned long nr_pages[] = {
		totalram_pages() + 1, 2 * totalram_pages(), 3 * totalram_pages() + 5,
	};
	struct heapranges_stats before;
	int i;

	for (i = 0; i < ARRAY_SIZE(nr_pages); i++) {
		before = hr_test_dropin_stats(test);
		hr_test_dropin_expect_none(test, heapranges_vmalloc(nr_pages[i] * PAGE_SIZE),
					   "vmalloc", &before);
		before = hr_test_dropin_stats(test);
		hr_test_dropin_expect_none(test, heapranges_vzalloc(nr_pages[i] * PAGE_SIZE - 1),
					   "vzalloc", &before);
	}
}

/* ---- zeroing ---- */

#define HR_TEST_DIRTY	4

static void dropin_vzalloc_zeroes_whole_pages(struct kunit *test)
{
	static const size_t sizes[] = {
		1, PAGE_SIZE - 1, PAGE_SIZE + 1, 64 * PAGE_SIZE, 700 * PAGE_SIZE - 9,
	};
	void *dirty[HR_TEST_DIRTY], *run;
	int i, j, k, nr_again;
	size_t whole;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		whole = PAGE_ALIGN(sizes[i]);
		for (j = 0; j < HR_TEST_DIRTY; j++) {
			dirty[j] = heapranges_vmalloc(whole);
			KUNIT_ASSERT_NOT_NULL(test, dirty[j]);
			memset(dirty[j], 0xa5, whole);
		}
		for (j = 0; j < HR_TEST_DIRTY; j++)
			heapranges_vfree(dirty[j]);
		for (j = 0, nr_again = 0; j < HR_TEST_DIRTY; j++) {
			run = heapranges_vzalloc(sizes[i]);
			KUNIT_ASSERT_NOT_NULL(test, run);
			for (k = 0; k < HR_TEST_DIRTY; k++)
				nr_again += run < dirty[k] + whole && dirty[k] < run + whole;
			/* To the end of its last page, which is not in @bytes. */
			OPTIMIZER_HIDE_VAR(run);
			KUNIT_EXPECT_NULL_MSG(test, memchr_inv(run, 0, whole),
					      "bytes=%zu", sizes[i]);
			heapranges_vfree(run);
		}
		KUNIT_EXPECT_GT_MSG(test, nr_again, 0, "none was dirty, bytes=%zu", sizes[i]);
	}
}

/* ---- frees ---- */

static void dropin_vfree_of_nothing(struct kunit *test)
{
	struct hr_test_state before;

	hr_test_state_take(test, heapranges_default(), &before);
	heapranges_vfree(NULL);
	hr_test_expect_state(test, heapranges_default(), &before, "vfree of NULL");
	KUNIT_EXPECT_EQ(test, hr_test_dropin_lines("free: "), 0);
}

static void dropin_vfree_is_free(struct kunit *test)
{
	struct heapranges *heap = heapranges_default();
	struct heapranges_stats before = hr_test_dropin_stats(test), after;
	void *run = heapranges_vmalloc(3 * PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, run);
	KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, run, 3), 0);
	run = heapranges_alloc(heap, 3, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, run);
	heapranges_vfree(run);
	after = hr_test_dropin_stats(test);
	KUNIT_EXPECT_EQ(test, after.allocs, before.allocs + 2);
	KUNIT_EXPECT_EQ(test, after.frees, before.frees + 2);
	KUNIT_EXPECT_EQ(test, after.used_pages, before.used_pages);
	KUNIT_EXPECT_EQ(test, hr_test_dropin_lines("free: "), 0);
}

/* @addr is refused: its counter and a line, and all else as before. */
static void hr_test_dropin_bad_free(struct kunit *test, const void *addr,
				    size_t counter, const char *reason)
{
	struct hr_test_state state;

	hr_test_state_take(test, heapranges_default(), &state);
	heapranges_vfree(addr);
	++*(u64 *)((char *)&state.stats + counter);
	hr_test_expect_state(test, heapranges_default(), &state, reason);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_dropin_lines(reason), 1, "%s", reason);
}

#define HR_TEST_BAD_FREE(test, addr, what)				\
	hr_test_dropin_bad_free(test, addr,				\
				offsetof(struct heapranges_stats, rejected_##what), \
				"bad free: heap=default reason=" #what " ")

static void dropin_vfree_of_what_is_not_a_run(struct kunit *test)
{
	void *area = (void *)hr_test_area(test, 2), *run = heapranges_vmalloc(3 * PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, run);
	memset(area, 0x5a, 2 * PAGE_SIZE);
	HR_TEST_BAD_FREE(test, area, foreign);
	KUNIT_EXPECT_NULL(test, memchr_inv(area, 0x5a, 2 * PAGE_SIZE));
	HR_TEST_BAD_FREE(test, run + PAGE_SIZE, interior);
	heapranges_vfree(run);
	HR_TEST_BAD_FREE(test, run, double);
}

/* ---- who is named ---- */

/* Not inlined, nor left by a jump: their addresses must be what is returned to. */
static noinline void hr_test_dropin_calls_vmalloc(void)
{
	heapranges_vmalloc(SIZE_MAX);
	barrier();
}

static noinline void hr_test_dropin_calls_vzalloc(void)
{
	heapranges_vzalloc(SIZE_MAX);
	barrier();
}

static noinline void hr_test_dropin_calls_vfree(void)
{
	heapranges_vfree(&hr_test_dropin_log);
	barrier();
}

static void dropin_names_its_caller(struct kunit *test)
{
	static const struct {
		void		(*call)(void);
		const char	*line, *caller;
	} rows[] = {
		{ hr_test_dropin_calls_vmalloc, "shortage: ",
		  " caller=hr_test_dropin_calls_vmalloc+0x" },
		{ hr_test_dropin_calls_vzalloc, "shortage: ",
		  " caller=hr_test_dropin_calls_vzalloc+0x" },
		{ hr_test_dropin_calls_vfree, "bad free: ",
		  " caller=hr_test_dropin_calls_vfree+0x" },
	};
	int i;

	if (!IS_ENABLED(CONFIG_KALLSYMS))
		kunit_skip(test, "without CONFIG_KALLSYMS callers have no names");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rows[i].call();
		KUNIT_EXPECT_GE(test, hr_test_dropin_lines(rows[i].line), 1);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(hr_test_dropin_log.last, rows[i].caller),
					  "want:%s, got: %s", rows[i].caller,
					  hr_test_dropin_log.last);
	}
}

/* ---- contexts ---- */

static void hr_test_dropin_vfree(void *data)
{
	heapranges_vfree(data);
}

static void dropin_vfree_in_atomic(struct kunit *test)
{
	enum hr_test_context context = hr_test_context_of(test);
	void *run = heapranges_vmalloc(600 * PAGE_SIZE);
	struct heapranges_stats before = hr_test_dropin_stats(test), after;

	KUNIT_ASSERT_NOT_NULL(test, run);
	hr_test_call_in(test, context, hr_test_dropin_vfree, run);
	after = hr_test_dropin_stats(test);
	KUNIT_EXPECT_EQ(test, after.frees, before.frees + 1);
	KUNIT_EXPECT_EQ(test, after.used_pages, before.used_pages - 600);
	KUNIT_EXPECT_EQ(test, after.rejected_context, before.rejected_context);
	KUNIT_EXPECT_EQ(test, hr_test_dropin_lines("heap=default"), 0);
}

struct hr_test_dropin_pair {
	void	*some, *none;
};

static void hr_test_dropin_pair(void *data)
{
	struct hr_test_dropin_pair *pair = data;

	pair->some = heapranges_vzalloc(PAGE_SIZE + 1);
	pair->none = heapranges_vmalloc(SIZE_MAX);
}

/* What there is, with a line: not, as vmalloc() would, the end of the machine. */
static void dropin_vmalloc_in_atomic(struct kunit *test)
{
	enum hr_test_context context = hr_test_context_of(test);
	struct hr_test_dropin_pair pair = {};
	struct heapranges_stats before, after;

	/* That there is room. */
	heapranges_vfree(heapranges_vmalloc(2 * PAGE_SIZE));
	before = hr_test_dropin_stats(test);
	hr_test_call_in(test, context, hr_test_dropin_pair, &pair);
	after = hr_test_dropin_stats(test);
	KUNIT_EXPECT_NOT_NULL(test, pair.some);
	KUNIT_EXPECT_NULL(test, pair.none);
	KUNIT_EXPECT_EQ(test, heapranges_size(heapranges_default(), pair.some), 2UL);
	KUNIT_EXPECT_EQ(test, after.rejected_context, before.rejected_context + 2);
	KUNIT_EXPECT_EQ(test, after.owned_pages, before.owned_pages);
	KUNIT_EXPECT_EQ(test, hr_test_dropin_lines("misuse: "), 2);
	heapranges_vfree(pair.some);
}

static struct kunit_case hr_test_dropin_cases[] = {
	KUNIT_CASE_PARAM(dropin_sizes, hr_test_size_gen_params),
	KUNIT_CASE(dropin_more_than_the_machine_has),
	KUNIT_CASE(dropin_vzalloc_zeroes_whole_pages),
	KUNIT_CASE(dropin_vfree_of_nothing),
	KUNIT_CASE(dropin_vfree_is_free),
	KUNIT_CASE(dropin_vfree_of_what_is_not_a_run),
	KUNIT_CASE(dropin_names_its_caller),
	KUNIT_CASE_PARAM(dropin_vfree_in_atomic, hr_test_context_gen_params),
	KUNIT_CASE_PARAM(dropin_vmalloc_in_atomic, hr_test_context_gen_params),
	{}
};

struct kunit_suite heapranges_dropin_suite = {
	.name = "heapranges_dropin",
	.init = hr_test_dropin_init,
	.exit = hr_test_dropin_exit,
	.test_cases = hr_test_dropin_cases,
};
