// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_trace: what is emitted, by whom, outside of locks, and that nothing is
 * where nobody looks. What is compared is the text that the probes of trace_helpers.h
 * write.
 */
#include <linux/kallsyms.h>

#include "../module/cache.h"
#include "context_helpers.h"
#include "suites.h"
#include "trace_helpers.h"

/* ---- rows: calls of every kind, and what they emit ---- */

enum hr_test_trace_op {
	HR_TEST_DONE, HR_TEST_ALLOC, HR_TEST_ALIGNED, HR_TEST_AT, HR_TEST_BULK, HR_TEST_ATOMIC,
	HR_TEST_FREE, HR_TEST_SIZED, HR_TEST_FREE_BULK, HR_TEST_RESIZE, HR_TEST_FREE_NULL,
};

static const struct hr_test_trace_row {
	const char	*desc;
	struct {
		enum hr_test_trace_op	op;
		unsigned long		page, nr;
	} step[6];
	const char	*want;
} hr_test_trace_rows[] = {
	{ "an allocation", {{ HR_TEST_ALLOC, 0, 3 }}, "a0+3" },
	{ "two", {{ HR_TEST_ALLOC, 0, 3 }, { HR_TEST_ALLOC, 0, 600 }}, "a0+3 a3+600" },
	{ "one that may not block", {{ HR_TEST_ATOMIC, 0, 3 }}, "a0+3" },
	{ "one without room", {{ HR_TEST_ALLOC, 0, 9999 }}, "a-+9999" },
	{ "one of nothing", {{ HR_TEST_ALLOC, 0, 0 }}, "" },
	{ "an aligned one", {{ HR_TEST_ALLOC, 0, 1 }, { HR_TEST_ALIGNED, 64, 2 }},
		"a0+1 a64+2" },
	{ "an aligned one without room", {{ HR_TEST_ALIGNED, 64, 9999 }}, "a-+9999" },
	{ "one somewhere", {{ HR_TEST_AT, 70, 2 }}, "a70+2" },
	{ "one where something is", {{ HR_TEST_ALLOC, 0, 3 }, { HR_TEST_AT, 2, 2 }},
		"a0+3 a-+2" },
	{ "several at once", {{ HR_TEST_BULK, 0, 4 }}, "a0+4 a4+4 a8+4" },
	{ "several, and then none", {{ HR_TEST_BULK, 0, 1500 }}, "a0+1500 a1500+1500 a-+1500" },
	{ "a free", {{ HR_TEST_ALLOC, 0, 3 }, { HR_TEST_FREE, 0, 0 }}, "a0+3 f0+3" },
	{ "one of a long run", {{ HR_TEST_ALLOC, 0, 1300 }, { HR_TEST_FREE, 0, 0 }},
		"a0+1300 f0+1300" },
	{ "one with its size", {{ HR_TEST_ALLOC, 0, 3 }, { HR_TEST_SIZED, 0, 3 }},
		"a0+3 f0+3" },
	{ "several frees at once", {{ HR_TEST_BULK, 0, 4 }, { HR_TEST_FREE_BULK, 0, 4 }},
		"a0+4 a4+4 a8+4 f0+4 f4+4 f8+4" },
	{ "a free of NULL", {{ HR_TEST_FREE_NULL, 0, 0 }}, "" },
	{ "a shorter run", {{ HR_TEST_ALLOC, 0, 9 }, { HR_TEST_RESIZE, 0, 4 }},
		"a0+9 f0+9 a0+4" },
	{ "a longer run", {{ HR_TEST_ALLOC, 0, 4 }, { HR_TEST_RESIZE, 0, 700 }},
		"a0+4 f0+4 a0+700" },
	{ "a longer one without room", {{ HR_TEST_ALLOC, 0, 4 }, { HR_TEST_RESIZE, 0, 9999 }},
		"a0+4" },
	{ "a free of what is not owned", {{ HR_TEST_FREE, 5000, 0 }}, "r0:5000+0" },
	{ "a second free", {{ HR_TEST_ALLOC, 0, 3 }, { HR_TEST_FREE, 0, 0 },
		{ HR_TEST_FREE, 0, 0 }}, "a0+3 f0+3 r1:0+0" },
	{ "a free inside", {{ HR_TEST_ALLOC, 0, 3 }, { HR_TEST_FREE, 1, 0 }}, "a0+3 r2:1+0" },
	{ "another size", {{ HR_TEST_ALLOC, 0, 3 }, { HR_TEST_SIZED, 0, 4 }},
		"a0+3 r3:0+4" },
	{ "no size", {{ HR_TEST_ALLOC, 0, 3 }, { HR_TEST_SIZED, 0, 0 }}, "a0+3 r3:0+0" },
	{ "a bad one of several", {{ HR_TEST_BULK, 0, 4 }, { HR_TEST_FREE, 4, 0 },
		{ HR_TEST_FREE_BULK, 0, 4 }}, "a0+4 a4+4 a8+4 f4+4 f0+4 r1:4+0 f8+4" },
	{ "a resize of nothing live", {{ HR_TEST_RESIZE, 7, 5 }}, "r1:7+5" },
	{ "a resize inside", {{ HR_TEST_ALLOC, 0, 9 }, { HR_TEST_RESIZE, 7, 5 }},
		"a0+9 r2:7+5" },
};

