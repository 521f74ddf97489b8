// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_stress: two CPUs on one heap for a minute, in threads, softirqs and hard
 * interrupts, while it grows and shrinks, regions come and go, caches are emptied and
 * somebody reads; see stress_hand.h for what each of them does.
 *
 * The time is cut into rounds, of a second and less. Behind each there is quiet: then all
 * that was counted must add up, and the heap be sound.
 *
 * Load the module with stress_seed=<that of a failure> for the same choices again, though
 * not the same moments; and with stress_seconds=<n> for more or less time.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>

#include "cache_helpers.h"
#include "compat.h"
#include "stress.h"
#include "suites.h"

#define HR_STRESS_MAX_PAGES	8000UL
#define HR_STRESS_TIMER_NS	(2 * NSEC_PER_MSEC)
#define HR_STRESS_DUEL_PAGES	16UL
/* KUnit ends a case after 300. */
#define HR_STRESS_MAX_SECONDS	280U
/* What is rare has come by then. */
#define HR_STRESS_ENOUGH_SECONDS	20U

static unsigned int stress_seed;
module_param(stress_seed, uint, 0444);
MODULE_PARM_DESC(stress_seed, "Seed of the stress suite; 0 (default): another each time");

static unsigned int stress_seconds = 60;
module_param(stress_seconds, uint, 0444);
MODULE_PARM_DESC(stress_seconds, "How long the stress suite takes, in seconds, up to 280; 60 by default");

static const struct {
	const char	*name[HR_STRESS_CPUS];
	gfp_t		gfp[HR_STRESS_CPUS];
	unsigned int	longest;
} hr_stress_contexts[HR_STRESS_CONTEXTS] = {
	{ { "thread/0", "thread/1" }, { HR_TEST_QUIET, HR_TEST_QUIET | __GFP_ZERO }, 400 },
	{ { "hardirq/0", "hardirq/1" }, { HR_TEST_QUIET_NOWAIT, HR_TEST_QUIET_NOWAIT }, 8 },
	{ { "softirq/0", "softirq/1" }, { GFP_ATOMIC | __GFP_NOWARN, HR_TEST_QUIET_NOWAIT }, 70 },
};

/* ---- hands in their contexts ---- */

static void hr_stress_hardirq(struct hr_stress_cpu *cpu, int nr_steps)
{
	while (nr_steps--)
		hr_stress_step(&cpu->hand[HR_STRESS_IN_HARDIRQ]);
	if (cpu->hand[HR_STRESS_IN_HARDIRQ].steps % 3)
		tasklet_schedule(&cpu->tasklet);
}

static enum hrtimer_restart hr_stress_timer(struct hrtimer *timer)
{
	struct hr_stress_cpu *cpu = container_of(timer, struct hr_stress_cpu, timer);

	hr_stress_hardirq(cpu, 8);
	hrtimer_forward_now(timer, ns_to_ktime(HR_STRESS_TIMER_NS));
	return READ_ONCE(cpu->no_more) ? HRTIMER_NORESTART : HRTIMER_RESTART;
}

/* Called by the other CPU: at any moment of this one. */
static void hr_stress_called(void *data)
{
	struct hr_stress_cpu *cpu = data;

	hr_stress_hardirq(cpu, 2);
	WRITE_ONCE(cpu->nr_answered, cpu->nr_answered + 1);
}

static void hr_stress_softirq(struct tasklet_struct *tasklet)
{
	struct hr_stress_cpu *cpu = container_of(tasklet, struct hr_stress_cpu, tasklet);
	int i;

	for (i = 0; i < 8; i++)
		hr_stress_step(&cpu->hand[HR_STRESS_IN_SOFTIRQ]);
}

