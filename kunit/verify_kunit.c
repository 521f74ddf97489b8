// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_verify: what heapranges_verify() tells of chunks, the tree over them,
 * arenas and totals. See verify_helpers.h.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>

#include "../module/arena.h"
#include "../module/mem.h"
#include "suites.h"
#include "verify_helpers.h"

static struct hr_chunk *hr_test_chunk(struct heapranges *heap, unsigned long chunk_idx)
{
	struct hr_chunk *chunk;

	mutex_lock(&heap->change);
	chunk = hr_chunks_find(&heap->runs.chunks, chunk_idx);
	mutex_unlock(&heap->change);
	return chunk;
}

/* Each is its own undoing when called again with @undo. */
static void hr_corrupt_free_bit(struct heapranges *heap, bool undo)
{
	__change_bit(511, hr_test_chunk(heap, 18)->bits.busy);
}

static void hr_corrupt_live_bit(struct heapranges *heap, bool undo)
{
	__change_bit(101, hr_test_chunk(heap, 16)->bits.busy);
}

static void hr_corrupt_unowned_bit(struct heapranges *heap, bool undo)
{
	__change_bit(99, hr_test_chunk(heap, 16)->bits.busy);
}

static void hr_corrupt_lost_record(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.code[102] = undo;
}

static void hr_corrupt_long_record(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.code[100] = undo ? 2 : 3;
}

static void hr_corrupt_unowned_record(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.code[7] = !undo;
}

static void hr_corrupt_record_over_the_end(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 1000)->records.code[29] = undo ? 0 : 2;
}

static void hr_corrupt_lead(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 17)->records.lead_pages += undo ? -1 : 1;
}

/* Of a chunk whose first page is not owned: a free page would be said to be in a run. */
static void hr_corrupt_unowned_lead(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.lead_pages = undo ? 0 : 200;
}

static void hr_corrupt_owned_pages(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->owned_pages += undo ? -1 : 1;
}

static void hr_corrupt_chunk_idx(struct heapranges *heap, bool undo)
{
	static struct hr_chunk *chunk;

	if (!undo)
		chunk = hr_test_chunk(heap, 17);
	chunk->chunk_idx ^= 1UL << 20;
}

static void hr_corrupt_parent(struct heapranges *heap, bool undo)
{
	static struct hr_radix_node *parent;
	struct hr_chunk *chunk = hr_test_chunk(heap, 1000);

	if (!undo)
		parent = chunk->parent;
	chunk->parent = undo ? parent : NULL;
}

static void hr_corrupt_parked_over_the_end(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 18)->records.code[511] = undo ? 0 : HR_RECORD_SHORT_MAX + 2;
}

static void hr_corrupt_parked(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.code[102] = undo ? 1 : HR_RECORD_SHORT_MAX + 1;
}

static void hr_corrupt_parked_bit(struct heapranges *heap, bool undo)
{
	hr_corrupt_parked(heap, undo);
	__change_bit(102, hr_test_chunk(heap, 16)->bits.busy);
}

static void hr_corrupt_unowned_parked(struct heapranges *heap, bool undo)
{
	hr_test_chunk(heap, 16)->records.code[7] = undo ? 0 : HR_RECORD_SHORT_MAX + 1;
}

/* In the table, but not in the tree. */
static void hr_corrupt_loose_chunk(struct heapranges *heap, bool undo)
{
	unsigned long base = hr_chunk_idx_to_addr(2000);

	mutex_lock(&heap->change);
	if (undo)
		hr_chunks_prune(&heap->runs.chunks, base, 1);
	else
		hr_chunks_prepare(&heap->runs.chunks, base, 1);
	mutex_unlock(&heap->change);
}

static void hr_corrupt_taken(struct heapranges *heap, bool undo)
{
	rcu_dereference_protected(heap->runs.chunks.table, true)->nr_taken += undo ? -1 : 1;
}

static void hr_corrupt_nr_nodes(struct heapranges *heap, bool undo)
{
	heap->runs.radix.nr_nodes += undo ? -1 : 1;
}

static void hr_corrupt_node_idx(struct heapranges *heap, bool undo)
{
	struct hr_radix_node *node = heap->runs.radix.root->child[0];

	node->idx ^= 1UL << 20;
}

/* Where a walk that believed it would never end. */
static void hr_corrupt_node_slot(struct heapranges *heap, bool undo)
{
	struct hr_radix_node *node = heap->runs.radix.root->child[0];

	node->idx ^= 1;
}

/* Where a walk that believed it would take chunks for nodes. */
static void hr_corrupt_node_level(struct heapranges *heap, bool undo)
{
	struct hr_radix_node *node = heap->runs.radix.root->child[0];

	node->level += undo ? -1 : 1;
}

