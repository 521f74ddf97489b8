// SPDX-License-Identifier: GPL-2.0
/* A hand of the stress suite, see stress_hand.h. */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "stress_hand.h"

void hr_stress_mistake(struct hr_stress_field *field, const struct hr_stress_hand *hand,
		       long got, long want, const char *input, ...)
{
	char text[160];
	va_list args;

	if (atomic_inc_return(&field->mistakes) > 1)
		return;
	va_start(args, input);
	vsnprintf(text, sizeof(text), input, args);
	va_end(args);
	snprintf(field->first, sizeof(field->first),
		 "seed=%u hand=%s step=%lu input=%s got=%ld want=%ld", field->seed,
		 hand ? hand->name : "none", hand ? hand->steps : 0, text, got, want);
}

static u32 hr_stress_dice(struct hr_stress_hand *hand, u32 sides)
{
	return prandom_u32_state(&hand->rnd) % sides;
}

/* ---- marks ---- */

#define HR_STRESS_WORDS		(PAGE_SIZE / sizeof(u64))

/* Pages [begin, end) of the run: the first word and the last, and one between. */
static void hr_stress_mark(struct hr_stress_run *run, unsigned long begin, unsigned long end)
{
	u64 *page = run->addr + begin * HR_STRESS_WORDS;

	for (; begin < end; begin++, page += HR_STRESS_WORDS) {
		page[0] = run->mark + begin;
		page[1 + (run->mark + begin) % (HR_STRESS_WORDS - 2)] = run->mark;
		page[HR_STRESS_WORDS - 1] = ~(run->mark + begin);
	}
}

static void hr_stress_look(struct hr_stress_hand *hand, struct hr_stress_run *run)
{
	u64 *page = run->addr;
	unsigned long i;

	for (i = 0; i < run->nr; i++, page += HR_STRESS_WORDS) {
		if (page[0] == run->mark + i &&
		    page[1 + (run->mark + i) % (HR_STRESS_WORDS - 2)] == run->mark &&
		    page[HR_STRESS_WORDS - 1] == ~(run->mark + i))
			continue;
		hr_stress_mistake(hand->field, hand, page[0], run->mark + i,
				  "mark of page %lu of %lu at 0x%lx", i, run->nr,
				  (unsigned long)run->addr);
		return;
	}
}

/* What has just been taken: NULL, or the hand's. */
static void hr_stress_hold(struct hr_stress_hand *hand, struct hr_stress_run *run,
			   void *addr, unsigned long nr)
{
	run->addr = addr;
	run->nr = nr;
	run->mark = (u64)prandom_u32_state(&hand->rnd) << 32 | hand->steps << 8;
	if (!addr) {
		hand->shortages++;
		return;
	}
	hand->allocs++;
	if (hand->gfp & __GFP_ZERO && memchr_inv(addr, 0, nr * PAGE_SIZE))
		hr_stress_mistake(hand->field, hand, 1, 0, "__GFP_ZERO of %lu pages at 0x%lx",
				  nr, (unsigned long)addr);
	hr_stress_mark(run, 0, nr);
}

/* ---- taking ---- */

/* Mostly short ones, which caches hold. */
static unsigned long hr_stress_length(struct hr_stress_hand *hand)
{
	return 1 + hr_stress_dice(hand, hr_stress_dice(hand, 8) ? 16 : hand->longest);
}

static void hr_stress_take_at(struct hr_stress_hand *hand, struct hr_stress_run *run,
			      unsigned long nr)
{
	unsigned long page = hr_stress_dice(hand, HR_STRESS_REGION - nr);
	unsigned long addr = hand->field->region + page * PAGE_SIZE;
	void *got = heapranges_alloc_at(hand->field->heap, addr, nr, hand->gfp);

	if (got && got != (void *)addr)
		hr_stress_mistake(hand->field, hand, (long)got, addr, "alloc_at of %lu pages", nr);
	hr_stress_hold(hand, run, got, nr);
}

