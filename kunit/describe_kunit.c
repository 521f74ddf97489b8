// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_describe: what an address is to the heaps, for each state of a page,
 * for the edges of runs, chunks and ranges, and for what is no address at all.
 */
#include "../module/cache.h"
#include "../module/debugfs.h"
#include "../module/heaps.h"
#include "../module/span.h"
#include "context_helpers.h"
#include "crew_helpers.h"
#include "seeing_helpers.h"
#include "suites.h"

#define HR_TEST_WORDS	300

/*
 * The heap of the rows: addresses only,
 *
 *	A: pages 100 to 5100	runs 100 (2), 102 (1), 110 (1000), 2000 (2096), 5090 (10)
 *	B: pages 6000 to 6010	run 6000 (10)
 */
struct hr_test_describe_row {
	const char	*desc;
	long		page;
	long		offset;		/* into it, in bytes */
	const char	*range;		/* NULL: nobody's */
	const char	*state;
	unsigned long	nth, of, run;	/* 0: in no run */
};

static const struct hr_test_describe_row hr_test_describe_rows[] = {
	{ "one before the range", 99, 4095 },
	{ "the range's first page", 100, 0, "A", "live", 1, 2, 100 },
	{ "its last byte", 100, 4095, "A", "live", 1, 2, 100 },
	{ "a run's last page", 101, 0, "A", "live", 2, 2, 100 },
	{ "a run of one page", 102, 17, "A", "live", 1, 1, 102 },
	{ "one behind a run", 103, 0, "A", "a free page" },
	{ "one before a run", 109, 4095, "A", "a free page" },
	{ "first of a run over chunks", 110, 0, "A", "live", 1, 1000, 110 },
	{ "its last page in its chunk", 511, 0, "A", "live", 402, 1000, 110 },
	{ "its first page in the next", 512, 0, "A", "live", 403, 1000, 110 },
	{ "in a chunk that it covers", 800, 0, "A", "live", 691, 1000, 110 },
	{ "its last chunk", 1024, 0, "A", "live", 915, 1000, 110 },
	{ "its last page", 1109, 4095, "A", "live", 1000, 1000, 110 },
	{ "one behind it", 1110, 0, "A", "a free page" },
	{ "a run over five chunks", 2000, 0, "A", "live", 1, 2096, 2000 },
	{ "its third chunk's first page", 3072, 0, "A", "live", 1073, 2096, 2000 },
	{ "its last page, a chunk's last", 4095, 0, "A", "live", 2096, 2096, 2000 },
	{ "one behind it, in a free chunk", 4096, 0, "A", "a free page" },
	{ "the range's last page", 5099, 4095, "A", "live", 10, 10, 5090 },
	{ "one behind the range", 5100, 0 },
	{ "between two ranges of a chunk", 5999, 0 },
	{ "the next range", 6000, 0, "B", "live", 1, 10, 6000 },
	{ "its last page", 6009, 0, "B", "live", 10, 10, 6000 },
	{ "one behind it", 6010, 0 },
};

static void hr_test_describe_desc(const struct hr_test_describe_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_describe, hr_test_describe_rows, hr_test_describe_desc);

static void *hr_test_describe_at(struct kunit *test, struct heapranges *heap,
				 unsigned long page, unsigned long nr)
{
	void *addr = heapranges_alloc_at(heap, hr_test_addr(page), nr, HR_TEST_QUIET);

	KUNIT_ASSERT_NOT_NULL_MSG(test, addr, "page %lu", page);
	return addr;
}

static struct heapranges *hr_test_describe_heap(struct kunit *test, const char *name)
{
	struct heapranges *heap = hr_test_create(test, name, HR_TEST_ADDRESSES);

	hr_test_add(test, heap, hr_test_addr(100), 5000);
	hr_test_add(test, heap, hr_test_addr(6000), 10);
	hr_test_describe_at(test, heap, 100, 2);
	hr_test_describe_at(test, heap, 102, 1);
	hr_test_describe_at(test, heap, 110, 1000);
	hr_test_describe_at(test, heap, 2000, 2096);
	hr_test_describe_at(test, heap, 5090, 10);
	hr_test_describe_at(test, heap, 6000, 10);
	return heap;
}

