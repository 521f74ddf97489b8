// SPDX-License-Identifier: GPL-2.0
/*
 * From an address to its chunk: a hash table with open addressing.
 *
 *	chunk_idx -> hash -> slot | ... | chunk | chunk | erased | NULL | ...
 *	                            `------ probe until NULL ------'
 *
 * A slot goes from NULL to a chunk and from a chunk to the erased mark, never
 * back to NULL: a probe that runs meanwhile finds whatever was there throughout.
 * At least half of the slots are NULL, which bounds a probe. When that would no
 * longer hold, the living move to a fresh table, with room to spare and published
 * whole; the old one is kept until it is clear that it is not needed again, then
 * freed after a grace period. When most of them have gone, the rest move to a smaller
 * one.
 *
 * Barriers: each rcu_assign_pointer() to a slot or to the table pairs with the
 * rcu_dereference() of it in hr_chunks_find().
 *
 * Changes only happen when what a heap owns changes. Context: may sleep.
 */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/sched/signal.h>

#include "chunks.h"
#include "mem.h"

#define HR_CHUNKS_SLOTS_MIN	8UL
/* A table of a page is not worth moving from. */
#define HR_CHUNKS_SLOTS_KEPT	(PAGE_SIZE / sizeof(void *))
/*
 * Nor is one where one slot in so many has a chunk: what moves takes one in 6, or more,
 * so a fourth of them have to go before it moves again.
 */
#define HR_CHUNKS_SPARSE	8
#define HR_CHUNK_OWNERS_BYTES	(HR_CHUNK_PAGES * sizeof(struct hr_stack))

/* At most one part in so many of the machine's memory for one region's chunks. */
#define HR_CHUNKS_MACHINE_SHARE	4

static struct kmem_cache *hr_chunks_cache;

/* No address has this index: they are fewer by the bits of a chunk. */
static struct hr_chunk hr_chunks_erased = { .chunk_idx = ULONG_MAX };

int hr_chunks_setup(void)
{
	hr_chunks_cache = hr_mem_cache_create("heapranges_chunk",
					      sizeof(struct hr_chunk),
					      __alignof__(struct hr_chunk));
	return hr_chunks_cache ? 0 : -ENOMEM;
}

/*
 * Waits for what is on its way through a grace period: chunks, and everything
 * else that ends in this module's code.
 */
void hr_chunks_teardown(void)
{
	rcu_barrier();
	hr_mem_cache_destroy(hr_chunks_cache);
}

void hr_chunks_init(struct hr_chunks *chunks, struct mutex *writers, bool track_owners)
{
	RCU_INIT_POINTER(chunks->table, NULL);
	chunks->before = NULL;
	chunks->writers = writers;
	chunks->track_owners = track_owners;
}

static void hr_chunks_free_chunk(struct hr_chunk *chunk)
{
	hr_mem_kfree(chunk->owners);
	hr_mem_cache_free(hr_chunks_cache, chunk);
}

/* Caller holds writers. */
static struct hr_chunks_table *hr_chunks_own_table(const struct hr_chunks *chunks)
{
	return rcu_dereference_protected(chunks->table,
					 lockdep_is_held(chunks->writers));
}

static unsigned long hr_chunks_nr_slots(const struct hr_chunks_table *table)
{
	return 1UL << table->slots_shift;
}

/*
 * The chunk with @chunk_idx, or the NULL at which the probe for it ends, and the slot with
 * it. Without the writers' mutex the slot may have another one by now.
 */
static inline struct hr_chunk *hr_chunks_probe(struct hr_chunks_table *table,
					       unsigned long chunk_idx,
					       struct hr_chunk __rcu ***slot)
{
	unsigned long mask = hr_chunks_nr_slots(table) - 1;
	unsigned long at = hash_long(chunk_idx, table->slots_shift);
	struct hr_chunk *chunk;

	for (;; at = (at + 1) & mask) {
		*slot = &table->slot[at];
		chunk = rcu_dereference_raw(**slot);
		if (!chunk || chunk->chunk_idx == chunk_idx)
			return chunk;
	}
}

struct hr_chunk *hr_chunks_find(const struct hr_chunks *chunks,
				unsigned long chunk_idx)
{
	struct hr_chunk __rcu **slot;
	struct hr_chunks_table *table;

	table = rcu_dereference_check(chunks->table,
				      lockdep_is_held(chunks->writers) ||
				      rcu_read_lock_sched_held());
	return table ? hr_chunks_probe(table, chunk_idx, &slot) : NULL;
}

static void hr_chunks_free_table(struct hr_chunks_table *table)
{
	hr_mem_kvfree(table->slot);
	hr_mem_kfree(table);
}

static void hr_chunks_free_table_rcu(struct rcu_head *rcu)
{
	hr_chunks_free_table(container_of(rcu, struct hr_chunks_table, rcu));
}

static struct hr_chunks_table *hr_chunks_alloc_table(unsigned long nr_slots, gfp_t gfp)
{
	struct hr_chunks_table *table = hr_mem_kzalloc(sizeof(*table), gfp);

