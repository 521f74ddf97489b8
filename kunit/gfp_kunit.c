// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_gfp: which gfp is honoured, stripped or refused, what reaches the
 * page allocator of it, what each context may ask for, and what is said. The other
 * calls that allocate are in bulk_kunit.c.
 */
#include <linux/gfp.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <trace/events/kmem.h>

#include "../module/heap.h"
#include "context_helpers.h"
#include "heap_helpers.h"
#include "log_helpers.h"
#include "suites.h"

#define HR_TEST_NR_MISUSE	"misuse: "
#define HR_TEST_NR_SHORTAGE	"shortage: "

/* ---- refused, stripped, honoured ---- */

enum hr_test_fate {
	HR_TEST_GROWS,		/* honoured, and may sleep */
	HR_TEST_STAYS,		/* honoured, but the heap does not grow for it */
	HR_TEST_REFUSED,
};

static const struct hr_test_gfp_row {
	const char		*desc;
	gfp_t			gfp;
	enum hr_test_fate	fate;
} hr_test_gfp_rows[] = {
	{ "kernel", GFP_KERNEL },
	{ "nofs", GFP_NOFS },
	{ "noio", GFP_NOIO },
	{ "zero", GFP_KERNEL | __GFP_ZERO },
	{ "nowarn", GFP_KERNEL | __GFP_NOWARN },
	{ "noretry", GFP_KERNEL | __GFP_NORETRY },
	{ "nowait", GFP_NOWAIT & ~__GFP_NOWARN, HR_TEST_STAYS },
	{ "nowait zero", GFP_NOWAIT | __GFP_ZERO, HR_TEST_STAYS },
	{ "nowait noretry", GFP_NOWAIT | __GFP_NORETRY, HR_TEST_STAYS },
	{ "nowait nowarn", GFP_NOWAIT | __GFP_NOWARN, HR_TEST_STAYS },
	{ "atomic", GFP_ATOMIC, HR_TEST_STAYS },
	{ "atomic nowarn", GFP_ATOMIC | __GFP_NOWARN, HR_TEST_STAYS },
	{ "nothing", 0, HR_TEST_STAYS },
	{ "account", GFP_KERNEL_ACCOUNT },
	{ "highmem", GFP_KERNEL | __GFP_HIGHMEM },
	{ "account highmem", GFP_KERNEL_ACCOUNT | __GFP_HIGHMEM },
	{ "nowait account", GFP_NOWAIT | __GFP_ACCOUNT, HR_TEST_STAYS },
	{ "atomic highmem", GFP_ATOMIC | __GFP_HIGHMEM, HR_TEST_STAYS },
	{ "nofail", GFP_KERNEL | __GFP_NOFAIL, HR_TEST_REFUSED },
	{ "dma", GFP_KERNEL | __GFP_DMA, HR_TEST_REFUSED },
	{ "dma32", GFP_KERNEL | __GFP_DMA32, HR_TEST_REFUSED },
	{ "thisnode", GFP_KERNEL | __GFP_THISNODE, HR_TEST_REFUSED },
	{ "movable", GFP_KERNEL | __GFP_MOVABLE, HR_TEST_REFUSED },
	{ "comp", GFP_KERNEL | __GFP_COMP, HR_TEST_REFUSED },
	{ "noio nofail", GFP_NOIO | __GFP_NOFAIL, HR_TEST_REFUSED },
	{ "zero nofail", GFP_KERNEL | __GFP_ZERO | __GFP_NOFAIL, HR_TEST_REFUSED },
	{ "nowait dma", GFP_NOWAIT | __GFP_DMA, HR_TEST_REFUSED },
	{ "atomic dma32", GFP_ATOMIC | __GFP_DMA32, HR_TEST_REFUSED },
	{ "nowait thisnode", GFP_NOWAIT | __GFP_THISNODE, HR_TEST_REFUSED },
	{ "highuser movable", GFP_HIGHUSER_MOVABLE, HR_TEST_REFUSED },
	{ "atomic comp", GFP_ATOMIC | __GFP_COMP, HR_TEST_REFUSED },
	{ "account dma", GFP_KERNEL_ACCOUNT | __GFP_DMA, HR_TEST_REFUSED },
	/* Nothing else in it: a bit is refused by itself. */
	{ "only nofail", __GFP_NOFAIL, HR_TEST_REFUSED },
	{ "only dma", __GFP_DMA, HR_TEST_REFUSED },
	{ "only dma32", __GFP_DMA32, HR_TEST_REFUSED },
	{ "only thisnode", __GFP_THISNODE, HR_TEST_REFUSED },
	{ "only movable", __GFP_MOVABLE, HR_TEST_REFUSED },
	{ "only comp", __GFP_COMP, HR_TEST_REFUSED },
	/* A mistake is no shortage, about which __GFP_NOWARN is. */
	{ "nowarn nofail", GFP_KERNEL | __GFP_NOWARN | __GFP_NOFAIL, HR_TEST_REFUSED },
	{ "nowarn comp", GFP_KERNEL | __GFP_NOWARN | __GFP_COMP, HR_TEST_REFUSED },
};

