// SPDX-License-Identifier: GPL-2.0
/* See ranges_test.h. */

#include <linux/overflow.h>
#include <linux/slab.h>

#include "ranges_test.h"

#define HR_TEST_GUARDS	2	/* decoys behind the end of a block */

static const struct heapranges_range hr_test_decoy = {
	.base = HR_ADDR_MIN,
	.limit = HR_ADDR_END,
};

atomic_t hr_test_blocks = ATOMIC_INIT(0);

/* Of a block's whole size, the guards not counted. */
static size_t hr_test_block_slots(size_t bytes)
{
	size_t header = offsetof(struct hr_ranges_block, range);

	if (bytes <= header)
		return 0;
	return DIV_ROUND_UP(bytes - header, sizeof(struct heapranges_range));
}

static bool hr_test_is_decoy(const struct heapranges_range *range)
{
	return range->base == hr_test_decoy.base &&
	       range->limit == hr_test_decoy.limit;
}

static void hr_test_block_fill(struct hr_ranges_block *block)
{
	size_t i, slots = hr_test_block_slots(block->bytes) + HR_TEST_GUARDS;

	block->nr_ranges = slots;
	block->nr_pages = ULONG_MAX;
	for (i = 0; i < slots; i++)
		block->range[i] = hr_test_decoy;
}

struct hr_ranges_block *hr_test_block_alloc(size_t bytes)
{
	size_t slots = hr_test_block_slots(bytes) + HR_TEST_GUARDS;
	struct hr_ranges_block *block;

	block = kvmalloc(struct_size(block, range, slots), GFP_KERNEL);
	if (!block)
		return NULL;
	block->bytes = bytes;
	hr_test_block_fill(block);
	atomic_inc(&hr_test_blocks);
	return block;
}

/* Decoys again: who still reads it finds what nobody owns. */
void hr_test_block_free(struct hr_ranges_block *block)
{
	if (!block)
		return;
	hr_test_block_fill(block);
	kvfree(block);
	atomic_dec(&hr_test_blocks);
}

static bool hr_test_block_is_intact(const struct hr_ranges_block *block)
{
	size_t i, slots = hr_test_block_slots(block->bytes);

	for (i = 0; i < HR_TEST_GUARDS; i++)
		if (!hr_test_is_decoy(&block->range[slots + i]))
			return false;
	return true;
}

struct hr_ranges_block *hr_test_ranges_block(struct hr_test_ranges *t)
{
	/* The test is the only writer. */
	return rcu_dereference_protected(t->ranges.block, true);
}

static unsigned long hr_test_block_nr_ranges(const struct hr_ranges_block *block)
{
	return block ? block->nr_ranges : 0;
}

/* Reports. */

static void hr_test_print(char *buf, size_t size,
			  const struct heapranges_range *range, unsigned long nr)
{
	unsigned long i, shown = min_t(unsigned long, nr, HR_TEST_SPANS);
	size_t at = scnprintf(buf, size, "%lu:", nr);

	for (i = 0; i < shown; i++)
		at += scnprintf(buf + at, size - at, " %#lx-%#lx",
				range[i].base, range[i].limit);
	if (shown < nr)
		scnprintf(buf + at, size - at, " ...");
}

static void hr_test_report(struct hr_test_ranges *t, const char *why)
{
	const struct hr_ranges_block *block = hr_test_ranges_block(t);
	const char *op = !t->op ? "none" :
			 t->op == hr_ranges_add ? "add" : "remove";
	static char input[400], got[400];	/* cases run one at a time */

	hr_test_print(input, sizeof(input), t->input, t->nr_input);
	hr_test_print(got, sizeof(got), block ? block->range : NULL,
		      hr_test_block_nr_ranges(block));
	KUNIT_FAIL(t->test, "%s\n  input %s\n  step %s %#lx +%lu pages\n  got %s\n",
		   why, input, op, t->base, t->nr_pages, got);
}

bool hr_test_ranges_fail(struct hr_test_ranges *t, const char *fmt, ...)
{
	static char why[600];
	va_list args;

	va_start(args, fmt);
	vscnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	hr_test_report(t, why);
	return false;
}

/* Steps. */

static void hr_test_remember(struct hr_test_ranges *t, hr_test_op *op,
			     unsigned long base, unsigned long nr_pages,
			     const struct hr_ranges_block *block)
{
	unsigned long i;

	t->op = op;
	t->base = base;
	t->nr_pages = nr_pages;
	t->nr_input = hr_test_block_nr_ranges(block);
	for (i = 0; i < t->nr_input && i < HR_TEST_SPANS; i++)
		t->input[i] = block->range[i];
}