static void hr_stress_thread(struct hr_test_crew *crew, unsigned int nr)
{
	struct hr_stress *stress = container_of(crew, struct hr_stress, crew);
	struct hr_stress_hand *hand = &stress->cpu[nr].hand[HR_STRESS_IN_THREAD];
	struct hr_stress_cpu *cpu = &stress->cpu[nr], *other = &stress->cpu[!nr];

	hr_test_hrtimer_setup(&cpu->timer, hr_stress_timer, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&cpu->timer, ns_to_ktime(HR_STRESS_TIMER_NS), HRTIMER_MODE_REL_PINNED_HARD);
	while (!kthread_should_stop()) {
		hr_stress_step(hand);
		/* If the one before has been answered. */
		if (hand->steps % 8 == 0 &&
		    !smp_call_function_single_async(other->id, &other->csd))
			other->nr_called++;
		/* Now and then it holds nothing, so that there is something to release. */
		if (hand->steps % 4096 == 0)
			hr_stress_drop(hand);
		hr_test_crew_yield();
	}
	WRITE_ONCE(cpu->no_more, true);
	hrtimer_cancel(&cpu->timer);
}

/* ---- rounds ---- */

/* Nobody is at work any more, nor will be. */
static void hr_stress_quiet(struct kunit *test, struct hr_stress *stress)
{
	struct hr_stress_cpu *cpu;

	hr_test_crew_end(test, &stress->crew);
	for (cpu = stress->cpu; cpu < stress->cpu + HR_STRESS_CPUS; cpu++) {
		while (READ_ONCE(cpu->nr_answered) != cpu->nr_called)
			msleep(20);
		tasklet_kill(&cpu->tasklet);
	}
}

static void hr_stress_round(struct kunit *test, struct hr_stress *stress)
{
	int i;

	for (i = 0; i < HR_STRESS_CPUS; i++) {
		stress->cpu[i].no_more = false;
		hr_test_crew_join(test, &stress->crew, hr_stress_thread, stress->cpu[i].id);
	}
	hr_test_crew_join(test, &stress->crew, hr_stress_manager, HR_TEST_ANY_CPU);
	hr_test_crew_join(test, &stress->crew, hr_stress_reader, HR_TEST_ANY_CPU);
	/* Not always as long: what a second has filled, less has not. */
	msleep(100 + prandom_u32_state(&stress->rnd) % 900);
	hr_stress_quiet(test, stress);
	stress->round++;
}

static void hr_stress_add_hand(struct hr_stress_hand *sum, const struct hr_stress_hand *hand)
{
	sum->steps += hand->steps;
	sum->allocs += hand->allocs;
	sum->frees += hand->frees;
	sum->shortages += hand->shortages;
	sum->duel_allocs += hand->duel_allocs;
	sum->duel_frees += hand->duel_frees;
	sum->interior += hand->interior;
	sum->sizes += hand->sizes;
	sum->foreign += hand->foreign;
	sum->doubles += hand->doubles;
}

static struct hr_stress_hand hr_stress_sum(struct hr_stress *stress)
{
	struct hr_stress_hand sum = { .name = "all" };
	int i, j;

	for (i = 0; i < HR_STRESS_CPUS; i++) {
		for (j = 0; j < HR_STRESS_CONTEXTS; j++)
			hr_stress_add_hand(&sum, &stress->cpu[i].hand[j]);
	}
	return sum;
}

static void hr_stress_equal(struct hr_stress *stress, u64 got, u64 want, const char *what)
{
	if (got != want)
		hr_stress_mistake(&stress->field, NULL, got, want, "%s after round %u", what,
				  stress->round);
}

static void hr_stress_sound(struct hr_stress *stress, struct heapranges *heap, const char *what)
{
	char first[100] = "?";
	int nr = heapranges_verify(heap, first, sizeof(first));

	if (nr)
		hr_stress_mistake(&stress->field, NULL, nr, 0, "verify of %s after round %u: %s",
				  what, stress->round, first);
}