static void hr_test_trace_desc(const struct hr_test_trace_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_trace, hr_test_trace_rows, hr_test_trace_desc);

/* It is the caller that all events name. */
static noinline void hr_test_trace_step(struct heapranges *heap, enum hr_test_trace_op op,
					unsigned long page, unsigned long nr)
{
	void *addr = (void *)hr_test_addr(page), *addrs[3];

	addrs[0] = addr;
	addrs[1] = addr + nr * PAGE_SIZE;
	addrs[2] = addr + 2 * nr * PAGE_SIZE;
	if (op == HR_TEST_ALLOC)
		addr = heapranges_alloc(heap, nr, HR_TEST_QUIET);
	else if (op == HR_TEST_ATOMIC)
		addr = heapranges_alloc(heap, nr, GFP_ATOMIC | __GFP_NOWARN);
	else if (op == HR_TEST_ALIGNED)
		addr = heapranges_alloc_aligned(heap, nr, page, HR_TEST_QUIET);
	else if (op == HR_TEST_AT)
		addr = heapranges_alloc_at(heap, (unsigned long)addr, nr, HR_TEST_QUIET);
	else if (op == HR_TEST_BULK)
		heapranges_alloc_bulk(heap, nr, HR_TEST_QUIET, 3, addrs);
	else if (op == HR_TEST_FREE)
		heapranges_free(heap, addr);
	else if (op == HR_TEST_SIZED)
		heapranges_free_sized(heap, addr, nr);
	else if (op == HR_TEST_FREE_BULK)
		heapranges_free_bulk(heap, 3, addrs);
	else if (op == HR_TEST_RESIZE)
		nr = heapranges_resize(heap, addr, nr);
	else if (op == HR_TEST_FREE_NULL)
		heapranges_free(heap, NULL);
	/* No tail call: the frame is needed. */
	barrier();
}

static void hr_test_trace_play(struct kunit *test, struct heapranges *heap)
{
	const struct hr_test_trace_row *row = test->param_value;
	char caller[KSYM_SYMBOL_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row->step); i++)
		hr_test_trace_step(heap, row->step[i].op, row->step[i].page, row->step[i].nr);
	hr_test_trace_expect(test, row->want);
	if (!*row->want)
		return;
	scnprintf(caller, sizeof(caller), "%ps", (void *)hr_test_seen.caller);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(caller, "hr_test_trace_step"), "caller=%s",
			      caller);
}

static void trace_call_emits_what_it_did(struct kunit *test)
{
	hr_test_trace_play(test, hr_test_trace_heap(test, "kunit-trace", HEAPRANGES_NO_CACHE));
}

/* ---- what is emitted beside ---- */

/* A refill takes what begins in the rest of a row of records. */
static void trace_cache_tells_what_it_took_and_gave(struct kunit *test)
{
	const int nr = HR_RECORDS_ROW;
	struct heapranges *heap = hr_test_trace_heap(test, "kunit-trace", 0);
	char want[128];

	migrate_disable();
	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	hr_cache_drain_this_cpu(heap);
	migrate_enable();
	scnprintf(want, sizeof(want), "R%d:%d a0+1 f0+1 a0+1 f0+1 F%d:0", nr, nr - 1, nr);
	hr_test_trace_expect(test, want);
}