static void hr_test_gfp_desc(const struct hr_test_gfp_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_gfp, hr_test_gfp_rows, hr_test_gfp_desc);

/* What a heap has counted and said since its creation. */
struct hr_test_told {
	u64	failures, contexts;
	int	misuse, shortage;
};

static void hr_test_expect_told(struct kunit *test, struct heapranges *heap,
				struct hr_test_log *log, const struct hr_test_told *want,
				const char *what)
{
	struct heapranges_stats s = hr_test_stats(test, heap);

	KUNIT_EXPECT_EQ_MSG(test, s.alloc_failures, want->failures, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, s.rejected_context, want->contexts, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_log_lines(log, HR_TEST_NR_SHORTAGE),
			    want->shortage, "lines about shortage: %s", what);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_log_lines(log, HR_TEST_NR_MISUSE),
			    want->misuse, "lines about misuse: %s", what);
}

static void gfp_where_there_is_room(struct kunit *test)
{
	const struct hr_test_gfp_row *row = test->param_value;
	struct heapranges *heap = hr_test_create(test, "gfp-room", HEAPRANGES_FIXED);
	bool refused = row->fate == HR_TEST_REFUSED;
	struct hr_test_told told = { .failures = refused, .misuse = refused };
	struct hr_test_log log;

	hr_test_add(test, heap, hr_test_area(test, 4), 4);
	hr_test_log_mark(&log, "gfp-room");
	KUNIT_EXPECT_EQ(test, !heapranges_alloc(heap, 3, row->gfp), refused);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).used_pages, refused ? 0UL : 3UL);
	hr_test_expect_told(test, heap, &log, &told, row->desc);
	if (refused)
		KUNIT_EXPECT_NOT_NULL(test, strstr(log.last, "reason=\"a gfp "));
}

static void gfp_where_a_heap_must_grow(struct kunit *test)
{
	const struct hr_test_gfp_row *row = test->param_value;
	struct heapranges *heap = hr_test_create(test, "gfp-grow", 0);
	bool grows = row->fate == HR_TEST_GROWS;
	struct hr_test_told told = {
		.failures = !grows,
		.misuse = row->fate == HR_TEST_REFUSED,
		.shortage = row->fate == HR_TEST_STAYS && !(row->gfp & __GFP_NOWARN),
	};
	struct hr_test_log log;

	hr_test_log_mark(&log, "gfp-grow");
	KUNIT_EXPECT_EQ(test, !!heapranges_alloc(heap, 3, row->gfp), grows);
	/* Who may not block gets nothing yet, but growth in the background. */
	if (row->fate == HR_TEST_STAYS)
		hr_test_wait_for_growth(test, heap);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).nr_arenas,
			row->fate == HR_TEST_REFUSED ? 0UL : 1UL);
	hr_test_expect_told(test, heap, &log, &told, row->desc);
}