/* Each is what its hand takes it for. Return: the pages of all. */
static unsigned long hr_stress_live_pages(struct hr_stress *stress)
{
	unsigned long nr_pages = 0, size;
	struct hr_stress_run *run;
	int i;

	for (i = 0; i < ARRAY_SIZE(stress->run); i++) {
		run = &stress->run[i];
		if (!run->addr)
			continue;
		nr_pages += run->nr;
		size = heapranges_size(stress->field.heap, run->addr);
		if (size != run->nr)
			hr_stress_mistake(&stress->field, NULL, size, run->nr,
					  "size of run %d at 0x%lx of step %lu after round %u",
					  i, (unsigned long)run->addr,
					  (unsigned long)(u32)run->mark >> 8, stress->round);
	}
	return nr_pages;
}

static void hr_stress_judge_duels(struct hr_stress *stress, const struct hr_stress_hand *sum)
{
	struct hr_stress_field *field = &stress->field;
	struct heapranges_stats s;

	heapranges_get_stats(field->duel_heap, &s);
	hr_stress_sound(stress, field->duel_heap, "the duels' heap");
	hr_stress_equal(stress, heapranges_size(field->duel_heap, (void *)field->duel_addr),
			sum->duel_allocs - sum->duel_frees, "size of the only page");
	hr_stress_equal(stress, s.rejected_double, sum->doubles, "doubles of the only page");
	hr_stress_equal(stress, s.frees, sum->duel_frees, "frees of the only page");
}

/* What is on its way in or out in the background looks used, till it has arrived. */
static void hr_stress_wait_for(struct hr_stress *stress, unsigned long used_pages,
			       struct heapranges_stats *s)
{
	int i;

	for (i = 0; i < 50; i++) {
		heapranges_get_stats(stress->field.heap, s);
		if (s->used_pages == used_pages)
			return;
		msleep(20);
	}
	hr_stress_equal(stress, s->used_pages, used_pages, "used_pages");
}

static void hr_stress_judge(struct hr_stress *stress)
{
	struct hr_stress_hand sum = hr_stress_sum(stress);
	struct heapranges_stats s;

	hr_stress_sound(stress, stress->field.heap, "the heap");
	hr_stress_wait_for(stress, hr_stress_live_pages(stress), &s);
	hr_stress_equal(stress, s.allocs, sum.allocs + stress->grown, "allocs");
	hr_stress_equal(stress, s.frees, sum.frees + stress->grown, "frees");
	hr_stress_equal(stress, s.rejected_interior, sum.interior, "rejected_interior");
	hr_stress_equal(stress, s.rejected_size, sum.sizes, "rejected_size");
	hr_stress_equal(stress, s.rejected_foreign, sum.foreign, "rejected_foreign");
	hr_stress_equal(stress, s.rejected_double, 0, "rejected_double");
	hr_stress_equal(stress, s.check_failures + s.rejected_context, 0, "failures");
	hr_stress_judge_duels(stress, &sum);
}

/* ---- start and end ---- */

static void hr_stress_hand_init(struct hr_stress *stress, int cpu, int context,
				struct hr_stress_run **run)
{
	struct hr_stress_hand *hand = &stress->cpu[cpu].hand[context];
	int i;

	hand->field = &stress->field;
	hand->name = hr_stress_contexts[context].name[cpu];
	hand->gfp = hr_stress_contexts[context].gfp[cpu];
	hand->longest = hr_stress_contexts[context].longest;
	prandom_seed_state(&hand->rnd, stress->field.seed + 1 + cpu * HR_STRESS_CONTEXTS + context);
	for (i = 0; i < HR_STRESS_RUNS; i++)
		hand->run[i] = (*run)++;
}

