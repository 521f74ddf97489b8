// SPDX-License-Identifier: GPL-2.0
/*
 * The hook under module/mem.h. Part of heapranges.ko in a test build
 * (HEAPRANGES_KUNIT=1) and in no other.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "../module/mem.h"

/* More than any watched call takes. */
#define HR_MEM_TAKEN_MAX	256

const char * const hr_mem_kind_names[HR_MEM_NR_KINDS] = {
	[HR_MEM_KMALLOC]	= "kmalloc",
	[HR_MEM_KVMALLOC]	= "kvmalloc",
	[HR_MEM_CACHE]		= "kmem_cache",
	[HR_MEM_OBJECT]		= "kmem_cache object",
	[HR_MEM_PAGE]		= "page",
	[HR_MEM_AREA]		= "vmalloc area",
	[HR_MEM_PERCPU]		= "percpu",
	[HR_MEM_WORKQUEUE]	= "workqueue",
	[HR_MEM_SHRINKER]	= "shrinker",
};

static atomic_long_t hr_mem_nr_live[HR_MEM_NR_KINDS];

/* All but hr_mem_watcher: changed by the task that watches, and by no other. */
static struct task_struct *hr_mem_watcher;
static unsigned long hr_mem_first, hr_mem_second, hr_mem_nr_asked;
static struct hr_mem_site *hr_mem_sites;

static void (*hr_mem_reclaim)(gfp_t gfp);	/* NULL: none */

/* What was taken during the last watch and is not given back. */
static DEFINE_RAW_SPINLOCK(hr_mem_taken_lock);
static unsigned int hr_mem_nr_taken;	/* guarded by hr_mem_taken_lock */
static struct {
	const void		*what;
	struct hr_mem_site	*site;
} hr_mem_taken[HR_MEM_TAKEN_MAX];	/* guarded by hr_mem_taken_lock */

void hr_mem_watch(unsigned long first, unsigned long second)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&hr_mem_taken_lock, flags);
	hr_mem_nr_taken = 0;
	raw_spin_unlock_irqrestore(&hr_mem_taken_lock, flags);
	hr_mem_first = first;
	hr_mem_second = second;
	hr_mem_nr_asked = 0;
	WRITE_ONCE(hr_mem_watcher, current);
}

unsigned long hr_mem_unwatch(void)
{
	WRITE_ONCE(hr_mem_watcher, NULL);
	return hr_mem_nr_asked;
}

/* So that loading can be watched, by the task that loads. */
static int hr_mem_fail_set(const char *text, const struct kernel_param *param)
{
	unsigned long nth;
	int err = kstrtoul(text, 0, &nth);

	if (!err)
		hr_mem_watch(nth, 0);
	return err;
}

static const struct kernel_param_ops hr_mem_fail_ops = { .set = hr_mem_fail_set };

module_param_cb(mem_fail, &hr_mem_fail_ops, NULL, 0);
MODULE_PARM_DESC(mem_fail, "Which allocation fails while the module is loaded, from 1 (default: 0, none)");

static bool hr_mem_is_watched(void)
{
	return READ_ONCE(hr_mem_watcher) == current && in_task();
}

void hr_mem_set_reclaim(void (*fn)(gfp_t gfp))
{
	WRITE_ONCE(hr_mem_reclaim, fn);
}

/* Whether the allocation that was counted last is to fail. */
static bool hr_mem_is_picked(void)
{
	return hr_mem_nr_asked == hr_mem_first || hr_mem_nr_asked == hr_mem_second ||
	       (hr_mem_second == HR_MEM_ALL && hr_mem_nr_asked > hr_mem_first);
}

bool hr_mem_fails(struct hr_mem_site *site, gfp_t gfp)
{
	void (*reclaim)(gfp_t gfp) = READ_ONCE(hr_mem_reclaim);

	if (reclaim)
		reclaim(gfp);
	if (!hr_mem_is_watched())
		return false;
	hr_mem_nr_asked++;
	if (!hr_mem_is_picked() || gfp & __GFP_NOFAIL)
		return false;
	if (!site->nr_failed++) {
		site->next = hr_mem_sites;
		hr_mem_sites = site;
	}
	return true;
}

void hr_mem_take(struct hr_mem_site *site, enum hr_mem_kind kind, const void *what)
{
	unsigned long flags;

	if (!what)
		return;
	atomic_long_inc(&hr_mem_nr_live[kind]);
	if (!hr_mem_is_watched())
		return;
	raw_spin_lock_irqsave(&hr_mem_taken_lock, flags);
	if (!WARN_ON_ONCE(hr_mem_nr_taken == HR_MEM_TAKEN_MAX)) {
		hr_mem_taken[hr_mem_nr_taken].what = what;
		hr_mem_taken[hr_mem_nr_taken++].site = site;
	}
	raw_spin_unlock_irqrestore(&hr_mem_taken_lock, flags);
}

void hr_mem_put(enum hr_mem_kind kind, const void *what)
{
	unsigned long flags;
	unsigned int i;

	if (!what)
		return;
	atomic_long_dec(&hr_mem_nr_live[kind]);
	raw_spin_lock_irqsave(&hr_mem_taken_lock, flags);
	for (i = 0; i < hr_mem_nr_taken; i++) {
		if (hr_mem_taken[i].what == what) {
			hr_mem_taken[i] = hr_mem_taken[--hr_mem_nr_taken];
			break;
		}
	}
	raw_spin_unlock_irqrestore(&hr_mem_taken_lock, flags);
}

void *hr_mem_put_pages(void *area, struct page **pages, unsigned long nr_pages)
{
	unsigned long i;

	if (!area)
		return NULL;
	for (i = 0; i < nr_pages; i++)
		hr_mem_put(HR_MEM_PAGE, pages[i]);
	hr_mem_put(HR_MEM_KVMALLOC, pages);
	return area;
}

const struct hr_mem_site *hr_mem_left(void)
{
	const struct hr_mem_site *site;
	unsigned long flags;

	raw_spin_lock_irqsave(&hr_mem_taken_lock, flags);
	site = hr_mem_nr_taken ? hr_mem_taken[0].site : NULL;
	raw_spin_unlock_irqrestore(&hr_mem_taken_lock, flags);
	return site;
}

long hr_mem_live(enum hr_mem_kind kind)
{
	return atomic_long_read(&hr_mem_nr_live[kind]);
}

const struct hr_mem_site *hr_mem_failed_sites(void)
{
	return hr_mem_sites;
}

void hr_mem_exit(void)
{
	int kind;

	for (kind = 0; kind < HR_MEM_NR_KINDS; kind++)
		WARN(hr_mem_live(kind), "heapranges: leak: kind=%s nr=%ld\n",
		     hr_mem_kind_names[kind], hr_mem_live(kind));
}
