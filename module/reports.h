/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a heap says in the log, and how often. Called without spinlocks.
 *
 * Shortage is quiet but for a few lines; a caller's mistake is one rate-limited
 * line with what it takes to find the caller; our own corruption shows its
 * evidence every time.
 */
#ifndef HR_REPORTS_H
#define HR_REPORTS_H

#include <linux/atomic.h>
#include <linux/ratelimit.h>
#include <linux/types.h>

struct heapranges_stats;
struct hr_poison_stain;

/* What a free turns out to be. The first that is true wins, in this order. */
enum hr_verdict {
	HR_VERDICT_FOREIGN,
	HR_VERDICT_DOUBLE,
	HR_VERDICT_INTERIOR,
	HR_VERDICT_SIZE,
	HR_NR_REJECTIONS,
	HR_VERDICT_GOOD = HR_NR_REJECTIONS,
};

struct hr_reports {
	struct ratelimit_state	rate;
	unsigned long		said;		/* bit n: rejection n was reported */
	atomic_t		nr_shortages;
};

void hr_reports_init(struct hr_reports *reports);

/* The errno of a verdict; 0 for HR_VERDICT_GOOD. And a word for it. */
int hr_reports_errno(enum hr_verdict verdict);
const char *hr_reports_word(enum hr_verdict verdict);

/* A free was rejected. @nr_pages: what the caller said, 0: nothing. */
void hr_reports_rejection(struct hr_reports *reports, const char *name,
			  enum hr_verdict verdict, const void *addr,
			  unsigned long nr_pages, unsigned long caller);

/* An allocation or growth of @nr_pages failed. */
void hr_reports_shortage(struct hr_reports *reports, const char *name,
			 unsigned long nr_pages, unsigned long caller);

/* Another mistake of @caller, @why in words. @reports: NULL: of no heap. */
void hr_reports_mistake(struct hr_reports *reports, const char *name,
			const char *why, unsigned long caller);

/* @caller wanted to destroy a heap whose @stats are these. Return: false: not said. */
bool hr_reports_busy(struct hr_reports *reports, const char *name,
		     const struct heapranges_stats *stats, unsigned long caller);

/* The heap was about to hand out what it does not own. */
void hr_reports_corruption(const char *name, unsigned long base,
			   unsigned long nr_pages, unsigned long nr_ranges);

/*
 * Somebody has written into a run at @base after it was freed. Whose the page was is said
 * as far as it is known.
 */
void hr_reports_stain(struct hr_reports *reports, const char *name, unsigned long base,
		      const struct hr_poison_stain *stain);

/* What a cache holds is not parked. */
void hr_reports_odd_cache(const char *name, unsigned long base, unsigned long nr_pages);

/*
 * The call stack @frames, the innermost first, holds so much of a heap that should be
 * empty; no frames: it is not known whose. And all others together.
 */
void hr_reports_owner(const char *name, unsigned long nr_runs, unsigned long nr_pages,
		      const unsigned long *frames, unsigned int nr_frames);
void hr_reports_others(const char *name, unsigned long nr_runs, unsigned long nr_pages);

/*
 * The machine is out of memory, and @stats are a heap's. @reclaimable_pages: negative:
 * they are not known now.
 */
void hr_reports_oom(const char *name, const struct heapranges_stats *stats,
		    long reclaimable_pages);

/* The module is unloaded while runs of the default heap live, in @nr_arenas. */
void hr_reports_leak(const char *name, const struct heapranges_stats *stats,
		     unsigned long nr_arenas);

#endif /* HR_REPORTS_H */
