/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes on all tracepoints, which write what they see of one heap as text:
 *
 *	a3+2	a run of 2 pages at page 3 was handed out	a-+2	or there was none
 *	f3+2	it was given back
 *	r1:3+2	a free of it was rejected, with verdict 1
 *	R64:63	64 pages went to a cache, which then holds 63	F63:0	and back
 *	g0+512=512	an arena came, the heap owns 512 pages	G0+512=0	and went
 *
 * with pages counted from a base of the test's. For one suite.
 */
#ifndef HR_TEST_TRACE_HELPERS_H
#define HR_TEST_TRACE_HELPERS_H

#include "../module/heap.h"
#include "../module/trace.h"
#include "heap_helpers.h"

#define HR_TEST_TRACE_PAGES	4096UL

/* What the probes write. They run in whatever called them, one at a time. */
static struct {
	struct heapranges	*heap;		/* NULL: nobody listens */
	u64			serial;		/* the heap's, which may be gone */
	unsigned long		base;
	char			text[512];
	size_t			len;
	gfp_t			gfp;		/* of the last allocation */
	unsigned long		caller;		/* of the last event that has one */
	bool			locked;		/* a lock was held, of any event */
	long			live_pages;	/* handed out less given back */
	void			(*then)(void);	/* what a probe does, once */
} hr_test_seen;

static bool hr_test_trace_is_locked(struct heapranges *heap, char what)
{
	/* Whoever empties all caches keeps others from changing the heap meanwhile. */
	bool locked = what != 'F' && mutex_is_locked(&heap->change);

	return locked || (IS_ENABLED(CONFIG_LOCKDEP) ? lockdep_is_held(&heap->lock) > 0 :
			  raw_spin_is_locked(&heap->lock));
}

static bool hr_test_trace_sees(u64 heap, char what)
{
	void (*then)(void) = hr_test_seen.then;

	if (!hr_test_seen.heap || hr_test_seen.serial != heap)
		return false;
	hr_test_seen.locked |= hr_test_trace_is_locked(hr_test_seen.heap, what);
	hr_test_seen.then = NULL;
	if (then)
		then();
	return true;
}

static __printf(1, 2) void hr_test_trace_write(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (hr_test_seen.len)
		hr_test_seen.len += scnprintf(hr_test_seen.text + hr_test_seen.len,
					      sizeof(hr_test_seen.text) - hr_test_seen.len, " ");
	hr_test_seen.len += vscnprintf(hr_test_seen.text + hr_test_seen.len,
				       sizeof(hr_test_seen.text) - hr_test_seen.len, format,
				       args);
	va_end(args);
}

static long hr_test_trace_page(unsigned long addr)
{
	return (long)(addr - hr_test_seen.base) / (long)PAGE_SIZE;
}

static void hr_test_on_alloc(void *data, u64 heap, unsigned long addr, unsigned long pages,
			     gfp_t gfp, unsigned long caller)
{
	if (!hr_test_trace_sees(heap, 'a'))
		return;
	hr_test_seen.gfp = gfp;
	hr_test_seen.caller = caller;
	if (!addr) {
		hr_test_trace_write("a-+%lu", pages);
		return;
	}
	hr_test_trace_write("a%ld+%lu", hr_test_trace_page(addr), pages);
	hr_test_seen.live_pages += pages;
}

static void hr_test_on_free(void *data, u64 heap, unsigned long addr, unsigned long pages,
			    unsigned long caller)
{
	if (!hr_test_trace_sees(heap, 'f'))
		return;
	hr_test_seen.caller = caller;
	hr_test_trace_write("f%ld+%lu", hr_test_trace_page(addr), pages);
	hr_test_seen.live_pages -= pages;
}

static void hr_test_on_reject(void *data, u64 heap, unsigned int verdict, unsigned long addr,
			      unsigned long pages, unsigned long caller)
{
	if (!hr_test_trace_sees(heap, 'r'))
		return;
	hr_test_seen.caller = caller;
	hr_test_trace_write("r%u:%ld+%lu", verdict, hr_test_trace_page(addr), pages);
}

