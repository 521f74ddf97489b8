/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the public interface share: things that are tracked from
 * their making on and undone by hr_test_exit(), so that a failed assertion
 * leaves no heap behind; states that can be compared; and the debugfs file.
 *
 *	static struct kunit_case cases[] = { ... };
 *	suite = { .init = hr_test_init, .exit = hr_test_exit, ... }
 */
#ifndef HR_TEST_HEAP_HELPERS_H
#define HR_TEST_HEAP_HELPERS_H

#include <kunit/test.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/panic.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "../module/heapranges.h"

#define HR_TEST_CHUNK		512UL		/* pages, as the header says */
#define HR_TEST_BASE		0x40000000UL	/* chunk-aligned, never touched */
/* From HR_TEST_BASE, in pages: 32 GiB, or as far as 32 bits go. */
#define HR_TEST_FAR_PAGE	(BITS_PER_LONG == 64 ? 1UL << 23 : 3UL << 17)
#define HR_TEST_ALL_PAGES	(1UL << (BITS_PER_LONG - PAGE_SHIFT))
#define HR_TEST_ADDRESSES	(HEAPRANGES_ADDRESS_ONLY | HEAPRANGES_NO_CACHE)
#define HR_TEST_QUIET		(GFP_KERNEL | __GFP_NOWARN)
#define HR_TEST_FILE		"sys/kernel/debug/heapranges"

struct hr_test_env {
	struct list_head	heaps, areas;
	bool			was_tainted;
};

/* A heap to destroy, or an area to vfree. */
struct hr_test_item {
	struct list_head	link;
	void			*what;
};

static inline void hr_test_track(struct kunit *test, struct list_head *list,
				 void *what)
{
	struct hr_test_item *item = kunit_kzalloc(test, sizeof(*item), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, item);
	item->what = what;
	list_add(&item->link, list);
}

static inline int hr_test_init(struct kunit *test)
{
	struct hr_test_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	if (!env)
		return -ENOMEM;
	INIT_LIST_HEAD(&env->heaps);
	INIT_LIST_HEAD(&env->areas);
	env->was_tainted = test_taint(TAINT_WARN);
	test->priv = env;
	return 0;
}

static inline int hr_test_drain_range(const struct heapranges_range *range,
				      void *heap)
{
	unsigned long addr;

	for (addr = range->base; addr < range->limit; addr += PAGE_SIZE) {
		if (heapranges_size(heap, (void *)addr))
			heapranges_free(heap, (void *)addr);
	}
	return 0;
}

static inline void hr_test_exit(struct kunit *test)
{
	struct hr_test_env *env = test->priv;
	struct hr_test_item *item;

	if (!env)
		return;
	list_for_each_entry(item, &env->heaps, link) {
		heapranges_walk(item->what, hr_test_drain_range, item->what);
		KUNIT_EXPECT_EQ_MSG(test, heapranges_destroy(item->what), 0,
				    "destroy at the end of the case");
	}
	list_for_each_entry(item, &env->areas, link)
		vfree(item->what);
	KUNIT_EXPECT_FALSE_MSG(test, !env->was_tainted && test_taint(TAINT_WARN),
			       "a WARN while the case ran");
	test->priv = NULL;
}

/* What it makes, the end of the case destroys. */
static inline struct heapranges *
hr_test_create_params(struct kunit *test, const struct heapranges_params *params)
{
	struct hr_test_env *env = test->priv;
	struct heapranges *heap = heapranges_create(params);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, heap);
	hr_test_track(test, &env->heaps, heap);
	return heap;
}

static inline struct heapranges *
hr_test_create(struct kunit *test, const char *name, unsigned int flags)
{
	struct heapranges_params params = {
		.name = name, .node = NUMA_NO_NODE, .flags = flags,
	};

	return hr_test_create_params(test, &params);
}

static inline void hr_test_destroy(struct kunit *test, struct heapranges *heap)
{
	struct hr_test_env *env = test->priv;
	struct hr_test_item *item, *next;

	KUNIT_ASSERT_EQ(test, heapranges_destroy(heap), 0);
	list_for_each_entry_safe(item, next, &env->heaps, link) {
		if (item->what == heap)
			list_del(&item->link);
	}
}

/* Mapped memory for a region; lives as long as the case. */
static inline unsigned long hr_test_area(struct kunit *test,
					 unsigned long nr_pages)
{
	struct hr_test_env *env = test->priv;
	void *area = vmalloc(nr_pages * PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, area);
	hr_test_track(test, &env->areas, area);
	return (unsigned long)area;
}

static inline void hr_test_add(struct kunit *test, struct heapranges *heap,
			       unsigned long base, unsigned long nr_pages)
{
	KUNIT_ASSERT_EQ_MSG(test, heapranges_add(heap, base, nr_pages), 0,
			    "add base=%lx pages=%lu", base, nr_pages);
}

