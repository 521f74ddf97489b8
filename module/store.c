// SPDX-License-Identifier: GPL-2.0
/*
 * Where the storage of a range array comes from, and where it goes.
 *
 * What a change replaces is freed after a grace period. To ask RCU for one costs more
 * than the change of a large array itself does, so such an array collects it, up to a
 * part of its own size.
 */
#include <linux/bug.h>

#include "commit.h"
#include "mem.h"
#include "store.h"

/* An array keeps at most one part in so many of its size. */
#define HR_STORE_PART	16

static void hr_store_free(struct hr_block *chain)
{
	struct hr_block *block;

	while ((block = chain)) {
		chain = block->next;
		hr_mem_kvfree(block);
	}
}

static void hr_store_free_rcu(struct rcu_head *rcu)
{
	hr_store_free(container_of(rcu, struct hr_block, rcu));
}

void hr_store_cancel(struct hr_change *change)
{
	unsigned int i;

	for (i = 0; i < HR_CHANGE_BLOCKS; i++) {
		hr_mem_kvfree(change->block[i]);
		change->block[i] = NULL;
	}
}

bool hr_store_gather(struct hr_change *change)
{
	struct hr_block *block;
	unsigned int i;

	for (i = 0; i < HR_CHANGE_BLOCKS; i++) {
		if (!change->bytes[i])
			continue;
		block = hr_mem_kvmalloc(change->bytes[i], HR_MEM_GFP);
		if (!block) {
			hr_store_cancel(change);
			return false;
		}
		block->bytes = change->bytes[i];
		change->block[i] = block;
	}
	return true;
}

/* Caller holds the array's mutex. */
static void hr_store_retire(struct hr_store *store, struct hr_change *change)
{
	struct hr_block *last = change->retired;

	if (!last)
		return;
	while (last->next)
		last = last->next;
	last->next = store->retired;
	store->retired = change->retired;
	WRITE_ONCE(store->retired_bytes, store->retired_bytes + change->retired_bytes);
}

void hr_store_commit(struct hr_store *store, struct hr_ranges *ranges,
		     struct hr_change *change)
{
	struct hr_block *chain;

	/* It was prepared, and paid for, under the mutex that is still held. */
	if (WARN_ON_ONCE(hr_commit_change(change, ranges))) {
		hr_store_cancel(change);
		return;
	}
	hr_store_retire(store, change);
	if (!store->retired || store->retired_bytes < hr_ranges_bytes(ranges) / HR_STORE_PART)
		return;
	chain = store->retired;
	store->retired = NULL;
	WRITE_ONCE(store->retired_bytes, 0);
	call_rcu(&chain->rcu, hr_store_free_rcu);
}

void hr_store_exit(struct hr_store *store, struct hr_ranges *ranges)
{
	hr_store_free(store->retired);
	hr_store_free(hr_ranges_exit(ranges));
	*store = (struct hr_store){ };
}

size_t hr_store_bytes(const struct hr_store *store)
{
	return READ_ONCE(store->retired_bytes);
}
