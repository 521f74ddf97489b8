// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_debugfs: the file that people read. Its text is read from
 * where they find it and taken apart again: known heaps give exactly known
 * lines, and the rules of the format hold for every line of every heap.
 */
#include "heap_helpers.h"
#include "suites.h"
#include "text_helpers.h"

#define HR_TEST_TEXT_BYTES	(256 * 1024)

static char *hr_test_buffer(struct kunit *test)
{
	return (char *)hr_test_area(test, HR_TEST_TEXT_BYTES / PAGE_SIZE);
}

/* The whole file, read in pieces. */
static char *hr_test_slurp(struct kunit *test, char *text, size_t piece)
{
	struct file *file = hr_test_open(test);
	ssize_t len = hr_test_read_all(file, text, HR_TEST_TEXT_BYTES, piece, 0);

	filp_close(file, NULL);
	KUNIT_ASSERT_GT(test, len, (ssize_t)0);
	KUNIT_ASSERT_LT(test, len, (ssize_t)HR_TEST_TEXT_BYTES - 1);
	return text;
}

/* The lines of heaps whose name starts with "kunit". */
static void hr_test_own_lines(char *text)
{
	char *line = text, *end, *to = text;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (!strstr(line, " kunit"))
			continue;
		*end = '\n';
		memmove(to, line, end + 1 - line);
		to += end + 1 - line;
	}
	*to = '\0';
}

static void hr_test_line_parse(struct kunit *test, const char *text,
			       struct hr_test_line *l)
{
	const char *wrong = hr_test_line_wrong(text, l);

	KUNIT_ASSERT_NULL_MSG(test, wrong, "%s: %s", wrong, text);
}

/* The rules for any content; destroys @text, returns how many lines it had. */
static int hr_test_text_check(struct kunit *test, char *text)
{
	struct hr_test_line last = {}, l;
	int nr_lines = 0;
	char *line;

	KUNIT_ASSERT_TRUE(test, strstarts(text, HR_TEST_HEADER));
	KUNIT_ASSERT_EQ(test, text[strlen(text) - 1], '\n');
	text += strlen(HR_TEST_HEADER);
	while ((line = strsep(&text, "\n")) && *line) {
		hr_test_line_parse(test, line, &l);
		/* Ascending, and not even abutting. */
		if (!strcmp(l.heap, last.heap))
			KUNIT_EXPECT_GT_MSG(test, l.base, last.limit, "line: %s", line);
		last = l;
		nr_lines++;
	}
	KUNIT_EXPECT_TRUE(test, !text || !*text);
	return nr_lines;
}

/* ---- rows: what is done to a heap, and the lines that this gives ---- */

struct hr_test_text_row {
	const char	*desc;
	struct {
		char		op;	/* '+', '-', 'a'lloc, 'f'ree */
		unsigned long	page, nr;
	} step[12];
	struct {
		unsigned long	page, pages, used, free, largest;
	} line[6];
};

