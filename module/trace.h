/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, group heapranges. Fields are numbers alone, so that filters, histograms
 * and programs can use them; docs/tracing.rst says what they mean, and keeps its word.
 *
 * heap is the heap's serial number, as in its debugfs file stats. No spinlock is held
 * where one is emitted. hr_refill and hr_flush are emitted by who owns the cache, hr_flush
 * also by who has closed all of them, or whose CPU has gone, under the heap's change
 * mutex, as hr_release is where arenas make room for another one. A probe, which may not
 * sleep, waits for none of these: it may allocate from the heap and free to it, there too.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM heapranges

#if !defined(HR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define HR_TRACE_H

#include <linux/tracepoint.h>

#include "reports.h"

TRACE_DEFINE_ENUM(HR_VERDICT_FOREIGN);
TRACE_DEFINE_ENUM(HR_VERDICT_DOUBLE);
TRACE_DEFINE_ENUM(HR_VERDICT_INTERIOR);
TRACE_DEFINE_ENUM(HR_VERDICT_SIZE);

/* A run was handed out; or, @addr being 0, there was none for who asked. */
TRACE_EVENT(hr_alloc,
	TP_PROTO(u64 heap, unsigned long addr, unsigned long pages, gfp_t gfp,
		 unsigned long caller),
	TP_ARGS(heap, addr, pages, gfp, caller),
	TP_STRUCT__entry(
		__field(u64,		heap)
		__field(unsigned long,	addr)
		__field(unsigned long,	pages)
		__field(u64,		bytes)
		__field(unsigned long,	gfp)
		__field(unsigned long,	caller)
	),
	TP_fast_assign(
		__entry->heap	= heap;
		__entry->addr	= addr;
		__entry->pages	= pages;
		__entry->bytes	= addr ? (u64)pages << PAGE_SHIFT : 0;
		__entry->gfp	= (__force unsigned long)gfp;
		__entry->caller	= caller;
	),
	TP_printk("heap=%llu addr=0x%lx pages=%lu bytes=%llu gfp=0x%lx caller=%pS",
		  __entry->heap, __entry->addr, __entry->pages, __entry->bytes,
		  __entry->gfp, (void *)__entry->caller)
);

/* A run was given back. */
TRACE_EVENT(hr_free,
	TP_PROTO(u64 heap, unsigned long addr, unsigned long pages, unsigned long caller),
	TP_ARGS(heap, addr, pages, caller),
	TP_STRUCT__entry(
		__field(u64,		heap)
		__field(unsigned long,	addr)
		__field(unsigned long,	pages)
		__field(u64,		bytes)
		__field(unsigned long,	caller)
	),
	TP_fast_assign(
		__entry->heap	= heap;
		__entry->addr	= addr;
		__entry->pages	= pages;
		__entry->bytes	= (u64)pages << PAGE_SHIFT;
		__entry->caller	= caller;
	),
	TP_printk("heap=%llu addr=0x%lx pages=%lu bytes=%llu caller=%pS",
		  __entry->heap, __entry->addr, __entry->pages, __entry->bytes,
		  (void *)__entry->caller)
);

/* A bad free, or a bad resize; @pages: what the caller said, 0: nothing. */
TRACE_EVENT(hr_reject,
	TP_PROTO(u64 heap, unsigned int verdict, unsigned long addr, unsigned long pages,
		 unsigned long caller),
	TP_ARGS(heap, verdict, addr, pages, caller),
	TP_STRUCT__entry(
		__field(u64,		heap)
		__field(unsigned long,	addr)
		__field(unsigned long,	pages)
		__field(unsigned long,	caller)
		__field(unsigned int,	verdict)
	),
	TP_fast_assign(
		__entry->heap	 = heap;
		__entry->addr	 = addr;
		__entry->pages	 = pages;
		__entry->caller	 = caller;
		__entry->verdict = verdict;
	),
	TP_printk("heap=%llu verdict=%s addr=0x%lx pages=%lu caller=%pS", __entry->heap,
		  __print_symbolic(__entry->verdict,
				   { HR_VERDICT_FOREIGN,	"foreign" },
				   { HR_VERDICT_DOUBLE,		"double" },
				   { HR_VERDICT_INTERIOR,	"interior" },
				   { HR_VERDICT_SIZE,		"size" }),
		  __entry->addr, __entry->pages, (void *)__entry->caller)
);

/* @pages went from a heap to a cache, or back. @parked: what the cache then holds. */
DECLARE_EVENT_CLASS(hr_cache,
	TP_PROTO(u64 heap, unsigned long pages, unsigned long parked),
	TP_ARGS(heap, pages, parked),
	TP_STRUCT__entry(
		__field(u64,		heap)
		__field(unsigned long,	pages)
		__field(u64,		bytes)
		__field(unsigned long,	parked)
	),
	TP_fast_assign(
		__entry->heap	= heap;
		__entry->pages	= pages;
		__entry->bytes	= (u64)pages << PAGE_SHIFT;
		__entry->parked	= parked;
	),
	TP_printk("heap=%llu pages=%lu bytes=%llu parked=%lu", __entry->heap,
		  __entry->pages, __entry->bytes, __entry->parked)
);

DEFINE_EVENT(hr_cache, hr_refill,
	TP_PROTO(u64 heap, unsigned long pages, unsigned long parked),
	TP_ARGS(heap, pages, parked)
);

DEFINE_EVENT(hr_cache, hr_flush,
	TP_PROTO(u64 heap, unsigned long pages, unsigned long parked),
	TP_ARGS(heap, pages, parked)
);

/* An arena of @pages at @base came, or went. @owned: what the heap owns since. */
DECLARE_EVENT_CLASS(hr_arena,
	TP_PROTO(u64 heap, unsigned long base, unsigned long pages, unsigned long owned),
	TP_ARGS(heap, base, pages, owned),
	TP_STRUCT__entry(
		__field(u64,		heap)
		__field(unsigned long,	base)
		__field(unsigned long,	pages)
		__field(u64,		bytes)
		__field(unsigned long,	owned)
	),
	TP_fast_assign(
		__entry->heap	= heap;
		__entry->base	= base;
		__entry->pages	= pages;
		__entry->bytes	= (u64)pages << PAGE_SHIFT;
		__entry->owned	= owned;
	),
	TP_printk("heap=%llu base=0x%lx pages=%lu bytes=%llu owned=%lu", __entry->heap,
		  __entry->base, __entry->pages, __entry->bytes, __entry->owned)
);

DEFINE_EVENT(hr_arena, hr_grow,
	TP_PROTO(u64 heap, unsigned long base, unsigned long pages, unsigned long owned),
	TP_ARGS(heap, base, pages, owned)
);

DEFINE_EVENT(hr_arena, hr_release,
	TP_PROTO(u64 heap, unsigned long base, unsigned long pages, unsigned long owned),
	TP_ARGS(heap, base, pages, owned)
);

#endif /* HR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
