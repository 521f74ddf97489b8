// SPDX-License-Identifier: GPL-2.0
/* The kernel's own allocators, as peers; and what the measuring takes itself. */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bench.h"

static void *bench_kvmalloc_alloc(unsigned long nr_pages)
{
	return kvmalloc(nr_pages * PAGE_SIZE, GFP_KERNEL);
}

static void bench_kvmalloc_free(void *run, unsigned long nr_pages)
{
	kvfree(run);
}

const struct bench_peer bench_kvmalloc = {
	.name = "kvmalloc",
	.is_endless = true,
	.alloc = bench_kvmalloc_alloc,
	.free = bench_kvmalloc_free,
};

static void *bench_pages_alloc(unsigned long nr_pages)
{
	return (void *)__get_free_pages(GFP_KERNEL, get_order(nr_pages * PAGE_SIZE));
}

static void bench_pages_free(void *run, unsigned long nr_pages)
{
	free_pages((unsigned long)run, get_order(nr_pages * PAGE_SIZE));
}

const struct bench_peer bench_get_free_pages = {
	.name = "get_free_pages",
	.is_endless = true,
	.alloc = bench_pages_alloc,
	.free = bench_pages_free,
};

static struct kmem_cache *bench_page_cache;

static int bench_cache_setup(void)
{
	bench_page_cache = kmem_cache_create("bench_page", PAGE_SIZE, PAGE_SIZE, 0, NULL);
	return bench_page_cache ? 0 : -ENOMEM;
}

static void bench_cache_teardown(void)
{
	kmem_cache_destroy(bench_page_cache);
}

static void *bench_cache_alloc(unsigned long nr_pages)
{
	return kmem_cache_alloc(bench_page_cache, GFP_KERNEL);
}

static void bench_cache_free(void *run, unsigned long nr_pages)
{
	kmem_cache_free(bench_page_cache, run);
}

const struct bench_peer bench_kmem_cache = {
	.name = "kmem_cache",
	.most_pages = 1,
	.is_endless = true,
	.setup = bench_cache_setup,
	.teardown = bench_cache_teardown,
	.alloc = bench_cache_alloc,
	.free = bench_cache_free,
};

static void *bench_vmalloc_alloc(unsigned long nr_pages)
{
	return vmalloc(nr_pages * PAGE_SIZE);
}

static void bench_vmalloc_free(void *run, unsigned long nr_pages)
{
	vfree(run);
}

const struct bench_peer bench_vmalloc = {
	.name = "vmalloc",
	.is_endless = true,
	.alloc = bench_vmalloc_alloc,
	.free = bench_vmalloc_free,
};

static void *bench_nothing_alloc(unsigned long nr_pages)
{
	return (void *)BENCH_REGION_BASE;
}

static void bench_nothing_free(void *run, unsigned long nr_pages)
{
}

/* The loop and the calls, which are in all of the figures. */
const struct bench_peer bench_nothing = {
	.name = "nothing",
	.is_endless = true,
	.alloc = bench_nothing_alloc,
	.free = bench_nothing_free,
};