	if (!table)
		return NULL;
	table->slots_shift = ilog2(nr_slots);
	table->slot = hr_mem_kvcalloc(nr_slots, sizeof(*table->slot), gfp);
	if (!table->slot) {
		hr_mem_kfree(table);
		return NULL;
	}
	return table;
}

void hr_chunks_exit(struct hr_chunks *chunks)
{
	struct hr_chunks_table *table = rcu_dereference_protected(chunks->table, true);
	unsigned long i;

	for (i = 0; table && i < hr_chunks_nr_slots(table); i++) {
		struct hr_chunk *chunk = rcu_dereference_protected(table->slot[i], true);

		if (chunk && chunk != &hr_chunks_erased)
			hr_chunks_free_chunk(chunk);
	}
	if (chunks->before && chunks->before != table)
		hr_chunks_free_table(chunks->before);
	if (table)
		hr_chunks_free_table(table);
	RCU_INIT_POINTER(chunks->table, NULL);
	chunks->before = NULL;
}

static void hr_chunks_free_chunk_rcu(struct rcu_head *rcu)
{
	hr_chunks_free_chunk(container_of(rcu, struct hr_chunk, rcu));
}

/* The table stays as it is. Caller holds writers. */
static void hr_chunks_keep_table(struct hr_chunks *chunks)
{
	struct hr_chunks_table *table = hr_chunks_own_table(chunks);

	if (chunks->before && chunks->before != table)
		call_rcu(&chunks->before->rcu, hr_chunks_free_table_rcu);
	chunks->before = table;
}

/* Puts @chunk where a probe for it ends. There is a NULL slot. */
static void hr_chunks_insert(struct hr_chunks_table *table, struct hr_chunk *chunk)
{
	struct hr_chunk __rcu **slot;

	hr_chunks_probe(table, chunk->chunk_idx, &slot);
	rcu_assign_pointer(*slot, chunk);
	WRITE_ONCE(table->nr_chunks, table->nr_chunks + 1);
	table->nr_taken++;
}

/*
 * The living move to a table with room for @nr_chunks. Caller holds writers.
 * Return: -ENOMEM: the table stays.
 */
static int hr_chunks_move(struct hr_chunks *chunks, unsigned long nr_chunks, gfp_t gfp)
{
	struct hr_chunks_table *old = hr_chunks_own_table(chunks), *new;
	unsigned long i;

	/* A third is taken at most, so the table lasts until half of it is. */
	new = hr_chunks_alloc_table(roundup_pow_of_two(max(3 * nr_chunks, HR_CHUNKS_SLOTS_MIN)),
				    gfp);
	if (!new)
		return -ENOMEM;

	for (i = 0; old && i < hr_chunks_nr_slots(old); i++) {
		struct hr_chunk *chunk;

		chunk = rcu_dereference_protected(old->slot[i],
						  lockdep_is_held(chunks->writers));
		if (chunk && chunk != &hr_chunks_erased)
			hr_chunks_insert(new, chunk);
		cond_resched();
	}
	rcu_assign_pointer(chunks->table, new);
	return 0;
}

/*
 * Makes the table fit for @nr_more chunks, half of its slots staying NULL.
 * Caller holds writers.
 */
static int hr_chunks_reserve(struct hr_chunks *chunks, unsigned long nr_more)
{
	struct hr_chunks_table *table = hr_chunks_own_table(chunks);
	unsigned long chunk_bytes;

	if (table && 2 * (table->nr_taken + nr_more) <= hr_chunks_nr_slots(table))
		return 0;
	chunk_bytes = sizeof(struct hr_chunk) + (chunks->track_owners ? HR_CHUNK_OWNERS_BYTES : 0);
	/* Does not wrap: what describes a chunk is smaller than that. */
	if (hr_bytes_to_pages(nr_more * chunk_bytes) >= totalram_pages() / HR_CHUNKS_MACHINE_SHARE)
		return -ENOMEM;
	return hr_chunks_move(chunks, (table ? table->nr_chunks : 0) + nr_more, HR_MEM_GFP);
}

/* Memory that can be done without: not worth waiting, nor what those live on who reclaim. */
#define HR_CHUNKS_GFP_SPARE	(GFP_KERNEL | __GFP_NORETRY | __GFP_NOMEMALLOC | __GFP_NOWARN)

/* A table that is nearly empty makes room, if there is memory. Caller holds writers. */
static void hr_chunks_shrink(struct hr_chunks *chunks)
{
	struct hr_chunks_table *table = hr_chunks_own_table(chunks);

	if (hr_chunks_nr_slots(table) <= HR_CHUNKS_SLOTS_KEPT ||
	    HR_CHUNKS_SPARSE * table->nr_chunks >= hr_chunks_nr_slots(table))
		return;
	/* Before, so that no table but this one is replaced; and behind, so that it goes. */
	hr_chunks_keep_table(chunks);
	hr_chunks_move(chunks, table->nr_chunks, HR_CHUNKS_GFP_SPARE);
	hr_chunks_keep_table(chunks);
}

