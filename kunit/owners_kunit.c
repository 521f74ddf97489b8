// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_owners: who holds what, as the heap's file and its report say. Groups
 * of the file are compared as text, each as
 *
 *	6/2:hr_test_take_here	6 pages in 2 runs, and what the innermost frame names
 */
#include <linux/kallsyms.h>

#include "../module/debugfs.h"
#include "../module/heap.h"
#include "../module/heaps.h"
#include "../module/mem.h"
#include "../module/owners.h"
#include "context_helpers.h"
#include "heap_helpers.h"
#include "log_helpers.h"
#include "suites.h"

#ifdef HR_HAVE_STACKDEPOT
#include <linux/stackdepot.h>
#define HR_TEST_KEEPS_STACKS	true
#else
#define HR_TEST_KEEPS_STACKS	false
#endif

#define HR_TEST_NAME		"kunit-owners"
#define HR_TEST_OWNERS_FILE	"sys/kernel/debug/heapranges_heaps/" HR_TEST_NAME "/owners"
#define HR_TEST_TEXT_BYTES	(512 * 1024)
#define HR_TEST_GROUPS		1024	/* owners.c counts others together */
#define HR_TEST_PAGES		4096UL

struct hr_test_owners {
	struct heapranges	*heap;
	char			*text, *groups;		/* of the file; see above */
	unsigned int		nr_groups;
	unsigned int		nr_frames;		/* of the first of them */
	unsigned long		nr_pages;		/* of all of them */
};

static int hr_test_owners_init(struct kunit *test)
{
	struct heapranges_params params = {
		.name = HR_TEST_NAME, .node = NUMA_NO_NODE,
		.flags = HR_TEST_ADDRESSES | HEAPRANGES_FIXED | HR_HEAP_TRACKS_OWNERS,
	};
	struct hr_test_owners *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->text = vmalloc(HR_TEST_TEXT_BYTES);
	t->groups = vmalloc(HR_TEST_TEXT_BYTES);
	KUNIT_ASSERT_TRUE(test, t->text && t->groups);
	t->heap = hr_heaps_create(&params);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->heap);
	hr_debugfs_add_heap(t->heap);
	KUNIT_ASSERT_EQ(test, heapranges_add(t->heap, HR_TEST_BASE, HR_TEST_PAGES), 0);
	return 0;
}

static void hr_test_owners_exit(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;

	if (!IS_ERR_OR_NULL(t->heap)) {
		heapranges_walk(t->heap, hr_test_drain_range, t->heap);
		hr_debugfs_remove_heap(t->heap);
		KUNIT_EXPECT_EQ(test, hr_heaps_abandon(t->heap), 0UL);
	}
	vfree(t->text);
	vfree(t->groups);
}

/* Reads @path, @piece bytes at a time. */
static void hr_test_owners_read(struct kunit *test, const char *path, size_t piece)
{
	struct hr_test_owners *t = test->priv;
	struct file *file = hr_test_try_open_path(path);
	ssize_t len;

	if (IS_ERR(file))
		kunit_skip(test, "cannot read /%s: %ld", path, PTR_ERR(file));
	len = hr_test_read_all(file, t->text, HR_TEST_TEXT_BYTES, piece, 0);
	filp_close(file, NULL);
	KUNIT_ASSERT_GT(test, len, 0L);
	KUNIT_ASSERT_LT(test, len, (ssize_t)HR_TEST_TEXT_BYTES - 1);
}

/* Takes one group apart. Return: behind it; NULL: it is none. */
static char *hr_test_owners_parse(struct hr_test_owners *t, char *text)
{
	unsigned long nr_pages, nr_runs;
	char *line, *name, end;

	line = strsep(&text, "\n");
	if (sscanf(line, "%lu pages in %lu runs%c", &nr_pages, &nr_runs, &end) != 3 || end != ':')
		return NULL;
	name = text;
	while (text && *text == ' ') {
		strsep(&text, "\n");
		t->nr_frames += !t->nr_groups;
	}
	/* An empty line ends it. */
	if (!text || *text != '\n' || name == text)
		return NULL;
	name[1 + strcspn(name + 1, "+\n.")] = '\0';
	t->nr_groups++;
	t->nr_pages += nr_pages;
	sprintf(t->groups + strlen(t->groups), "%s%lu/%lu:%s", *t->groups ? " " : "", nr_pages,
		nr_runs, name + 1);
	return text + 1;
}

