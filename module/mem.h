/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All memory that the module takes from the kernel and gives back: the kernel's
 * own calls, each under its name with hr_mem_ before it. That is all there is to
 * it, but in a test build: see kunit/mem_hook.h.
 *
 * What allocates is a macro, so that it is known by the place where it stands, to
 * tests as to /proc/allocinfo.
 */
#ifndef HR_MEM_H
#define HR_MEM_H

#include <linux/gfp.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "compat.h"

/*
 * What is allocated while a change mutex is held: as with GFP_NOIO, for which the kernel
 * kills nobody, so without __GFP_RETRY_MAYFAIL it would wait for as long as nobody gives
 * a page back. And memory for what is too large must not be had by killing somebody.
 */
#define HR_MEM_GFP	(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* What is given back by the same call. */
enum hr_mem_kind {
	HR_MEM_KMALLOC,
	HR_MEM_KVMALLOC,
	HR_MEM_CACHE,
	HR_MEM_OBJECT,		/* of a cache */
	HR_MEM_PAGE,
	HR_MEM_AREA,
	HR_MEM_PERCPU,
	HR_MEM_WORKQUEUE,
	HR_MEM_SHRINKER,
	HR_MEM_NR_KINDS,
};

#ifdef HEAPRANGES_KUNIT
#include "../kunit/mem_hook.h"
#else
/* The result of @call, which allocates one of @kind. */
#define HR_MEM_TAKE(kind, gfp, call)	((void)(kind), (void)(gfp), (call))

/* @what, of @kind, is given back; NULL: nothing. */
static inline void hr_mem_put(enum hr_mem_kind kind, const void *what) {}

/* @pages and what they are in are @area's, if there is one. Return: @area. */
static inline void *hr_mem_put_pages(void *area, struct page **pages,
				     unsigned long nr_pages)
{
	return area;
}

/* The result of @call, which keeps something for good; 0: it has no room. */
#define HR_MEM_KEEP(gfp, call)	((void)(gfp), (call))

/* Called when the module should have given everything back. */
static inline void hr_mem_exit(void) {}
#endif

#define hr_mem_kmalloc(bytes, gfp)	\
	HR_MEM_TAKE(HR_MEM_KMALLOC, gfp, kmalloc(bytes, gfp))

#define hr_mem_kzalloc(bytes, gfp)	\
	HR_MEM_TAKE(HR_MEM_KMALLOC, gfp, kzalloc(bytes, gfp))

static inline void hr_mem_kfree(const void *what)
{
	hr_mem_put(HR_MEM_KMALLOC, what);
	kfree(what);
}

#define hr_mem_kvmalloc(bytes, gfp)	\
	HR_MEM_TAKE(HR_MEM_KVMALLOC, gfp, kvmalloc(bytes, gfp))

#define hr_mem_kvmalloc_array(nr, bytes, gfp)	\
	HR_MEM_TAKE(HR_MEM_KVMALLOC, gfp, kvmalloc_array(nr, bytes, gfp))

#define hr_mem_kvcalloc(nr, bytes, gfp)	\
	HR_MEM_TAKE(HR_MEM_KVMALLOC, gfp, kvcalloc(nr, bytes, gfp))

static inline void hr_mem_kvfree(const void *what)
{
	hr_mem_put(HR_MEM_KVMALLOC, what);
	kvfree(what);
}

#define hr_mem_cache_create(name, bytes, align)	\
	HR_MEM_TAKE(HR_MEM_CACHE, GFP_KERNEL,	\
		    kmem_cache_create(name, bytes, align, 0, NULL))

static inline void hr_mem_cache_destroy(struct kmem_cache *cache)
{
	hr_mem_put(HR_MEM_CACHE, cache);
	kmem_cache_destroy(cache);
}

#define hr_mem_cache_alloc(cache, gfp)	\
	HR_MEM_TAKE(HR_MEM_OBJECT, gfp, kmem_cache_alloc(cache, gfp))

#define hr_mem_cache_zalloc(cache, gfp)	\
	HR_MEM_TAKE(HR_MEM_OBJECT, gfp, kmem_cache_zalloc(cache, gfp))

static inline void hr_mem_cache_free(struct kmem_cache *cache, void *object)
{
	hr_mem_put(HR_MEM_OBJECT, object);
	kmem_cache_free(cache, object);
}

#define hr_mem_alloc_page_node(node, gfp)	\
	HR_MEM_TAKE(HR_MEM_PAGE, gfp, alloc_pages_node(node, gfp, 0))

static inline void hr_mem_free_page(struct page *page)
{
	hr_mem_put(HR_MEM_PAGE, page);
	__free_page(page);
}

/* @node: NUMA_NO_NODE, unless HR_HUGE_OF_NODE. */
#define hr_mem_vmalloc(bytes, gfp, node)	\
	HR_MEM_TAKE(HR_MEM_AREA, gfp, hr_vmalloc_huge(bytes, gfp, node))

/*
 * Maps @pages, an array of hr_mem_kvmalloc_array(). If that works, the pages and
 * the array are the area's, for hr_mem_vfree() to give back.
 */
#define hr_mem_vmap_put_pages(pages, nr_pages)					\
	hr_mem_put_pages(HR_MEM_TAKE(HR_MEM_AREA, GFP_KERNEL,			\
				     vmap(pages, nr_pages,			\
					  VM_MAP | VM_MAP_PUT_PAGES,		\
					  PAGE_KERNEL)), pages, nr_pages)

static inline void hr_mem_vfree(const void *area)
{
	hr_mem_put(HR_MEM_AREA, area);
	vfree(area);
}

#define hr_mem_alloc_percpu(bytes, align, gfp)	\
	HR_MEM_TAKE(HR_MEM_PERCPU, gfp, __alloc_percpu_gfp(bytes, align, gfp))

static inline void hr_mem_free_percpu(void __percpu *what)
{
	hr_mem_put(HR_MEM_PERCPU, (const void *)(__force unsigned long)what);
	free_percpu(what);
}

#define hr_mem_workqueue_create(name, flags)	\
	HR_MEM_TAKE(HR_MEM_WORKQUEUE, GFP_KERNEL, alloc_workqueue(name, flags, 0))

static inline void hr_mem_workqueue_destroy(struct workqueue_struct *wq)
{
	hr_mem_put(HR_MEM_WORKQUEUE, wq);
	destroy_workqueue(wq);
}

#define hr_mem_shrinker_register(count, scan)	\
	HR_MEM_TAKE(HR_MEM_SHRINKER, GFP_KERNEL, hr_shrinker_register(count, scan))

static inline void hr_mem_shrinker_unregister(struct shrinker *shrinker)
{
	hr_mem_put(HR_MEM_SHRINKER, shrinker);
	hr_shrinker_unregister(shrinker);
}

#define hr_mem_stack_save(frames, nr_frames, gfp)	\
	HR_MEM_KEEP(gfp, stack_depot_save(frames, nr_frames, gfp))

#endif /* HR_MEM_H */
