// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts heapranges behind each of its instructions, in a virtual machine whose clock
 * is its instruction counter: there a timer that is due one nanosecond later comes one
 * instruction later.
 *
 *	arm a timer | wait n instructions | the code that is interrupted | is it sound?
 *	     `----------- always the same time -----------^ act
 *
 * n, which is exact to the instruction, becomes less by one with each step, so the
 * interrupt moves on through that code, from before its first instruction to behind its
 * last. A step that a tick of the kernel's own has come into is repeated.
 *
 * Written to /sys/module/sweep/parameters/step, one at a time:
 *
 *   <case>		sweeps it with every act; what came out is in the log
 *   <case> <act>	with that one only
 *
 * A line "sweep: failed: ..." names what was wrong, where.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <asm/irq_regs.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/processor.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "sweep.h"

#define SWEEP_MAX_STEPS		60000
#define SWEEP_TRIES		20
/* How much earlier than after the longest wait the timer is due: then it comes before it is over. */
#define SWEEP_EARLY_NS		2000
#define SWEEP_MARGIN_NS		8000

struct heapranges *sweep_heap;
struct sweep_step sweep_now;

/* Of the sweep of one case. */
static const struct sweep_case *sweep_case;
static const struct sweep_act *sweep_act;
static struct hrtimer sweep_timer;
static unsigned long sweep_most_ns;
static unsigned long *sweep_ips;
static unsigned long sweep_nr_repeated;

static int sweep_fail(unsigned long k, const char *why)
{
	pr_info("failed: %s %s step %lu: %s: at %pS, stage %d, free %d, other %d, interrupt %d\n",
		sweep_case->name, sweep_act ? sweep_act->name : "-", k, why,
		(void *)sweep_now.ip, sweep_now.fired_at, sweep_now.free_err,
		sweep_now.other_err, sweep_now.irq_err);
	return -EIO;
}

static enum hrtimer_restart sweep_interrupt(struct hrtimer *timer)
{
	struct pt_regs *regs = get_irq_regs();

	sweep_now.ip = regs ? instruction_pointer(regs) : 0;
	sweep_now.fired_at = READ_ONCE(sweep_now.stage);
	if (sweep_act)
		sweep_act->act(sweep_case);
	WRITE_ONCE(sweep_now.fired, true);
	return HRTIMER_NORESTART;
}

/* @nr instructions, and some more, as many each time. */
static noinline void sweep_wait(unsigned long nr)
{
	asm volatile("test $1, %0\n\t"
		     "jz 1f\n\t"
		     "nop\n"
		     "1:	shr $1, %0\n"
		     "2:	dec %0\n\t"
		     "jns 2b"
		     : "+r" (nr) : : "cc");
}

/* The interrupted code, with the interrupt @k instructions later than at first. */
static void sweep_run(unsigned long k)
{
	local_irq_disable();
	hrtimer_start(&sweep_timer, ns_to_ktime(sweep_most_ns - SWEEP_EARLY_NS),
		      HRTIMER_MODE_REL_PINNED_HARD);
	local_irq_enable();
	sweep_wait(sweep_most_ns - k);
	sweep_reach(SWEEP_TAKING);
	sweep_case->body(sweep_case);
	sweep_reach(SWEEP_AFTER);
	while (!READ_ONCE(sweep_now.fired))
		cpu_relax();
}

/* ---- what must hold after each ---- */

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
	return sweep_nr_rejected(&s) - sweep_nr_rejected(before) == nr ? NULL : "counters of bad frees";
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
static const char *sweep_clean(void)
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

static const char *sweep_judge(const struct heapranges_stats *before)
{
	const char *why = NULL;

	if (sweep_act)
		why = sweep_act->judge(sweep_case) ?: sweep_judge_body() ?:
		      sweep_judge_counters(before);
	return why ?: sweep_judge_sound() ?: sweep_clean();
}

/* Repeated until no tick comes into it. Return: an errno. */
static int sweep_step(unsigned long k)
{
	struct heapranges_stats before;
	unsigned long ticks;
	const char *why;
	int tries;

	for (tries = 0; tries < SWEEP_TRIES; tries++) {
		memset(&sweep_now, 0, sizeof(sweep_now));
		sweep_case->prepare(sweep_case);
		heapranges_get_stats(sweep_heap, &before);
		ticks = jiffies;
		sweep_run(k);
		ticks = jiffies - ticks;
		why = sweep_judge(&before);
		if (why)
			return sweep_fail(k, why);
		if (!ticks)
			return 0;
		sweep_nr_repeated++;
		cond_resched();
	}
	return sweep_fail(k, "always a tick");
}

/* ---- a sweep ---- */

/* The first step, of @limit, whose interrupt comes at @stage or later. Return: an errno. */
static int sweep_find(enum sweep_stage stage, unsigned long limit, unsigned long *first)
{
	unsigned long low = 0, high = limit, middle;
	int err;

	while (low < high) {
		middle = (low + high) / 2;
		err = sweep_step(middle);
		if (err)
			return err;
		if (sweep_now.fired_at >= stage)
			high = middle;
		else
			low = middle + 1;
	}
	*first = low;
	return low && low < limit ? 0 : sweep_fail(low, "the timer does not reach that code");
}

/* Instructions of the interrupted code, by the clock: the least of some. */
static unsigned long sweep_length_ns(void)
{
	u64 least = U64_MAX, start, taken;
	int i;

	for (i = 0; i < 5; i++) {
		memset(&sweep_now, 0, sizeof(sweep_now));
		sweep_case->prepare(sweep_case);
		start = ktime_get_ns();
		sweep_reach(SWEEP_TAKING);
		sweep_case->body(sweep_case);
		sweep_reach(SWEEP_AFTER);
		taken = ktime_get_ns() - start;
		start = ktime_get_ns();
		taken -= ktime_get_ns() - start;
		least = min(least, taken);
		sweep_clean();
	}
	return least;
}

static void sweep_say_path(unsigned long nr_steps)
{
	unsigned long i, nr;

	sweep_path_begin();
	for (i = 0; i < nr_steps; i += nr) {
		for (nr = 1; i + nr < nr_steps && sweep_ips[i + nr] == sweep_ips[i]; nr++)
			;
		sweep_path_add(sweep_ips[i], nr);
	}
	sweep_path_end();
}

/*
 * What else goes on in the kernel makes an interrupt stray now and then. So the place
 * where that of step @k comes is where it has come twice in a row. Return: an errno, or
 * 1: there is none.
 */
static int sweep_find_ip(unsigned long k, unsigned long *ip)
{
	int err, tries;

	*ip = 0;
	for (tries = 0; tries < SWEEP_TRIES; tries++) {
		err = sweep_step(k);
		if (err || sweep_now.ip == *ip)
			return err;
		*ip = sweep_now.ip;
	}
	return 1;
}

/* The same of a place that is known. */
static int sweep_step_at(unsigned long k, unsigned long ip)
{
	int err, tries;

	for (tries = 0; tries < SWEEP_TRIES; tries++) {
		err = sweep_step(k);
		if (err || sweep_now.ip == ip)
			return err;
		sweep_nr_repeated++;
	}
	return 1;
}

/*
 * All steps of one act, from @first on: the first act finds out where each interrupt
 * comes, and so must it come for all. Return: an errno.
 */
static int sweep_with(unsigned long first, bool is_first, unsigned long *nr_steps)
{
	unsigned long i, nr_good = 0, nr_told = 0, nr_elsewhere = 0;
	int err;

	for (i = 0; i < SWEEP_MAX_STEPS && (is_first || i < *nr_steps); i++) {
		if (is_first) {
			err = sweep_find_ip(first + i, &sweep_ips[i]);
			if (!err && sweep_now.fired_at == SWEEP_AFTER)
				break;
		} else {
			err = sweep_step_at(first + i, sweep_ips[i]);
		}
		if (err < 0)
			return err;
		nr_elsewhere += err;
		nr_good += !sweep_now.irq_err;
		nr_told += !!sweep_now.irq_err;
		cond_resched();
	}
	*nr_steps = i;
	pr_info("swept %s %s steps=%lu good=%lu told=%lu elsewhere=%lu\n", sweep_case->name,
		sweep_act->name, i, nr_good, nr_told, nr_elsewhere);
	return 0;
}

/* Return: an errno. */
static int sweep_all(const char *only)
{
	unsigned long length_ns = sweep_length_ns(), first, nr_steps = 0;
	bool is_first = true;
	unsigned int i;
	int err;

	sweep_most_ns = length_ns + length_ns / 4 + SWEEP_MARGIN_NS;
	sweep_act = NULL;
	err = sweep_find(SWEEP_TAKING, sweep_most_ns, &first);
	for (i = 0; !err && i < sweep_nr_acts; i++) {
		sweep_act = &sweep_acts[i];
		if (*only && strcmp(only, sweep_act->name))
			continue;
		err = sweep_with(first, is_first, &nr_steps);
		is_first = false;
	}
	if (err)
		return err;
	pr_info("case %s length=%lu steps=%lu repeated=%lu\n", sweep_case->name, length_ns,
		nr_steps, sweep_nr_repeated);
	sweep_say_path(nr_steps);
	return 0;
}

static struct heapranges *sweep_make_heap(unsigned int flags)
{
	struct heapranges_params params = {
		.name = "sweep", .node = NUMA_NO_NODE, .flags = HEAPRANGES_ADDRESS_ONLY | flags,
	};
	struct heapranges *heap = heapranges_create(&params);

	if (IS_ERR(heap))
		return NULL;
	if (heapranges_add(heap, SWEEP_BASE, SWEEP_PAGES) ||
	    !heapranges_alloc_at(heap, (unsigned long)sweep_addr(SWEEP_ANCHOR_PAGE),
				 SWEEP_ANCHOR_PAGES, GFP_KERNEL)) {
		WARN_ON_ONCE(heapranges_destroy(heap));
		return NULL;
	}
	return heap;
}

static int sweep_one_case(const struct sweep_case *c, const char *only)
{
	int err;

	sweep_case = c;
	sweep_act = NULL;
	sweep_nr_repeated = 0;
	sweep_heap = sweep_make_heap(c->flags);
	if (!sweep_heap)
		return sweep_fail(0, "no heap");
	err = sweep_all(only);
	heapranges_free(sweep_heap, sweep_addr(SWEEP_ANCHOR_PAGE));
	return heapranges_destroy(sweep_heap) ?: err;
}

static int sweep_step_set(const char *val, const struct kernel_param *kp)
{
	char name[20], only[20] = "";
	unsigned int i;

	if (sscanf(val, "%19s %19s", name, only) < 1)
		return -EINVAL;
	for (i = 0; i < sweep_nr_cases; i++) {
		if (!strcmp(name, sweep_cases[i].name))
			return sweep_one_case(&sweep_cases[i], only);
	}
	return -EINVAL;
}

static int sweep_step_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int i;
	int len = 0;

	for (i = 0; i < sweep_nr_cases; i++)
		len += sysfs_emit_at(buffer, len, "%s\n", sweep_cases[i].name);
	return len;
}

static const struct kernel_param_ops sweep_step_ops = {
	.set = sweep_step_set, .get = sweep_step_get,
};
module_param_cb(step, &sweep_step_ops, NULL, 0600);
MODULE_PARM_DESC(step, "the case to sweep, and the act if it is to be one; read: all cases");

static int __init sweep_init(void)
{
	sweep_ips = vcalloc(SWEEP_MAX_STEPS, sizeof(*sweep_ips));
	if (!sweep_ips)
		return -ENOMEM;
	hrtimer_init(&sweep_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	sweep_timer.function = sweep_interrupt;
	return 0;
}

static void __exit sweep_exit(void)
{
	vfree(sweep_ips);
}
module_init(sweep_init);
module_exit(sweep_exit);

MODULE_DESCRIPTION("Interrupts heapranges behind each instruction");
MODULE_AUTHOR("The heapranges authors");
MODULE_LICENSE("GPL");