static const struct hr_test_text_row hr_test_text_rows[] = {
	{ "empty heap", {}, {} },
	{ "free", { { '+', 3, 7 } }, { { 3, 7, 0, 7, 7 } } },
	{ "one page", { { '+', 511, 1 } }, { { 511, 1, 0, 1, 1 } } },
	{ "full", { { '+', 3, 7 }, { 'a', 0, 7 } }, { { 3, 7, 7, 0, 0 } } },
	{ "full of single pages", { { '+', 3, 3 }, { 'a', 0, 1 }, { 'a', 0, 1 },
		{ 'a', 0, 1 } }, { { 3, 3, 3, 0, 0 } } },
	{ "holes", { { '+', 10, 20 }, { 'a', 0, 4 }, { 'a', 0, 5 }, { 'a', 0, 2 },
		{ 'a', 0, 1 }, { 'f', 14 }, { 'f', 21 } },
		{ { 10, 20, 6, 14, 9 } } },
	{ "freed again", { { '+', 10, 20 }, { 'a', 0, 20 }, { 'f', 10 } },
		{ { 10, 20, 0, 20, 20 } } },
	{ "joined regions", { { '+', 10, 5 }, { '+', 20, 5 }, { '+', 15, 5 },
		{ 'a', 0, 7 } }, { { 10, 15, 7, 8, 8 } } },
	{ "split range", { { '+', 0, 100 }, { 'a', 0, 10 }, { '-', 40, 20 } },
		{ { 0, 40, 10, 30, 30 }, { 60, 40, 0, 40, 40 } } },
	{ "two in a chunk", { { '+', 300, 9 }, { '+', 100, 5 }, { 'a', 0, 5 },
		{ 'a', 0, 2 }, { 'a', 0, 3 }, { 'f', 300 } },
		{ { 100, 5, 5, 0, 0 }, { 300, 9, 3, 6, 4 } } },
	{ "a page between two", { { '+', 64, 64 }, { '+', 129, 63 }, { 'a', 0, 1 } },
		{ { 64, 64, 1, 63, 63 }, { 129, 63, 0, 63, 63 } } },
	{ "over a chunk edge", { { '+', 500, 24 } }, { { 500, 24, 0, 24, 24 } } },
	{ "sharing a chunk edge", { { '+', 500, 11 }, { '+', 512, 10 },
		{ 'a', 0, 11 }, { 'a', 0, 3 } },
		{ { 500, 11, 11, 0, 0 }, { 512, 10, 3, 7, 7 } } },
	{ "largest over a chunk edge", { { '+', 0, 1024 }, { 'a', 0, 500 },
		{ 'a', 0, 24 }, { 'a', 0, 500 }, { 'f', 500 } },
		{ { 0, 1024, 1000, 24, 24 } } },
	{ "largest ends at a chunk edge", { { '+', 0, 1024 }, { 'a', 0, 500 },
		{ 'a', 0, 12 }, { 'a', 0, 512 }, { 'f', 500 } },
		{ { 0, 1024, 1012, 12, 12 } } },
	{ "largest over three chunks", { { '+', 100, 2000 }, { 'a', 0, 200 },
		{ 'a', 0, 1500 }, { 'a', 0, 200 }, { 'f', 300 } },
		{ { 100, 2000, 400, 1600, 1500 } } },
	{ "many chunks full", { { '+', 5, 5000 }, { 'a', 0, 5000 } },
		{ { 5, 5000, 5000, 0, 0 } } },
	{ "many chunks free", { { '+', 5, 5000 } }, { { 5, 5000, 0, 5000, 5000 } } },
	{ "three chunks, the middle one alone", { { '+', 0, 1536 }, { 'a', 0, 512 },
		{ 'a', 0, 512 }, { 'a', 0, 512 }, { 'f', 512 } },
		{ { 0, 1536, 1024, 512, 512 } } },
	{ "sorted by base", { { '+', 3000, 1 }, { '+', 20, 1 }, { '+', HR_TEST_FAR_PAGE, 1 },
		{ '+', 40, 1 }, { 'a', 0, 1 } },
		{ { 20, 1, 1, 0, 0 }, { 40, 1, 0, 1, 1 }, { 3000, 1, 0, 1, 1 },
		  { HR_TEST_FAR_PAGE, 1, 0, 1, 1 } } },
	{ "removed", { { '+', 10, 700 }, { '-', 10, 700 } }, {} },
};

static void hr_test_text_desc(const struct hr_test_text_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_text, hr_test_text_rows, hr_test_text_desc);

static void hr_test_text_do(struct kunit *test, struct heapranges *heap,
			    char op, unsigned long page, unsigned long nr)
{
	unsigned long addr = HR_TEST_BASE + page * PAGE_SIZE;

	if (op == '+')
		hr_test_add(test, heap, addr, nr);
	else if (op == '-')
		KUNIT_ASSERT_EQ(test, heapranges_remove(heap, addr, nr), 0);
	else if (op == 'f')
		hr_test_free(test, heap, addr);
	else
		hr_test_alloc(test, heap, nr);
}

