// SPDX-License-Identifier: GPL-2.0
/*
 * heapranges_holder.ko, for unload_suite.sh: holds pages of heapranges.ko and,
 * unlike a module that is linked to it, does not keep it from being unloaded.
 *
 *	pages=<n>,...	on loading, a run of so many pages each, in which it writes;
 *			reading it tells which are held
 *	heap=<name>	... from a heap of its own with this name
 *	free <- <n>	frees run n
 *	destroy <- 1	frees all, and destroys its own heap
 *	intact		Y: all runs that are held have what was written
 *	vfree <- <addr>	frees an area itself: what stayed when heapranges.ko went
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "../module/heapranges.h"

#define HR_HOLDER_RUNS	8

static ulong pages[HR_HOLDER_RUNS];
static int nr_runs;
module_param_array(pages, ulong, &nr_runs, 0444);
MODULE_PARM_DESC(pages, "pages of each run");

static char *heap;
module_param(heap, charp, 0444);
MODULE_PARM_DESC(heap, "name of a heap of its own");

static struct heapranges *holder_heap;
static void *runs[HR_HOLDER_RUNS];

/* Each call takes the function when it is needed, and so heapranges.ko as it is then. */
static int hr_holder_open(void)
{
	struct heapranges_params params = { .name = heap, .node = NUMA_NO_NODE };
	struct heapranges *(*create)(const struct heapranges_params *params);
	struct heapranges *(*get_default)(void);

	create = symbol_get(heapranges_create);
	if (!create)
		return -ENODEV;
	get_default = symbol_get(heapranges_default);
	holder_heap = heap ? create(&params) : get_default();
	symbol_put(heapranges_default);
	symbol_put(heapranges_create);
	return PTR_ERR_OR_ZERO(holder_heap);
}

static int hr_holder_alloc(int run)
{
	void *(*alloc)(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp);

	alloc = symbol_get(heapranges_alloc);
	if (!alloc)
		return -ENODEV;
	runs[run] = alloc(holder_heap, pages[run], GFP_KERNEL);
	symbol_put(heapranges_alloc);
	if (!runs[run])
		return -ENOMEM;
	memset(runs[run], run + 1, pages[run] * PAGE_SIZE);
	return 0;
}

static int hr_holder_free(int run)
{
	int (*free_sized)(struct heapranges *heap, const void *addr, unsigned long nr_pages);
	int err;

	free_sized = symbol_get(heapranges_free_sized);
	if (!free_sized)
		return -ENODEV;
	err = free_sized(holder_heap, runs[run], pages[run]);
	symbol_put(heapranges_free_sized);
	if (err)
		return err;
	pages[run] = 0;
	runs[run] = NULL;
	return 0;
}

static int hr_holder_destroy(void)
{
	int (*destroy)(struct heapranges *heap) = symbol_get(heapranges_destroy);
	int err;

	if (!destroy)
		return -ENODEV;
	err = destroy(holder_heap);
	symbol_put(heapranges_destroy);
	return err;
}

static int hr_holder_free_set(const char *val, const struct kernel_param *kp)
{
	unsigned int run;
	int err = kstrtouint(val, 0, &run);

	return err ?: run < HR_HOLDER_RUNS ? hr_holder_free(run) : -EINVAL;
}

static const struct kernel_param_ops hr_holder_free_ops = { .set = hr_holder_free_set };

module_param_cb(free, &hr_holder_free_ops, NULL, 0200);
MODULE_PARM_DESC(free, "a run to free");

static int hr_holder_destroy_set(const char *val, const struct kernel_param *kp)
{
	int run, err = 0;

	for (run = 0; run < nr_runs && !err; run++)
		err = hr_holder_free(run);
	return err ?: hr_holder_destroy();
}

static const struct kernel_param_ops hr_holder_destroy_ops = { .set = hr_holder_destroy_set };

module_param_cb(destroy, &hr_holder_destroy_ops, NULL, 0200);
MODULE_PARM_DESC(destroy, "frees all, and destroys its own heap");

static int hr_holder_intact_get(char *buffer, const struct kernel_param *kp)
{
	bool intact = true;
	int run;

	for (run = 0; run < nr_runs; run++)
		intact &= !memchr_inv(runs[run], run + 1, pages[run] * PAGE_SIZE);
	return scnprintf(buffer, PAGE_SIZE, "%c\n", intact ? 'Y' : 'N');
}

static const struct kernel_param_ops hr_holder_intact_ops = { .get = hr_holder_intact_get };

module_param_cb(intact, &hr_holder_intact_ops, NULL, 0400);
MODULE_PARM_DESC(intact, "whether all that was written is there");

static int hr_holder_vfree_set(const char *val, const struct kernel_param *kp)
{
	unsigned long addr;
	int err = kstrtoul(val, 0, &addr);

	if (!err)
		vfree((void *)addr);
	return err;
}

static const struct kernel_param_ops hr_holder_vfree_ops = { .set = hr_holder_vfree_set };

module_param_cb(vfree, &hr_holder_vfree_ops, NULL, 0200);
MODULE_PARM_DESC(vfree, "an area to free");

static int __init hr_holder_init(void)
{
	int run, err = hr_holder_open();

	for (run = 0; run < nr_runs && !err; run++)
		err = hr_holder_alloc(run);
	return err;
}

static void __exit hr_holder_exit(void)
{
}

module_init(hr_holder_init);
module_exit(hr_holder_exit);

MODULE_DESCRIPTION("Holds pages of heapranges while that is unloaded");
MODULE_LICENSE("GPL");
