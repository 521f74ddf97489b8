// SPDX-License-Identifier: GPL-2.0
/*
 * What pages that are free hold when somebody looks for writes after free.
 *
 *	page	| d7 d7 d7 ...				  d7 d7 d7 | note |
 *
 * Free runs merge and are cut again, so each page has its own note of whose it was:
 * at its end, since what is written after a free is most often the front of something.
 * A page that is new has none. Over a note that was written over nobody knows any more,
 * and the stain begins with it.
 */
#include <linux/string.h>

#include "poison.h"

#define HR_POISON_BYTE		0xd7
#define HR_POISON_NOTE		0x686e6f74UL

struct hr_poison_note {
	unsigned long		magic;
	struct hr_poison_blame	blame;
	unsigned long		check;		/* all of it */
};

unsigned long hr_poison_kept_within(const struct hr_poison_kept *kept, unsigned long base,
				    unsigned long nr_pages)
{
	unsigned long begin, end, limit = base + hr_pages_to_bytes(nr_pages), kept_pages = 0;
	int i;

	for (i = 0; i < HR_POISON_KEPT; i++) {
		begin = max(base, kept->run[i].base);
		end = min(limit, kept->run[i].base + hr_pages_to_bytes(kept->run[i].nr_pages));
		if (begin < end)
			kept_pages += hr_bytes_to_pages(end - begin);
	}
	return kept_pages;
}

static struct hr_poison_note *hr_poison_note_of(unsigned long page)
{
	return (struct hr_poison_note *)(page + PAGE_SIZE) - 1;
}

static unsigned long hr_poison_check_of(const struct hr_poison_blame *blame)
{
	return HR_POISON_NOTE ^ blame->caller ^ blame->owner.key;
}

void hr_poison_fill(unsigned long base, unsigned long nr_pages,
		    const struct hr_poison_blame *blame)
{
	memset((void *)base, HR_POISON_BYTE, hr_pages_to_bytes(nr_pages));
	for (; blame && nr_pages; nr_pages--, base += PAGE_SIZE)
		*hr_poison_note_of(base) = (struct hr_poison_note){
			HR_POISON_NOTE, *blame, hr_poison_check_of(blame),
		};
}

static bool hr_poison_page_is_stained(unsigned long page, struct hr_poison_stain *stain)
{
	const struct hr_poison_note *note = hr_poison_note_of(page);
	bool noted = note->magic == HR_POISON_NOTE &&
		     note->check == hr_poison_check_of(&note->blame);
	unsigned long note_addr = (unsigned long)note;
	unsigned long limit = noted ? note_addr : page + PAGE_SIZE;

	stain->blame = noted ? note->blame : (struct hr_poison_blame){ 0 };
	stain->addr = (unsigned long)memchr_inv((void *)page, HR_POISON_BYTE, limit - page);
	/* What was not hit of it is an address of the kernel's. */
	stain->nr_bytes = max(stain->addr, note_addr) - stain->addr;
	return stain->addr;
}

bool hr_poison_is_stained(unsigned long base, unsigned long nr_pages,
			  struct hr_poison_stain *stain)
{
	for (; nr_pages; nr_pages--, base += PAGE_SIZE) {
		if (hr_poison_page_is_stained(base, stain))
			return true;
	}
	return false;
}