static void debugfs_show_known_lines(struct kunit *test)
{
	const struct hr_test_text_row *row = test->param_value;
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_line l = { .heap = "kunit" };
	char *text = hr_test_buffer(test), want[600] = "";
	size_t len = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(row->step) && row->step[i].op; i++)
		hr_test_text_do(test, heap, row->step[i].op, row->step[i].page,
				row->step[i].nr);
	for (i = 0; row->line[i].pages; i++) {
		l.base = HR_TEST_BASE + row->line[i].page * PAGE_SIZE;
		l.bytes = row->line[i].pages * PAGE_SIZE;
		l.limit = l.base + l.bytes;
		l.pages = row->line[i].pages;
		l.used = row->line[i].used;
		l.free = row->line[i].free;
		l.largest = row->line[i].largest;
		len += hr_test_line_print(&l, want + len, sizeof(want) - len);
	}
	hr_test_slurp(test, text, PAGE_SIZE);
	hr_test_own_lines(text);
	KUNIT_EXPECT_STREQ(test, text, want);
	hr_test_text_check(test, hr_test_slurp(test, text, PAGE_SIZE));
}

/* ---- other than row by row ---- */

static void debugfs_show_edges_of_space(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct hr_test_line l = {
		.base = PAGE_SIZE, .limit = 601 * PAGE_SIZE, .heap = "kunit",
		.bytes = 600 * PAGE_SIZE, .pages = 600, .free = 600, .largest = 600,
	};
	char *text = hr_test_buffer(test), want[300];
	size_t len;

	hr_test_add(test, heap, PAGE_SIZE, 600);
	hr_test_add(test, heap, -601 * PAGE_SIZE, 600);
	len = hr_test_line_print(&l, want, sizeof(want));
	l.base = -601 * PAGE_SIZE;
	l.limit = -PAGE_SIZE;
	hr_test_line_print(&l, want + len, sizeof(want) - len);
	hr_test_slurp(test, text, PAGE_SIZE);
	hr_test_own_lines(text);
	KUNIT_EXPECT_STREQ(test, text, want);
}

static void hr_test_expect_order(struct kunit *test, char *text, const char *want)
{
	char order[100] = "", *line;
	struct hr_test_line l;

	hr_test_slurp(test, text, PAGE_SIZE);
	hr_test_own_lines(text);
	while ((line = strsep(&text, "\n")) && *line) {
		hr_test_line_parse(test, line, &l);
		if (order[0])
			strlcat(order, " ", sizeof(order));
		strlcat(order, l.heap, sizeof(order));
	}
	KUNIT_EXPECT_STREQ(test, order, want);
}

static void debugfs_show_heaps_as_created(struct kunit *test)
{
	static const char * const names[] = { "kunit-c", "kunit-a", "kunit-b" };
	char *text = hr_test_buffer(test);
	struct heapranges *heap[3];
	int i;

	for (i = 0; i < 3; i++)
		heap[i] = hr_test_create(test, names[i], HR_TEST_ADDRESSES);
	hr_test_expect_order(test, text, "");
	for (i = 2; i >= 0; i--) {
		hr_test_add(test, heap[i], HR_TEST_BASE, 1);
		hr_test_add(test, heap[i], HR_TEST_BASE + 2 * PAGE_SIZE, 1);
	}
	hr_test_expect_order(test, text,
			     "kunit-c kunit-c kunit-a kunit-a kunit-b kunit-b");

	/* Gone with its heap; the name comes back at the end. */
	hr_test_destroy(test, heap[0]);
	hr_test_expect_order(test, text, "kunit-a kunit-a kunit-b kunit-b");
	heap[0] = hr_test_create(test, "kunit-c", HR_TEST_ADDRESSES);
	hr_test_add(test, heap[0], HR_TEST_BASE, 1);
	hr_test_expect_order(test, text,
			     "kunit-a kunit-a kunit-b kunit-b kunit-c");
	hr_test_destroy(test, heap[1]);
	hr_test_destroy(test, heap[2]);
	hr_test_destroy(test, heap[0]);
	hr_test_expect_order(test, text, "");
}