static void trace_cache_that_is_full_tells_what_stays(struct kunit *test)
{
	struct heapranges *heap = hr_test_trace_heap(test, "kunit-trace", 0);
	unsigned long limit = heap->cache_max_pages, addr[2], cached;
	char want[64];
	int i;

	migrate_disable();
	/* At 16 pages each, that many fill the cache, and are entries enough for it. */
	KUNIT_ASSERT_LE(test, limit / 16 + 1, (unsigned long)hr_cache_nr_entries());
	for (i = 0; i < 2; i++)
		addr[i] = hr_test_addr(i * limit);
	for (i = 0; i < limit / 16; i++)
		heapranges_alloc_at(heap, addr[0] + i * 16 * PAGE_SIZE, 16, HR_TEST_QUIET);
	heapranges_alloc_at(heap, addr[1], 16, HR_TEST_QUIET);
	for (i = 0; i < limit / 16; i++)
		hr_test_free(test, heap, addr[0] + i * 16 * PAGE_SIZE);
	hr_test_trace_listen(heap, addr[1]);
	hr_test_free(test, heap, addr[1]);
	cached = hr_test_stats(test, heap).cached_pages;
	migrate_enable();
	scnprintf(want, sizeof(want), "F%lu:%lu f0+16", limit + 16 - cached, cached - 16);
	hr_test_trace_expect(test, want);
	KUNIT_EXPECT_LT(test, cached, limit);
}

static unsigned long hr_test_trace_base(struct heapranges *heap)
{
	struct heapranges_range range = {};

	hr_ranges_next(&heap->ranges, 0, &range);
	return range.base;
}

static struct heapranges *hr_test_trace_grown(struct kunit *test, unsigned long min_pages)
{
	struct heapranges_params params = {
		.name = "kunit-trace", .node = NUMA_NO_NODE, .flags = HEAPRANGES_NO_CACHE,
		.arena_pages = HR_TEST_CHUNK, .min_pages = min_pages,
	};

	return hr_test_create_params(test, &params);
}

static void trace_arena_tells_that_it_comes_and_goes(struct kunit *test)
{
	struct heapranges *heap = hr_test_trace_grown(test, 0);
	unsigned long addr;

	hr_test_trace_listen(heap, 0);
	addr = hr_test_alloc(test, heap, 3);
	hr_test_free(test, heap, addr);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), HR_TEST_CHUNK);
	/* Pages were counted from 0, where the arena is known to be only now. */
	KUNIT_EXPECT_EQ(test, hr_test_seen.text[0], 'g');
	KUNIT_EXPECT_NOT_NULL(test, strstr(hr_test_seen.text, "+512=512 a"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(hr_test_seen.text, "+3 f"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(hr_test_seen.text, " G"));
	KUNIT_EXPECT_TRUE_MSG(test, !strcmp(hr_test_seen.text + hr_test_seen.len - 6, "+512=0"),
			      "%s", hr_test_seen.text);
	KUNIT_EXPECT_FALSE(test, hr_test_seen.locked);
	hr_test_trace_listen(NULL, 0);
}

static void trace_arenas_that_go_tell_what_is_left(struct kunit *test)
{
	struct heapranges *heap = hr_test_trace_grown(test, HR_TEST_CHUNK);
	unsigned long first = hr_test_alloc(test, heap, HR_TEST_CHUNK), second;
	char want[96];

	second = hr_test_alloc(test, heap, HR_TEST_CHUNK);
	hr_test_free(test, heap, second);
	hr_test_trace_listen(heap, second);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), HR_TEST_CHUNK);
	hr_test_free(test, heap, first);
	scnprintf(want, sizeof(want), "G0+512=512 f%ld+512", hr_test_trace_page(first));
	hr_test_trace_expect(test, want);

	/* The one that is kept goes with the heap. */
	hr_test_trace_listen(heap, hr_test_trace_base(heap));
	hr_test_destroy(test, heap);
	hr_test_trace_expect(test, "G0+512=0");
}