static void hr_corrupt_sum_of_chunk(struct heapranges *heap, bool undo)
{
	struct hr_chunk *chunk = hr_test_chunk(heap, 1000);

	chunk->parent->sum[chunk->chunk_idx % HR_RADIX_FANOUT].end += undo ? -1 : 1;
}

static void hr_corrupt_sum_of_node(struct heapranges *heap, bool undo)
{
	heap->runs.radix.root->sum[0].start += undo ? -1 : 1;
}

static void hr_corrupt_mask(struct heapranges *heap, bool undo)
{
	heap->runs.radix.root->free_mask ^= 1;
}

static void hr_corrupt_children(struct heapranges *heap, bool undo)
{
	heap->runs.radix.root->nr_children += undo ? -1 : 1;
}

static void hr_corrupt_hint(struct heapranges *heap, bool undo)
{
	static struct hr_chunk *hint;

	if (!undo)
		hint = heap->runs.radix.hint_chunk;
	heap->runs.radix.hint_chunk = undo ? hint : hr_test_chunk(heap, 1000);
}

static void hr_corrupt_free(struct heapranges *heap, bool undo)
{
	heap->free_pages -= undo ? -1 : 1;
}

static void hr_corrupt_owned(struct heapranges *heap, bool undo)
{
	heap->owned_pages += undo ? -1 : 1;
}

static void hr_corrupt_frees(struct heapranges *heap, bool undo)
{
	heap->count[HR_COUNT_FREES] += undo ? -1 : 1;
}

static void hr_corrupt_nr_arenas(struct heapranges *heap, bool undo)
{
	heap->nr_arenas += undo ? -1 : 1;
}

static void hr_corrupt_held(struct heapranges *heap, bool undo)
{
	heap->held_pages += undo ? -1 : 1;
}

/* Pages that it says are zero. */
static void hr_corrupt_zeroes(struct hr_chunk *chunk, bool undo, unsigned int begin,
			      unsigned int end)
{
	static unsigned int was_begin, was_end;

	if (!undo) {
		was_begin = chunk->zero_begin;
		was_end = chunk->zero_end;
	}
	chunk->zero_begin = undo ? was_begin : begin;
	chunk->zero_end = undo ? was_end : end;
}

static void hr_corrupt_live_zeroes(struct heapranges *heap, bool undo)
{
	hr_corrupt_zeroes(hr_test_chunk(heap, 16), undo, 102, 103);
}

static void hr_corrupt_unowned_zeroes(struct heapranges *heap, bool undo)
{
	hr_corrupt_zeroes(hr_test_chunk(heap, 16), undo, 0, 1);
}

static void hr_corrupt_zeroes_over_the_end(struct heapranges *heap, bool undo)
{
	hr_corrupt_zeroes(hr_test_chunk(heap, 18), undo, 511, 513);
}