static const char *hr_test_owners_groups(struct kunit *test)
{
	static const char header[] = "# heapranges owners 1\n";
	struct hr_test_owners *t = test->priv;
	char *at;

	hr_test_owners_read(test, HR_TEST_OWNERS_FILE, PAGE_SIZE);
	KUNIT_ASSERT_TRUE_MSG(test, strstarts(t->text, header), "%.40s", t->text);
	t->nr_groups = 0;
	t->nr_frames = 0;
	t->nr_pages = 0;
	*t->groups = '\0';
	for (at = t->text + strlen(header); at && *at;)
		at = hr_test_owners_parse(t, at);
	KUNIT_ASSERT_NOT_NULL_MSG(test, at, "not a group behind: %s", t->groups);
	return t->groups;
}

/* ---- rows: who takes and gives what, and who then holds what ---- */

enum hr_test_owners_op {
	HR_TEST_DONE, HR_TEST_HERE, HR_TEST_THERE, HR_TEST_ALIGNED, HR_TEST_AT, HR_TEST_BULK,
	HR_TEST_FREE, HR_TEST_RESIZE,
};

static noinline void hr_test_take_here(struct heapranges *heap, unsigned long nr)
{
	void *addr = heapranges_alloc(heap, nr, HR_TEST_QUIET);

	/* No tail call: the frame is needed. */
	barrier_data(addr);
}

static noinline void hr_test_take_there(struct heapranges *heap, unsigned long nr)
{
	void *addr = heapranges_alloc(heap, nr, GFP_ATOMIC | __GFP_NOWARN);

	barrier_data(addr);
}

static noinline void hr_test_take_aligned(struct heapranges *heap, unsigned long nr)
{
	void *addr = heapranges_alloc_aligned(heap, nr, 64, HR_TEST_QUIET);

	barrier_data(addr);
}

static noinline void hr_test_take_at(struct heapranges *heap, unsigned long page,
				     unsigned long nr)
{
	void *addr = heapranges_alloc_at(heap, hr_test_addr(page), nr, HR_TEST_QUIET);

	barrier_data(addr);
}

static noinline void hr_test_take_bulk(struct heapranges *heap, unsigned long nr)
{
	void *addrs[4];
	unsigned int got = heapranges_alloc_bulk(heap, nr, HR_TEST_QUIET, 4, addrs);

	barrier_data(&got);
}