static size_t hr_test_describe_print_range(char *buf, size_t size, const char *heap,
					   unsigned long page, unsigned long nr)
{
	return scnprintf(buf, size, "heap %s, range " HR_TEST_ADDR "-" HR_TEST_ADDR ": ", heap,
			 HR_TEST_DIGITS, hr_test_addr(page), HR_TEST_DIGITS,
			 hr_test_addr(page + nr));
}

static void hr_test_describe_print_run(char *buf, size_t size, unsigned long nth,
				       unsigned long of, const char *state, unsigned long page)
{
	scnprintf(buf, size, "page %lu of %lu in the %s run at " HR_TEST_ADDR, nth, of, state,
		  HR_TEST_DIGITS, hr_test_addr(page));
}

static void describe_each_page(struct kunit *test)
{
	const struct hr_test_describe_row *row = test->param_value;
	char got[HR_TEST_WORDS] = "?", want[HR_TEST_WORDS] = "";
	size_t len;
	int ret;

	hr_test_describe_heap(test, "kunit");
	ret = heapranges_describe((void *)(hr_test_addr(row->page) + row->offset), got,
				  sizeof(got));
	if (row->range) {
		len = *row->range == 'A' ?
		      hr_test_describe_print_range(want, sizeof(want), "kunit", 100, 5000) :
		      hr_test_describe_print_range(want, sizeof(want), "kunit", 6000, 10);
		if (row->nth)
			hr_test_describe_print_run(want + len, sizeof(want) - len, row->nth,
						   row->of, row->state, row->run);
		else
			strlcat(want, row->state, sizeof(want));
	}
	KUNIT_EXPECT_EQ(test, ret, row->range ? 0 : -ENOENT);
	KUNIT_EXPECT_STREQ(test, got, want);
}

static void describe_what_is_no_address(struct kunit *test)
{
	static const unsigned long addrs[] = {
		0, 1, PAGE_SIZE - 1, -1UL, -PAGE_SIZE, -PAGE_SIZE + 1, -4095UL, LONG_MAX,
		LONG_MIN, LONG_MIN + PAGE_SIZE, 1UL << (BITS_PER_LONG - 2), HR_TEST_BASE - 1,
	};
	struct heapranges *heap = hr_test_describe_heap(test, "kunit");
	char got[HR_TEST_WORDS];
	size_t i;

	/* As near to NULL and to error pointers as a heap can own. */
	hr_test_add(test, heap, PAGE_SIZE, 1);
	hr_test_add(test, heap, -2 * PAGE_SIZE, 1);
	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		strscpy(got, "?", sizeof(got));
		KUNIT_EXPECT_EQ_MSG(test, heapranges_describe((void *)addrs[i], got, sizeof(got)),
				    -ENOENT, "%lx: %s", addrs[i], got);
		KUNIT_EXPECT_STREQ(test, got, "");
	}
	KUNIT_EXPECT_EQ(test, heapranges_describe((void *)PAGE_SIZE, got, sizeof(got)), 0);
	KUNIT_EXPECT_EQ(test, heapranges_describe((void *)(-PAGE_SIZE - 1), got, sizeof(got)), 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(got, ": a free page"));
}

static void describe_into_any_buffer(struct kunit *test)
{
	char got[HR_TEST_WORDS], whole[HR_TEST_WORDS];
	void *addr = (void *)hr_test_addr(101);
	size_t size;

	hr_test_describe_heap(test, "kunit");
	KUNIT_ASSERT_EQ(test, heapranges_describe(addr, whole, sizeof(whole)), 0);
	KUNIT_EXPECT_EQ(test, heapranges_describe(addr, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, heapranges_describe(NULL, NULL, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, heapranges_describe(addr, NULL, 1), -EINVAL);
	for (size = 0; size <= strlen(whole) + 1; size++) {
		memset(got, '~', sizeof(got));
		KUNIT_EXPECT_EQ(test, heapranges_describe(addr, got, size), 0);
		KUNIT_EXPECT_EQ_MSG(test, got[size], '~', "size %zu", size);
		if (!size)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, strlen(got), size - 1, "size %zu", size);
		KUNIT_EXPECT_EQ_MSG(test, strncmp(got, whole, size - 1), 0, "%s", got);
	}
}

static void describe_parked_pages(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HEAPRANGES_ADDRESS_ONLY);
	char got[HR_TEST_WORDS], want[HR_TEST_WORDS];
	unsigned long addr;
	size_t len;
	int i;

	hr_test_add(test, heap, hr_test_addr(0), 4096);
	addr = hr_test_alloc(test, heap, 5);
	KUNIT_ASSERT_EQ(test, addr, hr_test_addr(0));
	hr_test_free(test, heap, addr);
	for (i = 0; i < 5; i++) {
		len = hr_test_describe_print_range(want, sizeof(want), "kunit", 0, 4096);
		hr_test_describe_print_run(want + len, sizeof(want) - len, i + 1, 5, "parked", 0);
		KUNIT_EXPECT_EQ(test, heapranges_describe((void *)hr_test_addr(i), got,
							  sizeof(got)), 0);
		KUNIT_EXPECT_STREQ(test, got, want);
	}
	hr_cache_drain(heap);
	KUNIT_EXPECT_EQ(test, heapranges_describe((void *)addr, got, sizeof(got)), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(got, ": a free page"), "%s", got);
}

