/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From an address to the chunk that describes its pages: sparse, so that memory
 * follows what a heap owns and not where that lies.
 *
 * Lookups are lockless; changes exclude each other by a mutex of the caller's.
 */
#ifndef HR_CHUNKS_H
#define HR_CHUNKS_H

#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "bits.h"
#include "records.h"
#include "stack.h"

/*
 * HR_CHUNK_PAGES pages of the address space, some of which a range owns. What
 * the chunk says of its pages is guarded by the heap's lock, but for the records of
 * short runs (records.h) and where something else is said.
 */
struct hr_chunk {
	/* So that a row is a cache line, and what else is here in no other CPU's way. */
	struct hr_records	records __aligned(HR_RECORDS_ROW);
	unsigned long		chunk_idx;	/* set for life */
	struct rcu_head		rcu;
	struct hr_radix_node	*parent;	/* guarded by the heap's lock */
	/* Invariant: set for each page that is in use or not owned. */
	struct hr_bits		bits;
	/* Written under the writers' mutex. Invariant: not 0 between changes. */
	unsigned int		owned_pages;
	/*
	 * Invariant: pages [zero_begin, zero_end), if any, are free, and have held
	 * nothing but zeroes since their arena came.
	 */
	unsigned short		zero_begin, zero_end;
	/*
	 * Who took the run that begins at a page, last. NULL: nobody wants to know.
	 * The array is set for life.
	 */
	struct hr_stack		*owners;
};

/*
 * Pages [begin, end) are about to be used. First fit takes the lowest first: what is
 * below them is no longer known to be zero. Return: they are known to be.
 */
static inline bool hr_chunk_use(struct hr_chunk *chunk, unsigned int begin,
				unsigned int end)
{
	bool is_zero = begin >= chunk->zero_begin && end <= chunk->zero_end;

	if (end > chunk->zero_begin)
		chunk->zero_begin = end;
	return is_zero;
}

/*
 * Pages [begin, end), not free yet, are zero. Of two arenas that share a chunk one
 * is remembered.
 */
static inline void hr_chunk_set_zero(struct hr_chunk *chunk, unsigned int begin,
				     unsigned int end)
{
	if (chunk->zero_begin < chunk->zero_end)
		return;
	chunk->zero_begin = begin;
	chunk->zero_end = end;
}

/* See chunks.c, and verify_tree.c, which counts again. */
struct hr_chunks_table {
	struct rcu_head		rcu;
	unsigned int		slots_shift;
	unsigned long		nr_chunks;
	/* Invariant: as many slots are not NULL. */
	unsigned long		nr_taken;
	/* Apart, so that a power of two of them is what the kernel allocates. */
	struct hr_chunk __rcu	**slot;
};

struct hr_chunks {
	struct hr_chunks_table __rcu	*table;	/* NULL: never had a chunk */
	/*
	 * The same before the last prepare, until own or cancel; or before the last prune that
	 * made it smaller. Guarded by writers.
	 */
	struct hr_chunks_table		*before;
	struct mutex			*writers;	/* the caller's; excludes changes */
	bool				track_owners;	/* set for life */
};

/* The slab cache that chunks come from, one for all heaps. */
int hr_chunks_setup(void);
void hr_chunks_teardown(void);

/*
 * @writers: the mutex under which what changes chunks is called
 * @track_owners: chunks have owners
 */
void hr_chunks_init(struct hr_chunks *chunks, struct mutex *writers, bool track_owners);

/* Frees all chunks, with no reader left. */
void hr_chunks_exit(struct hr_chunks *chunks);

/*
 * Caller is in an RCU read-side section (interrupts off is one too), or holds
 * writers. NULL: none.
 */
struct hr_chunk *hr_chunks_find(const struct hr_chunks *chunks,
				unsigned long chunk_idx);

/*
 * Makes the chunks of [base, base + nr_pages) that are missing, all their pages
 * busy and none owned. May sleep. Caller holds writers.
 *
 * Return: 0, or -ENOMEM with everything as before.
 */
int hr_chunks_prepare(struct hr_chunks *chunks, unsigned long base,
		      unsigned long nr_pages);

/*
 * The chunks of the span are there. Caller holds writers.
 *
 * own, disown: counts its pages as owned, or no longer. prune: frees the chunks
 * that own nothing, and has few that are left move to a smaller table, if there is memory
 * for one; may sleep. cancel: undoes the prepare that came last, instead of own.
 */
void hr_chunks_own(struct hr_chunks *chunks, unsigned long base,
		   unsigned long nr_pages);
void hr_chunks_disown(struct hr_chunks *chunks, unsigned long base,
		      unsigned long nr_pages);
void hr_chunks_prune(struct hr_chunks *chunks, unsigned long base,
		     unsigned long nr_pages);
void hr_chunks_cancel(struct hr_chunks *chunks, unsigned long base,
		      unsigned long nr_pages);

/* Chunks that there are. */
unsigned long hr_chunks_nr(const struct hr_chunks *chunks);

/* Bytes of chunks and table. */
size_t hr_chunks_bytes(const struct hr_chunks *chunks);

#endif /* HR_CHUNKS_H */
