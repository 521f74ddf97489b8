// SPDX-License-Identifier: GPL-2.0
/*
 * A module that eats the machine's memory through heapranges, for the sessions of
 * tools/memory. Steps, written to /sys/module/eater/parameters/step one at a time:
 *
 *   eat 512		takes so many MiB, in runs of several sizes
 *   glut		takes until there is no more, and gives all back
 *   look		looks whether all that it holds is as it was
 *   free		looks, and gives all back
 *   trim		has the heap release what it can
 *   forget		holds nothing any more, but has given nothing back
 *
 * Its books are in the runs themselves, so it takes no other memory. A read of
 * /sys/module/eater/parameters/stats shows what it holds, the heap's figures, and what
 * heapranges_verify() finds.
 *
 *   heap=<name>	takes from a heap of its own, on node=<n> (-1: any)
 *   once=1		takes, gives and grows a little from the default heap and one of
 *			its own while it is loaded, and then does not stay: EAGAIN is success
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "heapranges.h"

#define EATER_MIB_PAGES		(SZ_1M / PAGE_SIZE)
#define EATER_ONCE_MIB		8UL

static const unsigned long eater_sizes[] = { 1, 16, 3, 100, 1, 600, 2, 64 };

/* At the beginning of each run; each other page begins with its own address. */
struct eater_run {
	struct eater_run	*next;
	unsigned long		nr_pages;
};

static char *heap;
module_param(heap, charp, 0444);
MODULE_PARM_DESC(heap, "name of a heap of its own; none: the default heap");

static int node = NUMA_NO_NODE;
module_param(node, int, 0444);
MODULE_PARM_DESC(node, "node of that heap [-1]");

static bool once;
module_param(once, bool, 0444);
MODULE_PARM_DESC(once, "use the heaps a little, and do not stay");

/* All guarded by the lock of this module's parameters. */
static struct heapranges *eater_heap;
static struct eater_run *eater_runs;	/* the one taken last */
static unsigned long eater_nr_runs, eater_nr_pages, eater_nr_spoilt;
static struct heapranges_stats eater_glut_stats;

static struct eater_run *eater_take(unsigned long nr_pages)
{
	struct eater_run *run = heapranges_alloc(eater_heap, nr_pages,
						 GFP_KERNEL | __GFP_NOWARN);
	unsigned long i, *page;

	if (!run)
		return NULL;
	for (i = 1; i < nr_pages; i++) {
		page = (void *)run + i * PAGE_SIZE;
		*page = (unsigned long)page;
	}
	run->nr_pages = nr_pages;
	run->next = eater_runs;
	eater_runs = run;
	eater_nr_runs++;
	eater_nr_pages += nr_pages;
	return run;
}

