/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A count that anybody reads without a lock, whatever the reader has interrupted: never
 * torn and never less than before, where a word has 32 bits too.
 *
 *	low	the count's lower bits, as many as a word has
 *	halves	how often low has come by a half of its range
 *
 * A reader who comes between the two, on whichever CPU, sees it: bit 0 of halves should
 * be the uppermost bit of low. So nobody waits, in an interrupt least of all.
 */
#ifndef HR_COUNT_H
#define HR_COUNT_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>

struct hr_count {
	unsigned long	low;
#if BITS_PER_LONG == 32
	unsigned long	halves;
#endif
};

#if BITS_PER_LONG == 32
#define HR_COUNT_HALF_BITS	31

static inline bool hr_count_is_half(unsigned long low)
{
	return unlikely(!(low & (BIT(HR_COUNT_HALF_BITS) - 1)));
}

/* The caller excludes other writers. */
static __always_inline void hr_count_up(struct hr_count *count)
{
	WRITE_ONCE(count->low, count->low + 1);
	if (!hr_count_is_half(count->low))
		return;
	smp_wmb();	/* pairs with smp_rmb() in hr_count_read() */
	WRITE_ONCE(count->halves, count->halves + 1);
}

static inline u64 hr_count_read(const struct hr_count *count)
{
	unsigned long halves = READ_ONCE(count->halves), low;

	smp_rmb();	/* pairs with smp_wmb() of writers: low is not older than halves */
	low = READ_ONCE(count->low);
	if ((halves & 1) != low >> HR_COUNT_HALF_BITS)
		halves++;
	return (u64)halves << HR_COUNT_HALF_BITS | (low & (BIT(HR_COUNT_HALF_BITS) - 1));
}
#else
static __always_inline void hr_count_up(struct hr_count *count)
{
	count->low++;
}

static inline u64 hr_count_read(const struct hr_count *count)
{
	return READ_ONCE(count->low);
}
#endif

/* Adds one to a word that others add to meanwhile. Return: what it is then. */
static inline unsigned long hr_count_add_one(unsigned long *word)
{
	unsigned long old, seen = READ_ONCE(*word);

	do {
		old = seen;
		seen = cmpxchg(word, old, old + 1);
	} while (seen != old);
	return old + 1;
}

/* As hr_count_up(), with other writers about. Any context, NMI included. */
static inline void hr_count_up_shared(struct hr_count *count)
{
	unsigned long low = hr_count_add_one(&count->low);

#if BITS_PER_LONG == 32
	/* cmpxchg() that succeeds is a full barrier. */
	if (hr_count_is_half(low))
		hr_count_add_one(&count->halves);
#else
	(void)low;
#endif
}

#endif /* HR_COUNT_H */
