/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the storage of a range array comes from, and where it goes. A change is
 *
 *	prepared	hr_change_prepare_add(), hr_change_prepare_remove()
 *	paid for	hr_store_gather()
 *	committed	hr_store_commit(), which cannot fail, or
 *	cancelled	hr_store_cancel()
 *
 * all under the array's mutex, which guards the store, too.
 */
#ifndef HR_STORE_H
#define HR_STORE_H

#include "change.h"

struct hr_store {
	struct hr_block	*retired;	/* what readers may still look at, a chain */
	size_t		retired_bytes;	/* Invariant: of all of them */
};

/* Allocates all that the change takes; may sleep. Return: false: no memory, and none taken. */
bool hr_store_gather(struct hr_change *change);
void hr_store_cancel(struct hr_change *change);

/* Caller holds the array's mutex. */
void hr_store_commit(struct hr_store *store, struct hr_ranges *ranges,
		     struct hr_change *change);

/* Ends the array, with no reader and no writer left, and frees all. */
void hr_store_exit(struct hr_store *store, struct hr_ranges *ranges);

/* Bytes held, besides the array's own. */
size_t hr_store_bytes(const struct hr_store *store);

#endif /* HR_STORE_H */
