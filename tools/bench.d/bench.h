/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of bench.ko share: what is measured, a peer; what is done with it, a
 * load; and a figure, a row.
 *
 * Time is read from the TSC, in ticks: of a virtual machine whose clock is its
 * instruction counter one tick is one instruction. Elsewhere the first line says how
 * many there are in a second.
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

/* A pool has a region of so many pages, or several of which no two abut. */
#define BENCH_REGION_PAGES	(SZ_64M / PAGE_SIZE)
#define BENCH_REGION_BYTES	(BENCH_REGION_PAGES * PAGE_SIZE)
#define BENCH_REGION_STRIDE	(2 * BENCH_REGION_BYTES)
#define BENCH_REGION_BASE	BIT(40)

/* What is left free, and is found last, when a pool of many regions is filled. */
#define BENCH_HOLE_PAGES	64

/* Sizes that are drawn from a distribution, in a row. */
#define BENCH_MIXED		0

#define BENCH_BATCH		32
#define BENCH_SEED		1

/* An allocator. All calls but alloc and free come from one task. */
struct bench_peer {
	const char *name;
	unsigned long most_pages;	/* the longest run that it has; 0: any */
	bool is_endless;		/* the kernel's own memory: it cannot be filled */
	/* A pool of one region, if it has one; NULL: nothing to do. */
	int (*setup)(void);
	/* A pool of so many regions, filled but for BENCH_HOLE_PAGES; NULL: not done. */
	int (*fill)(unsigned long nr_regions);
	/* Nothing that alloc gave is live. */
	void (*teardown)(void);
	void *(*alloc)(unsigned long nr_pages);
	void (*free)(void *run, unsigned long nr_pages);
};

extern const struct bench_peer bench_heapranges, bench_heapranges_uncached;
extern const struct bench_peer bench_kvmalloc, bench_get_free_pages, bench_kmem_cache;
extern const struct bench_peer bench_vmalloc, bench_nothing;
extern const struct bench_peer bench_gen_pool, bench_iova, bench_gpu_buddy;

struct bench_work;

/* What a task does with a peer. */
struct bench_load {
	const char *name;
	int (*prepare)(struct bench_work *w);	/* NULL: nothing to prepare */
	/* @nr_pairs allocations and frees, a multiple of BENCH_BATCH. */
	void (*run)(struct bench_work *w, unsigned long nr_pairs);
	void (*finish)(struct bench_work *w);	/* NULL: nothing is left */
};

#define BENCH_TRACE		4096
#define BENCH_LIVE		256

/* A task's part in it. */
struct bench_work {
	const struct bench_load *load;
	const struct bench_peer *peer;
	unsigned long nr_pages;			/* or BENCH_MIXED */
	int worker_idx, nr_workers;
	void **runs;				/* room for BENCH_REGION_PAGES */
	u8 *run_pages;				/* their sizes */
	unsigned long nr_runs;
	unsigned long nr_failures;
	unsigned int step;			/* of the trace */
	u16 which[BENCH_TRACE];
	u8 sizes[BENCH_TRACE];
	void *batch[BENCH_BATCH];
};

/* Set by the module's parameters. */
extern unsigned int bench_nr_rounds;
extern unsigned int bench_round_us;

/* Ticks in a millisecond. */
extern u64 bench_khz;

static inline u64 bench_ticks(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high) :: "memory");
	return (u64)high << 32 | low;
}

/* What taking the time takes. */
u64 bench_idle_ticks(void);

static inline void *bench_take(struct bench_work *w, unsigned long nr_pages)
{
	void *run = w->peer->alloc(nr_pages);

	if (unlikely(!run))
		w->nr_failures++;
	return run;
}

static inline void bench_give(struct bench_work *w, void *run, unsigned long nr_pages)
{
	if (likely(run))
		w->peer->free(run, nr_pages);
}

static inline bool bench_can(const struct bench_peer *peer, unsigned long nr_pages)
{
	return !peer->most_pages || (nr_pages && nr_pages <= peer->most_pages);
}

/* A figure: so many @ticks for @nr operations. */
void bench_row(const char *load, const struct bench_peer *peer, unsigned long nr_pages,
	       int nr_workers, const char *space, u64 ticks, u64 nr);

/* Says that figures must not be believed. Return: an errno. */
int bench_failed(const char *what, const struct bench_peer *peer, long result);

/* Rounds of a load on @nr_workers CPUs at once, a row for each. The peer is set up. */
int bench_measure(const struct bench_load *load, const struct bench_peer *peer,
		  unsigned long nr_pages, int nr_workers, const char *space);

/* The sizes and the random choices of a task: fixed, another for each task. */
void bench_trace_make(struct bench_work *w, unsigned long nr_slots);
unsigned long bench_trace_size(struct rnd_state *rnd, unsigned long nr_pages);
void bench_trace_say(void);

/* What is measured, each of all peers that it is for. Return: 0, or an errno. */
int bench_loops(void);
int bench_growth(void);
int bench_calls(void);
int bench_costs(void);

/* Calls @fn with each peer that this kernel has, until it returns an errno. */
int bench_each_peer(int (*fn)(const struct bench_peer *peer));

/* A heap with addresses only, for what is measured of heapranges alone. */
struct heapranges;
struct heapranges *bench_heap(void);

#endif /* BENCH_H */