static inline unsigned long hr_test_alloc(struct kunit *test,
					  struct heapranges *heap,
					  unsigned long nr_pages)
{
	void *addr = heapranges_alloc(heap, nr_pages, HR_TEST_QUIET);

	KUNIT_ASSERT_NOT_NULL_MSG(test, addr, "alloc pages=%lu", nr_pages);
	return (unsigned long)addr;
}

static inline void hr_test_free(struct kunit *test, struct heapranges *heap,
				unsigned long addr)
{
	KUNIT_EXPECT_EQ_MSG(test, heapranges_free(heap, (void *)addr), 0,
			    "free addr=%lx", addr);
}

static inline unsigned long hr_test_addr(unsigned long page)
{
	return HR_TEST_BASE + page * PAGE_SIZE;
}

/* The heap is sound, as far as it knows itself. */
static inline void hr_test_verify(struct kunit *test, struct heapranges *heap,
				  const char *what)
{
	char first[160] = "?";
	int violations = heapranges_verify(heap, first, sizeof(first));

	KUNIT_EXPECT_EQ_MSG(test, violations, 0, "verify after %s: %s", what, first);
}

/* A heap in figures, after the checks that hold for every heap at any time. */
static inline struct heapranges_stats hr_test_stats(struct kunit *test,
						    struct heapranges *heap)
{
	struct heapranges_stats s;

	memset(&s, 0xa5, sizeof(s));
	heapranges_get_stats(heap, &s);
	KUNIT_EXPECT_EQ(test, s.owned_pages,
			s.used_pages + s.cached_pages + s.free_pages);
	KUNIT_EXPECT_LE(test, s.largest_free_pages, s.free_pages);
	KUNIT_EXPECT_EQ(test, !s.largest_free_pages, !s.free_pages);
	KUNIT_EXPECT_EQ(test, !s.nr_ranges, !s.owned_pages);
	return s;
}

/* Waits for the heap to grow in the background: somebody who may not block has asked. */
static inline struct heapranges_stats hr_test_wait_for_growth(struct kunit *test,
							      struct heapranges *heap)
{
	struct heapranges_stats s;
	int i;

	for (i = 0; i < 1000; i++) {
		heapranges_get_stats(heap, &s);
		if (s.grows + s.grow_failures)
			break;
		schedule_timeout_uninterruptible(1);
	}
	KUNIT_EXPECT_EQ_MSG(test, s.grows, 1ULL, "growth in the background");
	return hr_test_stats(test, heap);
}

#define HR_TEST_STAT(field) {						\
	.name = #field,							\
	.offset = offsetof(struct heapranges_stats, field),		\
	.bytes = sizeof_field(struct heapranges_stats, field),		\
}

static const struct hr_test_stat {
	const char	*name;
	size_t		offset, bytes;
} hr_test_all_stats[] = {
	HR_TEST_STAT(owned_pages), HR_TEST_STAT(used_pages),
	HR_TEST_STAT(cached_pages), HR_TEST_STAT(free_pages),
	HR_TEST_STAT(reserve_pages), HR_TEST_STAT(largest_free_pages),
	HR_TEST_STAT(nr_ranges), HR_TEST_STAT(nr_arenas),
	HR_TEST_STAT(metadata_bytes),
	HR_TEST_STAT(allocs), HR_TEST_STAT(alloc_failures),
	HR_TEST_STAT(failures_parked), HR_TEST_STAT(frees),
	HR_TEST_STAT(grows), HR_TEST_STAT(grow_failures),
	HR_TEST_STAT(releases), HR_TEST_STAT(releases_shrinker),
	HR_TEST_STAT(rejected_foreign), HR_TEST_STAT(rejected_interior),
	HR_TEST_STAT(rejected_double), HR_TEST_STAT(rejected_size),
	HR_TEST_STAT(rejected_context), HR_TEST_STAT(check_failures),
	HR_TEST_STAT(zeroing_saved_bytes),
};

static inline u64 hr_test_stat(const struct heapranges_stats *s,
			       const struct hr_test_stat *stat)
{
	const void *at = (const char *)s + stat->offset;

	return stat->bytes == sizeof(u64) ? *(const u64 *)at :
					    *(const unsigned long *)at;
}

static inline void hr_test_expect_stats(struct kunit *test,
					const struct heapranges_stats *got,
					const struct heapranges_stats *want,
					const char *what)
{
	const struct hr_test_stat *stat = hr_test_all_stats;

	for (; stat < hr_test_all_stats + ARRAY_SIZE(hr_test_all_stats); stat++)
		KUNIT_EXPECT_EQ_MSG(test, hr_test_stat(got, stat),
				    hr_test_stat(want, stat), "%s of %s",
				    stat->name, what);
}

/* What a heap owns, as pages counted from @base: "10-20 30-40". */
struct hr_test_layout {
	unsigned long	base, nr_pages, nr_ranges, last_limit;
	size_t		len;
	bool		unsorted;
	char		text[256];
};

