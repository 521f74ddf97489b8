// SPDX-License-Identifier: GPL-2.0
/* The readers of ranges_race.h, in whatever context. They note what they see. */

#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>

#include "ranges_race.h"

static void hr_race_fault(struct race_reader *r, const char *what,
			  unsigned long addr, unsigned long base,
			  unsigned long limit)
{
	if (r->faults++)
		return;
	r->what = what;
	r->addr = addr;
	r->base = base;
	r->limit = limit;
}

/* [base, limit) is whole cells, none of them foreign. Return: those that stay. */
static unsigned int hr_race_check_range(struct race_reader *r, unsigned long addr,
					unsigned long base, unsigned long limit)
{
	unsigned int cell, end, stays = 0;

	if (base >= limit || base < RACE_BASE || limit > hr_race_addr(r->nr_cells) ||
	    (base - RACE_BASE) % RACE_CELL_BYTES ||
	    (limit - RACE_BASE) % RACE_CELL_BYTES) {
		hr_race_fault(r, "a range that never was", addr, base, limit);
		return 0;
	}
	end = (limit - RACE_BASE) / RACE_CELL_BYTES;
	for (cell = (base - RACE_BASE) / RACE_CELL_BYTES; cell < end; cell++) {
		if (hr_race_cell(cell) == RACE_FOREIGN)
			hr_race_fault(r, "a foreign cell", addr, base, limit);
		stays += hr_race_cell(cell) == RACE_STAYS;
	}
	return stays;
}

/* The cell that @addr is in is owned throughout. */
static void hr_race_ask_owned(struct race_reader *r, unsigned long addr,
			      unsigned long base)
{
	struct heapranges_range got = {};
	unsigned long limit = base + RACE_CELL_BYTES;

	if (!hr_ranges_find(r->ranges, addr, &got) ||
	    got.base > base || got.limit < limit)
		hr_race_fault(r, "find: lost", addr, got.base, got.limit);
	if (!hr_ranges_next(r->ranges, addr, &got) ||
	    got.base != addr || got.limit < limit)
		hr_race_fault(r, "next: lost", addr, got.base, got.limit);
	if (!hr_ranges_contains(r->ranges, base, RACE_CELL_BYTES / PAGE_SIZE) ||
	    !hr_ranges_contains(r->ranges, addr & PAGE_MASK, 1))
		hr_race_fault(r, "contains: lost", addr, base, limit);
	if (!hr_ranges_overlaps(r->ranges, addr & PAGE_MASK, 1))
		hr_race_fault(r, "overlaps: lost", addr, base, limit);
}

/* As an allocation asks, whatever the memo remembers. */
static void hr_race_ask_memo(struct race_reader *r, unsigned long addr, enum race_cell cell)
{
	unsigned long flags;
	bool yes;

	local_irq_save(flags);
	yes = hr_ranges_contains_memo(r->ranges, addr & PAGE_MASK, 1, &r->memo);
	local_irq_restore(flags);
	if (yes ? cell == RACE_FOREIGN : cell == RACE_STAYS)
		hr_race_fault(r, yes ? "contains_memo: foreign" : "contains_memo: lost", addr,
			      r->memo.range.base, r->memo.range.limit);
}

static void hr_race_ask_foreign(struct race_reader *r, unsigned long addr)
{
	struct heapranges_range got = {};

	if (hr_ranges_find(r->ranges, addr, &got))
		hr_race_fault(r, "find: foreign", addr, got.base, got.limit);
	if (hr_ranges_contains(r->ranges, addr & PAGE_MASK, 1))
		hr_race_fault(r, "contains: foreign", addr, 0, 0);
	if (hr_ranges_overlaps(r->ranges, addr & PAGE_MASK, 1))
		hr_race_fault(r, "overlaps: foreign", addr, 0, 0);
	if (hr_ranges_next(r->ranges, addr, &got) && got.base <= addr)
		hr_race_fault(r, "next: foreign", addr, got.base, got.limit);
}

/* Whatever the answer, it must be one. */
static void hr_race_ask_churn(struct race_reader *r, unsigned long addr)
{
	struct heapranges_range got = {};

	if (hr_ranges_find(r->ranges, addr, &got)) {
		if (addr < got.base || addr >= got.limit)
			hr_race_fault(r, "find: elsewhere", addr, got.base,
				      got.limit);
		hr_race_check_range(r, addr, got.base, got.limit);
	}
	if (hr_ranges_contains(r->ranges, RACE_BASE, r->nr_cells))
		hr_race_fault(r, "contains: foreign", RACE_BASE, 0, 0);
}

