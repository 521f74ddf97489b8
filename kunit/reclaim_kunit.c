// SPDX-License-Identifier: GPL-2.0
/*
 * Suite heapranges_reclaim: what the machine may have back. The shrinker, called as
 * the kernel does and by the kernel itself, also in the middle of our own
 * allocations; what /proc/meminfo counts; and the file by which people ask for it.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/umh.h>

#include "../module/arenas.h"
#include "../module/heaps.h"
#include "../module/idle.h"
#include "../module/mem.h"
#include "../module/reclaim.h"
#include "arena_helpers.h"
#include "crew_helpers.h"
#include "suites.h"

static unsigned long hr_test_count(void)
{
	struct shrink_control sc = { .gfp_mask = GFP_KERNEL };

	return hr_reclaim_count(NULL, &sc);
}

static unsigned long hr_test_scan(unsigned long nr_to_scan)
{
	struct shrink_control sc = {
		.gfp_mask = GFP_KERNEL, .nr_to_scan = nr_to_scan, .nr_scanned = nr_to_scan,
	};

	return hr_reclaim_scan(NULL, &sc);
}

static unsigned long hr_test_reclaimable(void)
{
	return global_node_page_state(NR_KERNEL_MISC_RECLAIMABLE);
}

/* @nr arenas of 512 pages, all free. */
static struct heapranges *hr_test_free_arenas(struct kunit *test, const char *name, int nr)
{
	struct heapranges_params params = {
		.name = name, .node = NUMA_NO_NODE, .arena_pages = 512, .grow_max_pages = 512,
	};
	struct heapranges *heap = hr_test_create_params(test, &params);
	void **addr = kunit_kzalloc(test, nr * sizeof(*addr), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_ASSERT_EQ(test, heapranges_alloc_bulk(heap, 512, hr_test_quiet, nr, addr), nr + 0U);
	KUNIT_ASSERT_EQ(test, heapranges_free_bulk(heap, nr, addr), nr + 0U);
	KUNIT_ASSERT_EQ(test, hr_test_stats(test, heap).nr_arenas, nr + 0UL);
	return heap;
}

/* In a shell of the first process's. Return: its exit status. */
static int hr_test_sh(const char *script)
{
	char *argv[4] = { "/bin/sh", "-c", (char *)script, NULL };
	static char *envp[2] = { "PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	int status = call_usermodehelper(argv[0], argv, envp, UMH_WAIT_PROC);

	return status < 0 ? status : status >> 8;
}

/* ---- count and scan ---- */

static void reclaim_counts_what_a_scan_releases(struct kunit *test)
{
	struct heapranges *a, *b, *kept;
	struct heapranges_stats s;
	unsigned long live;

	KUNIT_ASSERT_EQ_MSG(test, hr_test_count(), 0UL, "before there is a heap");
	kept = hr_test_arenas_of(test, 600, 512, 0);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_count(), 0UL, "min_pages");
	a = hr_test_free_arenas(test, "a", 3);
	b = hr_test_free_arenas(test, "b", 2);
	KUNIT_EXPECT_EQ(test, hr_test_count(), 5 * 512UL);
	live = hr_test_alloc(test, b, 1);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_count(), 4 * 512UL, "a page is in use");
	hr_test_free(test, b, live);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_count(), 5 * 512UL, "that page is parked");

	/* Whole arenas, so more than it is asked for; the older heap first. */
	KUNIT_EXPECT_EQ(test, hr_test_scan(128), 512UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, a).releases_shrinker, 1ULL);
	KUNIT_EXPECT_EQ(test, hr_test_scan(513), 2 * 512UL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, a).owned_pages, 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_count(), 2 * 512UL);
	KUNIT_EXPECT_EQ(test, hr_test_scan(ULONG_MAX), 2 * 512UL);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_scan(128), 0UL, "there is nothing left");
	s = hr_test_stats(test, b);
	KUNIT_EXPECT_EQ(test, s.releases, 2ULL);
	KUNIT_EXPECT_EQ(test, s.releases_shrinker, 2ULL);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, kept).owned_pages, 600UL);
	hr_test_verify(test, a, "scans");
	hr_test_verify(test, b, "scans");
}

