/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of sweep.ko share: one heap, the code that is interrupted (a case), what
 * the interrupt does (an act), and what both got.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "heapranges.h"

/* The heap: addresses only, in one region of three chunks. */
#define SWEEP_BASE		BIT(40)
#define SWEEP_PAGES		1536UL
/* A run that is always live, a page that is always free, one that is not the heap's. */
#define SWEEP_ANCHOR_PAGE	1400UL
#define SWEEP_ANCHOR_PAGES	4UL
#define SWEEP_VACANT_PAGE	1300UL
#define SWEEP_FOREIGN_PAGE	1540UL
/* A region that comes and goes. */
#define SWEEP_EXTRA_PAGE	2000UL
#define SWEEP_EXTRA_PAGES	600UL

#define SWEEP_GFP		(GFP_NOWAIT | __GFP_NOWARN)

/* What the interrupted code has got to, as far as its run is concerned. */
enum sweep_stage {
	SWEEP_BEFORE,		/* not begun */
	SWEEP_TAKING,		/* its run, if it takes one, is not handed out yet */
	SWEEP_HOLDING,
	SWEEP_GIVING,		/* its run may be free any moment */
	SWEEP_AFTER,		/* over */
};

struct sweep_case {
	const char	*name;
	unsigned int	flags;		/* of the heap, besides HEAPRANGES_ADDRESS_ONLY */
	unsigned long	page;		/* where the run is that it is about */
	unsigned long	nr_pages;
	bool		frees;		/* it frees that run */
	bool		varies;		/* the kernel takes memory in it */
	/* Before each step: the heap is as it is made. */
	void		(*prepare)(const struct sweep_case *c);
	void		(*body)(const struct sweep_case *c);
};

struct sweep_act {
	const char	*name;
	/* In the interrupt. */
	void		(*act)(const struct sweep_case *c);
	/* What it got is right. Return: NULL, or what is wrong. */
	const char	*(*judge)(const struct sweep_case *c);
	bool		is_basic;
};

/* Of one step at a time. Written by the interrupted code and by the interrupt. */
struct sweep_step {
	enum sweep_stage	stage;
	/* The interrupted code: its run, the errno of its free and of what else it does. */
	void			*run;
	int			free_err, other_err;
	u64			begin, lead;	/* by the clock, see steps.c */
	/* The interrupt: where it came, its run, which it may hold to the end, its errno. */
	bool			fired;
	u64			fired_after;	/* since begin */
	unsigned long		ip;
	enum sweep_stage	fired_at;
	void			*irq_run;
	int			irq_err;
	bool			irq_holds, irq_overlaps;
};

extern struct heapranges *sweep_heap;
extern struct sweep_step sweep_now;

/* What is swept. */
extern const struct sweep_case *sweep_case;
extern const struct sweep_act *sweep_act;	/* NULL: nothing is done yet */

extern const struct sweep_case sweep_cases[];
extern const struct sweep_act sweep_acts[];
extern const unsigned int sweep_nr_cases, sweep_nr_acts;

static inline void *sweep_addr(unsigned long page)
{
	return (void *)(SWEEP_BASE + page * PAGE_SIZE);
}

/* The run that a case is about. */
static inline void *sweep_target(const struct sweep_case *c)
{
	return sweep_addr(c->page);
}

static inline void sweep_reach(enum sweep_stage stage)
{
	barrier();
	WRITE_ONCE(sweep_now.stage, stage);
	barrier();
}

/* All that must hold after a step, before which the figures were these. NULL, or what is wrong. */
const char *sweep_judge(const struct heapranges_stats *before);

/* The heap is as it was made. NULL, or what is left. */
const char *sweep_clean(void);

/* Where the interrupts of a case came, in a few lines of the log, see path.c. */
void sweep_path_begin(void);
void sweep_path_add(unsigned long ip, unsigned int nr);
void sweep_path_end(void);

#endif /* SWEEP_H */
