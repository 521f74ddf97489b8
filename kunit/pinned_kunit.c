// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_pinned: why each arena of a heap cannot be released.
 */
#include "../module/arenas.h"
#include "arena_helpers.h"
#include "lost_helpers.h"
#include "seeing_helpers.h"
#include "suites.h"

#define HR_TEST_PINNED_HEAD "# heapranges pinned 1\n# base limit pages used parked reason\n"

/* Arena @nr, the lowest being 0. */
static struct hr_arena *hr_test_arena(struct heapranges *heap, int nr)
{
	struct hr_arena *arena;

	list_for_each_entry_reverse(arena, &heap->arenas, link) {
		if (!nr--)
			return arena;
	}
	return NULL;
}

struct hr_test_pinned_line {
	unsigned long	used, parked;
	const char	*reason;
};

/* The text for arenas by base; "%s" in a reason is the first run of that arena. */
static void hr_test_expect_pinned(struct kunit *test, struct heapranges *heap,
				  const struct hr_test_pinned_line *line, int nr)
{
	char *text = hr_test_seen_buffer(test), *want = hr_test_seen_buffer(test);
	size_t len = scnprintf(want, HR_TEST_SEEN_BYTES, HR_TEST_PINNED_HEAD);
	struct hr_arena *arena;
	int i;

	for (i = 0; i < nr; i++) {
		arena = hr_test_arena(heap, i);
		KUNIT_ASSERT_NOT_NULL(test, arena);
		len += scnprintf(want + len, HR_TEST_SEEN_BYTES - len,
				 HR_TEST_ADDR " " HR_TEST_ADDR " %lu %lu %lu %s\n",
				 HR_TEST_DIGITS, arena->base, HR_TEST_DIGITS,
				 arena->base + arena->nr_pages * PAGE_SIZE, arena->nr_pages,
				 line[i].used, line[i].parked, line[i].reason);
	}
	hr_test_see(test, "pinned", text, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, text, want);
	hr_test_expect_pieces(test, "pinned", want);
}

static void pinned_show_no_arena(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_FIXED);

	hr_test_expect_pinned(test, heap, NULL, 0);
	hr_test_add(test, heap, hr_test_area(test, 9), 9);
	hr_test_expect_pinned(test, heap, NULL, 0);
}

static void pinned_show_kept_though_it_is_used(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 600, 512, HEAPRANGES_NO_CACHE);
	struct hr_test_pinned_line line = { 0, 0, "kept" };

	hr_test_expect_pinned(test, heap, &line, 1);
	hr_test_alloc(test, heap, 7);
	line.used = 7;
	hr_test_expect_pinned(test, heap, &line, 1);
}

/* Every arena is free and not needed, as far as the heap remembers. */
static void hr_test_forget_need(struct heapranges *heap)
{
	struct hr_arena *arena;
	int i;

	cancel_delayed_work_sync(&heap->tick);
	mutex_lock(&heap->change);
	list_for_each_entry(arena, &heap->arenas, link)
		arena->nr_idle_ticks = HR_HEAP_TICKS + 1;
	for (i = 0; i < HR_HEAP_TICKS; i++)
		heap->least_free[i] = ULONG_MAX;
	mutex_unlock(&heap->change);
}

