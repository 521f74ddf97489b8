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
 * last. The timer itself counts in units of several ns: a phase is looked for that is in the
 * middle of one, so that rounding never leads to another. A step before which something
 * else took its time, or into which a tick of the kernel's own came, is repeated.
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
#include <asm/msr.h>
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
#define SWEEP_TRIES		6
#define SWEEP_SURE		5
/* The units of the timer are at most so long. */
#define SWEEP_UNIT_NS		64
/* Longer ones are swept with the basic acts only. */
#define SWEEP_LONG_STEPS	1000
/* The timer is due so much earlier than the longest wait is over. */
#define SWEEP_EARLY_NS		2000
#define SWEEP_MARGIN_NS		8000

struct heapranges *sweep_heap;
struct sweep_step sweep_now;

/* Of the sweep of one case. */
const struct sweep_case *sweep_case;
const struct sweep_act *sweep_act;
static struct hrtimer sweep_timer;
static unsigned long sweep_most_ns;
static unsigned long sweep_phase_ns;
static u64 sweep_lead;		/* from before the timer is armed to the code, for step 0 */
static unsigned long *sweep_ips;	/* where the interrupt of each step comes */
static unsigned long sweep_nr_steps;
static unsigned long sweep_nr_repeated, sweep_nr_strayed;

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

	sweep_now.fired_after = rdtsc() - sweep_now.begin;
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
	sweep_now.begin = rdtsc();
	hrtimer_start(&sweep_timer,
		      ns_to_ktime(sweep_most_ns - SWEEP_EARLY_NS + sweep_phase_ns),
		      HRTIMER_MODE_REL_PINNED_HARD);
	local_irq_enable();
	sweep_wait(sweep_most_ns - k);
	sweep_now.lead = rdtsc() - sweep_now.begin;
	sweep_reach(SWEEP_TAKING);
	sweep_case->body(sweep_case);
	sweep_reach(SWEEP_AFTER);
	while (!READ_ONCE(sweep_now.fired))
		cpu_relax();
}

/* ---- a step ---- */

/*
 * Nothing else took its time on the way to the code: that was as long as it is for most
 * steps, which is found out on the way.
 */
static bool sweep_is_straight(unsigned long k)
{
	static unsigned int nr_others;
	static u64 other;
	u64 lead = sweep_now.lead + k;

	if (lead == sweep_lead) {
		nr_others = 0;
		return true;
	}
	nr_others = lead == other ? nr_others + 1 : 0;
	other = lead;
	if (nr_others < SWEEP_SURE)
		return false;
	sweep_lead = lead;
	return true;
}

/* Then the interrupt may come on the way to the code, which is longer by as much. */
static bool sweep_is_searching(void)
{
	return !sweep_act && sweep_now.fired_at == SWEEP_BEFORE;
}

/* Repeated until nothing comes into it. Return: an errno. */
static int sweep_step(unsigned long k)
{
	struct heapranges_stats before;
	unsigned long ticks;
	const char *why;
	int tries;

	for (tries = 0; tries < 10 * SWEEP_TRIES; tries++) {
		memset(&sweep_now, 0, sizeof(sweep_now));
		sweep_case->prepare(sweep_case);
		heapranges_get_stats(sweep_heap, &before);
		ticks = jiffies;
		sweep_run(k);
		ticks = jiffies - ticks;
		why = sweep_judge(&before);
		if (why)
			return sweep_fail(k, why);
		if (!ticks && (sweep_is_searching() || sweep_is_straight(k)))
			return 0;
		sweep_nr_repeated++;
		cond_resched();
	}
	return sweep_fail(k, "always something else");
}

/* ---- a sweep ---- */

static void sweep_body_nothing(const struct sweep_case *c)
{
}

static const struct sweep_case sweep_nothing = { .name = "nothing", .body = sweep_body_nothing };

/*
 * How long the timer takes, in a phase; and what the shortest way to the code does, on which
 * it does not come.
 */
static u64 sweep_time_timer(unsigned long phase_ns, u64 *lead)
{
	const struct sweep_case *c = sweep_case;

	memset(&sweep_now, 0, sizeof(sweep_now));
	sweep_phase_ns = phase_ns;
	sweep_case = &sweep_nothing;
	sweep_run(sweep_most_ns);
	sweep_case = c;
	*lead = sweep_now.lead;
	sweep_lead = sweep_now.lead + sweep_most_ns;
	return sweep_now.fired_after;
}

/*
 * Finds two phases with which the timer begins to take longer, and that in the middle; where
 * the way to the code was longer than the time before, something has come into it. Return: an
 * errno.
 */
static int sweep_find_phase(void)
{
	unsigned long phase_ns, edge_ns[2] = { 0 }, nr_edges = 0;
	u64 took, before = 0, lead, lead_before = 0;

	for (phase_ns = 0; phase_ns < 4 * SWEEP_UNIT_NS && nr_edges < 2; phase_ns++) {
		took = sweep_time_timer(phase_ns, &lead);
		if (lead != lead_before)
			nr_edges = 0;
		else if (took != before)
			edge_ns[nr_edges++] = phase_ns;
		before = took;
		lead_before = lead;
	}
	if (nr_edges < 2)
		return sweep_fail(0, "no phase of the timer is known");
	sweep_phase_ns = (edge_ns[0] + edge_ns[1]) / 2;
	return 0;
}

