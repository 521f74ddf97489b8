// SPDX-License-Identifier: GPL-2.0
/*
 * What a heap says in the log, and how often.
 *
 * A bad caller may be in a loop, in an interrupt, on every CPU: the first
 * rejection of each kind is always said, then at most ten lines in five seconds
 * a heap. Addresses are hashed (%p): the log has other readers than debugfs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include "heapranges.h"
#include "poison.h"
#include "reports.h"

#define HR_REPORTS_SHORTAGES_MAX	10
#define HR_REPORTS_STAIN_BYTES		16UL
/* Of a call stack, in a line. */
#define HR_REPORTS_FRAMES		3
#define HR_REPORTS_FRAMES_BYTES		256

static const struct {
	const char	*word;
	int		err;
} hr_reports_verdicts[] = {
	[HR_VERDICT_FOREIGN]	= { "foreign",	-EFAULT },
	[HR_VERDICT_DOUBLE]	= { "double",	-EALREADY },
	[HR_VERDICT_INTERIOR]	= { "interior",	-EINVAL },
	[HR_VERDICT_SIZE]	= { "size",	-ERANGE },
	[HR_VERDICT_GOOD]	= { "good",	0 },
};

static DEFINE_RATELIMIT_STATE(hr_reports_heapless_rate,
			      DEFAULT_RATELIMIT_INTERVAL,
			      DEFAULT_RATELIMIT_BURST);

void hr_reports_init(struct hr_reports *reports)
{
	ratelimit_state_init(&reports->rate, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	reports->said = 0;
	atomic_set(&reports->nr_shortages, 0);
}

int hr_reports_errno(enum hr_verdict verdict)
{
	return hr_reports_verdicts[verdict].err;
}

const char *hr_reports_word(enum hr_verdict verdict)
{
	return hr_reports_verdicts[verdict].word;
}

void hr_reports_rejection(struct hr_reports *reports, const char *name,
			  enum hr_verdict verdict, const void *addr,
			  unsigned long nr_pages, unsigned long caller)
{
	if (test_and_set_bit(verdict, &reports->said) &&
	    !__ratelimit(&reports->rate))
		return;
	pr_warn("bad free: heap=%s reason=%s addr=%p pages=%lu caller=%pS\n",
		name, hr_reports_word(verdict), addr, nr_pages,
		(void *)caller);
}

void hr_reports_shortage(struct hr_reports *reports, const char *name,
			 unsigned long nr_pages, unsigned long caller)
{
	if (atomic_read(&reports->nr_shortages) >= HR_REPORTS_SHORTAGES_MAX ||
	    atomic_inc_return(&reports->nr_shortages) > HR_REPORTS_SHORTAGES_MAX)
		return;
	pr_warn("shortage: heap=%s pages=%lu caller=%pS\n", name, nr_pages,
		(void *)caller);
}

void hr_reports_mistake(struct hr_reports *reports, const char *name,
			const char *why, unsigned long caller)
{
	if (!__ratelimit(reports ? &reports->rate : &hr_reports_heapless_rate))
		return;
	pr_warn("misuse: heap=%s reason=\"%s\" caller=%pS\n", name, why,
		(void *)caller);
}

static u64 hr_reports_live_runs(const struct heapranges_stats *stats)
{
	return stats->allocs - stats->frees;
}

bool hr_reports_busy(struct hr_reports *reports, const char *name,
		     const struct heapranges_stats *stats, unsigned long caller)
{
	if (!__ratelimit(&reports->rate))
		return false;
	pr_warn("misuse: heap=%s reason=\"destroyed with live allocations\" runs=%llu pages=%lu caller=%pS\n",
		name, hr_reports_live_runs(stats), stats->used_pages, (void *)caller);
	return true;
}

void hr_reports_corruption(const char *name, unsigned long base,
			   unsigned long nr_pages, unsigned long nr_ranges)
{
	pr_err("corruption: heap=%s pages=%lu addr=%p were about to be handed out, but none of its %lu ranges holds them; it allocates no more\n",
	       name, nr_pages, (void *)base, nr_ranges);
}

/* The innermost frames of a call stack, in @text of HR_REPORTS_FRAMES_BYTES. */
static void hr_reports_write_frames(char *text, const unsigned long *frames,
				    unsigned int nr_frames)
{
	unsigned int i, len = 0;

	for (i = 0; i < nr_frames && i < HR_REPORTS_FRAMES; i++)
		len += scnprintf(text + len, HR_REPORTS_FRAMES_BYTES - len, "%s%pS",
				 i ? " <- " : "", (void *)frames[i]);
}

void hr_reports_stain(struct hr_reports *reports, const char *name, unsigned long base,
		      const struct hr_poison_stain *stain)
{
	char owner[HR_REPORTS_FRAMES_BYTES] = "";
	const unsigned long *frames;
	unsigned int nr_frames;

	if (!__ratelimit(&reports->rate))
		return;
	nr_frames = hr_stack_fetch(&stain->blame.owner, &frames);
	hr_reports_write_frames(owner, frames, nr_frames);
	pr_err("write after free: heap=%s addr=%p offset=%lu bytes=%*ph freed by=%pS%s%s\n",
	       name, (void *)base, stain->addr - base,
	       (int)min(stain->nr_bytes, HR_REPORTS_STAIN_BYTES), (void *)stain->addr,
	       (void *)stain->blame.caller, nr_frames ? " taken by=" : "", owner);
}

void hr_reports_odd_cache(const char *name, unsigned long base, unsigned long nr_pages)
{
	pr_err("corruption: heap=%s pages=%lu addr=%p are in a cache, but not parked; it allocates no more\n",
	       name, nr_pages, (void *)base);
}

void hr_reports_owner(const char *name, unsigned long nr_runs, unsigned long nr_pages,
		      const unsigned long *frames, unsigned int nr_frames)
{
	char text[HR_REPORTS_FRAMES_BYTES] = "unknown";

	hr_reports_write_frames(text, frames, nr_frames);
	pr_warn("owner: heap=%s runs=%lu pages=%lu caller=%s\n", name, nr_runs, nr_pages,
		text);
}

void hr_reports_others(const char *name, unsigned long nr_runs, unsigned long nr_pages)
{
	pr_warn("owner: heap=%s runs=%lu pages=%lu caller=others\n", name, nr_runs, nr_pages);
}

void hr_reports_leak(const char *name, const struct heapranges_stats *stats,
		     unsigned long nr_arenas)
{
	pr_err("leak: heap=%s runs=%llu pages=%lu arenas=%lu live at unload; these arenas stay allocated\n",
	       name, hr_reports_live_runs(stats), stats->used_pages, nr_arenas);
}

void hr_reports_oom(const char *name, const struct heapranges_stats *stats,
		    long reclaimable_pages)
{
	char reclaimable[24] = "?";

	if (reclaimable_pages >= 0)
		snprintf(reclaimable, sizeof(reclaimable), "%ld", reclaimable_pages);
	pr_info("out of memory: heap=%s owned_pages=%lu used_pages=%lu cached_pages=%lu free_pages=%lu reclaimable_pages=%s\n",
		name, stats->owned_pages, stats->used_pages, stats->cached_pages,
		stats->free_pages, reclaimable);
}