static void hr_stress_make_heaps(struct kunit *test, struct hr_stress *stress)
{
	struct heapranges_params params = {
		.name = HR_STRESS_NAME, .node = NUMA_NO_NODE, .grow_max_pages = HR_TEST_CHUNK,
		.max_pages = HR_STRESS_MAX_PAGES,
	};
	struct hr_stress_field *field = &stress->field;

	field->heap = hr_test_create_params(test, &params);
	/* The extra one is the higher of the two, or it would never be idle. */
	field->region = hr_test_area(test, HR_STRESS_REGION);
	stress->extra = hr_test_area(test, HR_STRESS_EXTRA);
	if (stress->extra < field->region)
		swap(stress->extra, field->region);
	hr_test_add(test, field->heap, field->region, HR_STRESS_REGION);

	field->duel_heap = hr_test_create(test, "kunit-duels", HEAPRANGES_ADDRESS_ONLY);
	hr_test_add(test, field->duel_heap, hr_test_addr(7), HR_STRESS_DUEL_PAGES);
	hr_test_alloc(test, field->duel_heap, HR_STRESS_DUEL_PAGES - 1);
	field->duel_addr = hr_test_addr(7 + HR_STRESS_DUEL_PAGES - 1);
}

static struct hr_stress *hr_stress_make(struct kunit *test)
{
	struct hr_stress *stress = kunit_kzalloc(test, sizeof(*stress), GFP_KERNEL);
	int ids[HR_STRESS_CPUS] = { hr_test_here(), hr_test_elsewhere() }, i, j;
	struct hr_stress_run *run;

	KUNIT_ASSERT_NOT_NULL(test, stress);
	stress->field.seed = stress_seed ?: get_random_u32();
	stress->text = (char *)hr_test_area(test, HR_STRESS_TEXT / PAGE_SIZE);
	hr_stress_make_heaps(test, stress);
	prandom_seed_state(&stress->rnd, stress->field.seed);
	run = stress->run;
	for (i = 0; i < HR_STRESS_CPUS; i++) {
		stress->cpu[i].id = ids[i];
		INIT_CSD(&stress->cpu[i].csd, hr_stress_called, &stress->cpu[i]);
		tasklet_setup(&stress->cpu[i].tasklet, hr_stress_softirq);
		for (j = 0; j < HR_STRESS_CONTEXTS; j++)
			hr_stress_hand_init(stress, i, j, &run);
	}
	for (i = 0; i < HR_STRESS_SLOTS; i++)
		stress->field.slot[i] = run++;
	return stress;
}

/* All of it goes, and nothing is left. */
static void hr_stress_end(struct kunit *test, struct hr_stress *stress)
{
	struct hr_stress_hand *hand = &stress->cpu[0].hand[HR_STRESS_IN_THREAD];
	struct heapranges_stats s;
	int i;

	for (i = 0; i < ARRAY_SIZE(stress->run); i++) {
		if (stress->run[i].addr)
			hr_stress_give(hand, &stress->run[i]);
	}
	for_each_set_bit(i, &stress->slices, HR_STRESS_SLICES)
		KUNIT_EXPECT_EQ(test, heapranges_remove(stress->field.heap, stress->extra +
							i * HR_STRESS_SLICE * PAGE_SIZE,
							HR_STRESS_SLICE), 0);
	heapranges_trim(stress->field.heap);
	s = hr_test_stats(test, stress->field.heap);
	KUNIT_EXPECT_EQ(test, s.used_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.owned_pages, HR_STRESS_REGION);
	KUNIT_EXPECT_EQ(test, s.largest_free_pages, HR_STRESS_REGION);
	hr_stress_judge(stress);
}