/* The storage that went in is published, and what was published came out. */
static void hr_test_audit(struct hr_test_ranges *t, int err,
			  const struct hr_ranges_block *old,
			  const struct hr_ranges_block *in,
			  const struct hr_ranges_block *out)
{
	const struct hr_ranges_block *new = hr_test_ranges_block(t);

	if (!err && (new != in || out != old))
		hr_test_ranges_fail(t, "a block is lost or in use twice");
	if (err && (new != old || out != in))
		hr_test_ranges_fail(t, "err=%d, but the storage changed hands",
				    err);
}

int hr_test_ranges_apply(struct hr_test_ranges *t, hr_test_op *op,
			 unsigned long base, unsigned long nr_pages,
			 struct hr_ranges_block **spare)
{
	struct hr_ranges_block *old = hr_test_ranges_block(t);
	struct hr_ranges_block *in = *spare, *copy = NULL;
	size_t bytes = in ? in->bytes : 0, old_bytes = 0;
	int err;

	hr_test_remember(t, op, base, nr_pages, old);
	if (old) {
		old_bytes = struct_size(old, range, old->nr_ranges);
		copy = kmemdup(old, old_bytes, GFP_KERNEL);
	}

	mutex_lock(&t->writers);
	err = op(&t->ranges, base, nr_pages, spare);
	mutex_unlock(&t->writers);

	hr_test_audit(t, err, old, in, *spare);
	if (copy && memcmp(copy, old, old_bytes))
		hr_test_ranges_fail(t, "the block that readers see has changed");
	if (in && in->bytes != bytes)
		hr_test_ranges_fail(t, "the size of the storage has changed");
	else if (in && !hr_test_block_is_intact(in))
		hr_test_ranges_fail(t, "written behind the storage's end");
	kfree(copy);
	return err;
}

int hr_test_ranges_change(struct hr_test_ranges *t, hr_test_op *op,
			  unsigned long base, unsigned long nr_pages)
{
	struct hr_ranges_block *block = hr_test_ranges_block(t), *spare;
	unsigned long nr_ranges = hr_test_block_nr_ranges(block);
	size_t bytes;
	int err;

	mutex_lock(&t->writers);
	bytes = hr_ranges_spare_bytes(&t->ranges);
	mutex_unlock(&t->writers);
	if (bytes < struct_size(block, range, nr_ranges + 1))
		hr_test_ranges_fail(t, "%zu bytes are no room for a range more",
				    bytes);

	spare = hr_test_block_alloc(bytes);
	KUNIT_ASSERT_NOT_NULL(t->test, spare);
	err = hr_test_ranges_apply(t, op, base, nr_pages, &spare);
	hr_test_block_free(spare);
	return err;
}

void hr_test_ranges_must(struct hr_test_ranges *t, hr_test_op *op,
			 unsigned long base, unsigned long nr_pages)
{
	int err = hr_test_ranges_change(t, op, base, nr_pages);

	if (err)
		hr_test_ranges_fail(t, "err=%d, want 0", err);
	KUNIT_ASSERT_EQ(t->test, err, 0);
}

void hr_test_ranges_fill(struct hr_test_ranges *t,
			 const struct hr_test_span *spans)
{
	int i;

	for (i = 0; i < HR_TEST_SPANS && spans[i].nr_pages; i++)
		hr_test_ranges_must(t, hr_ranges_add, spans[i].base,
				    spans[i].nr_pages);
}

/* The validator. */

static bool hr_test_block_is_sound(struct hr_test_ranges *t,
				   const struct hr_ranges_block *block)
{
	unsigned long i, behind = 0, nr_pages = 0;

	for (i = 0; i < block->nr_ranges; i++) {
		const struct heapranges_range *r = &block->range[i];

		if (!PAGE_ALIGNED(r->base) || !PAGE_ALIGNED(r->limit))
			return hr_test_ranges_fail(t, "range %lu: unaligned", i);
		if (r->base >= r->limit)
			return hr_test_ranges_fail(t, "range %lu: empty", i);
		if (r->base < PAGE_SIZE || r->limit > -PAGE_SIZE)
			return hr_test_ranges_fail(t, "range %lu: page 0 or the last",
						   i);
		if (i && r->base <= behind)
			return hr_test_ranges_fail(t, "range %lu: unsorted or not coalesced",
						   i);
		behind = r->limit;
		nr_pages += (r->limit - r->base) / PAGE_SIZE;
	}
	if (block->nr_pages != nr_pages)
		return hr_test_ranges_fail(t, "block: nr_pages=%lu, sum=%lu",
					   block->nr_pages, nr_pages);
	return true;
}