/* Pages that are busy and in no run, as those are that are being wiped. */
static void describe_held_pages_and_a_corrupt_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	void *addr = (void *)hr_test_addr(20);
	char got[HR_TEST_WORDS];

	hr_test_add(test, heap, hr_test_addr(0), 600);
	hr_test_alloc(test, heap, 3);
	mutex_lock(&heap->change);
	KUNIT_EXPECT_TRUE(test, hr_span_claim(heap, (unsigned long)addr, 2, false));
	KUNIT_EXPECT_EQ(test, heapranges_describe(addr, got, sizeof(got)), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(got, ": a page held back, neither free nor in"),
				  "%s", got);
	hr_span_disclose(heap, (unsigned long)addr, 2, false);
	KUNIT_EXPECT_FALSE(test, hr_heap_hand_out(heap, hr_test_addr(599), 2));
	mutex_unlock(&heap->change);
	KUNIT_EXPECT_EQ(test, heapranges_describe(addr, got, sizeof(got)), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(got, "heap kunit (corrupt), range 0x"), "%s", got);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(got, ": a free page"), "%s", got);
}

/* Of addresses alone there may be several owners: whose memory it is comes first. */
static void describe_whose_memory_it_is(struct kunit *test)
{
	unsigned long area = hr_test_area(test, 4);
	struct heapranges *before, *heap, *behind;
	char got[HR_TEST_WORDS];

	before = hr_test_create(test, "kunit-1", HR_TEST_ADDRESSES);
	heap = hr_test_create(test, "kunit-2", HEAPRANGES_FIXED | HEAPRANGES_NO_CACHE);
	behind = hr_test_create(test, "kunit-3", HR_TEST_ADDRESSES);
	hr_test_add(test, before, area - PAGE_SIZE, 6);
	hr_test_add(test, behind, area, 4);
	KUNIT_EXPECT_EQ(test, heapranges_describe((void *)area, got, sizeof(got)), 0);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(got, "heap kunit-1, "), "%s", got);
	hr_test_add(test, heap, area, 3);
	KUNIT_EXPECT_EQ(test, heapranges_describe((void *)area, got, sizeof(got)), 0);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(got, "heap kunit-2, "), "%s", got);
	KUNIT_EXPECT_EQ(test, heapranges_describe((void *)area + 3 * PAGE_SIZE, got,
						  sizeof(got)), 0);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(got, "heap kunit-1, "), "%s", got);
	hr_test_destroy(test, before);
	KUNIT_EXPECT_EQ(test, heapranges_describe((void *)area + 3 * PAGE_SIZE, got,
						  sizeof(got)), 0);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(got, "heap kunit-3, "), "%s", got);
}

/* Of a heap that remembers, as the parameter would have it. */
static void describe_who_took_it(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	char got[HR_TEST_WORDS];
	void *addr;

	hr_test_track_owners(heap);
	hr_test_add(test, heap, hr_test_addr(0), 9);
	addr = heapranges_alloc(heap, 3, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, heapranges_describe(addr + 2 * PAGE_SIZE, got, sizeof(got)), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(got, ": page 3 of 3 in the live run at 0x"), "%s",
				  got);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(got, ", taken by describe_who_took"), "%s",
				  got);
	hr_test_free(test, heap, (unsigned long)addr);
	KUNIT_EXPECT_EQ(test, heapranges_describe(addr, got, sizeof(got)), 0);
	KUNIT_EXPECT_NULL_MSG(test, strstr(got, "taken by"), "%s", got);
}

