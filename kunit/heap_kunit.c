// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_heap: heaps come and go. create, destroy, default, name. What
 * they own is in regions_kunit.c, what they hand out in alloc_kunit.c.
 */
#include "heap_helpers.h"
#include "suites.h"

#define HR_TEST_A16	"aaaaaaaaaaaaaaaa"
#define HR_TEST_A60	HR_TEST_A16 HR_TEST_A16 HR_TEST_A16 "aaaaaaaaaaaa"

struct hr_test_create_row {
	const char		*desc;
	struct heapranges_params params;
	long			want;
};

#define HR_TEST_NAME(_desc, _name, _want) \
	{ .desc = _desc, .params.name = _name, .want = _want }
#define HR_TEST_FLAGS(_desc, _flags, _want, ...)			\
	{ .desc = _desc, .want = _want,					\
	  .params = { .name = "kunit", .flags = _flags, __VA_ARGS__ } }
#define HR_TEST_ONLY	HEAPRANGES_ADDRESS_ONLY

static const struct hr_test_create_row hr_test_create_rows[] = {
	HR_TEST_NAME("name NULL", NULL, -EINVAL),
	HR_TEST_NAME("name empty", "", -EINVAL),
	HR_TEST_NAME("name of one", "a", 0),
	HR_TEST_NAME("name of 63", HR_TEST_A60 "aaa", 0),
	HR_TEST_NAME("name of 64", HR_TEST_A60 "aaaa", -EINVAL),
	HR_TEST_NAME("name of 65", HR_TEST_A60 "aaaaa", -EINVAL),
	HR_TEST_NAME("name dot", ".", -EINVAL),
	HR_TEST_NAME("name dot dot", "..", -EINVAL),
	HR_TEST_NAME("name of three dots", "...", 0),
	HR_TEST_NAME("name hidden", ".a", 0),
	HR_TEST_NAME("name with percent", "%s%n", 0),
	HR_TEST_NAME("name of the default heap", "default", -EEXIST),
	HR_TEST_NAME("name nearly default", "Default", 0),
	HR_TEST_FLAGS("growing", 0, 0),
	HR_TEST_FLAGS("growing no cache", HEAPRANGES_NO_CACHE, 0),
	HR_TEST_FLAGS("fixed", HEAPRANGES_FIXED, 0),
	HR_TEST_FLAGS("addresses", HR_TEST_ONLY, 0),
	HR_TEST_FLAGS("fixed addresses", HEAPRANGES_FIXED | HR_TEST_ONLY, 0),
	HR_TEST_FLAGS("all flags", HEAPRANGES_FIXED | HR_TEST_ONLY |
		      HEAPRANGES_NO_CACHE, 0),
	HR_TEST_FLAGS("fixed capped", HEAPRANGES_FIXED, 0, .max_pages = 9),
	HR_TEST_FLAGS("fixed arena", HEAPRANGES_FIXED, -EINVAL, .arena_pages = 1),
	HR_TEST_FLAGS("fixed grow", HEAPRANGES_FIXED, -EINVAL, .grow_max_pages = 1),
	HR_TEST_FLAGS("fixed min", HEAPRANGES_FIXED, -EINVAL, .min_pages = 1),
	HR_TEST_FLAGS("addresses arena", HR_TEST_ONLY, -EINVAL, .arena_pages = 1),
	HR_TEST_FLAGS("addresses grow", HR_TEST_ONLY, -EINVAL, .grow_max_pages = 1),
	HR_TEST_FLAGS("addresses min", HR_TEST_ONLY, -EINVAL, .min_pages = 1),
	HR_TEST_FLAGS("fixed reserve", HEAPRANGES_FIXED, -EINVAL, .reserve_pages = 1),
	HR_TEST_FLAGS("addresses reserve", HR_TEST_ONLY, -EINVAL, .reserve_pages = 1),
	HR_TEST_FLAGS("reserve", 0, 0, .reserve_pages = 1),
	HR_TEST_FLAGS("reserve over max", 0, -EINVAL, .reserve_pages = 2,
		      .max_pages = 1),
	HR_TEST_FLAGS("reserve is max", 0, 0, .reserve_pages = 5, .max_pages = 5),
	HR_TEST_FLAGS("reserve over min", 0, 0, .reserve_pages = 5, .min_pages = 3),
	HR_TEST_FLAGS("min over max", 0, -EINVAL, .min_pages = 2, .max_pages = 1),
	HR_TEST_FLAGS("min is max", 0, 0, .min_pages = 5, .max_pages = 5),
	HR_TEST_FLAGS("min of half the address space", 0, -ENOMEM,
		      .min_pages = HR_TEST_ALL_PAGES / 2),
	HR_TEST_FLAGS("min of the address space", 0, -ENOMEM,
		      .min_pages = HR_TEST_ALL_PAGES),
	HR_TEST_FLAGS("min of more", 0, -ENOMEM, .min_pages = ULONG_MAX),
	HR_TEST_FLAGS("node none", 0, 0, .node = NUMA_NO_NODE),
	HR_TEST_FLAGS("node below none", 0, -EINVAL, .node = NUMA_NO_NODE - 1),
	HR_TEST_FLAGS("node behind the last", 0, -EINVAL, .node = MAX_NUMNODES),
	HR_TEST_FLAGS("node huge", 0, -EINVAL, .node = INT_MAX),
	HR_TEST_FLAGS("node smallest", 0, -EINVAL, .node = INT_MIN),
};