static void gfp_shortage_is_said_ten_times(struct kunit *test)
{
	static const gfp_t gfps[] = { GFP_KERNEL, GFP_NOIO, GFP_ATOMIC, 0 };
	struct heapranges *heap = hr_test_create(test, "gfp-short", HEAPRANGES_FIXED);
	struct hr_test_told told = {};
	struct hr_test_log log;
	int i;

	hr_test_add(test, heap, hr_test_area(test, 4), 4);
	hr_test_log_mark(&log, "gfp-short");
	for (i = 0; i < 30; i++) {
		told.failures += 2;
		told.shortage = min(i + 1, 10);
		KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 5, gfps[i % 4] | __GFP_NOWARN));
		KUNIT_EXPECT_NULL(test, heapranges_alloc(heap, 5, gfps[i % 4]));
		hr_test_expect_told(test, heap, &log, &told, "a pair of failures");
	}
	KUNIT_EXPECT_NOT_NULL(test, strstr(log.last, "pages=5 caller="));
}

/* ---- what reaches the page allocator ---- */

#define HR_TEST_HOW_HARD	(__GFP_NORETRY | __GFP_RETRY_MAYFAIL)

/* What @task gets while it is watched: pages, and how often something. */
struct hr_test_watch {
	struct task_struct	*task;
	struct tracepoint	*tracepoint;
	unsigned long		gentle_pages, hard_pages;
	unsigned long		nr_accounted, nr_io, nr_fs;
};

static void hr_test_watch_page(void *data, struct page *page, unsigned int order,
			       gfp_t gfp, int migratetype)
{
	struct hr_test_watch *watch = data;

	if (current != watch->task || !in_task())
		return;
	if ((gfp & HR_TEST_HOW_HARD) == __GFP_NORETRY)
		watch->gentle_pages += BIT(order);
	if ((gfp & HR_TEST_HOW_HARD) == __GFP_RETRY_MAYFAIL)
		watch->hard_pages += BIT(order);
	watch->nr_accounted += !!(gfp & __GFP_ACCOUNT);
	watch->nr_io += !!(gfp & __GFP_IO);
	watch->nr_fs += !!(gfp & __GFP_FS);
}

/* That of a module is not found by its symbol. */
static void hr_test_watch_found(struct tracepoint *tracepoint, void *data)
{
	struct hr_test_watch *watch = data;

	if (!strcmp(tracepoint->name, "mm_page_alloc"))
		watch->tracepoint = tracepoint;
}

static int hr_test_watch_begin(struct hr_test_watch *watch)
{
	check_trace_callback_type_mm_page_alloc(hr_test_watch_page);
	*watch = (struct hr_test_watch){ .task = current };
	for_each_kernel_tracepoint(hr_test_watch_found, watch);
	if (!watch->tracepoint)
		return -ENOENT;
	return tracepoint_probe_register(watch->tracepoint, hr_test_watch_page, watch);
}

static void hr_test_watch_end(struct hr_test_watch *watch)
{
	tracepoint_probe_unregister(watch->tracepoint, hr_test_watch_page, watch);
	tracepoint_synchronize_unregister();
}

static const struct hr_test_reach_row {
	const char	*desc;
	gfp_t		gfp;
	bool		gentle;
} hr_test_reach_rows[] = {
	{ "kernel", GFP_KERNEL },
	{ "noretry", GFP_KERNEL | __GFP_NORETRY, true },
	{ "nofs", GFP_NOFS },
	{ "nofs noretry", GFP_NOFS | __GFP_NORETRY, true },
	{ "noio", GFP_NOIO },
	{ "noio noretry", GFP_NOIO | __GFP_NORETRY, true },
	{ "account", GFP_KERNEL_ACCOUNT },
	{ "account noretry", GFP_KERNEL_ACCOUNT | __GFP_NORETRY, true },
};

static void hr_test_reach_desc(const struct hr_test_reach_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_reach, hr_test_reach_rows, hr_test_reach_desc);

/*
 * An arena of exactly what is asked for, since what is unasked is never worth much
 * trying; with a node, for which pages are allocated one by one, or, where that takes
 * one call, in as large pieces as there are.
 */