static inline int hr_test_layout_visit(const struct heapranges_range *range,
				       void *data)
{
	struct hr_test_layout *l = data;
	long first = (long)(range->base - l->base) / (long)PAGE_SIZE;
	long last = (long)(range->limit - l->base) / (long)PAGE_SIZE;

	if (range->base >= range->limit || range->base <= l->last_limit)
		l->unsorted = true;
	l->last_limit = range->limit;
	l->nr_ranges++;
	l->nr_pages += (range->limit - range->base) / PAGE_SIZE;
	l->len += scnprintf(l->text + l->len, sizeof(l->text) - l->len,
			    "%s%ld-%ld", l->len ? " " : "", first, last);
	return 0;
}

static inline void hr_test_expect_layout(struct kunit *test,
					 struct heapranges *heap,
					 unsigned long base, const char *want)
{
	struct heapranges_stats s = hr_test_stats(test, heap);
	struct hr_test_layout l = { .base = base };

	KUNIT_EXPECT_EQ(test, heapranges_walk(heap, hr_test_layout_visit, &l), 0);
	KUNIT_EXPECT_STREQ(test, l.text, want);
	KUNIT_EXPECT_FALSE_MSG(test, l.unsorted, "walk gave %s", l.text);
	KUNIT_EXPECT_EQ(test, s.owned_pages, l.nr_pages);
	KUNIT_EXPECT_EQ(test, s.nr_ranges, l.nr_ranges);
}

/* All that can be seen of a heap, for "nothing has changed". */
struct hr_test_state {
	struct heapranges_stats	stats;
	struct hr_test_layout	layout;
};

static inline void hr_test_state_take(struct kunit *test,
				      struct heapranges *heap,
				      struct hr_test_state *state)
{
	memset(state, 0, sizeof(*state));
	state->stats = hr_test_stats(test, heap);
	heapranges_walk(heap, hr_test_layout_visit, &state->layout);
}

static inline void hr_test_expect_state(struct kunit *test,
					struct heapranges *heap,
					const struct hr_test_state *want,
					const char *what)
{
	struct hr_test_state got;

	hr_test_state_take(test, heap, &got);
	hr_test_expect_stats(test, &got.stats, &want->stats, what);
	KUNIT_EXPECT_STREQ_MSG(test, got.layout.text, want->layout.text,
			       "%s", what);
}

/*
 * Opened as the first process would: tests run in a kernel thread, and from 7.x
 * on those do not see what it has mounted.
 */
static inline struct file *hr_test_open_path(const char *path, int flags)
{
	struct pid *pid = find_get_pid(1);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct file *file = ERR_PTR(-ESRCH);
	struct path root = {};

	put_pid(pid);
	if (!task)
		return file;
	task_lock(task);
	if (task->fs)
		get_fs_root(task->fs, &root);
	task_unlock(task);
	put_task_struct(task);
	if (!root.mnt)
		return file;
	file = file_open_root(&root, path, flags, 0);
	path_put(&root);
	return file;
}

static inline struct file *hr_test_open_as_init(int flags)
{
	return hr_test_open_path(HR_TEST_FILE, flags);
}

/*
 * debugfs files have no ->read_iter, so kernel_read() refuses them; but the
 * file is a seq_file, and that one can be read into kernel memory.
 */
static inline struct file *hr_test_try_open_path(const char *path)
{
	struct file *file = hr_test_open_path(path, O_RDONLY);
	struct seq_file *seq;

	if (IS_ERR(file))
		return file;
	seq = file->private_data;
	if (seq && seq->file == file)
		return file;
	filp_close(file, NULL);
	return ERR_PTR(-EOPNOTSUPP);
}

static inline struct file *hr_test_try_open(void)
{
	return hr_test_try_open_path(HR_TEST_FILE);
}

static inline struct file *hr_test_open(struct kunit *test)
{
	struct file *file = hr_test_try_open();

	if (IS_ERR(file))
		kunit_skip(test, "cannot read /" HR_TEST_FILE ": %ld", PTR_ERR(file));
	return file;
}

/* One read(2). */
static inline ssize_t hr_test_read(struct file *file, char *buf, size_t len,
				   loff_t *pos)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct iov_iter iter;
	struct kiocb iocb;
	ssize_t got;

	init_sync_kiocb(&iocb, file);
	iocb.ki_pos = *pos;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
	got = seq_read_iter(&iocb, &iter);
	*pos = iocb.ki_pos;
	return got;
}

/* Reads from @pos on, @piece bytes at a time; how many, or an errno. */
static inline ssize_t hr_test_read_all(struct file *file, char *buf,
				       size_t size, size_t piece, loff_t pos)
{
	size_t len = 0;
	ssize_t got = 1;

	while (len < size - 1 && got > 0) {
		got = hr_test_read(file, buf + len,
				   min(piece, size - 1 - len), &pos);
		if (got > 0)
			len += got;
	}
	buf[len] = '\0';
	return got < 0 ? got : len;
}

#endif /* HR_TEST_HEAP_HELPERS_H */