static void hr_stress_take_aligned(struct hr_stress_hand *hand, struct hr_stress_run *run,
				   unsigned long nr)
{
	unsigned long align = 1UL << hr_stress_dice(hand, 6);
	void *got = heapranges_alloc_aligned(hand->field->heap, nr, align, hand->gfp);

	if (!IS_ALIGNED((unsigned long)got, align * PAGE_SIZE))
		hr_stress_mistake(hand->field, hand, (long)got, 0,
				  "alloc_aligned of %lu pages at a multiple of %lu", nr, align);
	hr_stress_hold(hand, run, got, nr);
}

static void hr_stress_take(struct hr_stress_hand *hand, struct hr_stress_run *run)
{
	unsigned long nr = hr_stress_length(hand);

	switch (hr_stress_dice(hand, 8)) {
	case 0:
		return hr_stress_take_at(hand, run, nr);
	case 1:
		return hr_stress_take_aligned(hand, run, nr);
	default:
		hr_stress_hold(hand, run, heapranges_alloc(hand->field->heap, nr, hand->gfp), nr);
	}
}

/* Several of one length, for those of the hand's runs that there are not yet. */
static void hr_stress_take_bulk(struct hr_stress_hand *hand)
{
	unsigned int i, nr_got, nr_used = 0, count = 1 + hr_stress_dice(hand, HR_STRESS_BULK);
	unsigned long nr = 1 + hr_stress_dice(hand, 4);
	void *addrs[HR_STRESS_BULK];

	nr_got = heapranges_alloc_bulk(hand->field->heap, nr, hand->gfp, count, addrs);
	if (nr_got > count)
		hr_stress_mistake(hand->field, hand, nr_got, count, "alloc_bulk of %u", count);
	for (i = 0; i < HR_STRESS_RUNS && nr_used < nr_got; i++) {
		if (!hand->run[i]->addr)
			hr_stress_hold(hand, hand->run[i], addrs[nr_used++], nr);
	}
	hand->allocs += nr_got - nr_used;
	hand->frees += nr_got - nr_used;
	if (nr_used < nr_got &&
	    heapranges_free_bulk(hand->field->heap, nr_got - nr_used, addrs + nr_used) !=
	    nr_got - nr_used)
		hr_stress_mistake(hand->field, hand, -1, 0, "free_bulk of %u", nr_got - nr_used);
}

/* ---- giving ---- */

void hr_stress_give(struct hr_stress_hand *hand, struct hr_stress_run *run)
{
	struct heapranges *heap = hand->field->heap;
	int err;

	hr_stress_look(hand, run);
	if (hr_stress_dice(hand, 4))
		err = heapranges_free(heap, run->addr);
	else
		err = heapranges_free_sized(heap, run->addr, run->nr);
	if (err)
		hr_stress_mistake(hand->field, hand, err, 0, "free of %lu pages at 0x%lx",
				  run->nr, (unsigned long)run->addr);
	else
		hand->frees++;
	run->addr = NULL;
}

void hr_stress_drop(struct hr_stress_hand *hand)
{
	int i;

	for (i = 0; i < HR_STRESS_RUNS; i++) {
		if (hand->run[i]->addr)
			hr_stress_give(hand, hand->run[i]);
	}
}

/* Whatever lies in a slot against one of the hand's own. */
static void hr_stress_exchange(struct hr_stress_hand *hand, unsigned int i)
{
	struct hr_stress_run **slot = &hand->field->slot[hr_stress_dice(hand, HR_STRESS_SLOTS)];

	hand->run[i] = xchg(slot, hand->run[i]);
}