static void reclaim_leaves_the_reserve(struct kunit *test)
{
	struct heapranges *heap = hr_test_arenas_create(test, (struct heapranges_params){
		.reserve_pages = 512, .arena_pages = 512, .grow_max_pages = 512,
	}, 0);
	void *addr = heapranges_alloc(heap, 100, GFP_NOWAIT);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	hr_test_free(test, heap, hr_test_alloc(test, heap, 512));
	KUNIT_EXPECT_EQ(test, hr_test_count(), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_scan(128), 0UL);
	hr_test_free(test, heap, (unsigned long)addr);
	KUNIT_EXPECT_EQ(test, hr_test_count(), 512UL);
	KUNIT_EXPECT_EQ(test, hr_test_scan(128), 512UL);
}

/* Somebody, and be it the task itself, has a lock: nobody waits for it. */
static void reclaim_stops_without_the_lock(struct kunit *test)
{
	struct heapranges *held = heapranges_default(), *heap;

	heap = hr_test_free_arenas(test, "kunit", 2);
	down_write(&hr_heaps_rwsem);
	KUNIT_EXPECT_EQ(test, hr_test_count(), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_scan(128), SHRINK_STOP);
	up_write(&hr_heaps_rwsem);

	mutex_lock(&held->change);
	mutex_lock_nested(&heap->change, SINGLE_DEPTH_NESTING);
	KUNIT_EXPECT_EQ(test, hr_test_count(), 0UL);
	KUNIT_EXPECT_EQ(test, hr_test_scan(128), SHRINK_STOP);
	mutex_unlock(&heap->change);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_count(), 2 * 512UL, "with another heap's");
	KUNIT_EXPECT_EQ_MSG(test, hr_test_scan(128), 512UL, "with another heap's");
	mutex_unlock(&held->change);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).releases_shrinker, 1ULL);
	hr_test_verify(test, heap, "scans");
}

/* ---- in the middle of our own allocations ---- */

static atomic_long_t hr_test_nr_reclaims, hr_test_nr_reclaimed;

/* What the kernel does before it gives up on an allocation that may block. */
static void hr_test_direct_reclaim(gfp_t gfp)
{
	unsigned int noreclaim;
	unsigned long released;

	if (!gfpflags_allow_blocking(gfp))
		return;
	noreclaim = memalloc_noreclaim_save();
	atomic_long_inc(&hr_test_nr_reclaims);
	if (hr_test_count()) {
		released = hr_test_scan(128);
		if (released != SHRINK_STOP)
			atomic_long_add(released, &hr_test_nr_reclaimed);
	}
	memalloc_noreclaim_restore(noreclaim);
}

/* All that takes memory, on a heap that has arenas to release and beside one. */
static void hr_test_do_everything(struct kunit *test, int step)
{
	struct heapranges *beside = hr_test_free_arenas(test, "beside", 1);
	struct heapranges *heap = hr_test_free_arenas(test, "kunit", 2);
	unsigned long region = hr_test_addr(step * 4096), addr;
	struct heapranges *addresses;

	addr = hr_test_alloc(test, heap, 700);
	hr_test_free(test, heap, (unsigned long)heapranges_alloc_aligned(heap, 600, 16,
									 hr_test_quiet));
	hr_arenas_grow_ahead(heap, 2000);
	heapranges_trim(heap);
	hr_test_verify(test, heap, "everything");
	hr_test_free(test, heap, addr);

	addresses = hr_test_create(test, "addresses", HR_TEST_ADDRESSES);
	hr_test_add(test, addresses, region, 2048);
	KUNIT_EXPECT_EQ(test, heapranges_remove(addresses, region + 100 * PAGE_SIZE, 100), 0);
	hr_test_destroy(test, addresses);
	hr_test_destroy(test, heap);
	hr_test_destroy(test, beside);
}

static void reclaim_in_our_own_allocations(struct kunit *test)
{
	long nr_reclaims, nr_pages;
	int step;

	atomic_long_set(&hr_test_nr_reclaims, 0);
	atomic_long_set(&hr_test_nr_reclaimed, 0);
	hr_mem_set_reclaim(hr_test_direct_reclaim);
	for (step = 0; step < 20; step++)
		hr_test_do_everything(test, step);
	hr_mem_set_reclaim(NULL);
	nr_reclaims = atomic_long_read(&hr_test_nr_reclaims);
	nr_pages = atomic_long_read(&hr_test_nr_reclaimed);
	kunit_info(test, "reclaims=%ld pages=%ld\n", nr_reclaims, nr_pages);
	KUNIT_EXPECT_GT(test, nr_reclaims, 20 * 10L);
	KUNIT_EXPECT_GE(test, nr_pages, 20 * 512L);
}

