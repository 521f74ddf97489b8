// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/heapranges_heaps/<name>/: one file a question about one heap.
 *
 * What is read is taken first, a chunk's copy at a time, and printed with no lock held.
 * Modes lie within 0444 and nothing can be written, so lockdown leaves the files
 * readable; trim, which can, is a file of another kind.
 *
 * They go before their heap does: removal waits for whoever is at work in one, and who
 * has one open after that reads -EIO. So the heap is there whenever something here runs,
 * but for release, which does not look at it.
 */
#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "idle.h"
#include "map.h"
#include "owners.h"
#include "pinned.h"
#include "rejects.h"
#include "stats.h"
#include "verify.h"

#define HR_DEBUGFS_WORDS	160

static struct dentry *hr_debugfs_heaps;

static int hr_debugfs_stats_show(struct seq_file *m, void *unused)
{
	hr_stats_show(m, m->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hr_debugfs_stats);

static int hr_debugfs_rejects_show(struct seq_file *m, void *unused)
{
	struct hr_reject copy[HR_REJECTS_NR], *reject;
	struct heapranges *heap = m->private;
	const int digits = 2 * sizeof(unsigned long);
	unsigned int nr = hr_rejects_copy(&heap->rejects, copy);
	u32 ns_left;
	u64 s;

	seq_puts(m, "# heapranges rejects 1\n# seconds verdict address caller\n");
	for (reject = copy; reject < copy + nr; reject++) {
		s = div_u64_rem(reject->ns, NSEC_PER_SEC, &ns_left);
		seq_printf(m, "%llu.%06lu %s 0x%0*lx %pS\n", s, ns_left / NSEC_PER_USEC,
			   hr_reports_word(reject->verdict), digits,
			   (unsigned long)reject->addr, (void *)reject->caller);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hr_debugfs_rejects);

static int hr_debugfs_verify_show(struct seq_file *m, void *unused)
{
	char first[HR_DEBUGFS_WORDS] = "";
	int nr = hr_verify_heap(m->private, first, sizeof(first));

	if (nr > 0)
		seq_printf(m, "%d %s\n", nr, first);
	else
		seq_puts(m, nr ? "totals: busy\n" : "ok\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hr_debugfs_verify);

static const struct hr_debugfs_heap_file {
	const char			*name;
	const struct file_operations	*fops;
} hr_debugfs_heap_files[] = {
	{ "stats", &hr_debugfs_stats_fops },
	{ "map", &hr_map_fops },
	{ "owners", &hr_owners_fops },
	{ "rejects", &hr_debugfs_rejects_fops },
	{ "pinned", &hr_pinned_fops },
	{ "verify", &hr_debugfs_verify_fops },
};

static int hr_debugfs_trim(void *heap, u64 value)
{
	if (value != 1)
		return -EINVAL;
	hr_idle_trim(heap, true);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(hr_debugfs_trim_fops, NULL, hr_debugfs_trim, "%llu\n");

void hr_debugfs_add_heap(struct heapranges *heap)
{
	unsigned int i;

	heap->debugfs = debugfs_create_dir(heap->name, hr_debugfs_heaps);
	for (i = 0; i < ARRAY_SIZE(hr_debugfs_heap_files); i++)
		debugfs_create_file(hr_debugfs_heap_files[i].name, 0400, heap->debugfs, heap,
				    hr_debugfs_heap_files[i].fops);
	debugfs_create_file_unsafe("trim", 0200, heap->debugfs, heap,
				   &hr_debugfs_trim_fops);
}

void hr_debugfs_remove_heap(struct heapranges *heap)
{
	debugfs_remove(heap->debugfs);
}

void hr_debugfs_heap_init(void)
{
	hr_debugfs_heaps = debugfs_create_dir("heapranges_heaps", NULL);
}

void hr_debugfs_heap_exit(void)
{
	debugfs_remove(hr_debugfs_heaps);
}