static void hr_race_ask(struct race_reader *r)
{
	unsigned int cell = prandom_u32_state(&r->rnd) % r->nr_cells;
	unsigned long base = hr_race_addr(cell), addr = base;

	addr += prandom_u32_state(&r->rnd) % RACE_CELL_BYTES;
	hr_race_ask_memo(r, addr, hr_race_cell(cell));
	switch (hr_race_cell(cell)) {
	case RACE_STAYS:
		hr_race_ask_owned(r, addr, base);
		break;
	case RACE_FOREIGN:
		hr_race_ask_foreign(r, addr);
		break;
	case RACE_CHURN:
		hr_race_ask_churn(r, addr);
	}
}

/* From one part to the next, over as many generations as there are. */
static void hr_race_step_through(struct race_reader *r)
{
	struct heapranges_range part;
	unsigned long addr = 0;
	unsigned int stays = 0;

	while (hr_ranges_next(r->ranges, addr, &part)) {
		if (part.base < addr || part.limit <= part.base) {
			hr_race_fault(r, "next: backwards", addr, part.base,
				      part.limit);
			return;
		}
		stays += hr_race_check_range(r, addr, part.base, part.limit);
		addr = part.limit;
	}
	if (stays != hr_race_nr_permanent(r->nr_cells))
		hr_race_fault(r, "next: visits of what stays", stays, 0, 0);
}

struct race_walk {
	struct race_reader	*r;
	unsigned long		behind;
	unsigned int		stays;
	u64			seen;
	bool			slow;
};

/* Lets the writer in, in the middle of a walk, if this kernel preempts. */
static void hr_race_dawdle(void)
{
	int i;

	for (i = 0; i < 500; i++) {
		preempt_disable();
		cpu_relax();
		preempt_enable();
	}
}

static int hr_race_visit(const struct heapranges_range *range, void *data)
{
	struct race_walk *w = data;
	unsigned long base = range->base, limit = range->limit;

	if (base <= w->behind)
		hr_race_fault(w->r, "walk: not ascending, or not coalesced",
			      w->behind, base, limit);
	if (!rcu_read_lock_held())
		hr_race_fault(w->r, "walk: not under rcu_read_lock", 0, base,
			      limit);
	w->stays += hr_race_check_range(w->r, w->behind, base, limit);
	w->seen = (w->seen * 31 + base) * 31 + limit;
	w->behind = limit;
	if (w->slow)
		hr_race_dawdle();
	if (range->base != base || range->limit != limit)
		hr_race_fault(w->r, "walk: the range changed during the call",
			      base, range->base, range->limit);
	return 0;
}

static void hr_race_walk(struct race_reader *r)
{
	struct race_walk w = { .r = r, .slow = r->slow && r->rounds % 32 == 0 };

	hr_ranges_walk(r->ranges, hr_race_visit, &w);
	if (w.stays != hr_race_nr_permanent(r->nr_cells))
		hr_race_fault(r, "walk: visits of what stays", w.stays, 0, 0);
	r->generations += w.seen != r->last_seen;
	r->last_seen = w.seen;
}

static void hr_race_totals(struct race_reader *r)
{
	unsigned long nr_ranges = hr_ranges_nr_ranges(r->ranges);
	unsigned long bytes = hr_ranges_nr_pages(r->ranges) * PAGE_SIZE;
	unsigned long nr_owned = hr_race_nr_owned(r->nr_cells);

	if (r->is_small && bytes / RACE_CELL_BYTES != nr_owned &&
	    bytes / RACE_CELL_BYTES != nr_owned + 1)
		hr_race_fault(r, "nr_pages", bytes / PAGE_SIZE, 0, 0);
	/* A foreign cell lies between two that stay. */
	if (nr_ranges < hr_race_nr_permanent(r->nr_cells) || nr_ranges > r->nr_cells)
		hr_race_fault(r, "nr_ranges", nr_ranges, 0, 0);
}

void hr_race_round(struct race_reader *r)
{
	int i;

	for (i = 0; i < 64; i++)
		hr_race_ask(r);
	hr_race_walk(r);
	hr_race_step_through(r);
	hr_race_totals(r);
	r->rounds++;
}
