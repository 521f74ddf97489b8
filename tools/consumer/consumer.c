// SPDX-License-Identifier: GPL-2.0
/*
 * A worked example of a module that takes its pages from heapranges: some from
 * the default heap, some from a heap of its own, with its own books about both.
 * The parameter /sys/module/heapranges_consumer/parameters/pages works it:
 *
 *   cat		the books, a line "heap pages" for each heap
 *   echo half >	frees every other run
 *   echo misuse >	frees what it must not, which changes nothing
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/numa.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "heapranges.h"

static const unsigned long sizes[] = { 1, 2, 3, 16, 100, 512, 600 };

/* One per heap. A run that is not held is NULL. */
struct books {
	struct heapranges *heap;
	void *runs[ARRAY_SIZE(sizes)];
};

static DEFINE_MUTEX(books_lock);
static struct books books[2];	/* guarded by books_lock */

static int books_fill(struct books *b)
{
	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		b->runs[i] = heapranges_alloc(b->heap, sizes[i], GFP_KERNEL);
		if (!b->runs[i])
			return -ENOMEM;
		memset(b->runs[i], i, sizes[i] * PAGE_SIZE);
	}
	return 0;
}

/* Every @step-th run: by its address alone, or with its size to be checked. */
static int books_free(struct books *b, int step)
{
	int err = 0;

	for (int i = 0; i < ARRAY_SIZE(sizes) && !err; i += step) {
		if (!b->runs[i])
			continue;
		if (memchr_inv(b->runs[i], i, sizes[i] * PAGE_SIZE))
			pr_err("overwritten heap=%s run=%d\n",
			       heapranges_name(b->heap), i);
		err = i % 2 ? heapranges_free(b->heap, b->runs[i]) :
			      heapranges_free_sized(b->heap, b->runs[i], sizes[i]);
		if (!err)
			b->runs[i] = NULL;
	}
	return err;
}

static unsigned long books_pages(const struct books *b)
{
	unsigned long pages = 0;

	for (int i = 0; i < ARRAY_SIZE(sizes); i++)
		pages += b->runs[i] ? sizes[i] : 0;
	return pages;
}

/* Each is refused, with a line in the log and the heap as before. */
static int misuse(struct heapranges *heap)
{
	void *run = heapranges_alloc(heap, 4, GFP_KERNEL);
	int foreign, interior, size, twice, err;

	if (!run)
		return -ENOMEM;
	foreign = heapranges_free(heap, books);
	interior = heapranges_free(heap, run + PAGE_SIZE);
	size = heapranges_free_sized(heap, run, 3);
	err = heapranges_free(heap, run);
	twice = heapranges_free(heap, run);
	pr_info("refused foreign=%pe interior=%pe size=%pe double=%pe\n",
		ERR_PTR(foreign), ERR_PTR(interior), ERR_PTR(size),
		ERR_PTR(twice));
	return err;
}

static int pages_set(const char *val, const struct kernel_param *kp)
{
	int err = -EINVAL;

	mutex_lock(&books_lock);
	if (!books[1].heap) {
		err = -ENODEV;
	} else if (sysfs_streq(val, "half")) {
		err = books_free(&books[0], 2);
		if (!err)
			err = books_free(&books[1], 2);
	} else if (sysfs_streq(val, "misuse")) {
		err = misuse(books[1].heap);
	}
	mutex_unlock(&books_lock);
	return err;
}

static int pages_get(char *buffer, const struct kernel_param *kp)
{
	int len = 0;

	mutex_lock(&books_lock);
	for (int n = 0; n < ARRAY_SIZE(books) && books[n].heap; n++)
		len += scnprintf(buffer + len, PAGE_SIZE - len, "%s %lu\n",
				 heapranges_name(books[n].heap),
				 books_pages(&books[n]));
	mutex_unlock(&books_lock);
	return len;
}

static const struct kernel_param_ops pages_ops = {
	.set = pages_set,
	.get = pages_get,
};
module_param_cb(pages, &pages_ops, NULL, 0600);
MODULE_PARM_DESC(pages, "read: pages held of each heap; write: half, misuse");

/* Frees first: a heap with live allocations cannot be destroyed. */
static void books_close(void)
{
	mutex_lock(&books_lock);
	if (books_free(&books[0], 1) || books_free(&books[1], 1) ||
	    heapranges_destroy(books[1].heap))
		pr_err("could not give everything back\n");
	books[0].heap = NULL;
	books[1].heap = NULL;
	mutex_unlock(&books_lock);
}

static int __init consumer_init(void)
{
	static const struct heapranges_params params = {
		.name = "consumer",
		.arena_pages = 1024,
		.node = NUMA_NO_NODE,
	};
	struct heapranges *heap = heapranges_create(&params);
	int err;

	if (IS_ERR(heap))
		return PTR_ERR(heap);
	mutex_lock(&books_lock);
	books[0].heap = heapranges_default();
	books[1].heap = heap;
	err = books_fill(&books[0]);
	if (!err)
		err = books_fill(&books[1]);
	mutex_unlock(&books_lock);
	if (err)
		books_close();
	return err;
}
module_init(consumer_init);
module_exit(books_close);

MODULE_DESCRIPTION("Example of a module that takes its pages from heapranges");
MODULE_AUTHOR("The heapranges authors");
MODULE_LICENSE("GPL");
