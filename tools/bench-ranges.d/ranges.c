// SPDX-License-Identifier: GPL-2.0
/*
 * The range array at scale: what an insertion, a lookup and the whole of it cost. Loaded
 * beside a heapranges.ko with HEAPRANGES_KUNIT=1, which says when it is unloaded whether
 * anything is left; says what it has measured in the log, and refuses to stay.
 *
 * Ranges of 1023 pages, 1024 apart, so that none abuts, are added one by one: in
 * ascending order, at the front, and at random. Each insertion is timed with all that
 * the module does for it but its mutex: prepared, storage allocated, committed, the old
 * one given to RCU. Between two insertions a grace period is waited for from time to time, so
 * that no more memory waits for them than a heap would ever make wait.
 *
 * Lookups, hits at random, are compared with a branchless search in a flat array of the
 * same ranges: independent ones, and such as need the answer before.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "ranges.h"
#include "store.h"

#define HR_BENCH_BASE		(16 * PAGE_SIZE)
#define HR_BENCH_STRIDE_SHIFT	(PAGE_SHIFT + 10)
#define HR_BENCH_PAGES		1023UL
#define HR_BENCH_ROUNDS		5
#define HR_BENCH_BATCH		4096	/* insertions between two grace periods */

static unsigned int nr_ranges = 262144;
module_param(nr_ranges, uint, 0444);
MODULE_PARM_DESC(nr_ranges, "How many ranges [DEFAULT: 262144]");

static unsigned int nr_lookups = 1 << 20;
module_param(nr_lookups, uint, 0444);
MODULE_PARM_DESC(nr_lookups, "How many lookups a round [DEFAULT: 1048576]");

static unsigned int seed = 1;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "What random orders start from [DEFAULT: 1]");

struct hr_bench {
	struct mutex		lock;	/* the writers' */
	struct hr_ranges	ranges;
	struct hr_store		store;
	u32			*order, *ticks;
	struct heapranges_range	*flat;
	u64			random;
	unsigned long		nr_indices;	/* made anew */
};

static u64 hr_bench_ticks_per_us;

static u64 hr_bench_now(void)
{
#if defined(CONFIG_X86) || defined(CONFIG_UML_X86)
	return __builtin_ia32_rdtsc();
#else
	return ktime_get_ns();
#endif
}

static u64 hr_bench_ns(u64 ticks)
{
	return div64_u64(ticks * 1000, hr_bench_ticks_per_us);
}

static void hr_bench_calibrate(void)
{
	u64 begin_ns = ktime_get_ns(), begin = hr_bench_now(), ns;

	do {
		ns = ktime_get_ns() - begin_ns;
	} while (ns < 50 * NSEC_PER_MSEC);
	hr_bench_ticks_per_us = max(div64_u64((hr_bench_now() - begin) * 1000, ns), 1ULL);
}

static u32 hr_bench_below(struct hr_bench *b, u32 ceil)
{
	b->random = b->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return ((b->random >> 32) * ceil) >> 32;
}

static unsigned long hr_bench_addr(u32 i)
{
	return HR_BENCH_BASE + ((unsigned long)i << HR_BENCH_STRIDE_SHIFT);
}

static int hr_bench_change(struct hr_bench *b, u32 i, bool add)
{
	struct hr_change change;
	int err;

	if (add)
		err = hr_change_prepare_add(&change, &b->ranges, hr_bench_addr(i),
					    HR_BENCH_PAGES);
	else
		err = hr_change_prepare_remove(&change, &b->ranges, hr_bench_addr(i),
					       HR_BENCH_PAGES);
	if (err)
		return err;
	if (!hr_store_gather(&change))
		return -ENOMEM;
	b->nr_indices += change.bytes[HR_CHANGE_INDEX] != 0;
	hr_store_commit(&b->store, &b->ranges, &change);
	return 0;
}

static int hr_bench_compare(const void *a, const void *b)
{
	return *(const u32 *)a < *(const u32 *)b ? -1 : *(const u32 *)a > *(const u32 *)b;
}

