// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_seeing: the folder of a heap, what its files say of bad frees and of
 * corruption, what is said when the machine is out of memory; and all files while others
 * work on the heap, or end it.
 */
#include <linux/jiffies.h>
#include <linux/ratelimit.h>

#include "../module/cache.h"
#include "../module/heaps.h"
#include "../module/idle.h"
#include "../module/oom.h"
#include "crew_helpers.h"
#include "log_helpers.h"
#include "seeing_helpers.h"
#include "suites.h"

static const char * const hr_test_files[] = {
	"stats", "map", "owners", "rejects", "pinned", "verify",
};

/* ---- the folder ---- */

static void seeing_files_are_read_only(struct kunit *test)
{
	struct file *file;
	loff_t pos = 0;
	char path[80];
	size_t i;

	hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	for (i = 0; i < ARRAY_SIZE(hr_test_files); i++) {
		file = hr_test_open_file(test, "kunit", hr_test_files[i]);
		KUNIT_EXPECT_EQ_MSG(test, file_inode(file)->i_mode, (umode_t)(S_IFREG | 0400),
				    "%s", hr_test_files[i]);
		filp_close(file, NULL);
		snprintf(path, sizeof(path), HR_TEST_FILES "kunit/%s", hr_test_files[i]);
		file = hr_test_open_path(path, O_RDWR);
		if (IS_ERR(file))
			continue;
		if (file->f_op->write)
			KUNIT_EXPECT_EQ(test, file->f_op->write(file, NULL, 1, &pos),
					(ssize_t)-EINVAL);
		KUNIT_EXPECT_NULL(test, (void *)file->f_op->mmap);
		filp_close(file, NULL);
	}
}

static void seeing_files_come_and_go_with_their_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct file *file;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hr_test_files); i++)
		filp_close(hr_test_open_file(test, "kunit", hr_test_files[i]), NULL);
	hr_test_destroy(test, heap);
	for (i = 0; i < ARRAY_SIZE(hr_test_files); i++) {
		file = hr_test_try_open_file("kunit", hr_test_files[i]);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(file), -ENOENT, "%s", hr_test_files[i]);
		if (!IS_ERR(file))
			filp_close(file, NULL);
	}
}

/*
 * A read(2) by way of debugfs, into memory that is nobody's. Return: -EFAULT: the file was
 * read, and had something to say; -EIO: it is gone.
 */
static ssize_t hr_test_read_for_nobody(struct file *file)
{
	loff_t pos = 0;

	return file->f_op->read(file, (char __user *)-PAGE_SIZE, PAGE_SIZE, &pos);
}

static void seeing_open_files_outlive_their_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	struct file *file[ARRAY_SIZE(hr_test_files)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		file[i] = hr_test_open_file(test, "kunit", hr_test_files[i]);
		KUNIT_EXPECT_EQ_MSG(test, hr_test_read_for_nobody(file[i]), (ssize_t)-EFAULT, "%s",
				    hr_test_files[i]);
	}
	hr_test_destroy(test, heap);
	for (i = 0; i < ARRAY_SIZE(file); i++) {
		KUNIT_EXPECT_EQ_MSG(test, hr_test_read_for_nobody(file[i]), (ssize_t)-EIO, "%s",
				    hr_test_files[i]);
		filp_close(file[i], NULL);
	}
}

/* ---- rejects ---- */