static const struct verify_row verify_rows[] = {
	{ "a free page's bit is set", hr_corrupt_free_bit,
	  "summary: level 1 idx 2 slot 2 is 0 433 433, should be 0 432 0" },
	{ "a live page's bit is clear", hr_corrupt_live_bit,
	  "bits: page 2065000 of a live run is free" },
	{ "an unowned page's bit is clear", hr_corrupt_unowned_bit,
	  "bits: page 2063000 is free but not owned" },
	{ "a live run has no record", hr_corrupt_lost_record,
	  "bits: 1 pages are busy but in no run, held are 0" },
	{ "a record reaches into the next", hr_corrupt_long_record,
	  "record: a run begins inside another at 2066000" },
	{ "an unowned page has a record", hr_corrupt_unowned_record,
	  "record: a run begins at 2007000, which is not owned" },
	/* One of them: what it reaches over is the end of its range. */
	{ "a record reaches over the range", hr_corrupt_record_over_the_end,
	  "record: 2 pages at 7d01d000 are not owned", .nr = 5 },
	{ "a chunk's lead is wrong", hr_corrupt_lead,
	  "record: lead of chunk 11 is 513, should be 512" },
	{ "a chunk has a lead that is not owned", hr_corrupt_unowned_lead,
	  "record: lead of chunk 10 is 200, but its first page is not owned", .nr = 1 },
	{ "a chunk miscounts its owned pages", hr_corrupt_owned_pages,
	  "chunk 10: owns 412 pages, says 413" },
	{ "a chunk is not found", hr_corrupt_chunk_idx, "chunk 11: missing" },
	{ "a chunk has no parent", hr_corrupt_parent,
	  "tree: chunk 3e8 is not its parent's child" },
	{ "a parked run leaves its chunk", hr_corrupt_parked_over_the_end,
	  "record: parked 2 pages at 25ff000 leave the chunk" },
	{ "a live run is said to be parked", hr_corrupt_parked,
	  "totals: caches hold 0 pages, records say 1" },
	{ "a parked page's bit is clear", hr_corrupt_parked_bit,
	  "bits: page 2066000 of a parked run is free" },
	{ "an unowned page has a parked record", hr_corrupt_unowned_parked,
	  "record: a run begins at 2007000, which is not owned" },
	{ "a chunk is not in the tree", hr_corrupt_loose_chunk, "tree: 5 chunks, of 6" },
	{ "the table miscounts its slots", hr_corrupt_taken,
	  "table: 5 slots are taken, says 6", .nr = 1 },
	{ "the tree miscounts its nodes", hr_corrupt_nr_nodes,
	  "tree: 7 nodes, said to be 8", .nr = 1 },
	{ "a node is another one's child", hr_corrupt_node_idx,
	  "tree: level 3 idx 100000 is not its parent's child" },
	{ "a node says that it is its neighbour", hr_corrupt_node_slot,
	  "tree: level 3 idx 1 is not its parent's child" },
	{ "a node says that it is higher", hr_corrupt_node_level,
	  "tree: level 4 idx 0 is not its parent's child" },
	{ "a chunk's summary is wrong", hr_corrupt_sum_of_chunk,
	  "summary: level 1 idx 7d slot 0 is 0 10 1, should be 0 10 0" },
	{ "a node's summary is wrong", hr_corrupt_sum_of_node,
	  "summary: level 4 idx 0 slot 0 is 1 597 0, should be 0 597 0" },
	{ "a mask is wrong", hr_corrupt_mask, "mask: level 4 idx 0 slot 0" },
	{ "a node miscounts its children", hr_corrupt_children,
	  "tree: level 4 idx 0 has 2 children, says 3" },
	{ "the hint lies behind a free page", hr_corrupt_hint,
	  "hint: page 244f000 is free before it" },
	{ "one free page is said to be used", hr_corrupt_free, "totals: free 606, bits say 607" },
	{ "owned is one too many", hr_corrupt_owned, "totals: owned 1611, ranges hold 1610" },
	{ "a free too many was counted", hr_corrupt_frees,
	  "totals: 3 allocs less 1 frees, 3 live runs" },
	{ "a page too many is held", hr_corrupt_held,
	  "bits: 0 pages are busy but in no run, held are 1" },
	{ "a live page is said to be zero", hr_corrupt_live_zeroes,
	  "zero: page 2066000 is not free, but said to be zero" },
	{ "an unowned page is said to be zero", hr_corrupt_unowned_zeroes,
	  "zero: page 2000000 is not free, but said to be zero" },
	{ "pages behind a chunk are said to be zero", hr_corrupt_zeroes_over_the_end,
	  "zero: chunk 12: up to page 513" },
	{ "an arena too many was counted", hr_corrupt_nr_arenas, "arenas: 0, said to be 1" },
};

KUNIT_ARRAY_PARAM(verify, verify_rows, verify_desc);

static void verify_tells_each_corruption(struct kunit *test)
{
	const struct verify_row *row = test->param_value;
	struct heapranges *heap = hr_test_verify_heap(test);
	void *a, *b, *c;

	a = heapranges_alloc(heap, 2, GFP_KERNEL);
	b = heapranges_alloc(heap, 1, GFP_KERNEL);
	c = heapranges_alloc(heap, 1000, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, a, (void *)HR_TEST_A);
	hr_test_verify_row(test, heap, row);

	KUNIT_EXPECT_EQ(test, heapranges_free(heap, b), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, a), 0);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, c), 0);
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

/* Of addresses that are mapped for 16 pages, as an arena that the heap has not made. */
static const struct verify_arena_row {
	const char	*name;
	unsigned long	owned_pages, arena_pages;
	bool		is_other;	/* than what is mapped there */
	const char	*want;
} verify_arena_rows[] = {
	{ "sound", 16, 16, false, "" },
	{ "longer than what is owned", 15, 16, false, "not owned" },
	{ "longer than what is mapped", 17, 17, false, "page 16 is not mapped" },
	{ "mapped anew", 16, 16, true, "somebody else unmapped it" },
};