static const struct hr_test_owners_row {
	const char	*desc;
	struct {
		enum hr_test_owners_op	op;
		unsigned long		nr, page;
	} step[6];
	const char	*want;
} hr_test_owners_rows[] = {
	{ "nobody", {}, "" },
	{ "one", {{ HR_TEST_HERE, 3 }}, "3/1:hr_test_take_here" },
	{ "one, of several runs", {{ HR_TEST_HERE, 3 }, { HR_TEST_HERE, 600 }, { HR_TEST_HERE, 1 }},
		"604/3:hr_test_take_here" },
	{ "two, the larger second", {{ HR_TEST_HERE, 3 }, { HR_TEST_THERE, 4 }},
		"4/1:hr_test_take_there 3/1:hr_test_take_here" },
	{ "two, the larger first", {{ HR_TEST_HERE, 5 }, { HR_TEST_THERE, 4 }},
		"5/1:hr_test_take_here 4/1:hr_test_take_there" },
	{ "two, the larger of more runs", {{ HR_TEST_HERE, 3 }, { HR_TEST_THERE, 5 },
		{ HR_TEST_HERE, 3 }}, "6/2:hr_test_take_here 5/1:hr_test_take_there" },
	{ "of as many pages that of more runs", {{ HR_TEST_HERE, 4 }, { HR_TEST_THERE, 2 },
		{ HR_TEST_THERE, 2 }}, "4/2:hr_test_take_there 4/1:hr_test_take_here" },
	{ "the same, the other way", {{ HR_TEST_HERE, 2 }, { HR_TEST_HERE, 2 },
		{ HR_TEST_THERE, 4 }}, "4/2:hr_test_take_here 4/1:hr_test_take_there" },
	{ "what is freed is nobody's", {{ HR_TEST_HERE, 3 }, { HR_TEST_THERE, 4 },
		{ HR_TEST_FREE, 0, 0 }}, "4/1:hr_test_take_there" },
	{ "what is taken again is whose it is now", {{ HR_TEST_HERE, 3 }, { HR_TEST_FREE, 0, 0 },
		{ HR_TEST_THERE, 2 }}, "2/1:hr_test_take_there" },
	{ "over chunks", {{ HR_TEST_HERE, 1300 }, { HR_TEST_THERE, 1 }},
		"1300/1:hr_test_take_here 1/1:hr_test_take_there" },
	{ "a resized run is whose it was", {{ HR_TEST_HERE, 9 }, { HR_TEST_RESIZE, 700, 0 }},
		"700/1:hr_test_take_here" },
	{ "resized by another, it is whose it was last", {{ HR_TEST_HERE, 4 },
		{ HR_TEST_FREE, 0, 0 }, { HR_TEST_THERE, 4 }, { HR_TEST_RESIZE, 3, 0 }},
		"3/1:hr_test_take_there" },
	{ "aligned", {{ HR_TEST_HERE, 9 }, { HR_TEST_ALIGNED, 2 }},
		"9/1:hr_test_take_here 2/1:hr_test_take_aligned" },
	{ "at an address", {{ HR_TEST_AT, 2, 511 }}, "2/1:hr_test_take_at" },
	{ "several at once", {{ HR_TEST_BULK, 2 }}, "8/4:hr_test_take_bulk" },
};

static void hr_test_owners_desc(const struct hr_test_owners_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_owners, hr_test_owners_rows, hr_test_owners_desc);

static void hr_test_owners_step(struct heapranges *heap, enum hr_test_owners_op op,
				unsigned long nr, unsigned long page)
{
	int err = 0;

	if (op == HR_TEST_HERE)
		hr_test_take_here(heap, nr);
	else if (op == HR_TEST_THERE)
		hr_test_take_there(heap, nr);
	else if (op == HR_TEST_ALIGNED)
		hr_test_take_aligned(heap, nr);
	else if (op == HR_TEST_AT)
		hr_test_take_at(heap, page, nr);
	else if (op == HR_TEST_BULK)
		hr_test_take_bulk(heap, nr);
	else if (op == HR_TEST_FREE)
		err = heapranges_free(heap, (void *)hr_test_addr(page));
	else if (op == HR_TEST_RESIZE)
		err = heapranges_resize(heap, (void *)hr_test_addr(page), nr);
	barrier_data(&err);
}

static void owners_file_groups_what_is_live(struct kunit *test)
{
	const struct hr_test_owners_row *row = test->param_value;
	struct hr_test_owners *t = test->priv;
	unsigned int i;

	/* From one place: else each step would be a stack of its own. */
	for (i = 0; i < ARRAY_SIZE(row->step); i++)
		hr_test_owners_step(t->heap, row->step[i].op, row->step[i].nr,
				    row->step[i].page);
	KUNIT_EXPECT_STREQ(test, hr_test_owners_groups(test), row->want);
	KUNIT_EXPECT_LE(test, t->nr_frames, 16U);
}

/* ---- heaps that grow, and the default heap ---- */

/* A heap with arenas instead of the region. */
static void hr_test_owners_grow(struct kunit *test, unsigned long reserve_pages)
{
	struct heapranges_params params = {
		.name = HR_TEST_NAME, .node = NUMA_NO_NODE, .arena_pages = HR_TEST_CHUNK,
		.grow_max_pages = HR_TEST_CHUNK, .reserve_pages = reserve_pages,
		.flags = HEAPRANGES_NO_CACHE | HR_HEAP_TRACKS_OWNERS,
	};
	struct hr_test_owners *t = test->priv;

	hr_debugfs_remove_heap(t->heap);
	KUNIT_EXPECT_EQ(test, hr_heaps_abandon(t->heap), 0UL);
	t->heap = hr_heaps_create(&params);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->heap);
	hr_debugfs_add_heap(t->heap);
}

