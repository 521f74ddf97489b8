/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What pages that are free hold when somebody looks for writes after free: a pattern,
 * and a note of whose they were. Without locks.
 */
#ifndef HR_POISON_H
#define HR_POISON_H

#include <linux/types.h>

#include "geometry.h"
#include "stack.h"

/* Runs that are kept from being handed out again for a while. */
#define HR_POISON_KEPT		16

/* A run that is neither live nor free yet. Guarded by the heap's lock. */
struct hr_poison_kept {
	struct {
		unsigned long	base, nr_pages;	/* 0 pages: none */
	} run[HR_POISON_KEPT];
	unsigned int		oldest;
	unsigned long		nr_pages;	/* of all of them */
};

/* How many of the span's pages are kept back. */
unsigned long hr_poison_kept_within(const struct hr_poison_kept *kept, unsigned long base,
				    unsigned long nr_pages);

/* Whose a free page was. */
struct hr_poison_blame {
	unsigned long	caller;		/* who has freed it; 0: not known */
	struct hr_stack	owner;		/* who had taken it; see stack.h */
};

/* @blame: NULL: nobody's, it is new. */
void hr_poison_fill(unsigned long base, unsigned long nr_pages,
		    const struct hr_poison_blame *blame);

/* What somebody wrote after the free. */
struct hr_poison_stain {
	unsigned long	addr;
	unsigned long	nr_bytes;	/* that may be shown: none of a note */
	struct hr_poison_blame blame;	/* of the page */
};

/* Return: the pages hold something else than they should, *@stain says where first. */
bool hr_poison_is_stained(unsigned long base, unsigned long nr_pages,
			  struct hr_poison_stain *stain);

#endif /* HR_POISON_H */