/* The first step, of @limit, whose interrupt comes at @stage or later. Return: an errno. */
static int sweep_find(enum sweep_stage stage, unsigned long limit, unsigned long *first)
{
	unsigned long low = 0, high = limit, middle;
	int err, i, votes;

	while (low < high) {
		middle = (low + high) / 2;
		for (i = 0, votes = 0; i < 3; i++) {
			err = sweep_step(middle);
			if (err)
				return err;
			votes += sweep_now.fired_at >= stage;
		}
		if (votes >= 2)
			high = middle;
		else
			low = middle + 1;
	}
	*first = low;
	return low && low < limit ? 0 : sweep_fail(low, "the timer does not reach that code");
}

/*
 * A step whose interrupt comes at @ip, but that the kernel's own code, which is not always
 * as long, makes it stray. Return: an errno, or 1: it always does.
 */
static int sweep_step_at(unsigned long k, unsigned long ip)
{
	int err, tries;

	for (tries = 0; tries < SWEEP_TRIES; tries++) {
		err = sweep_step(k);
		if (err || sweep_now.ip == ip)
			return err;
		sweep_nr_strayed++;
		if (sweep_case->varies)
			break;
	}
	return 1;
}

struct sweep_sums {
	unsigned long places, good, told, elsewhere;
};

static void sweep_add_up(struct sweep_sums *sums, bool elsewhere)
{
	sums->places++;
	sums->elsewhere += elsewhere;
	if (sweep_now.irq_err)
		sums->told++;
	else
		sums->good++;
}

/*
 * The first act: each step from @first on, till the interrupt comes behind the code.
 * Return: an errno.
 */
static int sweep_locate(unsigned long first, struct sweep_sums *sums)
{
	unsigned long i;
	int err;

	for (i = 0; i < SWEEP_MAX_STEPS; i++) {
		err = sweep_step(first + i);
		if (err)
			return err;
		if (sweep_now.fired_at == SWEEP_AFTER)
			break;
		sweep_ips[i] = sweep_now.ip;
		sweep_add_up(sums, false);
		cond_resched();
	}
	sweep_nr_steps = i;
	return i < SWEEP_MAX_STEPS ? 0 : sweep_fail(first + i, "it goes on and on");
}

/*
 * Another act. Where interrupts are off, those of several steps come at the same place,
 * behind: one of them will do. Return: an errno.
 */
static int sweep_repeat(unsigned long first, struct sweep_sums *sums)
{
	unsigned long i;
	int err;

	for (i = 0; i < sweep_nr_steps; i++) {
		if (i && sweep_ips[i] == sweep_ips[i - 1])
			continue;
		err = sweep_step_at(first + i, sweep_ips[i]);
		if (err < 0)
			return err;
		sweep_add_up(sums, err);
		cond_resched();
	}
	return 0;
}

/* Instructions of the interrupted code, by the clock: the least of some. */
static unsigned long sweep_length_ns(void)
{
	u64 least = U64_MAX, start, taken, idle;
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
		idle = ktime_get_ns() - start;
		least = min(least, taken - idle);
		sweep_clean();
	}
	return least;
}

static void sweep_say_path(void)
{
	unsigned long i, nr;

	sweep_path_begin();
	for (i = 0; i < sweep_nr_steps; i += nr) {
		for (nr = 1; i + nr < sweep_nr_steps && sweep_ips[i + nr] == sweep_ips[i]; nr++)
			;
		sweep_path_add(sweep_ips[i], nr);
	}
	sweep_path_end();
}

static bool sweep_wants(const struct sweep_act *act, const char *only)
{
	if (*only)
		return !strcmp(only, act->name);
	return act->is_basic || sweep_nr_steps <= SWEEP_LONG_STEPS;
}

/* Return: an errno. */
static int sweep_all(const char *only)
{
	unsigned long length_ns = sweep_length_ns(), first;
	struct sweep_sums sums;
	bool is_first = true;
	unsigned int i;
	int err;

	sweep_most_ns = length_ns + length_ns / 4 + SWEEP_MARGIN_NS;
	err = sweep_find_phase();
	if (!err)
		err = sweep_find(SWEEP_TAKING, sweep_most_ns, &first);
	for (i = 0; !err && i < sweep_nr_acts; i++) {
		if (!sweep_wants(&sweep_acts[i], only))
			continue;
		sweep_act = &sweep_acts[i];
		memset(&sums, 0, sizeof(sums));
		err = is_first ? sweep_locate(first, &sums) : sweep_repeat(first, &sums);
		is_first = false;
		if (!err)
			pr_info("act %s %s places=%lu good=%lu told=%lu elsewhere=%lu\n",
				sweep_case->name, sweep_act->name, sums.places, sums.good,
				sums.told, sums.elsewhere);
	}
	if (err)
		return err;
	pr_info("case %s length=%lu steps=%lu repeated=%lu strayed=%lu phase=%lu\n",
		sweep_case->name, length_ns, sweep_nr_steps, sweep_nr_repeated,
		sweep_nr_strayed, sweep_phase_ns);
	sweep_say_path();
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
	sweep_nr_strayed = 0;
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