static void hr_stress_resize(struct hr_stress_hand *hand, struct hr_stress_run *run)
{
	unsigned long nr = 1 + hr_stress_dice(hand, 2 * run->nr), old = run->nr;
	int err;

	hr_stress_look(hand, run);
	err = heapranges_resize(hand->field->heap, run->addr, nr);
	if (err && !(err == -ENOSPC && nr > old)) {
		hr_stress_mistake(hand->field, hand, err, 0, "resize of %lu pages at 0x%lx to %lu",
				  old, (unsigned long)run->addr, nr);
		return;
	}
	if (err)
		return;
	run->nr = nr;
	if (nr > old)
		hr_stress_mark(run, old, nr);
}

/* ---- mistakes on purpose ---- */

static void hr_stress_expect(struct hr_stress_hand *hand, int got, int want,
			     const char *what, const struct hr_stress_run *run)
{
	if (got != want)
		hr_stress_mistake(hand->field, hand, got, want, "%s of %lu pages at 0x%lx", what,
				  run->nr, (unsigned long)run->addr);
}

static void hr_stress_misfree(struct hr_stress_hand *hand, struct hr_stress_run *run)
{
	struct heapranges *heap = hand->field->heap;

	switch (hr_stress_dice(hand, 4)) {
	case 0:
		hand->interior++;
		hr_stress_expect(hand, heapranges_free(heap, run->addr + 1), -EINVAL,
				 "unaligned free", run);
		break;
	case 1:
		hand->sizes++;
		hr_stress_expect(hand, heapranges_free_sized(heap, run->addr, run->nr + 1), -ERANGE,
				 "free with a page more", run);
		break;
	case 2:
		hand->foreign++;
		hr_stress_expect(hand, heapranges_free(heap, (void *)PAGE_SIZE), -EFAULT,
				 "free of page 1, besides that", run);
		break;
	default:
		hr_stress_expect(hand, heapranges_size(heap, run->addr), run->nr, "size", run);
		if (run->nr == 1)
			break;
		hand->interior++;
		hr_stress_expect(hand, heapranges_free(heap, run->addr + HR_STRESS_WORDS), -EINVAL,
				 "free of the second page", run);
	}
}

/*
 * Everybody takes and frees the one page of the second heap that there is. A free of it is
 * good or double, an allocation gets it or nothing, and neither is twice in a row.
 */
static void hr_stress_duel(struct hr_stress_hand *hand)
{
	struct hr_stress_field *field = hand->field;
	void *page = (void *)field->duel_addr, *got;
	int err;

	if (hr_stress_dice(hand, 2)) {
		got = heapranges_alloc(field->duel_heap, 1, hand->gfp & ~__GFP_ZERO);
		hand->duel_allocs += !!got;
		if (got && got != page)
			hr_stress_mistake(field, hand, (long)got, (long)page,
					  "alloc of the only page");
		return;
	}
	err = heapranges_free(field->duel_heap, page);
	hand->duel_frees += !err;
	hand->doubles += err == -EALREADY;
	if (err && err != -EALREADY)
		hr_stress_mistake(field, hand, err, 0, "free of the only page");
}

/* Several in a row: two CPUs have to be at it at once. */
static void hr_stress_duels(struct hr_stress_hand *hand)
{
	u32 nr = 1 + hr_stress_dice(hand, 16);

	while (nr--)
		hr_stress_duel(hand);
}

void hr_stress_step(struct hr_stress_hand *hand)
{
	unsigned int i = hr_stress_dice(hand, HR_STRESS_RUNS);
	u32 what = hr_stress_dice(hand, 32);

	hand->steps++;
	if (what < 2)
		hr_stress_duels(hand);
	else if (what < 6)
		hr_stress_exchange(hand, i);
	else if (what < 7)
		hr_stress_take_bulk(hand);
	else if (!hand->run[i]->addr)
		hr_stress_take(hand, hand->run[i]);
	else if (what < 10)
		hr_stress_misfree(hand, hand->run[i]);
	else if (what < 12)
		hr_stress_resize(hand, hand->run[i]);
	else
		hr_stress_give(hand, hand->run[i]);
}