static void trace_growth_in_the_background_is_told(struct kunit *test)
{
	struct heapranges *heap = hr_test_trace_grown(test, 0);

	hr_test_trace_listen(heap, 0);
	KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 5, GFP_ATOMIC | __GFP_NOWARN));
	hr_test_wait_for_growth(test, heap);
	/* The counter rises before it is told. */
	flush_work(&heap->tend);
	hr_test_seen.heap = NULL;
	/* In one order or the other. */
	KUNIT_EXPECT_TRUE_MSG(test, strstr(hr_test_seen.text, "a-+5") &&
			      strstr(hr_test_seen.text, "+512=512"), "%s", hr_test_seen.text);
}

static void trace_dropin_names_its_callers(struct kunit *test)
{
	struct heapranges *heap = heapranges_default();
	char caller[KSYM_SYMBOL_LEN];
	void *addr;

	migrate_disable();
	hr_test_trace_listen(heap, 0);
	addr = heapranges_vzalloc(20 * PAGE_SIZE + 1);
	migrate_enable();
	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_EXPECT_EQ(test, hr_test_seen.live_pages, 21L);
	KUNIT_EXPECT_TRUE(test, hr_test_seen.gfp & __GFP_ZERO);
	hr_test_seen.caller = 0;
	heapranges_vfree(addr);
	KUNIT_EXPECT_EQ(test, hr_test_seen.live_pages, 0L);
	scnprintf(caller, sizeof(caller), "%ps", (void *)hr_test_seen.caller);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(caller, "trace_dropin_names_its_callers"),
			      "caller=%s", caller);
	hr_test_trace_listen(NULL, 0);
}

static void trace_alloc_tells_the_gfp(struct kunit *test)
{
	struct heapranges *heap = hr_test_trace_heap(test, "kunit-trace", 0);

	heapranges_free(heap, heapranges_alloc(heap, 1, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, (__force u32)hr_test_seen.gfp, (__force u32)GFP_ATOMIC);
	heapranges_free(heap, heapranges_alloc(heap, 1, GFP_NOFS | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, (__force u32)hr_test_seen.gfp,
			(__force u32)(GFP_NOFS | __GFP_NOWARN));
	heapranges_alloc(heap, 9999, GFP_NOIO | __GFP_NOWARN);
	KUNIT_EXPECT_EQ(test, (__force u32)hr_test_seen.gfp,
			(__force u32)(GFP_NOIO | __GFP_NOWARN));
}

static void hr_test_trace_pair(void *heap)
{
	void *addr = heapranges_alloc(heap, 2, GFP_ATOMIC);

	heapranges_free(heap, addr);
}

static void trace_call_in_context_is_told(struct kunit *test)
{
	enum hr_test_context context = hr_test_context_of(test);
	struct heapranges *heap;

	heap = hr_test_trace_heap(test, "kunit-trace", HEAPRANGES_NO_CACHE);
	hr_test_call_in(test, context, hr_test_trace_pair, heap);
	hr_test_seen.heap = NULL;
	KUNIT_EXPECT_STREQ(test, hr_test_seen.text, "a0+2 f0+2");
}

/* ---- probes that use the heap, and none ---- */

static void *hr_test_trace_taken;

static void hr_test_trace_take(void)
{
	hr_test_trace_taken = heapranges_alloc(hr_test_seen.heap, 1, GFP_NOWAIT | __GFP_NOWARN);
}

static void trace_probe_may_allocate(struct kunit *test)
{
	struct heapranges *heap = hr_test_trace_heap(test, "kunit-trace", 0);
	unsigned long addr;

	hr_test_seen.then = hr_test_trace_take;	/* of the refill */
	addr = hr_test_alloc(test, heap, 1);
	KUNIT_ASSERT_NOT_NULL(test, hr_test_trace_taken);
	KUNIT_EXPECT_NE(test, (unsigned long)hr_test_trace_taken, addr);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).used_pages, 2UL);
	hr_test_free(test, heap, (unsigned long)hr_test_trace_taken);

	hr_test_seen.then = hr_test_trace_take;	/* of the free */
	hr_test_free(test, heap, addr);
	KUNIT_ASSERT_NOT_NULL(test, hr_test_trace_taken);
	hr_test_free(test, heap, (unsigned long)hr_test_trace_taken);

	hr_test_seen.then = hr_test_trace_take;	/* of the flush */
	hr_cache_drain(heap);
	KUNIT_ASSERT_NOT_NULL(test, hr_test_trace_taken);
	hr_test_free(test, heap, (unsigned long)hr_test_trace_taken);
	hr_test_seen.heap = NULL;
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).used_pages, 0UL);
	hr_test_verify(test, heap, "probes that allocate");
}

