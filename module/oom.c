// SPDX-License-Identifier: GPL-2.0
/*
 * What heaps hold, in the log of a machine that is out of memory: a line a heap, beside
 * what the kernel says about itself.
 *
 * Whoever ran out may hold any mutex of ours, so mutexes are tried only. Nobody allocates
 * under a heap's spinlock. Nothing is released here: the shrinker has been asked before.
 */
#include <linux/oom.h>
#include <linux/ratelimit.h>

#include "heaps.h"
#include "idle.h"
#include "oom.h"
#include "stats.h"

/* All heaps, or none of them: one kill may follow the other at once. */
static DEFINE_RATELIMIT_STATE(hr_oom_rate, DEFAULT_RATELIMIT_INTERVAL,
			      DEFAULT_RATELIMIT_BURST);

static void hr_oom_say(struct heapranges *heap)
{
	struct heapranges_stats stats;

	hr_stats_get(heap, &stats);
	if (stats.owned_pages)
		hr_reports_oom(heap->name, &stats, hr_idle_try_reclaimable(heap));
}

int hr_oom_notify(struct notifier_block *nb, unsigned long unused, void *freed_pages)
{
	struct heapranges *heap;

	if (!__ratelimit(&hr_oom_rate) || !down_read_trylock(&hr_heaps_rwsem))
		return NOTIFY_OK;
	list_for_each_entry(heap, &hr_heaps_list, link)
		hr_oom_say(heap);
	up_read(&hr_heaps_rwsem);
	return NOTIFY_OK;
}

static struct notifier_block hr_oom_nb = { .notifier_call = hr_oom_notify };

int hr_oom_setup(void)
{
	return register_oom_notifier(&hr_oom_nb);
}

void hr_oom_teardown(void)
{
	unregister_oom_notifier(&hr_oom_nb);
}