static atomic_long_t hr_test_nr_in_change, hr_test_nr_stubborn;

static void hr_test_count_stubborn(gfp_t gfp)
{
	if (!(current->flags & PF_MEMALLOC_NOIO))
		return;
	atomic_long_inc(&hr_test_nr_in_change);
	if (!(gfp & (__GFP_NORETRY | __GFP_RETRY_MAYFAIL)))
		atomic_long_inc(&hr_test_nr_stubborn);
}

/* The kernel would wait for ever: it kills nobody for who may not use disks. */
static void reclaim_is_not_waited_for_in_a_change(struct kunit *test)
{
	atomic_long_set(&hr_test_nr_in_change, 0);
	atomic_long_set(&hr_test_nr_stubborn, 0);
	hr_mem_set_reclaim(hr_test_count_stubborn);
	hr_test_do_everything(test, 0);
	hr_mem_set_reclaim(NULL);
	KUNIT_EXPECT_GT(test, atomic_long_read(&hr_test_nr_in_change), 20L);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&hr_test_nr_stubborn), 0L);
}

/* ---- by the shrinker of whoever uses a heap ---- */

static atomic_long_t hr_test_nr_trims, hr_test_nr_trimmed;

static unsigned long hr_test_trim_in_reclaim(struct heapranges *heap)
{
	unsigned int noreclaim = memalloc_noreclaim_save();
	unsigned long nr_pages = heapranges_trim(heap);

	memalloc_noreclaim_restore(noreclaim);
	return nr_pages;
}

static void hr_test_reclaimer(struct hr_test_crew *crew, unsigned int nr)
{
	unsigned long nr_pages = hr_test_trim_in_reclaim(crew->heap);

	if (nr_pages)
		hr_test_crew_mistake(crew, "released %lu", nr_pages);
}

/* Whoever changes the heap may be the one who waits for this. */
static void reclaim_trim_waits_for_nobody(struct kunit *test)
{
	struct heapranges *heap = hr_test_free_arenas(test, "kunit", 2);
	struct hr_test_crew crew = { .heap = heap };
	struct heapranges_stats s;
	int i;

	hr_test_free(test, heap, hr_test_alloc(test, heap, 1));
	mutex_lock(&heap->change);
	hr_test_crew_join(test, &crew, hr_test_reclaimer, HR_TEST_ANY_CPU);
	for (i = 0; i < 1000 && !atomic_read(&crew.nr_done) && !hr_test_crew_waits(&crew); i++)
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&crew.nr_done), 1, "it has not waited");
	mutex_unlock(&heap->change);
	hr_test_crew_end(test, &crew);
	KUNIT_EXPECT_EQ(test, hr_test_stats(test, heap).releases, 0ULL);

	KUNIT_EXPECT_EQ(test, hr_test_trim_in_reclaim(heap), 2 * 512UL);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.owned_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.cached_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.releases_shrinker, 0ULL);
}

static struct heapranges *hr_test_trimmed;

static void hr_test_trim_for_memory(gfp_t gfp)
{
	if (!gfpflags_allow_blocking(gfp) || current->flags & PF_MEMALLOC)
		return;
	atomic_long_inc(&hr_test_nr_trims);
	atomic_long_add(hr_test_trim_in_reclaim(hr_test_trimmed), &hr_test_nr_trimmed);
}

/* It is called back in the middle of what the heap itself allocates. */
static void reclaim_trim_in_our_own_allocations(struct kunit *test)
{
	struct heapranges *heap = hr_test_free_arenas(test, "kunit", 2);
	struct heapranges *other = hr_test_create(test, "other", 0);

	atomic_long_set(&hr_test_nr_trims, 0);
	atomic_long_set(&hr_test_nr_trimmed, 0);
	hr_test_trimmed = heap;
	hr_mem_set_reclaim(hr_test_trim_for_memory);
	hr_test_free(test, heap, hr_test_alloc(test, heap, 600));
	KUNIT_EXPECT_GT(test, atomic_long_read(&hr_test_nr_trims), 1L);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&hr_test_nr_trimmed), 0L);
	hr_test_alloc(test, other, 1);
	hr_mem_set_reclaim(NULL);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&hr_test_nr_trimmed), 2 * 512 + 600L);
	hr_test_verify(test, heap, "trims");
}

/* ---- by the kernel ---- */