static bool hr_test_check_totals(struct hr_test_ranges *t,
				 const struct hr_ranges_block *block)
{
	unsigned long nr_ranges = hr_ranges_nr_ranges(&t->ranges);
	unsigned long nr_pages = hr_ranges_nr_pages(&t->ranges);
	size_t bytes = hr_ranges_bytes(&t->ranges);

	if (nr_ranges != hr_test_block_nr_ranges(block))
		return hr_test_ranges_fail(t, "nr_ranges=%lu", nr_ranges);
	if (nr_pages != (block ? block->nr_pages : 0))
		return hr_test_ranges_fail(t, "nr_pages=%lu", nr_pages);
	if (bytes != (block ? block->bytes : 0))
		return hr_test_ranges_fail(t, "bytes=%zu", bytes);
	return true;
}

struct hr_test_walk {
	const struct hr_ranges_block *block;
	unsigned long nr;
	bool differs, unprotected;
};

static int hr_test_walk_visit(const struct heapranges_range *range, void *data)
{
	struct hr_test_walk *w = data;

	if (!rcu_read_lock_held())
		w->unprotected = true;
	if (w->nr >= hr_test_block_nr_ranges(w->block) ||
	    w->block->range[w->nr].base != range->base ||
	    w->block->range[w->nr].limit != range->limit)
		w->differs = true;
	w->nr++;
	return 0;
}

static bool hr_test_check_walk(struct hr_test_ranges *t,
			       const struct hr_ranges_block *block)
{
	struct hr_test_walk w = { .block = block };
	int ret = hr_ranges_walk(&t->ranges, hr_test_walk_visit, &w);

	if (ret || w.differs || w.nr != hr_test_block_nr_ranges(block))
		return hr_test_ranges_fail(t, "walk: ret=%d after %lu ranges%s",
					   ret, w.nr, w.differs ? ", others" : "");
	if (w.unprotected)
		return hr_test_ranges_fail(t, "walk: not under rcu_read_lock");
	return true;
}

static bool hr_test_check_find(struct hr_test_ranges *t, unsigned long addr,
			       const struct heapranges_range *holds)
{
	const struct heapranges_range *want = holds ?: &hr_test_decoy;
	struct heapranges_range got = hr_test_decoy;
	bool found = hr_ranges_find(&t->ranges, addr, &got);

	if (found == !!holds && got.base == want->base && got.limit == want->limit)
		return true;
	return hr_test_ranges_fail(t, "find(%#lx): %d %#lx-%#lx, want %d %#lx-%#lx",
				   addr, found, got.base, got.limit,
				   !!holds, want->base, want->limit);
}

static bool hr_test_check_next(struct hr_test_ranges *t, unsigned long addr,
			       const struct heapranges_range *part)
{
	const struct heapranges_range *want = part ?: &hr_test_decoy;
	struct heapranges_range got = hr_test_decoy;
	bool found = hr_ranges_next(&t->ranges, addr, &got);

	if (found == !!part && got.base == want->base && got.limit == want->limit)
		return true;
	return hr_test_ranges_fail(t, "next(%#lx): %d %#lx-%#lx, want %d %#lx-%#lx",
				   addr, found, got.base, got.limit,
				   !!part, want->base, want->limit);
}

static bool hr_test_check_contains(struct hr_test_ranges *t, unsigned long addr,
				   unsigned long nr_pages, bool want)
{
	if (hr_ranges_contains(&t->ranges, addr, nr_pages) == want)
		return true;
	return hr_test_ranges_fail(t, "contains(%#lx, %lu): %d, want %d",
				   addr, nr_pages, !want, want);
}

static bool hr_test_check_overlaps(struct hr_test_ranges *t, unsigned long base,
				   unsigned long limit, bool want)
{
	unsigned long nr_pages = (limit - base) / PAGE_SIZE;

	if (base < PAGE_SIZE || limit > -PAGE_SIZE || base >= limit)
		return true;	/* not a span to be asked for */
	if (hr_ranges_overlaps(&t->ranges, base, nr_pages) == want)
		return true;
	return hr_test_ranges_fail(t, "overlaps(%#lx, %lu): %d, want %d",
				   base, nr_pages, !want, want);
}

/* @addr lies in @holds, or in none and @after is the next one behind it. */
static bool hr_test_check_addr(struct hr_test_ranges *t, unsigned long addr,
			       const struct heapranges_range *holds,
			       const struct heapranges_range *after)
{
	unsigned long left = holds ? (holds->limit - addr) / PAGE_SIZE : 0;
	struct heapranges_range part;

	if (holds)
		part = (struct heapranges_range){ addr, holds->limit };
	return hr_test_check_find(t, addr, holds) &&
	       hr_test_check_next(t, addr, holds ? &part : after) &&
	       hr_test_check_contains(t, addr, 0, false) &&
	       hr_test_check_contains(t, addr, 1, left >= 1) &&
	       hr_test_check_contains(t, addr, left, left >= 1) &&
	       hr_test_check_contains(t, addr, left + 1, false);
}