static void hr_bench_rest(unsigned int i)
{
	if (i % HR_BENCH_BATCH == HR_BENCH_BATCH - 1)
		rcu_barrier();
	else if (i % 64 == 63)
		cond_resched();
}

/* What the allocator has really given for the array. */
static size_t hr_bench_real_bytes(struct hr_bench *b)
{
	const struct hr_ranges_index *index = rcu_dereference_protected(b->ranges.index, true);
	size_t bytes = index == &b->ranges.single ? 0 : is_vmalloc_addr(index) ?
		PAGE_ALIGN(index->block.bytes) : ksize(index);
	unsigned long i;

	for (i = 0; i < index->nr_leaves; i++)
		bytes += ksize(rcu_dereference_protected(index->slot[i].leaf, true));
	bytes += b->ranges.spare ? ksize(b->ranges.spare) : 0;
	return bytes + hr_store_bytes(&b->store);
}

static int hr_bench_insert(struct hr_bench *b, const char *order)
{
	unsigned int i;
	u64 begin;
	int err = 0;

	b->nr_indices = 0;
	for (i = 0; i < nr_ranges && !err; i++) {
		begin = hr_bench_now();
		err = hr_bench_change(b, b->order[i], true);
		b->ticks[i] = min_t(u64, hr_bench_now() - begin, U32_MAX);
		hr_bench_rest(i);
	}
	if (err)
		return err;
	sort(b->ticks, nr_ranges, sizeof(*b->ticks), hr_bench_compare, NULL);
	rcu_barrier();
	pr_info("bench: ranges insert order=%s nr=%u p50_ns=%llu p99_ns=%llu max_ns=%llu index=%lu bytes=%zu real_bytes=%zu\n",
		order, nr_ranges, hr_bench_ns(b->ticks[nr_ranges / 2]),
		hr_bench_ns(b->ticks[nr_ranges / 100 * 99]), hr_bench_ns(b->ticks[nr_ranges - 1]),
		b->nr_indices, hr_ranges_bytes(&b->ranges) + hr_store_bytes(&b->store),
		hr_bench_real_bytes(b));
	return 0;
}

static int hr_bench_thin(struct hr_bench *b, const char *order)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr_ranges && !err; i++) {
		if (b->order[i] & 1)
			err = hr_bench_change(b, b->order[i], false);
		hr_bench_rest(i);
	}
	rcu_barrier();
	pr_info("bench: ranges thinned order=%s nr=%lu bytes=%zu real_bytes=%zu\n", order,
		hr_ranges_nr_ranges(&b->ranges),
		hr_ranges_bytes(&b->ranges) + hr_store_bytes(&b->store), hr_bench_real_bytes(b));
	return err;
}

/* Index of the last range that begins at or below @addr, which is at or above the first. */
static noinline bool hr_bench_flat_find(const struct hr_bench *b, unsigned long addr,
					struct heapranges_range *range)
{
	const struct heapranges_range *flat = b->flat;
	unsigned long at = 0, nr = nr_ranges, half;

	while (nr > 1) {
		half = nr / 2;
		at += half & -(unsigned long)(flat[at + half].base <= addr);
		nr -= half;
	}
	if (addr >= flat[at].limit)
		return false;
	*range = flat[at];
	return true;
}

/* @link: all bits of the answer before that go into the next question: 0 or 1. */
static u64 hr_bench_look(struct hr_bench *b, bool flat, unsigned long link)
{
	struct heapranges_range range = { };
	unsigned int i, hits = 0;
	unsigned long addr;
	u64 begin;

	b->random = seed;
	begin = hr_bench_now();
	for (i = 0; i < nr_lookups; i++) {
		addr = hr_bench_addr(hr_bench_below(b, nr_ranges)) + (range.base & link);
		hits += flat ? hr_bench_flat_find(b, addr, &range) :
			       hr_ranges_find(&b->ranges, addr, &range);
	}
	begin = hr_bench_now() - begin;
	if (hits != nr_lookups)
		pr_err("bench: %u of %u lookups found something\n", hits, nr_lookups);
	return div64_u64(hr_bench_ns(begin * 10), nr_lookups);
}