/*
 * As "echo 2 >/proc/sys/vm/drop_caches": by that only where a kernel thread has a root of its
 * own, with nothing in it, as on 7.x, since processes are dear. Return: it has been done.
 */
static bool hr_test_drop_caches(void)
{
	struct file *file = filp_open("/proc/sys/vm/drop_caches", O_WRONLY, 0);
	loff_t pos = 0;
	bool done;

	if (IS_ERR(file))
		return !hr_test_sh("echo 2 >/proc/sys/vm/drop_caches");
	done = kernel_write(file, "2", 1, &pos) == 1;
	fput(file);
	return done;
}

static void reclaim_when_caches_are_dropped(struct kunit *test)
{
	struct heapranges *heap = hr_test_free_arenas(test, "kunit", 4);
	struct heapranges_stats s;

	hr_test_free(test, heap, hr_test_alloc(test, heap, 3));
	KUNIT_EXPECT_TRUE(test, hr_test_drop_caches());
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.owned_pages, 0UL);
	KUNIT_EXPECT_EQ(test, s.releases_shrinker, 4ULL);
	KUNIT_EXPECT_EQ(test, s.cached_pages, 0UL);
	hr_test_verify(test, heap, "drop_caches");
}

/* While heaps grow, are filled and emptied, come and go. */
static void hr_test_churn(struct hr_test_crew *crew, unsigned int nr)
{
	struct heapranges *heap;
	void *addr[8];
	int i;

	for (i = 0; i < 150; i++) {
		heap = heapranges_create(&(struct heapranges_params){
			.name = "churn", .node = NUMA_NO_NODE, .arena_pages = 512,
		});
		if (IS_ERR(heap)) {
			hr_test_crew_mistake(crew, "create: %ld", PTR_ERR(heap));
			break;
		}
		if (heapranges_alloc_bulk(heap, 400, hr_test_quiet, ARRAY_SIZE(addr), addr) !=
		    ARRAY_SIZE(addr))
			hr_test_crew_mistake(crew, "step %d: no pages", i);
		else if (heapranges_free_bulk(heap, ARRAY_SIZE(addr), addr) != ARRAY_SIZE(addr))
			hr_test_crew_mistake(crew, "step %d: free", i);
		if (heapranges_destroy(heap))
			hr_test_crew_mistake(crew, "step %d: destroy", i);
	}
}

static void reclaim_while_heaps_come_and_go(struct kunit *test)
{
	struct heapranges *heap = hr_test_free_arenas(test, "kunit", 1);
	struct hr_test_crew crew = {};
	u64 nr = 0;

	hr_test_crew_join(test, &crew, hr_test_churn, HR_TEST_ANY_CPU);
	do {
		hr_test_free(test, heap, hr_test_alloc(test, heap, 600));
		KUNIT_EXPECT_TRUE(test, hr_test_drop_caches());
		/* Who waits for the list of heaps is to get it: until then it is not had here. */
		schedule_timeout_uninterruptible(1);
		nr++;
	} while (!atomic_read(&crew.nr_done));
	hr_test_crew_end(test, &crew);
	KUNIT_EXPECT_GT(test, hr_test_stats(test, heap).releases_shrinker, nr / 2);
	hr_test_verify(test, heap, "all of it");
}

/* ---- /proc/meminfo ---- */

/* An arena that was free when somebody looked, and has since been used for good. */
static void reclaim_of_what_is_left_is_not_promised(struct kunit *test)
{
	struct heapranges_params params = {
		.name = "left", .node = NUMA_NO_NODE, .arena_pages = 512,
		.grow_max_pages = 512, .flags = HEAPRANGES_NO_CACHE,
	};
	struct heapranges *heap = hr_heaps_create(&params);
	unsigned long before = hr_test_reclaimable();
	void *arena;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, heap);
	arena = heapranges_alloc(heap, 512, hr_test_quiet);
	hr_test_free(test, heap, (unsigned long)arena);
	hr_idle_try_count(heap);
	KUNIT_EXPECT_PTR_EQ(test, heapranges_alloc(heap, 1, hr_test_quiet), arena);
	KUNIT_EXPECT_EQ(test, hr_test_reclaimable(), before + 512);
	KUNIT_EXPECT_EQ(test, hr_heaps_abandon(heap), 1UL);
	KUNIT_EXPECT_EQ(test, hr_test_reclaimable(), before);
	vfree(arena);
}