static struct hr_chunk *hr_chunks_create_one(const struct hr_chunks *chunks,
					     unsigned long chunk_idx)
{
	struct hr_chunk *chunk = hr_mem_cache_alloc(hr_chunks_cache, HR_MEM_GFP);

	if (!chunk)
		return NULL;
	chunk->owners = NULL;
	if (chunks->track_owners) {
		chunk->owners = hr_mem_kzalloc(HR_CHUNK_OWNERS_BYTES, HR_MEM_GFP);
		if (!chunk->owners) {
			hr_chunks_free_chunk(chunk);
			return NULL;
		}
	}
	chunk->chunk_idx = chunk_idx;
	chunk->parent = NULL;
	chunk->owned_pages = 0;
	chunk->zero_begin = 0;
	chunk->zero_end = 0;
	hr_bits_init(&chunk->bits);
	hr_records_init(&chunk->records);
	return chunk;
}

int hr_chunks_prepare(struct hr_chunks *chunks, unsigned long base,
		      unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	unsigned long last_idx;
	struct hr_chunk *chunk;
	int err;

	hr_chunks_keep_table(chunks);
	last_idx = hr_addr_to_chunk_idx(base + hr_pages_to_bytes(nr_pages) - 1);
	err = hr_chunks_reserve(chunks, last_idx - piece.chunk_idx + 1);
	if (err)
		return err;

	do {
		cond_resched();
		if (hr_chunks_find(chunks, piece.chunk_idx))
			continue;
		chunk = fatal_signal_pending(current) ? NULL :
			hr_chunks_create_one(chunks, piece.chunk_idx);
		if (!chunk) {
			hr_chunks_cancel(chunks, base, nr_pages);
			return -ENOMEM;
		}
		hr_chunks_insert(hr_chunks_own_table(chunks), chunk);
	} while (hr_piece_next(&piece));
	return 0;
}

void hr_chunks_own(struct hr_chunks *chunks, unsigned long base,
		   unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);

	lockdep_assert_held(chunks->writers);
	hr_chunks_keep_table(chunks);
	do {
		hr_chunks_find(chunks, piece.chunk_idx)->owned_pages +=
			hr_piece_pages(&piece);
	} while (hr_piece_next(&piece));
}

/* Frees the chunks of the span that own nothing. Caller holds writers. */
static void hr_chunks_erase(struct hr_chunks *chunks, unsigned long base,
			    unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);
	struct hr_chunks_table *table = hr_chunks_own_table(chunks);

	do {
		struct hr_chunk __rcu **slot;
		struct hr_chunk *chunk = hr_chunks_probe(table, piece.chunk_idx, &slot);

		cond_resched();
		if (!chunk || chunk->owned_pages)
			continue;
		rcu_assign_pointer(*slot, &hr_chunks_erased);
		WRITE_ONCE(table->nr_chunks, table->nr_chunks - 1);
		call_rcu(&chunk->rcu, hr_chunks_free_chunk_rcu);
	} while (hr_piece_next(&piece));
}

void hr_chunks_prune(struct hr_chunks *chunks, unsigned long base,
		     unsigned long nr_pages)
{
	hr_chunks_erase(chunks, base, nr_pages);
	hr_chunks_shrink(chunks);
}

void hr_chunks_cancel(struct hr_chunks *chunks, unsigned long base,
		      unsigned long nr_pages)
{
	struct hr_chunks_table *table = hr_chunks_own_table(chunks);

	hr_chunks_erase(chunks, base, nr_pages);
	if (table == chunks->before)
		return;
	/* What is in the one before are the chunks that were there before. */
	rcu_assign_pointer(chunks->table, chunks->before);
	call_rcu(&table->rcu, hr_chunks_free_table_rcu);
}

void hr_chunks_disown(struct hr_chunks *chunks, unsigned long base,
		      unsigned long nr_pages)
{
	struct hr_piece piece = hr_piece_first(base, nr_pages);

	lockdep_assert_held(chunks->writers);
	do {
		hr_chunks_find(chunks, piece.chunk_idx)->owned_pages -=
			hr_piece_pages(&piece);
	} while (hr_piece_next(&piece));
}

unsigned long hr_chunks_nr(const struct hr_chunks *chunks)
{
	const struct hr_chunks_table *table;
	unsigned long nr_chunks = 0;

	rcu_read_lock();
	table = rcu_dereference(chunks->table);
	if (table)
		nr_chunks = READ_ONCE(table->nr_chunks);
	rcu_read_unlock();
	return nr_chunks;
}

size_t hr_chunks_bytes(const struct hr_chunks *chunks)
{
	const struct hr_chunks_table *table;
	size_t bytes = hr_chunks_nr(chunks) *
		       (kmem_cache_size(hr_chunks_cache) +
			(chunks->track_owners ? HR_CHUNK_OWNERS_BYTES : 0));

	rcu_read_lock();
	table = rcu_dereference(chunks->table);
	if (table)
		bytes += sizeof(*table) + hr_chunks_nr_slots(table) * sizeof(*table->slot);
	rcu_read_unlock();
	return bytes;
}
