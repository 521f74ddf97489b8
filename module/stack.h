/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Call stacks, each remembered in a word: who took a run. Where the kernel has its stack
 * depot, the word is a handle of that, which keeps each stack once and for good; else,
 * the address that the innermost function returns to.
 */
#ifndef HR_STACK_H
#define HR_STACK_H

#include <linux/types.h>

/* Frames of a stack, from the caller of the module outward. */
#define HR_STACK_FRAMES_MAX	16U

struct hr_stack {
	/* The same for the same stack; 0: unknown. */
#ifdef HR_HAVE_STACKDEPOT
	u32		key;
#else
	unsigned long	key;
#endif
};

/* Comes before the first save, and may come again. May sleep. */
void hr_stack_setup(void);

/*
 * The stack of this call, from that frame on that returns to @caller. Any context but
 * NMI. Unknown if the depot has no room, and @gfp gets it none; on PREEMPT_RT, where that
 * may sleep, also to who may not.
 */
struct hr_stack hr_stack_save(unsigned long caller, gfp_t gfp);

/* Return: how many return addresses *@frames are, the innermost first; 0: unknown. */
unsigned int hr_stack_fetch(const struct hr_stack *stack, const unsigned long **frames);

#endif /* HR_STACK_H */