static void reclaim_is_seen_by_the_machine(struct kunit *test)
{
	unsigned long before = hr_test_reclaimable(), live;
	struct heapranges *heap = hr_test_arenas_of(test, 600, 512, 0), *other;

	hr_idle_try_count(heap);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before, "min_pages");
	live = hr_test_alloc(test, heap, 601);
	hr_idle_try_count(heap);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before, "in use");
	hr_test_free(test, heap, live);
	hr_idle_try_count(heap);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before + 601, "free");
	hr_idle_try_count(heap);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before + 601, "counted twice");
	live = hr_test_alloc(test, heap, 601);
	hr_idle_try_count(heap);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before, "in use again");
	hr_test_free(test, heap, live);
	flush_delayed_work(&heap->tick);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before + 601, "a tick has looked");
	heapranges_trim(heap);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before, "released");

	other = hr_test_free_arenas(test, "other", 3);
	hr_test_count();
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before + 3 * 512,
			    "the shrinker has looked");
	hr_test_scan(1);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before + 2 * 512, "one is released");
	hr_test_destroy(test, other);
	KUNIT_EXPECT_EQ_MSG(test, hr_test_reclaimable(), before, "destroyed");
}

/* ---- the file ---- */

#define HR_TEST_TRIM	"/sys/kernel/debug/heapranges_heaps/kunit/trim"

static const struct hr_test_trim_row {
	const char	*desc, *script;
	bool		released;
} hr_test_trim_rows[] = {
	{ "1", "echo 1 >" HR_TEST_TRIM, true },
	{ "1 without a newline", "printf 1 >" HR_TEST_TRIM, true },
	{ "0", "! echo 0 >" HR_TEST_TRIM },
	{ "2", "! echo 2 >" HR_TEST_TRIM },
	{ "minus 1", "! echo -1 >" HR_TEST_TRIM },
	{ "a word", "! echo yes >" HR_TEST_TRIM },
	{ "an empty line", "! echo >" HR_TEST_TRIM },
	{ "more than 64 bits", "! echo 18446744073709551617 >" HR_TEST_TRIM },
	{ "1 and more", "! echo 1 2 >" HR_TEST_TRIM },
	{ "it cannot be read", "! cat " HR_TEST_TRIM },
	{ "its mode", "[ $(stat -c %a " HR_TEST_TRIM ") = 200 ]" },
};

static void hr_test_trim_desc(const struct hr_test_trim_row *row, char *desc)
{
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hr_test_trim, hr_test_trim_rows, hr_test_trim_desc);

static void reclaim_trim_file(struct kunit *test)
{
	const struct hr_test_trim_row *row = test->param_value;
	struct heapranges *heap = hr_test_free_arenas(test, "kunit", 2);
	struct heapranges_stats s;

	KUNIT_EXPECT_EQ_MSG(test, hr_test_sh(row->script), 0, "%s", row->script);
	s = hr_test_stats(test, heap);
	KUNIT_EXPECT_EQ(test, s.releases, row->released ? 2ULL : 0ULL);
	KUNIT_EXPECT_EQ(test, s.releases_shrinker, 0ULL);
	hr_test_destroy(test, heap);
	KUNIT_EXPECT_EQ(test, hr_test_sh("[ ! -e " HR_TEST_TRIM " ]"), 0);
}

static struct kunit_case hr_test_reclaim_cases[] = {
	KUNIT_CASE(reclaim_counts_what_a_scan_releases),
	KUNIT_CASE(reclaim_leaves_the_reserve),
	KUNIT_CASE(reclaim_stops_without_the_lock),
	KUNIT_CASE(reclaim_in_our_own_allocations),
	KUNIT_CASE(reclaim_is_not_waited_for_in_a_change),
	KUNIT_CASE(reclaim_trim_waits_for_nobody),
	KUNIT_CASE(reclaim_trim_in_our_own_allocations),
	KUNIT_CASE(reclaim_when_caches_are_dropped),
	KUNIT_CASE(reclaim_while_heaps_come_and_go),
	KUNIT_CASE(reclaim_is_seen_by_the_machine),
	KUNIT_CASE(reclaim_of_what_is_left_is_not_promised),
	KUNIT_CASE_PARAM(reclaim_trim_file, hr_test_trim_gen_params),
	{}
};

struct kunit_suite heapranges_reclaim_suite = {
	.name = "heapranges_reclaim",
	.init = hr_test_init,
	.exit = hr_test_exit,
	.test_cases = hr_test_reclaim_cases,
};