static void owners_of_an_arena(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;

	hr_test_owners_grow(test, 0);
	/* Grown for by the first, and by the third. */
	hr_test_take_here(t->heap, 40);
	hr_test_take_there(t->heap, 41);
	hr_test_take_aligned(t->heap, 500);
	KUNIT_EXPECT_STREQ(test, hr_test_owners_groups(test),
			   "500/1:hr_test_take_aligned 41/1:hr_test_take_there 40/1:hr_test_take_here");
}

static void owners_of_the_reserve(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;

	hr_test_owners_grow(test, 9);
	hr_test_take_there(t->heap, 9);
	KUNIT_EXPECT_STREQ(test, hr_test_owners_groups(test), "9/1:hr_test_take_there");
}

static noinline void *hr_test_take_vmalloc(size_t bytes)
{
	void *addr = heapranges_vmalloc(bytes);

	barrier_data(addr);
	return addr;
}

static noinline void *hr_test_take_vzalloc(size_t bytes)
{
	void *addr = heapranges_vzalloc(bytes);

	barrier_data(addr);
	return addr;
}

/* The default heap's file names them if the module was loaded so. */
static void owners_with_the_parameter(struct kunit *test)
{
	bool tracks = heapranges_default()->flags & HR_HEAP_TRACKS_OWNERS;
	void *addr = hr_test_take_vmalloc(3 * PAGE_SIZE);
	void *zero = hr_test_take_vzalloc(2 * PAGE_SIZE);
	struct hr_test_owners *t = test->priv;
	const char *text;

	KUNIT_EXPECT_TRUE(test, addr && zero);
	hr_test_owners_read(test, "sys/kernel/debug/heapranges_heaps/default/owners", PAGE_SIZE);
	heapranges_vfree(addr);
	heapranges_vfree(zero);
	if (!tracks) {
		KUNIT_EXPECT_STREQ(test, t->text, "# heapranges owners 1\n# track_owners=0\n");
		return;
	}
	text = strstr(t->text, "\n3 pages in 1 runs:\n hr_test_take_vmalloc");
	KUNIT_EXPECT_NOT_NULL_MSG(test, text, "%s", t->text);
	text = strstr(t->text, "\n2 pages in 1 runs:\n hr_test_take_vzalloc");
	KUNIT_EXPECT_NOT_NULL_MSG(test, text, "%s", t->text);
	KUNIT_EXPECT_TRUE(test, heapranges_default()->flags & HEAPRANGES_NO_CACHE);
}

/* ---- stacks ---- */

static noinline void hr_test_take_through(struct heapranges *heap, int depth)
{
	if (depth)
		hr_test_take_through(heap, depth - 1);
	else
		hr_test_take_here(heap, 1);
	barrier();
}

static void owners_stacks_that_differ_further_out_are_apart(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;

	hr_test_take_through(t->heap, 1);
	hr_test_owners_groups(test);
	if (t->nr_frames == 1)
		kunit_skip(test, "this kernel cannot tell stacks");
	hr_test_take_through(t->heap, 3);
	hr_test_take_through(t->heap, 3);
	KUNIT_EXPECT_STREQ(test, hr_test_owners_groups(test),
			   "2/2:hr_test_take_here 1/1:hr_test_take_here");
}

static void owners_stack_has_at_most_16_frames(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;

	hr_test_take_through(t->heap, 20);
	hr_test_owners_groups(test);
	if (t->nr_frames == 1)
		kunit_skip(test, "this kernel cannot tell stacks");
	KUNIT_EXPECT_EQ(test, t->nr_frames, 16U);
}

static noinline void hr_test_take_in_context(void *heap)
{
	hr_test_take_there(heap, 2);
	barrier();
}