/* The quick way and the slow one take turns over the same caches. */
static void trace_nobody_listens_and_nothing_is_told(struct kunit *test)
{
	struct heapranges *heap = hr_test_trace_heap(test, "kunit-trace", 0);
	unsigned long addr, other;

	addr = hr_test_alloc(test, heap, 1);
	KUNIT_EXPECT_EQ(test, hr_test_seen.live_pages, 1L);
	hr_test_trace_unregister();
	hr_test_trace_listen(heap, HR_TEST_BASE);
	other = hr_test_alloc(test, heap, 1);
	hr_test_free(test, heap, addr);
	KUNIT_EXPECT_NE(test, heapranges_free(heap, (void *)addr), 0);
	hr_cache_drain(heap);
	KUNIT_EXPECT_STREQ(test, hr_test_seen.text, "");
	KUNIT_ASSERT_EQ(test, hr_test_trace_register(), 0);
	hr_test_free(test, heap, other);
	KUNIT_EXPECT_EQ(test, hr_test_seen.live_pages, -1L);
	hr_test_seen.heap = NULL;
	hr_test_verify(test, heap, "both ways");
}

#define HR_TEST_TRACE_RUNS	64

/* Whoever adds up what is told knows what is in use. */
static void trace_sums_are_what_is_in_use(struct kunit *test)
{
	struct heapranges *heap = hr_test_trace_heap(test, "kunit-trace", 0);
	unsigned long run[HR_TEST_TRACE_RUNS] = {}, nr;
	u32 random = 1;
	int i, step;

	for (step = 0; step < 4000; step++) {
		random = random * 1664525 + 1013904223;
		i = random >> 26;
		nr = 1 + (random >> 16) % 40;
		if (!run[i])
			run[i] = (unsigned long)heapranges_alloc(heap, nr, HR_TEST_QUIET);
		else if (random & BIT(12))
			KUNIT_EXPECT_NE(test, heapranges_resize(heap, (void *)run[i], nr), -EFAULT);
		else if (!heapranges_free(heap, (void *)run[i]))
			run[i] = 0;
		hr_test_seen.len = 0;
		if (step % 100 && hr_test_seen.live_pages >= 0)
			continue;
		KUNIT_ASSERT_EQ_MSG(test, (unsigned long)hr_test_seen.live_pages,
				    hr_test_stats(test, heap).used_pages, "step %d", step);
	}
	hr_test_seen.heap = NULL;
	KUNIT_EXPECT_FALSE(test, hr_test_seen.locked);
}

static struct kunit_case hr_test_trace_cases[] = {
	KUNIT_CASE_PARAM(trace_call_emits_what_it_did, hr_test_trace_gen_params),
	KUNIT_CASE(trace_cache_tells_what_it_took_and_gave),
	KUNIT_CASE(trace_cache_that_is_full_tells_what_stays),
	KUNIT_CASE(trace_arena_tells_that_it_comes_and_goes),
	KUNIT_CASE(trace_arenas_that_go_tell_what_is_left),
	KUNIT_CASE(trace_growth_in_the_background_is_told),
	KUNIT_CASE(trace_dropin_names_its_callers),
	KUNIT_CASE(trace_alloc_tells_the_gfp),
	KUNIT_CASE_PARAM(trace_call_in_context_is_told, hr_test_context_gen_params),
	KUNIT_CASE(trace_probe_may_allocate),
	KUNIT_CASE(trace_nobody_listens_and_nothing_is_told),
	KUNIT_CASE(trace_sums_are_what_is_in_use),
	{}
};

struct kunit_suite heapranges_trace_suite = {
	.name = "heapranges_trace",
	.init = hr_test_trace_init,
	.exit = hr_test_trace_exit,
	.test_cases = hr_test_trace_cases,
};
