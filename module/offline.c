// SPDX-License-Identifier: GPL-2.0
/*
 * What a CPU that is gone has left in its caches: it goes back to the heaps, where others
 * can have it, and does not keep an arena.
 *
 * The kernel says so when the CPU runs nothing any more, and holds cpu_hotplug_lock:
 * nobody of ours takes that under a lock of ours.
 */
#include <linux/cpuhotplug.h>
#include <linux/minmax.h>

#include "cache.h"
#include "heaps.h"
#include "offline.h"

static int hr_offline_state;

int hr_offline_cpu(unsigned int cpu)
{
	struct heapranges *heap;

	down_read(&hr_heaps_rwsem);
	list_for_each_entry(heap, &hr_heaps_list, link) {
		mutex_lock(&heap->change);
		hr_cache_empty(heap, cpu);
		mutex_unlock(&heap->change);
	}
	up_read(&hr_heaps_rwsem);
	return 0;
}

int hr_offline_setup(void)
{
	hr_offline_state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "mm/heapranges:dead",
						     NULL, hr_offline_cpu);
	return min(hr_offline_state, 0);
}

void hr_offline_teardown(void)
{
	cpuhp_remove_state_nocalls(hr_offline_state);
}