static void owners_of_any_context_are_known(struct kunit *test)
{
	enum hr_test_context context = hr_test_context_of(test);
	struct hr_test_owners *t = test->priv;

	hr_test_call_in(test, context, hr_test_take_in_context, t->heap);
	KUNIT_EXPECT_STREQ(test, hr_test_owners_groups(test), "2/1:hr_test_take_there");
}

/* A stack that nothing has. */
static struct hr_stack hr_test_stack(unsigned long i)
{
	unsigned long frame = (unsigned long)hr_test_stack + i;
	struct hr_stack stack;

#ifdef HR_HAVE_STACKDEPOT
	stack.key = stack_depot_save(&frame, 1, GFP_KERNEL);
#else
	stack.key = frame;
#endif
	return stack;
}

static void owners_that_are_too_many_are_counted_together(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;
	unsigned long i, page = 0;
	char want[40];

	/* Those that come first have two pages each. */
	for (i = 0; i < HR_TEST_GROUPS + 50; i++) {
		hr_test_take_at(t->heap, page, i < HR_TEST_GROUPS ? 2 : 1);
		hr_heap_set_owner(t->heap, hr_test_addr(page), hr_test_stack(i));
		page += i < HR_TEST_GROUPS ? 2 : 1;
	}
	hr_test_owners_groups(test);
	KUNIT_EXPECT_EQ(test, t->nr_groups, HR_TEST_GROUPS + 1U);
	KUNIT_EXPECT_EQ(test, t->nr_pages, page);
	scnprintf(want, sizeof(want), " 50/50:others");
	KUNIT_EXPECT_STREQ(test, t->groups + strlen(t->groups) - strlen(want), want);
}

static void owners_that_are_not_too_many_are_told_each(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;
	unsigned long i;

	for (i = 0; i < HR_TEST_GROUPS; i++) {
		hr_test_take_at(t->heap, i, 1);
		hr_heap_set_owner(t->heap, hr_test_addr(i), hr_test_stack(i));
	}
	hr_test_owners_groups(test);
	KUNIT_EXPECT_EQ(test, t->nr_groups, (unsigned int)HR_TEST_GROUPS);
	KUNIT_EXPECT_NULL(test, strstr(t->groups, "others"));
}

static void owners_that_are_unknown_are_a_group(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;

	hr_test_take_here(t->heap, 2);
	hr_test_take_at(t->heap, 100, 3);
	hr_heap_set_owner(t->heap, hr_test_addr(100), (struct hr_stack){ 0 });
	KUNIT_EXPECT_STREQ(test, hr_test_owners_groups(test),
			   "3/1:unknown 2/1:hr_test_take_here");
}

static void owners_without_memory_for_the_stack_are_unknown(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;

	if (!HR_TEST_KEEPS_STACKS)
		kunit_skip(test, "stacks take no memory here");
	hr_mem_watch(1, 0);
	hr_test_take_here(t->heap, 2);
	KUNIT_EXPECT_EQ(test, hr_mem_unwatch(), 1UL);
	KUNIT_EXPECT_STREQ(test, hr_test_owners_groups(test), "2/1:unknown");
	hr_test_take_here(t->heap, 1);
	KUNIT_EXPECT_STREQ(test, hr_test_owners_groups(test),
			   "2/1:unknown 1/1:hr_test_take_here");
}

/* ---- the file, and the log ---- */

static void owners_file_reads_the_same_in_pieces(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;
	size_t len;
	int i;

	for (i = 0; i < 40; i++) {
		hr_test_take_at(t->heap, i, 1);
		hr_heap_set_owner(t->heap, hr_test_addr(i), hr_test_stack(i));
	}
	hr_test_owners_read(test, HR_TEST_OWNERS_FILE, HR_TEST_TEXT_BYTES);
	len = strlen(t->text);
	KUNIT_EXPECT_GT(test, len, 40UL * 30);
	memcpy(t->groups, t->text, len + 1);
	hr_test_owners_read(test, HR_TEST_OWNERS_FILE, 7);
	KUNIT_EXPECT_EQ(test, strlen(t->text), len);
	KUNIT_EXPECT_EQ(test, memcmp(t->text, t->groups, len), 0);
}