static void debugfs_show_arenas(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", 0);
	char *text = hr_test_buffer(test), *line;
	struct heapranges_stats s;
	struct hr_test_line l;
	unsigned long used = 0, owned = 0, lines = 0;

	hr_test_alloc(test, heap, 700);
	hr_test_alloc(test, heap, 3);
	hr_test_add(test, heap, hr_test_area(test, 9), 9);
	hr_test_slurp(test, text, PAGE_SIZE);
	hr_test_own_lines(text);
	while ((line = strsep(&text, "\n")) && *line) {
		hr_test_line_parse(test, line, &l);
		KUNIT_EXPECT_TRUE(test, heapranges_contains(heap, l.base, l.pages));
		used += l.used;
		owned += l.pages;
		lines++;
	}
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, used, 703UL);
	KUNIT_EXPECT_EQ(test, owned, s.owned_pages);
	KUNIT_EXPECT_EQ(test, lines, s.nr_ranges);
	hr_test_text_check(test, hr_test_slurp(test, hr_test_buffer(test), PAGE_SIZE));
}

/* However it is cut, and from wherever it is read: the same text. */
static void debugfs_read_in_pieces(struct kunit *test)
{
	static const size_t pieces[] = { 1, 7, 64, 100, 4095, 4097, 100000 };
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	char *whole = hr_test_buffer(test), *text = hr_test_buffer(test);
	struct file *file;
	size_t len, i;

	for (i = 0; i < 300; i++)
		hr_test_add(test, heap, HR_TEST_BASE + i * 5 * PAGE_SIZE, 1 + i % 4);
	hr_test_alloc(test, heap, 4);
	len = strlen(hr_test_slurp(test, whole, HR_TEST_TEXT_BYTES));
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		hr_test_slurp(test, text, pieces[i]);
		KUNIT_EXPECT_EQ_MSG(test, strcmp(text, whole), 0,
				    "read %zu bytes at a time", pieces[i]);
	}
	file = hr_test_open(test);
	for (i = 0; i <= len; i += 997) {
		ssize_t got = hr_test_read_all(file, text, HR_TEST_TEXT_BYTES, 513, i);

		KUNIT_EXPECT_EQ(test, got, (ssize_t)(len - i));
		KUNIT_EXPECT_EQ_MSG(test, strcmp(text, whole + i), 0,
				    "read from byte %zu on", i);
	}
	KUNIT_EXPECT_EQ(test, hr_test_read_all(file, text, HR_TEST_TEXT_BYTES, 64,
					       len + 1000), (ssize_t)0);
	filp_close(file, NULL);
	KUNIT_EXPECT_GE(test, hr_test_text_check(test, whole), 300);
}

/* The heap that a reader has come to may go before it reads on. */
static void debugfs_read_while_heaps_go(struct kunit *test)
{
	char *text = hr_test_buffer(test);
	struct heapranges *heap;
	struct file *file;
	loff_t pos = 0;
	int i, j;

	for (i = 0; i < 20; i++) {
		heap = hr_test_create(test, "kunit-1", HR_TEST_ADDRESSES);
		for (j = 0; j < 200; j++)
			hr_test_add(test, heap, HR_TEST_BASE + j * 2 * PAGE_SIZE, 1);
		file = hr_test_open(test);
		pos = 0;
		for (j = 0; j < 10; j++)
			hr_test_read(file, text, 70 * i + 1, &pos);
		hr_test_destroy(test, heap);
		while (hr_test_read(file, text, 500, &pos) > 0)
			;
		filp_close(file, NULL);
	}
	hr_test_expect_order(test, text, "");
}