static void hr_stress_say(struct kunit *test, struct hr_stress *stress)
{
	struct heapranges_stats s = hr_test_stats(test, stress->field.heap);
	struct hr_stress_hand sum = hr_stress_sum(stress);
	int i, j;

	for (i = 0; i < HR_STRESS_CPUS; i++) {
		for (j = 0; j < HR_STRESS_CONTEXTS; j++)
			kunit_info(test, "hand=%s steps=%lu allocs=%lu\n",
				   stress->cpu[i].hand[j].name, stress->cpu[i].hand[j].steps,
				   stress->cpu[i].hand[j].allocs);
	}
	kunit_info(test, "rounds=%u steps=%lu allocs=%lu shortages=%lu duels=%lu doubles=%lu interior=%lu sizes=%lu foreign=%lu\n",
		   stress->round, sum.steps, sum.allocs, sum.shortages, sum.duel_frees,
		   sum.doubles, sum.interior, sum.sizes, sum.foreign);
	kunit_info(test, "grows=%llu releases=%llu shrunk=%lu grown=%lu added=%lu removed=%lu busy=%lu trims=%lu drains=%lu verifies=%lu reads=%lu files=%lu\n",
		   s.grows, s.releases, stress->shrunk, stress->grown, stress->added,
		   stress->removed, stress->busy, stress->trims, stress->drains,
		   stress->verifies, stress->reads, stress->files);
}

static bool hr_stress_can_read_files(void)
{
	struct file *file = hr_test_try_open();

	if (IS_ERR(file))
		return false;
	filp_close(file, NULL);
	return true;
}

/* Or the rest says nothing of it. */
static void hr_stress_expect_some_of_all(struct kunit *test, struct hr_stress *stress)
{
	struct hr_stress_hand sum = hr_stress_sum(stress);
	const struct {
		const char	*what;
		unsigned long	nr;
	} done[] = {
		{ "added", stress->added }, { "removed", stress->removed },
		{ "grown", stress->grown }, { "shrunk", stress->shrunk },
		{ "trims", stress->trims }, { "drains", stress->drains },
		{ "verifies", stress->verifies }, { "reads", stress->reads },
		{ "duels", sum.duel_frees }, { "doubles", sum.doubles },
		{ "interior", sum.interior }, { "sizes", sum.sizes },
		{ "foreign", sum.foreign },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(done); i++)
		KUNIT_EXPECT_GT_MSG(test, done[i].nr, 0UL, "%s", done[i].what);
	if (hr_stress_can_read_files())
		KUNIT_EXPECT_GT(test, stress->files, 0UL);
}

static void stress_everybody_on_two_cpus(struct kunit *test)
{
	unsigned int seconds = clamp(stress_seconds, 1U, HR_STRESS_MAX_SECONDS), i, j;
	/* Not in jiffies: where the host has little time, ticks are lost. */
	ktime_t started = ktime_get(), end = ktime_add_ms(started, seconds * MSEC_PER_SEC);
	struct hr_stress *stress;

	hr_test_need_two_cpus(test);
	stress = hr_stress_make(test);
	kunit_info(test, "stress_seed=%u stress_seconds=%u\n", stress->field.seed, seconds);
	while (ktime_before(ktime_get(), end) && !atomic_read(&stress->field.mistakes)) {
		hr_stress_round(test, stress);
		hr_stress_judge(stress);
	}
	if (!atomic_read(&stress->field.mistakes))
		hr_stress_end(test, stress);
	/* Before all that is said: of a failure the first lines are shown. */
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&stress->field.mistakes), 0,
			    "after %lld ms, the first: %s", ktime_ms_delta(ktime_get(), started),
			    stress->field.first);
	hr_stress_say(test, stress);
	for (i = 0; i < HR_STRESS_CPUS; i++) {
		for (j = 0; j < HR_STRESS_CONTEXTS; j++)
			KUNIT_EXPECT_GT(test, stress->cpu[i].hand[j].allocs, 0UL);
	}
	if (seconds >= HR_STRESS_ENOUGH_SECONDS)
		hr_stress_expect_some_of_all(test, stress);
}

static struct kunit_case hr_stress_cases[] = {
	KUNIT_CASE(stress_everybody_on_two_cpus),
	{}
};

struct kunit_suite heapranges_stress_suite = {
	.name = "heapranges_stress",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_stress_cases,
};