/* The last @nr of 16 + 16 frees, of pages 0, 1, ..., whose verdicts take turns. */
static void hr_test_expect_rejects(struct kunit *test, unsigned int nr)
{
	static const char * const words[] = { "double", "foreign", "interior", "size" };
	unsigned int first = nr > 16 ? nr - 16 : 0, i;
	char *text = hr_test_seen_buffer(test), *line, word[16], caller[80];
	int fields;
	u64 s, us, now, last = 0, addr;

	hr_test_see(test, "rejects", text, PAGE_SIZE);
	KUNIT_ASSERT_TRUE_MSG(test, strstarts(text, "# heapranges rejects 1\n"
			      "# seconds verdict address caller\n"), "%s", text);
	line = strchr(strchr(text, '\n') + 1, '\n') + 1;
	for (i = first; i < nr; i++) {
		fields = sscanf(line, "%llu.%6llu %15s 0x%llx %79s", &s, &us, word, &addr, caller);
		KUNIT_ASSERT_EQ_MSG(test, fields, 5, "line: %s", line);
		KUNIT_EXPECT_STREQ(test, word, words[i % 4]);
		KUNIT_EXPECT_EQ_MSG(test, addr, (u64)hr_test_addr(4 * i + i % 4), "line: %s", line);
		KUNIT_EXPECT_TRUE_MSG(test, strstarts(caller, "hr_test_misuse+0x"), "%s", caller);
		KUNIT_EXPECT_EQ_MSG(test, line[strcspn(line, ".") + 7], ' ', "line: %s", line);
		KUNIT_EXPECT_GE(test, s * 1000000 + us, last);
		last = s * 1000000 + us;
		line = strchr(line, '\n') + 1;
	}
	KUNIT_EXPECT_STREQ(test, line, "");
	now = ktime_to_us(ktime_get());
	KUNIT_EXPECT_LE(test, last, now);
	if (nr)
		KUNIT_EXPECT_GT(test, last + 100 * 1000000, now);
}

/* Which of the four is @i % 4. */
static noinline void hr_test_misuse(struct kunit *test, struct heapranges *heap,
				    unsigned int i)
{
	void *addr = (void *)hr_test_addr(4 * i + i % 4);

	if (i % 4 == 3)
		KUNIT_EXPECT_EQ(test, heapranges_free_sized(heap, addr, 9), -ERANGE);
	else if (i % 8 == 4)
		KUNIT_EXPECT_EQ(test, heapranges_resize(heap, addr, 9), -EALREADY);
	else
		KUNIT_EXPECT_LT(test, heapranges_free(heap, addr), 0);
}

static void seeing_rejects_keep_the_last_sixteen(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	unsigned int i;

	/* Page 4i is free, or nobody's, or before the one asked for in a run, or its begin. */
	for (i = 0; i < 36; i++) {
		if (i % 4 != 1)
			hr_test_add(test, heap, hr_test_addr(4 * i), 4);
	}
	for (i = 0; i < 36; i++) {
		if (i % 4 == 2)
			heapranges_alloc_at(heap, hr_test_addr(4 * i), 4, HR_TEST_QUIET);
		if (i % 4 == 3)
			heapranges_alloc_at(heap, hr_test_addr(4 * i + 3), 1, HR_TEST_QUIET);
	}
	hr_test_expect_rejects(test, 0);
	for (i = 0; i < 36; i++) {
		hr_test_misuse(test, heap, i);
		if (i < 3 || (i >= 14 && i <= 17) || i >= 31)
			hr_test_expect_rejects(test, i + 1);
	}
	hr_test_verify(test, heap, "misuse");
}

/* ---- verify ---- */

static void hr_test_expect_verify(struct kunit *test, const char *want)
{
	char *text = hr_test_seen_buffer(test);

	hr_test_see(test, "verify", text, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, text, want);
}

static void seeing_verify_tells_the_first_violation(struct kunit *test)
{
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);

	hr_test_expect_verify(test, "ok\n");
	hr_test_add(test, heap, hr_test_addr(0), 1000);
	hr_test_alloc(test, heap, 10);
	hr_test_expect_verify(test, "ok\n");
	heap->free_pages--;
	hr_test_expect_verify(test, "1 totals: free 989, bits say 990\n");
	heap->owned_pages++;
	hr_test_expect_verify(test, "2 totals: owned 1001, ranges hold 1000\n");
	heap->free_pages++;
	heap->owned_pages--;
	hr_test_expect_verify(test, "ok\n");
}

static void hr_test_taker(struct hr_test_crew *crew, unsigned int nr)
{
	while (!kthread_should_stop()) {
		heapranges_free(crew->heap, heapranges_alloc(crew->heap, 1 + nr, HR_TEST_QUIET));
		hr_test_crew_yield();
	}
}