static int hr_bench_compare_u64(const void *a, const void *b)
{
	return *(const u64 *)a < *(const u64 *)b ? -1 : *(const u64 *)a > *(const u64 *)b;
}

/* Medians of rounds that take turns. */
static void hr_bench_lookups(struct hr_bench *b, const char *order, const char *keys,
			     unsigned long link)
{
	u64 tiers[HR_BENCH_ROUNDS], flat[HR_BENCH_ROUNDS];
	unsigned int i, mid = HR_BENCH_ROUNDS / 2;

	for (i = 0; i < HR_BENCH_ROUNDS; i++) {
		tiers[i] = hr_bench_look(b, false, link);
		flat[i] = hr_bench_look(b, true, link);
		cond_resched();
	}
	sort(tiers, HR_BENCH_ROUNDS, sizeof(*tiers), hr_bench_compare_u64, NULL);
	sort(flat, HR_BENCH_ROUNDS, sizeof(*flat), hr_bench_compare_u64, NULL);
	pr_info("bench: ranges lookup order=%s keys=%s ns=%llu.%llu flat_ns=%llu.%llu percent=%llu\n",
		order, keys, tiers[mid] / 10, tiers[mid] % 10, flat[mid] / 10, flat[mid] % 10,
		div64_u64(tiers[mid] * 100, max(flat[mid], 1ULL)));
}

enum hr_bench_order { HR_BENCH_ASCENDING, HR_BENCH_FRONT, HR_BENCH_RANDOM, HR_BENCH_ORDERS };
static const char * const hr_bench_order_names[] = { "ascending", "front", "random" };

static void hr_bench_put_in_order(struct hr_bench *b, enum hr_bench_order order)
{
	u32 i, other;

	for (i = 0; i < nr_ranges; i++)
		b->order[i] = order == HR_BENCH_FRONT ? nr_ranges - 1 - i : i;
	b->random = seed;
	for (i = nr_ranges - 1; order == HR_BENCH_RANDOM && i; i--) {
		other = hr_bench_below(b, i + 1);
		swap(b->order[i], b->order[other]);
	}
}

static int hr_bench_one(struct hr_bench *b, enum hr_bench_order order)
{
	const char *name = hr_bench_order_names[order];
	int err;

	hr_ranges_init(&b->ranges, &b->lock);
	hr_bench_put_in_order(b, order);
	mutex_lock(&b->lock);
	err = hr_bench_insert(b, name);
	if (!err) {
		hr_bench_lookups(b, name, "independent", 0);
		hr_bench_lookups(b, name, "dependent", 1);
		err = hr_bench_thin(b, name);
	}
	mutex_unlock(&b->lock);
	rcu_barrier();
	hr_store_exit(&b->store, &b->ranges);
	return err;
}

static int hr_bench_all(struct hr_bench *b)
{
	int order, err = 0;
	u32 i;

	mutex_init(&b->lock);
	for (i = 0; i < nr_ranges; i++) {
		b->flat[i].base = hr_bench_addr(i);
		b->flat[i].limit = hr_bench_addr(i) + hr_pages_to_bytes(HR_BENCH_PAGES);
	}
	for (order = 0; order < HR_BENCH_ORDERS && !err; order++)
		err = hr_bench_one(b, order);
	return err;
}

static int __init hr_bench_init(void)
{
	struct hr_bench *b = kzalloc(sizeof(*b), GFP_KERNEL);
	int err = -ENOMEM;

	if (!b)
		return err;
	b->order = vmalloc(array_size(nr_ranges, sizeof(*b->order)));
	b->ticks = vmalloc(array_size(nr_ranges, sizeof(*b->ticks)));
	b->flat = vmalloc(array_size(nr_ranges, sizeof(*b->flat)));
	hr_bench_calibrate();
	if (b->order && b->ticks && b->flat)
		err = hr_bench_all(b);
	vfree(b->order);
	vfree(b->ticks);
	vfree(b->flat);
	kfree(b);
	pr_info("bench: ranges %s err=%d\n", err ? "failed" : "done", err);
	return err ?: -EAGAIN;
}
module_init(hr_bench_init);

MODULE_DESCRIPTION("heapranges: the range array measured");
MODULE_LICENSE("GPL");
