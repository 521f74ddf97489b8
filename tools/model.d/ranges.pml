/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a reader of the range array gets at a leaf while leaves are overwritten: a model, of
 * which tools/model tries all interleavings. See module/ranges.c and module/commit.c.
 *
 * Two slots have a leaf each, 0 and 1; leaf 2 is the spare one. A leaf holds the number of
 * the slot that its ranges are of, and TORN while it is written to. Slot 0 has always held
 * something: a reader who asks for that must find it.
 *
 * Memory has the order of the program here, as the barriers see to for what matters.
 * With a NO_... defined something is left out that must be missed.
 */
#define NR_SLOTS	2
#define SPARE		2
#define TORN		9
#define NR_CHANGES	4

byte slot[NR_SLOTS];
byte version[3], holds[3];

inline overwrite(leaf, what)
{
	version[leaf]++;
	holds[leaf] = TORN;
	holds[leaf] = what;
	version[leaf]++
}

/* hr_commit_overwrite(), of any slot. */
proctype writer()
{
	byte changes = 0, i;

	do
	:: changes < NR_CHANGES ->
		if
		:: i = 0
		:: i = 1
		fi;
		overwrite(SPARE, i);
		slot[i] = SPARE;
		overwrite(i, i);
		slot[i] = i;
		changes++
	:: else -> break
	od
}

/* hr_ranges_find() in slot 0. */
proctype reader()
{
	byte leaf, before, seen;

again:
	leaf = slot[0];
	before = version[leaf];
	/* Not needed, but sooner. */
	if
	:: before % 2 -> goto again
	:: else
	fi;
#ifndef NO_SECOND_LOOK
	if
	:: slot[0] != leaf -> goto again
	:: else
	fi;
#endif
	seen = holds[leaf];
#ifndef NO_LOOK_AT_END
	if
	:: version[leaf] != before -> goto again
	:: else
	fi;
#endif
	assert(seen == 0)
}

init {
	atomic {
		slot[0] = 0; slot[1] = 1;
		holds[0] = 0; holds[1] = 1; holds[SPARE] = TORN;
		run writer();
		run reader()
	}
}
