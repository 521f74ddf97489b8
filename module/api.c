// SPDX-License-Identifier: GPL-2.0
/*
 * The public interface to runs of pages: what callers may get wrong is found here, and
 * said. The contracts stand in heapranges.h. For heaps as such see api_heaps.c.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include "api.h"
#include "arenas.h"
#include "cache.h"
#include "describe.h"
#include "own.h"
#include "stats.h"
#include "tend.h"
#include "trace.h"
#include "wipe.h"

#define HR_API_GFP_STRIPPED	(__GFP_ACCOUNT | __GFP_HIGHMEM)
#define HR_API_GFP_ODD		(HR_API_GFP_STRIPPED | HR_API_GFP_REFUSED | __GFP_ZERO)
#define HR_API_GFP_REFUSED	(__GFP_NOFAIL | __GFP_DMA | __GFP_DMA32 | \
				 __GFP_THISNODE | __GFP_MOVABLE | __GFP_COMP)

/*
 * What cannot be seen (a spinlock on a kernel that does not count them) is nothing that
 * vmalloc dies of either.
 */
static bool hr_api_may_block(void)
{
	return !preempt_count() && !irqs_disabled() && !rcu_preempt_depth() &&
	       !(IS_ENABLED(CONFIG_PREEMPT_RT) && in_interrupt());
}

/* A mistake that concerns the context of the call. */
static void hr_api_reject_context(struct heapranges *heap, const char *why,
				  unsigned long caller)
{
	hr_count_up_shared(&heap->rejected_context);
	hr_reports_mistake(&heap->reports, heap->name, why, caller);
}

/* A free, or a resize, that was bad. @nr_pages: what the caller said, 0: nothing. */
static noinline void hr_api_reject(struct heapranges *heap, enum hr_verdict verdict,
				   const void *addr, unsigned long nr_pages,
				   unsigned long caller)
{
	hr_rejects_add(&heap->rejects, verdict, addr, caller);
	trace_hr_reject(heap->serial, verdict, (unsigned long)addr, nr_pages, caller);
	hr_reports_rejection(&heap->reports, heap->name, verdict, addr, nr_pages, caller);
}

/* An NMI may have come while this CPU held the heap's lock. */
static bool hr_api_is_not_nmi(struct heapranges *heap, unsigned long caller)
{
	if (likely(!in_nmi()))
		return true;
	hr_api_reject_context(heap, "a call in NMI", caller);
	return false;
}

/* Refused: no caller's gfp has all bits set and is accepted. */
#define HR_API_GFP_NONE		((__force gfp_t)~0U)

/* What the rest can rely on, of @gfp. */
static noinline gfp_t hr_api_accept_gfp(struct heapranges *heap, gfp_t gfp,
					unsigned long caller)
{
	gfp &= ~HR_API_GFP_STRIPPED;
	if (unlikely(gfp & HR_API_GFP_REFUSED)) {
		hr_reports_mistake(&heap->reports, heap->name,
				   "a gfp that pages of a heap cannot honour", caller);
		return HR_API_GFP_NONE;
	}
	if (unlikely(heap->flags & HEAPRANGES_ADDRESS_ONLY && gfp & __GFP_ZERO)) {
		hr_reports_mistake(&heap->reports, heap->name,
				   "__GFP_ZERO of addresses only", caller);
		return HR_API_GFP_NONE;
	}
	might_alloc(gfp);
	if (unlikely(gfpflags_allow_blocking(gfp) && !hr_api_may_block())) {
		hr_api_reject_context(heap, "a blocking gfp in atomic context", caller);
		gfp &= ~__GFP_DIRECT_RECLAIM;
	}
	return gfp;
}

/*
 * Everything that a caller may get wrong about an allocation. This and what follows
 * is inline, since several calls share it and one of them is quick.
 *
 * Return: what the rest can rely on, of @gfp, or HR_API_GFP_NONE.
 */
static __always_inline gfp_t hr_api_accept_alloc(struct heapranges *heap,
						 unsigned long nr_pages, gfp_t gfp,
						 unsigned long caller)
{
	if (!hr_api_is_heap(heap, caller) || !hr_api_is_not_nmi(heap, caller))
		return HR_API_GFP_NONE;
	gfp = nr_pages ? hr_api_accept_gfp(heap, gfp, caller) : HR_API_GFP_NONE;
	if (unlikely(gfp == HR_API_GFP_NONE))
		hr_heap_count(heap, HR_COUNT_ALLOC_FAILURES);
	return gfp;
}

