// SPDX-License-Identifier: GPL-2.0
/* Call stacks, each in a word: see stack.h. */
#include <linux/kernel.h>
#include <linux/preempt.h>

#include "mem.h"
#include "stack.h"

#ifdef HR_HAVE_STACKDEPOT
#include <linux/stackdepot.h>
#include <linux/stacktrace.h>

/* Of the module's own. */
#define HR_STACK_INNER_MAX	8

void hr_stack_setup(void)
{
	/* Without memory all stacks are unknown, and the kernel says why. */
	stack_depot_init();
}

struct hr_stack hr_stack_save(unsigned long caller, gfp_t gfp)
{
	unsigned long frames[HR_STACK_INNER_MAX + HR_STACK_FRAMES_MAX];
	unsigned int nr_frames, first = 0;
	struct hr_stack stack = { 0 };

	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !preemptible())
		return stack;
	nr_frames = stack_trace_save(frames, ARRAY_SIZE(frames), 0);
	while (first < nr_frames && frames[first] != caller)
		first++;
	/* Not every kernel can tell stacks. */
	if (first == nr_frames) {
		frames[0] = caller;
		first = 0;
		nr_frames = 1;
	}
	nr_frames = min(nr_frames - first, HR_STACK_FRAMES_MAX);
	stack.key = hr_mem_stack_save(frames + first, nr_frames, gfp);
	return stack;
}

unsigned int hr_stack_fetch(const struct hr_stack *stack, const unsigned long **frames)
{
	unsigned long *found = NULL;
	unsigned int nr_frames = 0;

	if (stack->key)
		nr_frames = stack_depot_fetch(stack->key, &found);
	*frames = found;
	return nr_frames;
}
#else
void hr_stack_setup(void) {}

struct hr_stack hr_stack_save(unsigned long caller, gfp_t gfp)
{
	return (struct hr_stack){ .key = caller };
}

unsigned int hr_stack_fetch(const struct hr_stack *stack, const unsigned long **frames)
{
	*frames = &stack->key;
	return !!stack->key;
}
#endif