static void gfp_reaches_the_page_allocator(struct kunit *test)
{
	const struct hr_test_reach_row *row = test->param_value;
	struct heapranges_params params = { .name = "gfp-reach", .arena_pages = 512 };
	struct heapranges *heap = hr_test_create_params(test, &params);
	struct hr_test_watch watch;
	struct page *page;
	void *run;

	KUNIT_ASSERT_EQ(test, hr_test_watch_begin(&watch), 0);
	page = alloc_page(GFP_KERNEL_ACCOUNT);
	if (page)
		__free_page(page);
	run = heapranges_alloc(heap, 512, row->gfp);
	hr_test_watch_end(&watch);

	KUNIT_ASSERT_NOT_NULL(test, run);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).owned_pages, 512UL);
	/* None but the one that shows that they are seen. */
	KUNIT_EXPECT_EQ(test, watch.nr_accounted, 1UL);
	if (row->gentle) {
		KUNIT_EXPECT_GE(test, watch.gentle_pages, 512UL);
		KUNIT_EXPECT_EQ(test, watch.hard_pages, 0UL);
	} else {
		KUNIT_EXPECT_GE(test, watch.hard_pages, 512UL);
	}
	if (!(row->gfp & __GFP_IO))
		KUNIT_EXPECT_EQ(test, watch.nr_io, 1UL);
	if (!(row->gfp & __GFP_FS))
		KUNIT_EXPECT_EQ(test, watch.nr_fs, 1UL);
}

/* ---- contexts ---- */

/* The same gfp of a heap that has room and of one that has not. */
struct hr_test_ask {
	struct heapranges	*fixed, *growing;
	gfp_t			gfp;
	void			*from_fixed, *from_growing;
};

static void hr_test_ask(void *data)
{
	struct hr_test_ask *ask = data;

	ask->from_fixed = heapranges_alloc(ask->fixed, 2, ask->gfp);
	ask->from_growing = heapranges_alloc(ask->growing, 2, ask->gfp);
}

/* As if the gfp had been one that may not block: no growth, but what is there is given. */
static void hr_test_expect_in_atomic(struct kunit *test, gfp_t gfp)
{
	enum hr_test_context context = hr_test_context_of(test);
	struct hr_test_ask ask = {
		.fixed = hr_test_create(test, "gfp-fixed", HEAPRANGES_FIXED),
		.growing = hr_test_create(test, "gfp-growing", 0),
		.gfp = gfp,
	};
	bool blocking = gfpflags_allow_blocking(gfp);
	struct hr_test_told told = { .contexts = blocking, .misuse = blocking };
	struct hr_test_log log[2];
	char what[16];

	snprintf(what, sizeof(what), "gfp=%x", (__force unsigned int)gfp);
	hr_test_add(test, ask.fixed, hr_test_area(test, 4), 4);
	hr_test_log_mark(&log[0], "gfp-fixed");
	hr_test_log_mark(&log[1], "gfp-growing");
	hr_test_call_in(test, context, hr_test_ask, &ask);

	KUNIT_EXPECT_NOT_NULL_MSG(test, ask.from_fixed, "%s", what);
	hr_test_expect_told(test, ask.fixed, &log[0], &told, what);
	if (blocking)
		KUNIT_EXPECT_NOT_NULL(test, strstr(log[0].last, "reason=\"a blocking gfp "));
	if (ask.from_fixed && gfp & __GFP_ZERO)
		KUNIT_EXPECT_NULL(test, memchr_inv(ask.from_fixed, 0, 2 * PAGE_SIZE));

	KUNIT_EXPECT_NULL_MSG(test, ask.from_growing, "%s", what);
	/* It grows, but in the background. */
	hr_test_wait_for_growth(test, ask.growing);
	told.failures = 1;
	told.shortage = !(gfp & __GFP_NOWARN);
	hr_test_expect_told(test, ask.growing, &log[1], &told, what);

	/* Afterwards it grows as ever. */
	hr_test_alloc(test, ask.growing, 2);
	heapranges_walk(ask.fixed, hr_test_drain_range, ask.fixed);
	heapranges_walk(ask.growing, hr_test_drain_range, ask.growing);
	hr_test_destroy(test, ask.fixed);
	hr_test_destroy(test, ask.growing);
}

static void gfp_blocking_in_atomic(struct kunit *test)
{
	static const gfp_t gfps[] = {
		GFP_KERNEL, GFP_NOFS, GFP_NOIO, GFP_KERNEL | __GFP_ZERO,
		GFP_KERNEL | __GFP_NOWARN, GFP_KERNEL | __GFP_NORETRY,
		GFP_KERNEL_ACCOUNT, __GFP_DIRECT_RECLAIM,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(gfps); i++)
		hr_test_expect_in_atomic(test, gfps[i]);
}

