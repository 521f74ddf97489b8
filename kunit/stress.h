/* SPDX-License-Identifier: GPL-2.0 */
/* All that the stress suite has. */
#ifndef HR_TEST_STRESS_H
#define HR_TEST_STRESS_H

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/smp.h>

#include "crew_helpers.h"
#include "stress_hand.h"

#define HR_STRESS_CPUS		2
#define HR_STRESS_SLICE		70UL		/* pages, added and removed */
#define HR_STRESS_SLICES	10
#define HR_STRESS_EXTRA		(HR_STRESS_SLICES * HR_STRESS_SLICE)
#define HR_STRESS_TEXT		(64 * 1024)
#define HR_STRESS_NAME		"kunit-stress"

enum { HR_STRESS_IN_THREAD, HR_STRESS_IN_HARDIRQ, HR_STRESS_IN_SOFTIRQ, HR_STRESS_CONTEXTS };

struct hr_stress_cpu {
	int			id;
	struct hr_stress_hand	hand[HR_STRESS_CONTEXTS];
	struct hrtimer		timer;
	struct tasklet_struct	tasklet;
	call_single_data_t	csd;
	unsigned long		nr_called, nr_answered;
	bool			no_more;	/* timers and calls */
};

struct hr_stress {
	struct hr_stress_field	field;
	struct hr_test_crew	crew;
	struct hr_stress_cpu	cpu[HR_STRESS_CPUS];
	struct hr_stress_run	run[HR_STRESS_CPUS * HR_STRESS_CONTEXTS * HR_STRESS_RUNS +
				    HR_STRESS_SLOTS];
	struct rnd_state	rnd;		/* the manager's */
	unsigned long		extra, slices;	/* address; bit n: slice n is in */
	unsigned long		added, removed, busy, shrunk, trims, drains, verifies, reads, grown;
	unsigned long		files;		/* read from its folder */
	char			*text;
	unsigned int		round;
};

/* Two of its threads: who changes what the heap owns, and who reads. */
void hr_stress_manager(struct hr_test_crew *crew, unsigned int nr);
void hr_stress_reader(struct hr_test_crew *crew, unsigned int nr);

#endif /* HR_TEST_STRESS_H */
