// SPDX-License-Identifier: GPL-2.0
/* gpu_buddy, as a peer, under a mutex, as its users call it. */
#include <linux/gpu_buddy.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "bench.h"

static DEFINE_MUTEX(bench_buddy_lock);	/* guards bench_buddy */
static struct gpu_buddy bench_buddy;
static LIST_HEAD(bench_buddy_filled);

/* A block of so many bytes, a power of two; NULL: there is none. */
static struct gpu_buddy_block *bench_buddy_take(u64 bytes)
{
	LIST_HEAD(blocks);
	int err;

	mutex_lock(&bench_buddy_lock);
	err = gpu_buddy_alloc_blocks(&bench_buddy, 0, bench_buddy.size, bytes, bytes, &blocks, 0);
	mutex_unlock(&bench_buddy_lock);
	return err ? NULL : list_first_entry(&blocks, struct gpu_buddy_block, link);
}

static int bench_buddy_setup(void)
{
	return gpu_buddy_init(&bench_buddy, BENCH_REGION_BYTES, PAGE_SIZE);
}

static int bench_buddy_occupy(u64 bytes)
{
	struct gpu_buddy_block *block = bench_buddy_take(bytes);

	if (!block)
		return -ENOSPC;
	list_add(&block->link, &bench_buddy_filled);
	return 0;
}

/* Of the last region half, then a quarter and so on, down to the hole. */
static int bench_buddy_fill(unsigned long nr_regions)
{
	int err = gpu_buddy_init(&bench_buddy, nr_regions * BENCH_REGION_BYTES, PAGE_SIZE);
	u64 bytes = BENCH_REGION_BYTES;

	while (!err && --nr_regions)
		err = bench_buddy_occupy(bytes);
	while (!err && bytes > BENCH_HOLE_PAGES * PAGE_SIZE) {
		bytes /= 2;
		err = bench_buddy_occupy(bytes);
	}
	return err;
}

static void bench_buddy_teardown(void)
{
	mutex_lock(&bench_buddy_lock);
	gpu_buddy_free_list(&bench_buddy, &bench_buddy_filled, 0);
	gpu_buddy_fini(&bench_buddy);
	mutex_unlock(&bench_buddy_lock);
}

/* It has powers of two. */
static void *bench_buddy_alloc(unsigned long nr_pages)
{
	return bench_buddy_take(roundup_pow_of_two(nr_pages) * PAGE_SIZE);
}

static void bench_buddy_free(void *run, unsigned long nr_pages)
{
	mutex_lock(&bench_buddy_lock);
	gpu_buddy_free_block(&bench_buddy, run);
	mutex_unlock(&bench_buddy_lock);
}

const struct bench_peer bench_gpu_buddy = {
	.name = "gpu_buddy",
	.setup = bench_buddy_setup,
	.fill = bench_buddy_fill,
	.teardown = bench_buddy_teardown,
	.alloc = bench_buddy_alloc,
	.free = bench_buddy_free,
};