/* Range @i, with the gap before it and the address behind it. */
static bool hr_test_check_range(struct hr_test_ranges *t,
				const struct hr_ranges_block *block,
				unsigned long i)
{
	const struct heapranges_range *r = &block->range[i];
	const struct heapranges_range *after =
		i + 1 < block->nr_ranges ? r + 1 : NULL;
	unsigned long gap = i ? r[-1].limit : PAGE_SIZE;

	return hr_test_check_addr(t, r->base - 1, NULL, r) &&
	       hr_test_check_addr(t, r->base, r, NULL) &&
	       hr_test_check_addr(t, r->base + 1, r, NULL) &&
	       hr_test_check_addr(t, r->limit - PAGE_SIZE, r, NULL) &&
	       hr_test_check_addr(t, r->limit - 1, r, NULL) &&
	       hr_test_check_addr(t, r->limit, NULL, after) &&
	       hr_test_check_overlaps(t, gap, r->base, false) &&
	       hr_test_check_overlaps(t, gap, r->base + PAGE_SIZE, true) &&
	       hr_test_check_overlaps(t, r->base, r->limit, true) &&
	       hr_test_check_overlaps(t, r->limit - PAGE_SIZE,
				      r->limit + PAGE_SIZE, true) &&
	       hr_test_check_overlaps(t, r->limit, r->limit + PAGE_SIZE, false);
}

/* Both ends of the address space, which no range holds. */
static bool hr_test_check_ends(struct hr_test_ranges *t,
			       const struct hr_ranges_block *block)
{
	unsigned long nr = hr_test_block_nr_ranges(block);
	unsigned long behind = nr ? block->range[nr - 1].limit : PAGE_SIZE;
	const struct heapranges_range *first = nr ? &block->range[0] : NULL;

	return hr_test_check_addr(t, 0, NULL, first) &&
	       hr_test_check_addr(t, PAGE_SIZE - 1, NULL, first) &&
	       hr_test_check_addr(t, -PAGE_SIZE, NULL, NULL) &&
	       hr_test_check_addr(t, ULONG_MAX, NULL, NULL) &&
	       hr_test_check_contains(t, 0, ULONG_MAX, false) &&
	       hr_test_check_overlaps(t, behind, -PAGE_SIZE, false) &&
	       hr_test_check_overlaps(t, PAGE_SIZE, -PAGE_SIZE, nr);
}

bool hr_test_ranges_validate(struct hr_test_ranges *t)
{
	const struct hr_ranges_block *block = hr_test_ranges_block(t);
	unsigned long i, nr = hr_test_block_nr_ranges(block);

	if ((block && !hr_test_block_is_sound(t, block)) ||
	    !hr_test_check_totals(t, block) || !hr_test_check_walk(t, block) ||
	    !hr_test_check_ends(t, block))
		return false;
	for (i = 0; i < nr; i++)
		if (!hr_test_check_range(t, block, i))
			return false;
	return true;
}

bool hr_test_ranges_holds(struct hr_test_ranges *t,
			  const struct hr_test_span *spans)
{
	const struct hr_ranges_block *block = hr_test_ranges_block(t);
	struct heapranges_range want[HR_TEST_SPANS];
	unsigned long nr = 0;
	static char text[400];

	while (nr < HR_TEST_SPANS && spans[nr].nr_pages) {
		want[nr].base = spans[nr].base;
		want[nr].limit = spans[nr].base +
				 spans[nr].nr_pages * PAGE_SIZE;
		nr++;
	}
	if (hr_test_block_nr_ranges(block) == nr &&
	    (!nr || !memcmp(block->range, want, nr * sizeof(want[0]))))
		return true;
	hr_test_print(text, sizeof(text), want, nr);
	return hr_test_ranges_fail(t, "want %s", text);
}

int hr_test_ranges_init(struct kunit *test)
{
	struct hr_test_ranges *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->test = test;
	mutex_init(&t->writers);
	hr_ranges_init(&t->ranges, &t->writers);
	atomic_set(&hr_test_blocks, 0);
	test->priv = t;
	return 0;
}

void hr_test_ranges_exit(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;
	struct hr_ranges_block *last, *left;

	if (!t)
		return;
	last = hr_test_ranges_block(t);
	left = hr_ranges_exit(&t->ranges);
	KUNIT_EXPECT_PTR_EQ_MSG(test, left, last, "exit handed back another block");
	hr_test_block_free(last);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&hr_test_blocks), 0, "blocks leaked");
}