/* Somebody takes and gives throughout, on another CPU. */
static void seeing_verify_tells_that_it_is_busy(struct kunit *test)
{
	struct hr_test_crew crew = {
		.heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES),
	};
	char *text = hr_test_seen_buffer(test);
	unsigned long end = jiffies + 30 * HZ;
	bool busy = false;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU online");
	hr_test_add(test, crew.heap, hr_test_addr(0), 20000);
	hr_test_crew_join(test, &crew, hr_test_taker, 1);
	while (!atomic_read(&crew.nr_started))
		hr_test_crew_yield();
	/* The other CPU may not run all the time, where the machine is another's guest. */
	while (!busy && time_before(jiffies, end)) {
		hr_test_see(test, "verify", text, PAGE_SIZE);
		busy = !strcmp(text, "totals: busy\n");
		KUNIT_EXPECT_TRUE_MSG(test, busy || !strcmp(text, "ok\n"), "%s", text);
	}
	hr_test_crew_end(test, &crew);
	KUNIT_EXPECT_TRUE(test, busy);
	hr_test_expect_verify(test, "ok\n");
}

/* ---- out of memory ---- */

static void seeing_out_of_memory_logs_a_line_a_heap(struct kunit *test)
{
	struct heapranges *heap = hr_test_create_params(test, &(struct heapranges_params){
		.name = "kunit-full", .node = NUMA_NO_NODE, .flags = HEAPRANGES_NO_CACHE,
		.arena_pages = 512, .grow_max_pages = 512 });
	static struct hr_test_log log, other;
	unsigned long freed = 0;
	int i;

	hr_test_create(test, "kunit-empty", 0);
	hr_test_alloc(test, heap, 500);
	hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
	hr_test_log_mark(&log, "kunit-full");
	hr_test_log_mark(&other, "kunit-empty");
	KUNIT_EXPECT_EQ(test, hr_oom_notify(NULL, 0, &freed), NOTIFY_OK);
	KUNIT_EXPECT_EQ(test, freed, 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "out of memory: "), 1);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&other, "out of memory: "), 0);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_log_lines(&log, " owned_pages=1024 used_pages=500 "), 1,
			    "%s", log.last);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_log_lines(&log, " cached_pages=0 free_pages=524 "), 1,
			    "%s", log.last);

	/* Whoever ran out of memory may hold it. */
	mutex_lock(&heap->change);
	KUNIT_EXPECT_EQ(test, hr_oom_notify(NULL, 0, &freed), NOTIFY_OK);
	mutex_unlock(&heap->change);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "reclaimable_pages=?"), 1);
	hr_idle_try_count(heap);
	hr_oom_notify(NULL, 0, &freed);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_log_lines(&log, "reclaimable_pages=512"), 1, "%s",
			    log.last);
	down_write(&hr_heaps_rwsem);
	KUNIT_EXPECT_EQ(test, hr_oom_notify(NULL, 0, &freed), NOTIFY_OK);
	up_write(&hr_heaps_rwsem);
	KUNIT_EXPECT_EQ(test, hr_test_log_lines(&log, "out of memory: "), 3);

	/* One kill after the other: not each is told of. */
	for (i = 0; i < 3 * DEFAULT_RATELIMIT_BURST; i++)
		hr_oom_notify(NULL, 0, &freed);
	KUNIT_EXPECT_LT(test, hr_test_log_lines(&log, "out of memory: "),
			3 * DEFAULT_RATELIMIT_BURST);
}

static struct kunit_case hr_test_seeing_cases[] = {
	KUNIT_CASE(seeing_files_are_read_only),
	KUNIT_CASE(seeing_files_come_and_go_with_their_heap),
	KUNIT_CASE(seeing_open_files_outlive_their_heap),
	KUNIT_CASE(seeing_rejects_keep_the_last_sixteen),
	KUNIT_CASE(seeing_verify_tells_the_first_violation),
	KUNIT_CASE(seeing_verify_tells_that_it_is_busy),
	KUNIT_CASE(seeing_out_of_memory_logs_a_line_a_heap),
	{}
};

struct kunit_suite heapranges_seeing_suite = {
	.name = "heapranges_seeing",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_seeing_cases,
};