struct hr_test_describe_call {
	void	*addr;
	char	got[HR_TEST_WORDS];
	int	ret;
};

static void hr_test_describe_call(void *data)
{
	struct hr_test_describe_call *call = data;

	call->ret = heapranges_describe(call->addr, call->got, sizeof(call->got));
}

static void describe_in_any_context(struct kunit *test)
{
	struct hr_test_describe_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, call);
	hr_test_describe_heap(test, "kunit");
	call->addr = (void *)hr_test_addr(3072);
	hr_test_call_in(test, hr_test_context_of(test), hr_test_describe_call, call);
	KUNIT_EXPECT_EQ(test, call->ret, 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(call->got, ": page 1073 of 2096 in the live run"),
				  "%s", call->got);
}

static void describe_in_nmi(struct kunit *test)
{
	char got[HR_TEST_WORDS] = "?";
	unsigned long flags;
	int ret, other;

	hr_test_describe_heap(test, "kunit");
	lockdep_off();
	/* As they are in one; lockdep insists on it. */
	local_irq_save(flags);
	preempt_count_add(NMI_OFFSET);
	ret = heapranges_describe((void *)hr_test_addr(3072), got, sizeof(got));
	other = heapranges_describe((void *)hr_test_addr(5100), NULL, 0);
	preempt_count_sub(NMI_OFFSET);
	local_irq_restore(flags);
	lockdep_on();
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, other, -ENOENT);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(got, "heap kunit, range 0x"), "%s", got);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(got, ": not looked at, in NMI"), "%s", got);
}

/* ---- while heaps and runs come and go ---- */

static void hr_test_describe_comer(struct hr_test_crew *crew, unsigned int nr)
{
	struct heapranges_params params = {
		.name = nr ? "kunit-1" : "kunit-0", .node = NUMA_NO_NODE,
		.flags = HR_TEST_ADDRESSES,
	};
	struct heapranges *heap;
	int i;

	for (i = 0; i < 60; i++) {
		heap = heapranges_create(&params);
		if (IS_ERR(heap) || heapranges_add(heap, HR_TEST_BASE, 3000)) {
			hr_test_crew_mistake(crew, "no heap %u", nr);
			return;
		}
		heapranges_free(heap, heapranges_alloc(heap, 2000, HR_TEST_QUIET));
		if (heapranges_destroy(heap)) {
			hr_test_crew_mistake(crew, "heap %u stays", nr);
			return;
		}
	}
}

static void describe_while_heaps_go(struct kunit *test)
{
	struct hr_test_crew crew = {};
	char got[HR_TEST_WORDS];
	unsigned long nr = 0;
	int ret;

	hr_test_crew_join(test, &crew, hr_test_describe_comer, HR_TEST_ANY_CPU);
	hr_test_crew_join(test, &crew, hr_test_describe_comer, HR_TEST_ANY_CPU);
	while (atomic_read(&crew.nr_done) < 2) {
		ret = heapranges_describe((void *)hr_test_addr(nr++ * 37 % 3100), got, sizeof(got));
		if (ret && (ret != -ENOENT || *got))
			hr_test_crew_mistake(&crew, "%d \"%s\"", ret, got);
		if (!ret && !strstarts(got, "heap kunit-"))
			hr_test_crew_mistake(&crew, "\"%s\"", got);
		hr_test_crew_yield();
	}
	hr_test_crew_end(test, &crew);
	KUNIT_EXPECT_GT(test, nr, 100UL);
}

static struct kunit_case hr_test_describe_cases[] = {
	KUNIT_CASE_PARAM(describe_each_page, hr_test_describe_gen_params),
	KUNIT_CASE(describe_what_is_no_address),
	KUNIT_CASE(describe_into_any_buffer),
	KUNIT_CASE(describe_parked_pages),
	KUNIT_CASE(describe_held_pages_and_a_corrupt_heap),
	KUNIT_CASE(describe_whose_memory_it_is),
	KUNIT_CASE(describe_who_took_it),
	KUNIT_CASE_PARAM(describe_in_any_context, hr_test_context_gen_params),
	KUNIT_CASE(describe_in_nmi),
	KUNIT_CASE(describe_while_heaps_go),
	{}
};

struct kunit_suite heapranges_describe_suite = {
	.name = "heapranges_describe",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_describe_cases,
};