/*
 * A reader stops in the first of two heaps. Until it reads on, that one loses
 * the regions that it has seen, and more are added there; or all of it goes.
 */
static void debugfs_read_while_ranges_go(struct kunit *test)
{
	char *text = hr_test_buffer(test), want[20];
	struct heapranges *heap[2];
	struct file *file;
	loff_t pos;
	int round, i;

	heap[1] = NULL;
	for (round = 0; round < 2; round++) {
		heap[0] = hr_test_create(test, "kunit-1", HR_TEST_ADDRESSES);
		if (heap[1])
			hr_test_destroy(test, heap[1]);
		heap[1] = hr_test_create(test, "kunit-2", HR_TEST_ADDRESSES);
		for (i = 0; i < 200; i++)
			hr_test_add(test, heap[0], HR_TEST_BASE + (100 + i) * 2 * PAGE_SIZE, 1);
		hr_test_add(test, heap[1], HR_TEST_BASE, 1);

		file = hr_test_open(test);
		pos = 0;
		hr_test_read_all(file, text, 6000, 500, 0);
		pos = strlen(text);
		for (i = 0; i < 20; i++)
			KUNIT_EXPECT_EQ(test, heapranges_remove(heap[0], HR_TEST_BASE +
								(100 + i) * 2 * PAGE_SIZE, 1), 0);
		if (round)
			hr_test_destroy(test, heap[0]);
		hr_test_read_all(file, text + pos, HR_TEST_TEXT_BYTES - pos, 500, pos);
		filp_close(file, NULL);

		/* What was there all the time is there exactly once. */
		for (i = 20; !round && i < 200; i++) {
			snprintf(want, sizeof(want), "\n0x%0*lx", BITS_PER_LONG / 4,
				 HR_TEST_BASE + (100 + i) * 2 * PAGE_SIZE);
			KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, want), "range %d", i);
		}
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, " kunit-2\n"), "round %d",
					  round);
		hr_test_text_check(test, text);
		if (!round)
			hr_test_destroy(test, heap[0]);
	}
}

static void debugfs_file_is_read_only(struct kunit *test)
{
	struct file *file = hr_test_open(test);
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, file_inode(file)->i_mode, (umode_t)(S_IFREG | 0400));
	filp_close(file, NULL);
	file = hr_test_open_as_init(O_RDWR);
	if (IS_ERR(file))
		return;
	/* Root may open anything; but no method is behind those of debugfs itself. */
	if (file->f_op->write)
		KUNIT_EXPECT_EQ(test, file->f_op->write(file, NULL, 1, &pos),
				(ssize_t)-EINVAL);
	if (file->f_op->unlocked_ioctl)
		KUNIT_EXPECT_EQ(test, file->f_op->unlocked_ioctl(file, 0, 0),
				(long)-ENOTTY);
	KUNIT_EXPECT_NULL(test, (void *)file->f_op->mmap);
	KUNIT_EXPECT_NULL(test, (void *)file->f_op->write_iter);
	filp_close(file, NULL);
}

static struct kunit_case hr_test_debugfs_cases[] = {
	KUNIT_CASE_PARAM(debugfs_show_known_lines, hr_test_text_gen_params),
	KUNIT_CASE(debugfs_show_edges_of_space),
	KUNIT_CASE(debugfs_show_heaps_as_created),
	KUNIT_CASE(debugfs_show_arenas),
	KUNIT_CASE(debugfs_read_in_pieces),
	KUNIT_CASE(debugfs_read_while_heaps_go),
	KUNIT_CASE(debugfs_read_while_ranges_go),
	KUNIT_CASE(debugfs_file_is_read_only),
	{}
};

struct kunit_suite heapranges_debugfs_suite = {
	.name = "heapranges_debugfs",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_debugfs_cases,
};