static void pinned_show_used_recent_and_none(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	struct hr_test_pinned_line line[3] = {
		{ 0, 0, "recent" }, { 0, 0, "recent" }, { 0, 0, "recent" },
	};
	unsigned long addr[3], run;
	char reason[60];
	int i;

	for (i = 0; i < 3; i++)
		addr[i] = hr_test_alloc(test, heap, 512);
	for (i = 0; i < 3; i++)
		hr_test_free(test, heap, addr[i]);
	hr_test_expect_pinned(test, heap, line, 3);

	hr_test_forget_need(heap);
	hr_test_arena(heap, 1)->nr_idle_ticks = HR_HEAP_TICKS;
	line[0].reason = "none";
	line[2].reason = "none";
	hr_test_expect_pinned(test, heap, line, 3);

	/* A run that is not the arena's first page, and a longer one behind it. */
	hr_test_forget_need(heap);
	line[1].reason = "none";
	run = hr_test_arena(heap, 1)->base + 30 * PAGE_SIZE;
	KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, run, 5, HR_TEST_QUIET));
	KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, run + 50 * PAGE_SIZE, 200,
							HR_TEST_QUIET));
	snprintf(reason, sizeof(reason), "used " HR_TEST_ADDR " 5", HR_TEST_DIGITS, run);
	line[1].used = 205;
	line[1].reason = reason;
	hr_test_expect_pinned(test, heap, line, 3);

	/* What the heap had free throughout was less than an arena. */
	heap->least_free[3] = 511;
	line[0].reason = "recent";
	line[2].reason = "recent";
	hr_test_expect_pinned(test, heap, line, 3);
	heap->least_free[3] = 512;
	line[0].reason = "none";
	line[2].reason = "none";
	hr_test_expect_pinned(test, heap, line, 3);
}

static void pinned_show_the_first_run_of_several_chunks(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 1536, HEAPRANGES_NO_CACHE);
	struct hr_test_pinned_line line = { .used = 8 };
	unsigned long base = hr_test_alloc(test, heap, 1536), run = base + 30 * PAGE_SIZE;
	char reason[60];

	hr_test_free(test, heap, base);
	KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, run, 5, HR_TEST_QUIET));
	KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, base + 1500 * PAGE_SIZE, 3,
							HR_TEST_QUIET));
	snprintf(reason, sizeof(reason), "used " HR_TEST_ADDR " 5", HR_TEST_DIGITS, run);
	line.reason = reason;
	hr_test_expect_pinned(test, heap, &line, 1);
}

static void pinned_show_parked_pages_do_not_pin(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, 0);
	struct hr_test_pinned_line line = { 0, 0, "none" };
	char reason[60];
	unsigned long addr;

	addr = hr_test_alloc(test, heap, 512);
	hr_test_free(test, heap, addr);
	addr = hr_test_alloc(test, heap, 2);
	hr_test_forget_need(heap);
	line.used = 2;
	line.parked = hr_test_stats(test, heap).cached_pages;
	snprintf(reason, sizeof(reason), "used " HR_TEST_ADDR " 2", HR_TEST_DIGITS, addr);
	line.reason = reason;
	hr_test_expect_pinned(test, heap, &line, 1);

	hr_test_free(test, heap, addr);
	line.used = 0;
	line.parked = hr_test_stats(test, heap).cached_pages;
	line.reason = "none";
	KUNIT_EXPECT_GE(test, line.parked, 2UL);
	hr_test_expect_pinned(test, heap, &line, 1);
	KUNIT_EXPECT_EQ(test, heapranges_trim(heap), 512UL);
	hr_test_expect_pinned(test, heap, NULL, 0);
}

static void pinned_show_the_reserve(struct kunit *test)
{
	struct heapranges *heap = hr_test_create_params(test, &(struct heapranges_params){
		.name = "kunit", .node = NUMA_NO_NODE, .flags = HEAPRANGES_NO_CACHE,
		.reserve_pages = 512, .arena_pages = 512, .grow_max_pages = 512 });
	unsigned long addr = hr_test_alloc(test, heap, 512), run;
	int kept = hr_test_arena(heap, 0)->is_kept ? 0 : 1, i;
	struct hr_test_pinned_line line[2];
	char reason[60];

	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).nr_arenas, 2UL);
	hr_test_free(test, heap, addr);
	hr_test_forget_need(heap);
	line[kept] = (struct hr_test_pinned_line){ 0, 0, "kept" };
	line[!kept] = (struct hr_test_pinned_line){ 0, 0, "none" };
	hr_test_expect_pinned(test, heap, line, 2);

	/* Of what is left, the reserve needs all but the page that is missing. */
	run = hr_test_arena(heap, kept)->base;
	KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, run, 1, HR_TEST_QUIET));
	line[kept].used = 1;
	line[!kept].reason = "reserve";
	hr_test_expect_pinned(test, heap, line, 2);

	/* Being used comes before. */
	run = hr_test_arena(heap, !kept)->base + 511 * PAGE_SIZE;
	KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc_at(heap, run, 1, HR_TEST_QUIET));
	snprintf(reason, sizeof(reason), "used " HR_TEST_ADDR " 1", HR_TEST_DIGITS, run);
	line[!kept] = (struct hr_test_pinned_line){ 1, 0, reason };
	hr_test_expect_pinned(test, heap, line, 2);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).nr_arenas, 2UL);
}