static void hr_test_create_desc(const struct hr_test_create_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_create, hr_test_create_rows, hr_test_create_desc);

static void heap_create_params(struct kunit *test)
{
	const struct hr_test_create_row *row = test->param_value;
	struct heapranges_stats s;
	struct heapranges *heap;

	if (row->want) {
		heap = heapranges_create(&row->params);
		KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(heap), row->want);
		return;
	}
	heap = hr_test_create_params(test, &row->params);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_STREQ(test, heapranges_name(heap), row->params.name);
	KUNIT_EXPECT_GE(test, s.owned_pages, row->params.min_pages);
	if (row->params.max_pages)
		KUNIT_EXPECT_LE(test, s.owned_pages, row->params.max_pages);
	KUNIT_EXPECT_GE(test, s.free_pages, row->params.reserve_pages);
	KUNIT_EXPECT_EQ(test, s.nr_arenas,
			row->params.min_pages || row->params.reserve_pages ? 1UL : 0UL);
	KUNIT_EXPECT_EQ(test, s.used_pages, 0UL);
	hr_test_destroy(test, heap);
}

static void heap_create_null(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(heapranges_create(NULL)), -EINVAL);
}

static void heap_create_every_character(struct kunit *test)
{
	struct heapranges_params params = { .node = NUMA_NO_NODE };
	struct heapranges *heap;
	char name[] = "a?b";
	int c, want;

	params.name = name;
	for (c = 1; c < 256; c++) {
		want = c > ' ' && c < 127 && c != '/' && c != '#' ? 0 : -EINVAL;
		name[1] = c;
		heap = heapranges_create(&params);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(heap), want,
				    "character %d", c);
		KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
	}
}

static void heap_create_every_flag(struct kunit *test)
{
	struct heapranges_params params = { .name = "kunit" };
	struct heapranges *heap;
	int bit;

	for (bit = 0; bit < 32; bit++) {
		params.flags = BIT(bit);
		heap = heapranges_create(&params);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(heap),
				    bit < 3 ? 0 : -EINVAL, "bit %d", bit);
		KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), 0);
	}
}

static void heap_create_name(struct kunit *test)
{
	struct heapranges_params params = { .flags = HEAPRANGES_FIXED };
	struct heapranges *heap;
	char name[] = "kunit";

	params.name = name;
	heap = hr_test_create_params(test, &params);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(heapranges_create(&params)), -EEXIST);

	/* Copied: the caller's buffer may change, and the old name stays taken. */
	name[0] = 'x';
	KUNIT_EXPECT_STREQ(test, heapranges_name(heap), "kunit");
	hr_test_create_params(test, &params);
	name[0] = 'k';
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(heapranges_create(&params)), -EEXIST);
	hr_test_destroy(test, heap);
	hr_test_create_params(test, &params);
}