static int eater_eat(unsigned long nr_pages)
{
	unsigned long limit_pages = eater_nr_pages + nr_pages;
	unsigned int i = 0;

	while (eater_nr_pages < limit_pages) {
		nr_pages = min(eater_sizes[i++ % ARRAY_SIZE(eater_sizes)],
			       limit_pages - eater_nr_pages);
		if (!eater_take(nr_pages))
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static void eater_look_at(const struct eater_run *run)
{
	unsigned long i, *page;

	for (i = 1; i < run->nr_pages; i++) {
		page = (void *)run + i * PAGE_SIZE;
		eater_nr_spoilt += *page != (unsigned long)page;
	}
}

static int eater_look(void)
{
	const struct eater_run *run;
	unsigned long nr_runs = 0;

	for (run = eater_runs; run; run = run->next, nr_runs++) {
		eater_look_at(run);
		cond_resched();
	}
	return nr_runs == eater_nr_runs && !eater_nr_spoilt ? 0 : -EIO;
}

static void eater_forget(void)
{
	eater_runs = NULL;
	eater_nr_runs = 0;
	eater_nr_pages = 0;
}

static int eater_free(void)
{
	int err = eater_look();
	struct eater_run *run;

	while (!err && eater_runs) {
		run = eater_runs;
		eater_runs = run->next;
		err = heapranges_free_sized(eater_heap, run, run->nr_pages);
		cond_resched();
	}
	eater_forget();
	return err;
}

/*
 * Whatever its size: the last pages go to the short ones. Nothing runs on a machine
 * whose last page is taken, so that is over before anybody else wants one.
 */
static int eater_glut(void)
{
	unsigned int i = 0, nr_refused = 0;
	int err;

	while (nr_refused < ARRAY_SIZE(eater_sizes)) {
		if (eater_take(eater_sizes[i++ % ARRAY_SIZE(eater_sizes)]))
			nr_refused = 0;
		else
			nr_refused++;
		cond_resched();
	}
	heapranges_get_stats(eater_heap, &eater_glut_stats);
	err = eater_free();
	heapranges_trim(eater_heap);
	return err;
}

static int eater_step_set(const char *val, const struct kernel_param *kp)
{
	unsigned long mib;

	if (sysfs_streq(val, "glut"))
		return eater_glut();
	if (str_has_prefix(val, "eat "))
		return kstrtoul(val + strlen("eat "), 10, &mib) ?:
		       eater_eat(mib * EATER_MIB_PAGES);
	if (sysfs_streq(val, "look"))
		return eater_look();
	if (sysfs_streq(val, "free"))
		return eater_free();
	if (sysfs_streq(val, "trim"))
		heapranges_trim(eater_heap);
	else if (sysfs_streq(val, "forget"))
		eater_forget();
	else
		return -EINVAL;
	return 0;
}

static const struct kernel_param_ops eater_step_ops = { .set = eater_step_set };
module_param_cb(step, &eater_step_ops, NULL, 0200);
MODULE_PARM_DESC(step, "write: eat <MiB>, glut, look, free, trim, forget");

static int eater_stats_get(char *buffer, const struct kernel_param *kp)
{
	struct heapranges_stats s;
	char first[80] = "";
	int violations;

	violations = heapranges_verify(eater_heap, first, sizeof(first));
	heapranges_get_stats(eater_heap, &s);
	return scnprintf(buffer, PAGE_SIZE,
			 "held %lu\nspoilt %lu\nowned %lu\nused %lu\ncached %lu\nfree %lu\n"
			 "arenas %lu\nranges %lu\ngrows %llu\ngrow_failures %llu\nreleases %llu\n"
			 "releases_shrinker %llu\nmetadata %lu\nglut_used %lu\nglut_arenas %lu\n"
			 "verify %d %s\n",
			 eater_nr_pages, eater_nr_spoilt, s.owned_pages, s.used_pages,
			 s.cached_pages, s.free_pages, s.nr_arenas, s.nr_ranges, s.grows,
			 s.grow_failures, s.releases, s.releases_shrinker, s.metadata_bytes,
			 eater_glut_stats.used_pages, eater_glut_stats.nr_arenas, violations,
			 first);
}

static const struct kernel_param_ops eater_stats_ops = { .get = eater_stats_get };
module_param_cb(stats, &eater_stats_ops, NULL, 0400);
MODULE_PARM_DESC(stats, "read: what is held, the heap's figures, what verify finds");

static struct heapranges *eater_open(const char *name)
{
	struct heapranges_params params = {
		.name = name, .node = node, .arena_pages = 4 * EATER_MIB_PAGES,
	};

	return name ? heapranges_create(&params) : heapranges_default();
}

/* By way of caches, growth, the background and release. */
static int eater_use(const char *name)
{
	void *addr;
	int err;

	eater_heap = eater_open(name);
	if (IS_ERR(eater_heap))
		return PTR_ERR(eater_heap);
	addr = heapranges_alloc(eater_heap, 1, GFP_NOWAIT | __GFP_NOWARN);
	err = eater_eat(EATER_ONCE_MIB * EATER_MIB_PAGES) ?: eater_free();
	if (addr && !err)
		err = heapranges_free(eater_heap, addr);
	heapranges_trim(eater_heap);
	if (name && heapranges_destroy(eater_heap))
		err = -EBUSY;
	return err;
}

static int __init eater_init(void)
{
	if (once)
		return eater_use(NULL) ?: eater_use("once") ?: -EAGAIN;
	eater_heap = eater_open(heap);
	return PTR_ERR_OR_ZERO(eater_heap);
}
module_init(eater_init);

static void __exit eater_exit(void)
{
	if (eater_free() || (heap && heapranges_destroy(eater_heap)))
		pr_err("could not give everything back\n");
}
module_exit(eater_exit);

MODULE_DESCRIPTION("Eats the machine's memory through heapranges, for tools/memory");
MODULE_AUTHOR("The heapranges authors");
MODULE_LICENSE("GPL");