static void hr_test_on_refill(void *data, u64 heap, unsigned long pages, unsigned long parked)
{
	if (hr_test_trace_sees(heap, 'R'))
		hr_test_trace_write("R%lu:%lu", pages, parked);
}

static void hr_test_on_flush(void *data, u64 heap, unsigned long pages, unsigned long parked)
{
	if (hr_test_trace_sees(heap, 'F'))
		hr_test_trace_write("F%lu:%lu", pages, parked);
}

static void hr_test_on_grow(void *data, u64 heap, unsigned long base, unsigned long pages,
			    unsigned long owned)
{
	if (hr_test_trace_sees(heap, 'g'))
		hr_test_trace_write("g%ld+%lu=%lu", hr_test_trace_page(base), pages, owned);
}

static void hr_test_on_release(void *data, u64 heap, unsigned long base, unsigned long pages,
			       unsigned long owned)
{
	if (hr_test_trace_sees(heap, 'G'))
		hr_test_trace_write("G%ld+%lu=%lu", hr_test_trace_page(base), pages, owned);
}

static int hr_test_trace_register(void)
{
	return register_trace_hr_alloc(hr_test_on_alloc, NULL) ?:
	       register_trace_hr_free(hr_test_on_free, NULL) ?:
	       register_trace_hr_reject(hr_test_on_reject, NULL) ?:
	       register_trace_hr_refill(hr_test_on_refill, NULL) ?:
	       register_trace_hr_flush(hr_test_on_flush, NULL) ?:
	       register_trace_hr_grow(hr_test_on_grow, NULL) ?:
	       register_trace_hr_release(hr_test_on_release, NULL);
}

static void hr_test_trace_unregister(void)
{
	unregister_trace_hr_alloc(hr_test_on_alloc, NULL);
	unregister_trace_hr_free(hr_test_on_free, NULL);
	unregister_trace_hr_reject(hr_test_on_reject, NULL);
	unregister_trace_hr_refill(hr_test_on_refill, NULL);
	unregister_trace_hr_flush(hr_test_on_flush, NULL);
	unregister_trace_hr_grow(hr_test_on_grow, NULL);
	unregister_trace_hr_release(hr_test_on_release, NULL);
	tracepoint_synchronize_unregister();
}

static int hr_test_trace_init(struct kunit *test)
{
	int err = hr_test_trace_register();

	if (err)
		kunit_skip(test, "no tracepoints: %d", err);
	return hr_test_init(test);
}

static void hr_test_trace_exit(struct kunit *test)
{
	hr_test_seen.heap = NULL;
	hr_test_trace_unregister();
	hr_test_exit(test);
}

/* From here on, of @heap alone, with nothing written yet. */
static void hr_test_trace_listen(struct heapranges *heap, unsigned long base)
{
	memset(&hr_test_seen, 0, sizeof(hr_test_seen));
	hr_test_seen.base = base;
	hr_test_seen.serial = heap ? heap->serial : 0;
	hr_test_seen.heap = heap;
}

static void hr_test_trace_expect(struct kunit *test, const char *want)
{
	hr_test_seen.heap = NULL;
	KUNIT_EXPECT_STREQ(test, hr_test_seen.text, want);
	KUNIT_EXPECT_FALSE_MSG(test, hr_test_seen.locked, "under a lock: %s",
			       hr_test_seen.text);
}

static struct heapranges *hr_test_trace_heap(struct kunit *test, const char *name,
					     unsigned int flags)
{
	struct heapranges *heap = hr_test_create(test, name, HEAPRANGES_ADDRESS_ONLY | flags);

	hr_test_add(test, heap, HR_TEST_BASE, HR_TEST_TRACE_PAGES);
	hr_test_trace_listen(heap, HR_TEST_BASE);
	return heap;
}

#endif /* HR_TEST_TRACE_HELPERS_H */