static void heap_create_hundreds(struct kunit *test)
{
	const int nr = 300;
	struct heapranges **heap = kunit_kcalloc(test, nr, sizeof(*heap), GFP_KERNEL);
	char name[16];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, heap);
	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "kunit-%d", i);
		heap[i] = hr_test_create(test, name, HR_TEST_ADDRESSES);
		hr_test_add(test, heap[i], HR_TEST_BASE, i + 1);
	}
	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "kunit-%d", i);
		KUNIT_EXPECT_STREQ(test, heapranges_name(heap[i]), name);
		KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap[i]).owned_pages,
				i + 1UL);
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap[i], i + 1),
				HR_TEST_BASE);
		KUNIT_EXPECT_NULL(test, heapranges_alloc(heap[i], 1, HR_TEST_QUIET));
	}
	/* From the middle outwards, so that none is the first or the last. */
	for (i = 0; i < nr; i++) {
		int j = nr / 2 + (i % 2 ? -(i + 1) / 2 : i / 2);

		hr_test_free(test, heap[j], HR_TEST_BASE);
		hr_test_destroy(test, heap[j]);
	}
}

static void heap_destroy_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, heapranges_destroy(NULL), 0);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(ERR_PTR(-ENOMEM)), 0);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(ERR_PTR(-MAX_ERRNO)), 0);
}

static void heap_destroy_busy(struct kunit *test)
{
	static const unsigned int flags[] = { 0, HEAPRANGES_FIXED };
	struct hr_test_state before;
	struct heapranges *heap;
	unsigned long addr;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		heap = hr_test_create(test, "kunit", flags[i]);
		hr_test_add(test, heap, hr_test_area(test, 9), 9);
		addr = hr_test_alloc(test, heap, 9);
		hr_test_state_take(test, heap, &before);
		KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), -EBUSY);
		hr_test_expect_state(test, heap, &before, "a busy heap");
		KUNIT_EXPECT_STREQ(test, heapranges_name(heap), "kunit");

		/* Still all there, and destroyed once it is idle. */
		memset((void *)addr, 1, 9 * PAGE_SIZE);
		hr_test_free(test, heap, addr);
		KUNIT_EXPECT_EQ(test, hr_test_alloc(test, heap, 1), addr);
		KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), -EBUSY);
		hr_test_free(test, heap, addr);
		hr_test_destroy(test, heap);
	}
}

static void heap_default_is_protected(struct kunit *test)
{
	struct heapranges *heap = heapranges_default();
	struct hr_test_state before;
	unsigned long area;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, heap);
	KUNIT_EXPECT_PTR_EQ(test, heap, heapranges_default());
	KUNIT_EXPECT_STREQ(test, heapranges_name(heap), "default");
	area = hr_test_area(test, 1);
	hr_test_state_take(test, heap, &before);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), -EPERM);
	KUNIT_EXPECT_EQ(test, heapranges_add(heap, area, 1), -EPERM);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, area, 1), -EPERM);
	hr_test_expect_state(test, heap, &before, "the default heap");
}

static void heap_default_allocates(struct kunit *test)
{
	struct heapranges *heap = heapranges_default();
	struct heapranges_stats before = hr_test_stats(test, heap), after;
	void *addr = heapranges_alloc(heap, 3, GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_EXPECT_NULL(test, memchr_inv(addr, 0, 3 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, heapranges_size(heap, addr), 3UL);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(heap), -EPERM);
	KUNIT_EXPECT_EQ(test, heapranges_remove(heap, (unsigned long)addr, 3),
			-EPERM);
	KUNIT_EXPECT_EQ(test, heapranges_free(heap, addr), 0);
	after = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, after.used_pages, before.used_pages);
	KUNIT_EXPECT_EQ(test, after.allocs, before.allocs + 1);
	KUNIT_EXPECT_EQ(test, after.frees, before.frees + 1);
}

static struct kunit_case hr_test_heap_cases[] = {
	KUNIT_CASE_PARAM(heap_create_params, hr_test_create_gen_params),
	KUNIT_CASE(heap_create_null),
	KUNIT_CASE(heap_create_every_character),
	KUNIT_CASE(heap_create_every_flag),
	KUNIT_CASE(heap_create_name),
	KUNIT_CASE(heap_create_hundreds),
	KUNIT_CASE(heap_destroy_nothing),
	KUNIT_CASE(heap_destroy_busy),
	KUNIT_CASE(heap_default_is_protected),
	KUNIT_CASE(heap_default_allocates),
	{}
};

struct kunit_suite heapranges_heap_suite = {
	.name = "heapranges_heap",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_heap_cases,
};