static noinline void *hr_api_no_result(struct heapranges *heap, unsigned long nr_pages,
				       gfp_t gfp, unsigned long caller)
{
	hr_heap_count(heap, HR_COUNT_ALLOC_FAILURES);
	trace_hr_alloc(heap->serial, 0, nr_pages, gfp, caller);
	if (!(gfp & __GFP_NOWARN))
		hr_reports_shortage(&heap->reports, heap->name, nr_pages, caller);
	return NULL;
}

static noinline void hr_api_look(struct heapranges *heap, unsigned long base,
				 unsigned long nr_pages, gfp_t gfp, unsigned long caller)
{
	if (heap->flags & HR_HEAP_TRACKS_OWNERS)
		hr_heap_set_owner(heap, base, hr_stack_save(caller, gfp));
	/* Of the last owner the page itself has a note. */
	hr_wipe_check(heap, base, nr_pages);
}

/* Apart, since hr_api_result() is in each function that allocates. */
static noinline void hr_api_trace_alloc(struct heapranges *heap, unsigned long base,
					unsigned long nr_pages, gfp_t gfp,
					unsigned long caller)
{
	trace_hr_alloc(heap->serial, base, nr_pages, gfp, caller);
}

/* What the caller of an allocation gets. */
static __always_inline void *hr_api_result(struct heapranges *heap, struct hr_taken taken,
					   unsigned long nr_pages, gfp_t gfp,
					   unsigned long caller)
{
	if (unlikely(!taken.base))
		return hr_api_no_result(heap, nr_pages, gfp, caller);
	if (unlikely(heap->flags & HR_HEAP_LOOKS))
		hr_api_look(heap, taken.base, nr_pages, gfp, caller);
	if (want_init_on_alloc(gfp) && !(heap->flags & HEAPRANGES_ADDRESS_ONLY))
		hr_wipe_zero(heap, taken, nr_pages);
	if (trace_hr_alloc_enabled())
		hr_api_trace_alloc(heap, taken.base, nr_pages, gfp, caller);
	return (void *)taken.base;
}

/* What a heap without room does. */
static noinline struct hr_taken hr_api_take_dear(struct heapranges *heap,
						 unsigned long nr_pages,
						 unsigned long align_pages, gfp_t gfp)
{
	struct hr_taken taken;

	if (!hr_api_may_wait(gfp))
		return hr_tend_take(heap, nr_pages, align_pages);
	taken = hr_arenas_take(heap, nr_pages, align_pages, gfp);
	hr_tend_mind_size(heap);
	return taken;
}

/* Somebody has taken something. */
static __always_inline void hr_api_mind_reserve(struct heapranges *heap, gfp_t gfp)
{
	if (unlikely(heap->reserve_pages) && !hr_api_may_wait(gfp))
		hr_tend_mind_reserve(heap);
}

static __always_inline struct hr_taken hr_api_take(struct heapranges *heap,
						   unsigned long nr_pages, gfp_t gfp)
{
	bool may_block = gfpflags_allow_blocking(gfp);
	struct hr_taken taken = HR_TAKEN_NONE;

	if (heap->caches)
		taken = hr_cache_take(heap, nr_pages, may_block);
	if (!taken.base)
		taken = hr_heap_take(heap, nr_pages, may_block);
	if (unlikely(!taken.base))
		taken = hr_api_take_dear(heap, nr_pages, 1, gfp);
	hr_api_mind_reserve(heap, gfp);
	return taken;
}

/*
 * Nothing about the call asks for more than a run that a cache has; nobody traces it, for
 * one. Where interrupts are off that is not seen: nothing blocks, and what does, looks
 * again.
 */
static __always_inline bool hr_api_is_plain(const struct heapranges *heap, gfp_t gfp)
{
	/* Whether __GFP_ZERO is asked for has just been asked. */
	if (hr_api_is_no_heap(heap) || unlikely(gfp & HR_API_GFP_ODD) ||
	    want_init_on_alloc(0) || trace_hr_alloc_enabled())
		return false;
	/* Elsewhere it is a point of preemption: too dear for what blocks no one. */
	if (IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP) || IS_ENABLED(CONFIG_LOCKDEP))
		might_alloc(gfp);
	if (gfpflags_allow_blocking(gfp))
		return likely(!preempt_count() && !rcu_preempt_depth());
	return likely(!in_nmi());
}

noinline void *hr_api_alloc(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp,
			    unsigned long caller)
{
	gfp = hr_api_accept_alloc(heap, nr_pages, gfp, caller);
	if (gfp == HR_API_GFP_NONE)
		return NULL;
	return hr_api_result(heap, hr_api_take(heap, nr_pages, gfp), nr_pages, gfp, caller);
}