/* The eight largest, and all others in a line. */
static void owners_report_names_the_largest(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;
	struct hr_test_log log;
	int i;

	for (i = 0; i < 10; i++) {
		hr_test_take_at(t->heap, i * 20, 10 + i);
		hr_heap_set_owner(t->heap, hr_test_addr(i * 20), hr_test_stack(i));
	}
	hr_test_take_through(t->heap, 1);
	hr_test_log_mark(&log, HR_TEST_NAME);
	hr_owners_report(t->heap);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "owner: "), 9);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "runs=1 pages=19 caller=hr_test_stack"), 1);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "runs=1 pages=12 caller=hr_test_stack"), 1);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "runs=3 pages=22 caller=others"), 1);
}

static void owners_report_names_frames(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;
	struct hr_test_log log;

	hr_test_take_through(t->heap, 1);
	hr_test_owners_groups(test);
	hr_test_take_at(t->heap, 100, 1);
	hr_heap_set_owner(t->heap, hr_test_addr(100), (struct hr_stack){ 0 });
	hr_test_log_mark(&log, HR_TEST_NAME);
	hr_owners_report(t->heap);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "pages=1 caller=unknown"), 1);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "pages=1 caller=hr_test_take_here+"), 1);
	if (t->nr_frames > 1)
		KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, " <- hr_test_take_through+"), 1);
}

static void owners_are_named_when_destroy_is_refused(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;
	struct hr_test_log log;
	const char *last;

	hr_test_take_here(t->heap, 3);
	hr_test_take_there(t->heap, 600);
	hr_test_log_mark(&log, HR_TEST_NAME);
	KUNIT_EXPECT_EQ(test, heapranges_destroy(t->heap), -EBUSY);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "misuse: "), 1);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "owner: "), 2);
	/* Whoever holds most comes first. */
	last = strstr(log.last, " runs=1 pages=3 caller=hr_test_take_here+");
	KUNIT_EXPECT_NOT_NULL_MSG(test, last, "the last: %s", log.last);
}

/* With the line about destroy, so no more often than that. */
static void owners_are_not_told_for_ever(struct kunit *test)
{
	struct hr_test_owners *t = test->priv;
	struct hr_test_log log;
	int i;

	hr_test_take_here(t->heap, 4);
	hr_test_log_mark(&log, HR_TEST_NAME);
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_EQ(test, heapranges_destroy(t->heap), -EBUSY);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "misuse: "), 10);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "owner: "), 10);
}

static struct kunit_case hr_test_owners_cases[] = {
	KUNIT_CASE_PARAM(owners_file_groups_what_is_live, hr_test_owners_gen_params),
	KUNIT_CASE(owners_of_an_arena),
	KUNIT_CASE(owners_of_the_reserve),
	KUNIT_CASE(owners_with_the_parameter),
	KUNIT_CASE(owners_stacks_that_differ_further_out_are_apart),
	KUNIT_CASE(owners_stack_has_at_most_16_frames),
	KUNIT_CASE_PARAM(owners_of_any_context_are_known, hr_test_context_gen_params),
	KUNIT_CASE(owners_that_are_too_many_are_counted_together),
	KUNIT_CASE(owners_that_are_not_too_many_are_told_each),
	KUNIT_CASE(owners_that_are_unknown_are_a_group),
	KUNIT_CASE(owners_without_memory_for_the_stack_are_unknown),
	KUNIT_CASE(owners_file_reads_the_same_in_pieces),
	KUNIT_CASE(owners_report_names_the_largest),
	KUNIT_CASE(owners_report_names_frames),
	KUNIT_CASE(owners_are_named_when_destroy_is_refused),
	KUNIT_CASE(owners_are_not_told_for_ever),
	{}
};

struct kunit_suite heapranges_owners_suite = {
	.name = "heapranges_owners",
	.init = hr_test_owners_init,
	.exit = hr_test_owners_exit,
	.test_cases = hr_test_owners_cases,
};