static void verify_arena_desc(const struct verify_arena_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(verify_arena, verify_arena_rows, verify_arena_desc);

/* Return: @want, said of @arena. */
static const char *hr_test_of_arena(char *text, size_t size, const struct hr_arena *arena,
				    const char *want)
{
	*text = '\0';
	if (*want)
		scnprintf(text, size, "arena %lx: %s", arena->base, want);
	return text;
}

static void verify_tells_what_is_wrong_with_an_arena(struct kunit *test)
{
	const struct verify_arena_row *row = test->param_value;
	struct heapranges *heap = hr_test_verify_heap(test);
	void *area = vmalloc(16 * PAGE_SIZE);
	struct hr_arena arena = {
		.base = (unsigned long)area,
		.nr_pages = row->arena_pages,
	};
	char want[80];

	KUNIT_ASSERT_NOT_NULL(test, area);
	arena.first_page = vmalloc_to_page(area) + row->is_other;
	KUNIT_EXPECT_EQ(test, heapranges_add(heap, arena.base, row->owned_pages), 0);
	list_add(&arena.link, &heap->arenas);
	heap->nr_arenas++;
	hr_test_verify_is(test, heap, hr_test_of_arena(want, sizeof(want), &arena, row->want));
	list_del(&arena.link);
	heap->nr_arenas--;
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
	vfree(area);
}

static void verify_tells_an_arena_that_somebody_freed(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "verify",
		.node = NUMA_NO_NODE,
		.min_pages = 16,
	};
	struct heapranges *heap = heapranges_create(&params);
	struct hr_arena *arena;
	char want[80];

	KUNIT_ASSERT_FALSE(test, IS_ERR(heap));
	hr_test_verify_is(test, heap, "");
	arena = list_first_entry(&heap->arenas, struct hr_arena, link);
	hr_mem_vfree((void *)arena->base);
	hr_test_verify_is(test, heap, hr_test_of_arena(want, sizeof(want), arena,
						       "somebody else unmapped it"));

	/* Or destroy would free it again. */
	list_del(&arena->link);
	heap->nr_arenas--;
	hr_mem_kfree(arena);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

/* Somebody has written over the end of his run. */
static void verify_tells_a_page_that_is_not_zero(struct kunit *test)
{
	struct heapranges_params params = { .name = "verify", .node = NUMA_NO_NODE };
	struct heapranges *heap = heapranges_create(&params);
	char want[80];
	u8 *addr;

	KUNIT_ASSERT_FALSE(test, IS_ERR(heap));
	addr = heapranges_alloc(heap, 1, GFP_KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_NOT_NULL(test, addr);
	if (addr && !(heap->flags & HR_HEAP_POISONS)) {
		hr_test_verify_is(test, heap, "");
		addr[3 * PAGE_SIZE - 1] = 1;
		scnprintf(want, sizeof(want), "zero: page %lx is not zero, but said to be",
			  (unsigned long)addr + 2 * PAGE_SIZE);
		hr_test_verify_is(test, heap, want);
		addr[3 * PAGE_SIZE - 1] = 0;
		hr_test_verify_is(test, heap, "");
	}
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, addr), 0);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

static void verify_without_room_for_words(struct kunit *test)
{
	struct heapranges *heap = hr_test_verify_heap(test);
	char first[4] = "abc";

	KUNIT_EXPECT_EQ(test, heapranges_verify(heap, NULL, 0), 0);
	heap->free_pages++;
	KUNIT_EXPECT_GT(test, heapranges_verify(heap, NULL, 0), 0);
	KUNIT_EXPECT_GT(test, heapranges_verify(heap, first, sizeof(first)), 0);
	KUNIT_EXPECT_STREQ(test, first, "tot");
	heap->free_pages--;
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
	KUNIT_EXPECT_EQ(test, heapranges_verify(NULL, first, sizeof(first)), -EFAULT);
}

/* What is wrong is not told then, but afterwards. */
static void verify_ends_when_who_asked_is_killed(struct kunit *test)
{
	struct heapranges *heap = hr_test_verify_heap(test);
	char first[40] = "abc";

	hr_corrupt_unowned_bit(heap, false);
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	KUNIT_EXPECT_TRUE(test, fatal_signal_pending(current));
	KUNIT_EXPECT_EQ(test, heapranges_verify(heap, first, sizeof(first)), -EBUSY);
	KUNIT_EXPECT_STREQ(test, first, "");
	KUNIT_EXPECT_EQ(test, heapranges_verify(heap, NULL, 0), -EBUSY);
	flush_signals(current);
	disallow_signal(SIGKILL);
	hr_test_verify_is(test, heap, "bits: page 2063000 is free but not owned");
	hr_corrupt_unowned_bit(heap, true);
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

static void verify_of_an_empty_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_verify_heap(test);

	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_A, 1600), 0);
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, HR_TEST_B, 10), 0);
	hr_test_verify_is(test, heap, "");
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
}

static struct kunit_case hr_test_verify_cases[] = {
	KUNIT_CASE_PARAM(verify_tells_each_corruption, verify_gen_params),
	KUNIT_CASE_PARAM(verify_tells_what_is_wrong_with_an_arena, verify_arena_gen_params),
	KUNIT_CASE(verify_tells_an_arena_that_somebody_freed),
	KUNIT_CASE(verify_tells_a_page_that_is_not_zero),
	KUNIT_CASE(verify_without_room_for_words),
	KUNIT_CASE(verify_ends_when_who_asked_is_killed),
	KUNIT_CASE(verify_of_an_empty_heap),
	{}
};

struct kunit_suite heapranges_verify_suite = {
	.name = "heapranges_verify",
	.test_cases = hr_test_verify_cases,
};