static void pinned_show_a_corrupt_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	struct hr_test_pinned_line line = { 0, 0, "corrupt" };

	hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
	hr_test_forget_need(heap);
	WRITE_ONCE(heap->corrupt, true);
	hr_test_expect_pinned(test, heap, &line, 1);
	WRITE_ONCE(heap->corrupt, false);
	line.reason = "none";
	hr_test_expect_pinned(test, heap, &line, 1);
}

/* A heap that has lost track of an arena says so, and does not look for it for ever. */
static void pinned_show_an_arena_that_the_heap_has_lost(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	struct hr_test_pinned_line line = { 0, 0, "corrupt" };
	unsigned long base;

	hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
	hr_test_forget_need(heap);
	base = hr_test_arena(heap, 0)->base;
	hr_test_lose_range(test, heap, base, 512);
	WRITE_ONCE(heap->corrupt, true);
	hr_test_expect_pinned(test, heap, &line, 1);
	WRITE_ONCE(heap->corrupt, false);
	hr_test_gain_range(test, heap, base, 512);
}

/* Of a heap that remembers, as the parameter would have it. */
static void pinned_show_who_took_it(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	char *text = hr_test_seen_buffer(test);

	hr_test_track_owners(heap);
	KUNIT_ASSERT_NOT_NULL(test, heapranges_alloc(heap, 3, GFP_KERNEL));
	hr_test_see(test, "pinned", text, PAGE_SIZE);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, " 512 3 0 used 0x"), "%s", text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, " 3 pinned_show_who_took"), "%s", text);
}

/* The arena where a reader stopped goes, and the one behind it. */
static void pinned_read_while_arenas_go(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_of(test, 0, 512, HEAPRANGES_NO_CACHE);
	char *text = hr_test_seen_buffer(test), want[24];
	unsigned long addr[9];
	struct file *file;
	ssize_t got;
	int i;

	for (i = 0; i < ARRAY_SIZE(addr); i++)
		addr[i] = hr_test_alloc(test, heap, 512);
	file = hr_test_open_file(test, "kunit", "pinned");
	got = hr_test_read_all(file, text, 200, 50, 0);
	for (i = 0; i < ARRAY_SIZE(addr); i++) {
		if (addr[i] != hr_test_arena(heap, 0)->base && i != 4)
			hr_test_free(test, heap, addr[i]);
	}
	heapranges_trim(heap);
	hr_test_read_all(file, text + got, HR_TEST_SEEN_BYTES - got, 50, got);
	filp_close(file, NULL);
	snprintf(want, sizeof(want), "\n" HR_TEST_ADDR " ", HR_TEST_DIGITS, addr[4]);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, want), "%s", text);
	KUNIT_EXPECT_STREQ(test, text + strlen(text) - 1, "\n");
}

static struct kunit_case hr_test_pinned_cases[] = {
	KUNIT_CASE(pinned_show_no_arena),
	KUNIT_CASE(pinned_show_kept_though_it_is_used),
	KUNIT_CASE(pinned_show_used_recent_and_none),
	KUNIT_CASE(pinned_show_the_first_run_of_several_chunks),
	KUNIT_CASE(pinned_show_parked_pages_do_not_pin),
	KUNIT_CASE(pinned_show_the_reserve),
	KUNIT_CASE(pinned_show_a_corrupt_heap),
	KUNIT_CASE(pinned_show_an_arena_that_the_heap_has_lost),
	KUNIT_CASE(pinned_show_who_took_it),
	KUNIT_CASE(pinned_read_while_arenas_go),
	{}
};

struct kunit_suite heapranges_pinned_suite = {
	.name = "heapranges_pinned",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_pinned_cases,
};
