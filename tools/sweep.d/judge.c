// SPDX-License-Identifier: GPL-2.0
/* What must hold after each step, whatever the case and the act. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "sweep.h"

static bool sweep_do_overlap(const void *a, const void *b)
{
	unsigned long distance = abs((long)a - (long)b);

	return a && b && distance < sweep_case->nr_pages * PAGE_SIZE;
}

/* Nobody but who steals or resizes the run may be seen by the interrupted code. */
static const char *sweep_judge_body(void)
{
	const char *act = sweep_act->name;
	int free_err = sweep_now.free_err, other_err = sweep_now.other_err;
	bool stolen = !strcmp(act, "steal") && !sweep_now.irq_err;
	bool resized = !strcmp(act, "resize") && !sweep_now.irq_err;

	if (sweep_case->frees && !sweep_now.run && !sweep_now.irq_holds)
		return "no run for the interrupted code";
	if (free_err && !(stolen && free_err == -EALREADY) && !(resized && free_err == -ERANGE))
		return "a free by the interrupted code";
	if (other_err && !(stolen && other_err == -EALREADY) &&
	    !(sweep_now.irq_holds && other_err == -EBUSY))
		return "a call by the interrupted code";
	if (sweep_now.irq_overlaps)
		return "the interrupt got what the interrupted code has";
	if (sweep_now.irq_holds && sweep_now.fired_at <= SWEEP_TAKING &&
	    sweep_do_overlap(sweep_now.run, sweep_now.irq_run))
		return "the interrupted code got what the interrupt has";
	if (sweep_now.irq_holds &&
	    heapranges_size(sweep_heap, sweep_now.irq_run) != sweep_case->nr_pages)
		return "what the interrupt has is not live";
	return NULL;
}

static u64 sweep_nr_rejected(const struct heapranges_stats *s)
{
	return s->rejected_foreign + s->rejected_interior + s->rejected_double + s->rejected_size;
}

/* Each refusal was told to somebody. Resizes, of which there may be two, do not say. */
static const char *sweep_judge_counters(const struct heapranges_stats *before)
{
	struct heapranges_stats s;
	unsigned int nr = 0;

	heapranges_get_stats(sweep_heap, &s);
	if (s.check_failures || s.rejected_context)
		return "a check has failed";
	if (!sweep_case->frees)
		return NULL;
	nr += sweep_now.irq_err && sweep_now.irq_err != -ENOSPC;
	nr += !!sweep_now.free_err;
	if (sweep_nr_rejected(&s) - sweep_nr_rejected(before) == nr)
		return NULL;
	return "counters of bad frees";
}

static const char *sweep_judge_sound(void)
{
	static char first[120];

	return heapranges_verify(sweep_heap, first, sizeof(first)) ? first : NULL;
}

static void sweep_give_back(const void *run)
{
	if (run && heapranges_size(sweep_heap, run))
		heapranges_free(sweep_heap, run);
}

/* The heap is as it was made. Return: NULL, or what is left. */
const char *sweep_clean(void)
{
	unsigned long extra = (unsigned long)sweep_addr(SWEEP_EXTRA_PAGE);
	struct heapranges_stats s;

	sweep_give_back(sweep_now.irq_run);
	sweep_give_back(sweep_now.run);
	sweep_give_back(sweep_target(sweep_case));
	if (heapranges_contains(sweep_heap, extra, SWEEP_EXTRA_PAGES) &&
	    heapranges_remove(sweep_heap, extra, SWEEP_EXTRA_PAGES))
		return "the region that comes and goes stays";
	heapranges_trim(sweep_heap);
	heapranges_get_stats(sweep_heap, &s);
	if (s.owned_pages != SWEEP_PAGES || s.used_pages != SWEEP_ANCHOR_PAGES ||
	    s.cached_pages || s.largest_free_pages != SWEEP_ANCHOR_PAGE)
		return "something is left over";
	return NULL;
}

const char *sweep_judge(const struct heapranges_stats *before)
{
	const char *why;

	why = sweep_act ? sweep_act->judge(sweep_case) ?: sweep_judge_body() ?:
			  sweep_judge_counters(before) : NULL;
	return why ?: sweep_judge_sound() ?: sweep_clean();
}
