// SPDX-License-Identifier: GPL-2.0
/*
 * The hook under module/mem.h. Part of heapranges.ko in a test build
 * (HEAPRANGES_KUNIT=1) and in no other.
 *
 * Only the task that watches changes what follows; another one merely sees that
 * it is not the one.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "../module/mem.h"

const char * const hr_mem_kind_names[HR_MEM_NR_KINDS] = {
	[HR_MEM_KMALLOC]	= "kmalloc",
	[HR_MEM_KVMALLOC]	= "kvmalloc",
	[HR_MEM_CACHE]		= "kmem_cache",
	[HR_MEM_OBJECT]		= "kmem_cache object",
	[HR_MEM_PAGE]		= "page",
	[HR_MEM_AREA]		= "vmalloc area",
	[HR_MEM_PERCPU]		= "percpu",
};

static atomic_long_t hr_mem_nr_live[HR_MEM_NR_KINDS];

static struct task_struct *hr_mem_watcher;
static unsigned long hr_mem_first, hr_mem_second, hr_mem_nr_asked;
static struct hr_mem_site *hr_mem_sites;

void hr_mem_watch(unsigned long first, unsigned long second)
{
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

bool hr_mem_fails(struct hr_mem_site *site, gfp_t gfp)
{
	if (READ_ONCE(hr_mem_watcher) != current || !in_task())
		return false;
	hr_mem_nr_asked++;
	if ((hr_mem_nr_asked != hr_mem_first && hr_mem_nr_asked != hr_mem_second) ||
	    gfp & __GFP_NOFAIL)
		return false;
	if (!site->nr_failed++) {
		site->next = hr_mem_sites;
		hr_mem_sites = site;
	}
	return true;
}

const struct hr_mem_site *hr_mem_failed_sites(void)
{
	return hr_mem_sites;
}

void hr_mem_count(enum hr_mem_kind kind, long nr)
{
	atomic_long_add(nr, &hr_mem_nr_live[kind]);
}

long hr_mem_live(enum hr_mem_kind kind)
{
	return atomic_long_read(&hr_mem_nr_live[kind]);
}

void hr_mem_exit(void)
{
	int kind;

	for (kind = 0; kind < HR_MEM_NR_KINDS; kind++)
		WARN(hr_mem_live(kind), "heapranges: leak: kind=%s nr=%ld\n",
		     hr_mem_kind_names[kind], hr_mem_live(kind));
}