static void gfp_nonblocking_in_atomic(struct kunit *test)
{
	static const gfp_t gfps[] = {
		GFP_NOWAIT, GFP_ATOMIC, GFP_ATOMIC | __GFP_ZERO,
		GFP_ATOMIC | __GFP_NOWARN, 0,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(gfps); i++)
		hr_test_expect_in_atomic(test, gfps[i]);
}

static void hr_test_ask_badly(void *data)
{
	struct hr_test_ask *ask = data;

	ask->from_fixed = heapranges_alloc(ask->fixed, 2, GFP_KERNEL | __GFP_NOFAIL);
	ask->from_growing = heapranges_alloc(ask->fixed, 0, GFP_KERNEL);
}

/* Of two mistakes the first is said; no pages are no mistake. */
static void gfp_refused_in_atomic(struct kunit *test)
{
	enum hr_test_context context = hr_test_context_of(test);
	struct hr_test_ask ask = {
		.fixed = hr_test_create(test, "gfp-bad", HEAPRANGES_FIXED),
	};
	struct hr_test_told told = { .failures = 2, .misuse = 1 };
	struct hr_test_log log;

	hr_test_add(test, ask.fixed, hr_test_area(test, 4), 4);
	hr_test_log_mark(&log, "gfp-bad");
	hr_test_call_in(test, context, hr_test_ask_badly, &ask);
	KUNIT_EXPECT_NULL(test, ask.from_fixed);
	KUNIT_EXPECT_NULL(test, ask.from_growing);
	hr_test_expect_told(test, ask.fixed, &log, &told, "a refused gfp");
}

/* Whoever changes the heap may wait for it: it does not wait, nor grow in the call. */
static void gfp_blocking_in_reclaim(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", 0);
	struct heapranges *beside = hr_test_create(test, "beside", 0);
	struct heapranges *fixed = hr_test_create(test, "fixed", HEAPRANGES_FIXED);
	unsigned int noreclaim = memalloc_noreclaim_save();
	void *addr, *aligned, *at;

	addr = heapranges_alloc(heap, 2, HR_TEST_QUIET);
	aligned = heapranges_alloc_aligned(beside, 2, 2, HR_TEST_QUIET);
	mutex_lock(&fixed->change);
	at = heapranges_alloc_at(fixed, HR_TEST_BASE, 2, HR_TEST_QUIET);
	mutex_unlock(&fixed->change);
	memalloc_noreclaim_restore(noreclaim);
	KUNIT_EXPECT_NULL(test, addr);
	KUNIT_EXPECT_NULL(test, aligned);
	KUNIT_EXPECT_NULL(test, at);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).rejected_context, 0ULL);

	hr_test_wait_for_growth(test, heap);
	noreclaim = memalloc_noreclaim_save();
	addr = heapranges_alloc(heap, 2, HR_TEST_QUIET);
	memalloc_noreclaim_restore(noreclaim);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	hr_test_free(test, heap, (unsigned long)addr);
}

static struct kunit_case hr_test_gfp_cases[] = {
	KUNIT_CASE_PARAM(gfp_where_there_is_room, hr_test_gfp_gen_params),
	KUNIT_CASE_PARAM(gfp_where_a_heap_must_grow, hr_test_gfp_gen_params),
	KUNIT_CASE(gfp_shortage_is_said_ten_times),
	KUNIT_CASE_PARAM(gfp_reaches_the_page_allocator, hr_test_reach_gen_params),
	KUNIT_CASE_PARAM(gfp_blocking_in_atomic, hr_test_context_gen_params),
	KUNIT_CASE_PARAM(gfp_nonblocking_in_atomic, hr_test_context_gen_params),
	KUNIT_CASE_PARAM(gfp_refused_in_atomic, hr_test_context_gen_params),
	KUNIT_CASE(gfp_blocking_in_reclaim),
	{}
};

struct kunit_suite heapranges_gfp_suite = {
	.name = "heapranges_gfp",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_gfp_cases,
};
