/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of exact.ko share: its heap, and how a figure comes about. */
#ifndef EXACT_H
#define EXACT_H

#include <linux/bits.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "heapranges.h"

#define EXACT_ROUNDS		5
#define EXACT_PAIRS		200
#define EXACT_CALLS		20
#define EXACT_SEED		1

/* One at a time. Guarded by the lock of this module's parameters. */
extern struct heapranges *exact_heap;

/* Says a figure, of the heap that there is. */
void exact_say(const char *what, u64 figure);

/* Says that figures must not be believed. Return: an errno. */
int exact_failed(const char *what, long result);

/* All of the calls so far did what they should, and nothing is live. */
int exact_check(const char *what);

/* A step: measures runs that caches hold. */
int exact_short(const char *unused);

static inline void *exact_take(unsigned long nr_pages)
{
	return heapranges_alloc(exact_heap, nr_pages, GFP_NOWAIT | __GFP_NOWARN);
}

static inline void exact_give(void *run)
{
	heapranges_free(exact_heap, run);
}

/* What taking the time takes. */
static inline u64 exact_idle_ns(void)
{
	u64 least = U64_MAX;

	for (int i = 0; i < EXACT_CALLS; i++) {
		u64 start = ktime_get_ns();

		least = min(least, ktime_get_ns() - start);
	}
	return least;
}

/*
 * The least of some rounds, since a timer tick falls into one or another. @pair
 * makes @nr pairs. Inline, so that @pair is.
 */
static __always_inline u64 exact_least(void (*pair)(unsigned long nr_pages),
				       unsigned long nr_pages, unsigned int nr)
{
	u64 least = U64_MAX, idle = exact_idle_ns();

	for (int round = 0; round < EXACT_ROUNDS; round++) {
		u64 start = ktime_get_ns();

		for (int i = 0; i < EXACT_PAIRS; i++)
			pair(nr_pages);
		least = min(least, ktime_get_ns() - start - idle);
	}
	return least / EXACT_PAIRS / nr;
}

static __always_inline void exact_measure(const char *what,
					  void (*pair)(unsigned long nr_pages),
					  unsigned long nr_pages, unsigned int nr)
{
	exact_say(what, exact_least(pair, nr_pages, nr));
}

static __always_inline void exact_pair(unsigned long nr_pages)
{
	exact_give(exact_take(nr_pages));
}

#endif /* EXACT_H */
