// SPDX-License-Identifier: GPL-2.0
/*
 * What pages that are free hold when somebody looks for writes after free.
 *
 *	page	| note | d7 d7 d7 ...	the first of a run that was freed
 *		| d7 d7 d7 ...		any other
 *
 * Free runs merge and are cut again, so a page may hold a note wherever it lies. A note
 * that somebody wrote over is a stain as well, and nobody knows who had freed the run.
 */
#include <linux/string.h>

#include "poison.h"

#define HR_POISON_BYTE		0xd7
#define HR_POISON_NOTE		0x686e6f74UL

struct hr_poison_note {
	unsigned long	magic;
	unsigned long	caller;
	unsigned long	check;		/* magic ^ caller */
};

void hr_poison_fill(unsigned long base, unsigned long nr_pages, unsigned long caller)
{
	struct hr_poison_note *note = (struct hr_poison_note *)base;

	memset((void *)base, HR_POISON_BYTE, hr_pages_to_bytes(nr_pages));
	if (caller)
		*note = (struct hr_poison_note){
			HR_POISON_NOTE, caller, HR_POISON_NOTE ^ caller,
		};
}

static bool hr_poison_page_is_stained(unsigned long page, struct hr_poison_stain *stain)
{
	const struct hr_poison_note *note = (const struct hr_poison_note *)page;
	unsigned long from = page;
	void *odd;

	if (note->magic == HR_POISON_NOTE && note->check == (note->magic ^ note->caller)) {
		stain->caller = note->caller;
		from += sizeof(*note);
	}
	odd = memchr_inv((void *)from, HR_POISON_BYTE, page + PAGE_SIZE - from);
	stain->addr = (unsigned long)odd;
	return odd;
}

bool hr_poison_is_stained(unsigned long base, unsigned long nr_pages,
			  struct hr_poison_stain *stain)
{
	stain->caller = 0;
	for (; nr_pages; nr_pages--, base += PAGE_SIZE) {
		if (hr_poison_page_is_stained(base, stain))
			return true;
	}
	return false;
}