/* Of a plain call that no cache has served. */
static noinline void *hr_api_alloc_plain(struct heapranges *heap, unsigned long nr_pages,
					 gfp_t gfp, unsigned long caller)
{
	if (unlikely(!nr_pages || (gfpflags_allow_blocking(gfp) && irqs_disabled())))
		return hr_api_alloc(heap, nr_pages, gfp, caller);
	return hr_api_result(heap, hr_api_take(heap, nr_pages, gfp), nr_pages, gfp, caller);
}

void *heapranges_alloc(struct heapranges *heap, unsigned long nr_pages, gfp_t gfp)
{
	unsigned long base;

	if (unlikely(!hr_api_is_plain(heap, gfp)))
		return hr_api_alloc(heap, nr_pages, gfp, _RET_IP_);
	if (likely(hr_cache_take_quick(heap, nr_pages, &base)))
		return (void *)base;
	return hr_api_alloc_plain(heap, nr_pages, gfp, _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_alloc);

void *heapranges_alloc_aligned(struct heapranges *heap, unsigned long nr_pages,
			       unsigned long align_pages, gfp_t gfp)
{
	struct hr_taken taken;

	gfp = hr_api_accept_alloc(heap, nr_pages, gfp, _RET_IP_);
	if (gfp == HR_API_GFP_NONE)
		return NULL;
	if (!is_power_of_2(align_pages)) {
		hr_heap_count(heap, HR_COUNT_ALLOC_FAILURES);
		hr_reports_mistake(&heap->reports, heap->name,
				   "an alignment that is no power of two", _RET_IP_);
		return NULL;
	}
	taken = hr_heap_take_aligned(heap, nr_pages, align_pages,
				     gfpflags_allow_blocking(gfp));
	if (!taken.base)
		taken = hr_api_take_dear(heap, nr_pages, align_pages, gfp);
	hr_api_mind_reserve(heap, gfp);
	return hr_api_result(heap, taken, nr_pages, gfp, _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_alloc_aligned);

void *heapranges_alloc_at(struct heapranges *heap, unsigned long addr,
			  unsigned long nr_pages, gfp_t gfp)
{
	struct hr_taken taken;

	gfp = hr_api_accept_alloc(heap, nr_pages, gfp, _RET_IP_);
	if (gfp == HR_API_GFP_NONE)
		return NULL;
	if (!PAGE_ALIGNED(addr))
		hr_reports_mistake(&heap->reports, heap->name,
				   "an address that is not page-aligned", _RET_IP_);
	taken = hr_heap_take_at(heap, addr, nr_pages, hr_api_may_wait(gfp));
	if (!taken.base && hr_api_may_wait(gfp))
		taken = hr_own_take_at(heap, addr, nr_pages);
	hr_api_mind_reserve(heap, gfp);
	/* That something is in use there is no shortage: no line says so. */
	return hr_api_result(heap, taken, nr_pages, gfp | __GFP_NOWARN, _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_alloc_at);

unsigned int heapranges_alloc_bulk(struct heapranges *heap, unsigned long nr_pages,
				   gfp_t gfp, unsigned int count, void **addrs)
{
	unsigned int i;
	void *addr;

	if (!count)
		return 0;
	gfp = hr_api_accept_alloc(heap, nr_pages, gfp, _RET_IP_);
	if (gfp == HR_API_GFP_NONE)
		return 0;
	for (i = 0; i < count; i++) {
		addr = hr_api_result(heap, hr_api_take(heap, nr_pages, gfp), nr_pages,
				     gfp, _RET_IP_);
		if (!addr)
			break;
		addrs[i] = addr;
	}
	return i;
}
EXPORT_SYMBOL_GPL(heapranges_alloc_bulk);

/* Who adds up what is handed out and given back needs to know no third event. */
static void hr_api_trace_resize(struct heapranges *heap, unsigned long addr,
				unsigned long old_pages, unsigned long nr_pages,
				unsigned long caller)
{
	trace_hr_free(heap->serial, addr, old_pages, caller);
	trace_hr_alloc(heap->serial, addr, nr_pages, 0, caller);
}

int heapranges_resize(struct heapranges *heap, const void *addr,
		      unsigned long nr_pages)
{
	enum hr_verdict verdict;
	unsigned long old_pages;
	int err;

	if (!hr_api_is_heap(heap, _RET_IP_))
		return -EFAULT;
	if (!hr_api_is_not_nmi(heap, _RET_IP_))
		return -EPERM;
	if (!addr || !nr_pages) {
		hr_reports_mistake(&heap->reports, heap->name,
				   "a resize of nothing, or to nothing", _RET_IP_);
		return -EINVAL;
	}
	err = hr_heap_resize(heap, (unsigned long)addr, nr_pages, _RET_IP_, &verdict,
			     &old_pages);
	if (unlikely(verdict != HR_VERDICT_GOOD))
		hr_api_reject(heap, verdict, addr, nr_pages, _RET_IP_);
	if (!err)
		hr_api_trace_resize(heap, (unsigned long)addr, old_pages, nr_pages, _RET_IP_);
	return err;
}
EXPORT_SYMBOL_GPL(heapranges_resize);

/* No run has so many pages: what 0 is for a caller that says a size. */
#define HR_API_NO_SIZE		ULONG_MAX

/* Apart, so that a free that nobody traces saves no registers for it. */
static noinline void hr_api_trace_free(struct heapranges *heap, const void *addr,
				       unsigned long nr_pages, unsigned long caller)
{
	trace_hr_free(heap->serial, (unsigned long)addr, nr_pages, caller);
}

noinline int hr_api_give(struct heapranges *heap, const void *addr, unsigned long nr_pages,
			 unsigned long caller)
{
	struct hr_given given = { .verdict = HR_VERDICT_GOOD };

	if (!addr)
		return 0;
	if (!hr_api_is_heap(heap, caller))
		return -EFAULT;
	if (!hr_api_is_not_nmi(heap, caller))
		return -EPERM;
	if (heap->caches)
		given.nr_pages = hr_cache_give(heap, (unsigned long)addr, nr_pages);
	if (!given.nr_pages)
		given = hr_heap_give(heap, (unsigned long)addr, nr_pages, caller);
	if (likely(given.nr_pages)) {
		if (trace_hr_free_enabled())
			hr_api_trace_free(heap, addr, given.nr_pages, caller);
		return 0;
	}
	hr_api_reject(heap, given.verdict, addr,
		      nr_pages == HR_API_NO_SIZE ? 0 : nr_pages, caller);
	return hr_reports_errno(given.verdict);
}

/* A cache takes the run, of @nr_pages if @sized, and nobody traces that. */
static __always_inline bool hr_api_free_quick(struct heapranges *heap, const void *addr,
					      unsigned long nr_pages, bool sized)
{
	return !hr_api_is_no_heap(heap) && likely(!in_nmi()) && !want_init_on_free() &&
	       !trace_hr_free_enabled() &&
	       hr_cache_give_quick(heap, (unsigned long)addr, nr_pages, sized);
}

int heapranges_free(struct heapranges *heap, const void *addr)
{
	if (likely(hr_api_free_quick(heap, addr, 0, false)))
		return 0;
	return hr_api_give(heap, addr, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_free);

int heapranges_free_sized(struct heapranges *heap, const void *addr,
			  unsigned long nr_pages)
{
	if (likely(hr_api_free_quick(heap, addr, nr_pages, true)))
		return 0;
	return hr_api_give(heap, addr, nr_pages ?: HR_API_NO_SIZE, _RET_IP_);
}
EXPORT_SYMBOL_GPL(heapranges_free_sized);

unsigned int heapranges_free_bulk(struct heapranges *heap, unsigned int count,
				  void * const *addrs)
{
	unsigned int i, nr_freed = 0;

	for (i = 0; i < count; i++) {
		if (hr_api_free_quick(heap, addrs[i], 0, false) ||
		    (addrs[i] && !hr_api_give(heap, addrs[i], 0, _RET_IP_)))
			nr_freed++;
	}
	return nr_freed;
}
EXPORT_SYMBOL_GPL(heapranges_free_bulk);

unsigned long heapranges_size(struct heapranges *heap, const void *addr)
{
	if (!hr_api_is_heap(heap, _RET_IP_) || !hr_api_is_not_nmi(heap, _RET_IP_))
		return 0;
	return hr_heap_run_pages(heap, (unsigned long)addr);
}
EXPORT_SYMBOL_GPL(heapranges_size);

void heapranges_get_stats(struct heapranges *heap, struct heapranges_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	if (hr_api_is_heap(heap, _RET_IP_) && hr_api_is_not_nmi(heap, _RET_IP_))
		hr_stats_get(heap, stats);
}
EXPORT_SYMBOL_GPL(heapranges_get_stats);

int heapranges_describe(const void *addr, char *buf, size_t size)
{
	if (!buf && size)
		return -EINVAL;
	if (size)
		*buf = '\0';
	return hr_describe_addr((unsigned long)addr, buf, size);
}
EXPORT_SYMBOL_GPL(heapranges_describe);
