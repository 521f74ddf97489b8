// SPDX-License-Identifier: GPL-2.0
/* See ranges_test.h. */

#include <linux/overflow.h>
#include <linux/slab.h>

#include "ranges_test.h"

/* A word of a decoy: of a leaf, that begins at its base and never ends. */
#define HR_TEST_DECOY(i)	((i) & 1 ? U32_MAX : 0)
#define HR_TEST_GUARDS		8	/* words of decoys behind the end of a block */

/* A block, whose size is known even when it is in a chain. */
struct hr_test_storage {
	size_t		bytes;
	struct hr_block	block;
};

atomic_t hr_test_blocks = ATOMIC_INIT(0);

static struct hr_test_storage *hr_test_storage(struct hr_block *block)
{
	return container_of(block, struct hr_test_storage, block);
}

static u32 *hr_test_words(struct hr_block *block)
{
	return (u32 *)(block + 1);
}

/* Without the guards. */
static size_t hr_test_nr_words(size_t bytes)
{
	return bytes <= sizeof(struct hr_block) ? 0 :
	       DIV_ROUND_UP(bytes - sizeof(struct hr_block), sizeof(u32));
}

static void hr_test_block_fill(struct hr_block *block)
{
	size_t i, nr = hr_test_nr_words(hr_test_storage(block)->bytes) + HR_TEST_GUARDS;

	for (i = 0; i < nr; i++)
		hr_test_words(block)[i] = HR_TEST_DECOY(i);
}

struct hr_block *hr_test_block_alloc(size_t bytes)
{
	size_t nr_words = hr_test_nr_words(bytes) + HR_TEST_GUARDS;
	struct hr_test_storage *storage;

	storage = kvmalloc(sizeof(*storage) + nr_words * sizeof(u32), GFP_KERNEL);
	if (!storage)
		return NULL;
	storage->bytes = bytes;
	storage->block.bytes = bytes;
	hr_test_block_fill(&storage->block);
	atomic_inc(&hr_test_blocks);
	return &storage->block;
}

/* Decoys again: who still reads it finds what nobody owns. */
void hr_test_block_free(struct hr_block *block)
{
	if (!block)
		return;
	hr_test_block_fill(block);
	kvfree(hr_test_storage(block));
	atomic_dec(&hr_test_blocks);
}

void hr_test_chain_free(struct hr_block *chain)
{
	struct hr_block *block;

	while ((block = chain)) {
		chain = block->next;
		hr_test_block_free(block);
	}
}

static bool hr_test_block_is_intact(struct hr_block *block)
{
	size_t i, nr = hr_test_nr_words(hr_test_storage(block)->bytes);

	for (i = nr; i < nr + HR_TEST_GUARDS; i++)
		if (hr_test_words(block)[i] != HR_TEST_DECOY(i))
			return false;
	return true;
}

/* What is there. */

const struct hr_ranges_index *hr_test_ranges_index(const struct hr_test_ranges *t)
{
	return rcu_dereference_protected(t->ranges.index, true);
}

struct hr_leaf *hr_test_ranges_leaf(const struct hr_test_ranges *t, unsigned long i)
{
	return rcu_dereference_protected(hr_test_ranges_index(t)->slot[i].leaf, true);
}

static struct heapranges_range hr_test_leaf_range(const struct hr_leaf *leaf, unsigned int i)
{
	const u32 *pages = leaf->word + DIV_ROUND_UP(leaf->nr_ranges, HR_LEAF_GROUP) + 2 * i;

	if (leaf->is_wide)
		return ((const struct heapranges_range *)leaf->word)[i];
	return (struct heapranges_range){ leaf->base + pages[0] * PAGE_SIZE,
					  leaf->base + pages[1] * PAGE_SIZE };
}

unsigned long hr_test_ranges_peek(const struct hr_test_ranges *t,
				  struct heapranges_range *range, unsigned long most)
{
	unsigned long i, nr = 0;
	struct hr_leaf *leaf;
	unsigned int k;

	for (i = 0; i < hr_test_ranges_index(t)->nr_leaves; i++) {
		leaf = hr_test_ranges_leaf(t, i);
		for (k = 0; leaf && k < leaf->nr_ranges; k++, nr++)
			if (nr < most)
				range[nr] = hr_test_leaf_range(leaf, k);
	}
	return nr;
}

struct hr_test_flat *hr_test_ranges_flatten(struct hr_test_ranges *t)
{
	unsigned long i, nr = hr_test_ranges_peek(t, NULL, 0);
	struct hr_test_flat *flat;

	flat = kvmalloc(struct_size(flat, range, nr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(t->test, flat);
	flat->nr_ranges = hr_test_ranges_peek(t, flat->range, nr);
	flat->nr_pages = 0;
	for (i = 0; i < nr; i++)
		flat->nr_pages += (flat->range[i].limit - flat->range[i].base) / PAGE_SIZE;
	return flat;
}

/* Reports. */

static void hr_test_print(char *buf, size_t size,
			  const struct heapranges_range *range, unsigned long nr)
{
	unsigned long i, shown = min_t(unsigned long, nr, HR_TEST_SPANS);
	size_t at = scnprintf(buf, size, "%lu:", nr);

	for (i = 0; i < shown; i++)
		at += scnprintf(buf + at, size - at, " %#lx-%#lx",
				range[i].base, range[i].limit);
	if (shown < nr)
		scnprintf(buf + at, size - at, " ...");
}

static void hr_test_report(struct hr_test_ranges *t, const char *why)
{
	const char *op = !t->op ? "none" :
			 t->op == hr_change_prepare_add ? "add" : "remove";
	struct heapranges_range range[HR_TEST_SPANS];
	static char input[400], got[400];	/* cases run one at a time */
	unsigned long nr = hr_test_ranges_peek(t, range, HR_TEST_SPANS);

	hr_test_print(input, sizeof(input), t->input, t->nr_input);
	hr_test_print(got, sizeof(got), range, nr);
	KUNIT_FAIL(t->test, "%s\n  input %s\n  step %s %#lx +%lu pages\n  got %s\n",
		   why, input, op, t->base, t->nr_pages, got);
}

bool hr_test_ranges_fail(struct hr_test_ranges *t, const char *fmt, ...)
{
	static char why[600];
	va_list args;

	va_start(args, fmt);
	vscnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	hr_test_report(t, why);
	return false;
}

bool hr_test_ranges_holds(struct hr_test_ranges *t,
			  const struct hr_test_span *spans)
{
	struct heapranges_range want[HR_TEST_SPANS], got[HR_TEST_SPANS];
	unsigned long nr = 0;
	static char text[400];

	while (nr < HR_TEST_SPANS && spans[nr].nr_pages) {
		want[nr].base = spans[nr].base;
		want[nr].limit = spans[nr].base +
				 spans[nr].nr_pages * PAGE_SIZE;
		nr++;
	}
	if (hr_test_ranges_peek(t, got, HR_TEST_SPANS) == nr &&
	    (!nr || !memcmp(got, want, nr * sizeof(want[0]))))
		return true;
	hr_test_print(text, sizeof(text), want, nr);
	return hr_test_ranges_fail(t, "want %s", text);
}

/* Steps. */

int hr_test_ranges_prepare(struct hr_test_ranges *t, hr_test_op *op, unsigned long base,
			   unsigned long nr_pages, struct hr_change *change)
{
	int err;

	t->op = op;
	t->base = base;
	t->nr_pages = nr_pages;
	t->nr_input = hr_test_ranges_peek(t, t->input, HR_TEST_SPANS);
	mutex_lock(&t->writers);
	err = op(change, &t->ranges, base, nr_pages);
	mutex_unlock(&t->writers);
	return err;
}

void hr_test_ranges_pay(struct hr_test_ranges *t, struct hr_change *change, long more)
{
	int i;

	for (i = 0; i < HR_CHANGE_BLOCKS; i++) {
		if (!change->bytes[i])
			continue;
		change->block[i] = hr_test_block_alloc(change->bytes[i] + more);
		KUNIT_ASSERT_NOT_NULL(t->test, change->block[i]);
	}
}

void hr_test_ranges_cancel(struct hr_change *change)
{
	int i;

	for (i = 0; i < HR_CHANGE_BLOCKS; i++) {
		hr_test_block_free(change->block[i]);
		change->block[i] = NULL;
	}
}

/* Leaves that a change replaces, and copies of what readers look at. */
struct hr_test_old {
	struct hr_leaf	*leaf[2], *copy[2];
	struct hr_block	*index;		/* NULL: is not replaced, or not a block */
	struct hr_block	*spare;		/* NULL: is not replaced */
	struct hr_leaf	*kept;		/* overwritten */
	size_t		bytes[2];
};

static void hr_test_old_take(struct hr_test_ranges *t, const struct hr_change *change,
			     struct hr_test_old *old)
{
	const struct hr_ranges_index *index = hr_test_ranges_index(t);
	unsigned int i;

	memset(old, 0, sizeof(*old));
	if (!change->keeps_index && index != &t->ranges.single)
		old->index = (struct hr_block *)&index->block;
	if (change->bytes[HR_CHANGE_SPARE] && t->ranges.spare)
		old->spare = &t->ranges.spare->block;
	if (change->keeps_leaf) {
		old->kept = hr_test_ranges_leaf(t, change->first);
		return;
	}
	for (i = 0; i < change->nr_old && i < 2; i++) {
		old->leaf[i] = hr_test_ranges_leaf(t, change->first + i);
		if (!old->leaf[i])
			continue;
		old->bytes[i] = old->leaf[i]->block.bytes;
		old->copy[i] = kmemdup(old->leaf[i], old->bytes[i], GFP_KERNEL);
	}
}

static bool hr_test_is_in_chain(const struct hr_block *chain, const struct hr_block *block)
{
	for (; chain; chain = chain->next)
		if (chain == block)
			return true;
	return false;
}

/* What was replaced came out, all of it and nothing else, as it was. */
static void hr_test_old_audit(struct hr_test_ranges *t, const struct hr_change *change,
			      const struct hr_test_old *old)
{
	const size_t header = offsetof(struct hr_leaf, base);
	const struct hr_block *block;
	size_t bytes = 0;
	int i, nr = 0;

	for (i = 0; i < 2; i++) {
		if (!old->copy[i])
			continue;
		nr--;
		bytes += old->bytes[i];
		if (memcmp((char *)old->leaf[i] + header, (char *)old->copy[i] + header,
			   old->bytes[i] - header))
			hr_test_ranges_fail(t, "a leaf that readers see has changed");
		if (!hr_test_is_in_chain(change->retired, &old->leaf[i]->block))
			hr_test_ranges_fail(t, "a leaf is lost or in use twice");
	}
	if (old->index) {
		nr--;
		bytes += hr_test_storage(old->index)->bytes;
		if (!hr_test_is_in_chain(change->retired, old->index))
			hr_test_ranges_fail(t, "the index is lost or in use twice");
	}
	if (old->spare) {
		nr--;
		bytes += hr_test_storage(old->spare)->bytes;
		if (!hr_test_is_in_chain(change->retired, old->spare))
			hr_test_ranges_fail(t, "the spare leaf is lost or in use twice");
	}
	if (old->kept && hr_test_ranges_leaf(t, change->first) != old->kept)
		hr_test_ranges_fail(t, "another leaf has the slot of the one that was overwritten");
	if (old->kept && !(hr_test_block_is_intact(&old->kept->block) &&
			   hr_test_block_is_intact(&t->ranges.spare->block)))
		hr_test_ranges_fail(t, "written behind the end of an overwritten leaf");
	for (block = change->retired; block; block = block->next)
		nr++;
	if (nr)
		hr_test_ranges_fail(t, "%d blocks too many came out", nr);
	if (change->retired_bytes != bytes)
		hr_test_ranges_fail(t, "%zu bytes came out, said to be %zu", bytes,
				    change->retired_bytes);
}

/* The storage that went in is the array's, and nothing was written behind its end. */
static void hr_test_new_audit(struct hr_test_ranges *t, const struct hr_change *before,
			      const struct hr_change *change, int err)
{
	int i;

	for (i = 0; i < HR_CHANGE_BLOCKS; i++) {
		struct hr_block *block = before->block[i];

		if (change->block[i] != (err ? block : NULL))
			hr_test_ranges_fail(t, "err=%d, but block %d is %s", err, i,
					    err ? "gone" : "still there");
		if (block && block->bytes != hr_test_storage(block)->bytes)
			hr_test_ranges_fail(t, "the size of the storage has changed");
		if (block && !hr_test_block_is_intact(block))
			hr_test_ranges_fail(t, "written behind the storage's end");
	}
}

int hr_test_ranges_commit(struct hr_test_ranges *t, struct hr_change *change)
{
	unsigned long generation = t->ranges.generation;
	struct hr_change before = *change;
	struct hr_test_old old;
	int err;

	hr_test_old_take(t, change, &old);
	mutex_lock(&t->writers);
	err = hr_commit_change(change, &t->ranges);
	mutex_unlock(&t->writers);

	hr_test_new_audit(t, &before, change, err);
	if (!err)
		hr_test_old_audit(t, change, &old);
	if (t->ranges.generation != generation + (err ? 0 : 2))
		hr_test_ranges_fail(t, "err=%d, generation %lu after %lu", err,
				    t->ranges.generation, generation);
	kfree(old.copy[0]);
	kfree(old.copy[1]);
	return err;
}

int hr_test_ranges_change(struct hr_test_ranges *t, hr_test_op *op,
			  unsigned long base, unsigned long nr_pages)
{
	int nr_blocks = atomic_read(&hr_test_blocks), err;
	unsigned long generation = t->ranges.generation;
	struct hr_change change;

	err = hr_test_ranges_prepare(t, op, base, nr_pages, &change);
	if (err) {
		if (t->ranges.generation != generation ||
		    atomic_read(&hr_test_blocks) != nr_blocks)
			hr_test_ranges_fail(t, "err=%d, but there was a change", err);
		return err;
	}
	hr_test_ranges_pay(t, &change, 0);
	err = hr_test_ranges_commit(t, &change);
	hr_test_ranges_cancel(&change);
	hr_test_chain_free(change.retired);
	return err;
}

void hr_test_ranges_must(struct hr_test_ranges *t, hr_test_op *op,
			 unsigned long base, unsigned long nr_pages)
{
	int err = hr_test_ranges_change(t, op, base, nr_pages);

	if (err)
		hr_test_ranges_fail(t, "err=%d, want 0", err);
	KUNIT_ASSERT_EQ(t->test, err, 0);
}

void hr_test_ranges_fill(struct hr_test_ranges *t,
			 const struct hr_test_span *spans)
{
	int i;

	for (i = 0; i < HR_TEST_SPANS && spans[i].nr_pages; i++)
		hr_test_ranges_must(t, hr_change_prepare_add, spans[i].base,
				    spans[i].nr_pages);
}

int hr_test_ranges_init(struct kunit *test)
{
	struct hr_test_ranges *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->test = test;
	mutex_init(&t->writers);
	hr_ranges_init(&t->ranges, &t->writers);
	atomic_set(&hr_test_blocks, 0);
	test->priv = t;
	return 0;
}

void hr_test_ranges_exit(struct kunit *test)
{
	struct hr_test_ranges *t = test->priv;

	if (!t)
		return;
	hr_test_chain_free(hr_ranges_exit(&t->ranges));
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&hr_test_blocks), 0, "blocks leaked");
	KUNIT_EXPECT_EQ(test, hr_test_ranges_peek(t, NULL, 0), 0UL);
	KUNIT_EXPECT_EQ(test, hr_ranges_bytes(&t->ranges), 0);
}
