// SPDX-License-Identifier: GPL-2.0
/*
 * The tree of summaries over the chunks of a heap.
 *
 *	level 2				root
 *				sum | sum | sum | ...			8 x 8 chunks
 *	level 1		    node          node
 *		      sum | sum | ...   sum | ...			8 chunks
 *	level 0	   chunk   chunk	   chunk			512 pages
 *
 * A node covers 8 times what its children do, aligned; where nothing is owned
 * there is no child, and its summary says that nothing is free. The root is as
 * high as it takes to reach all chunks: 15 levels for a whole 64-bit address
 * space, 7 for ranges strewn over 2 TiB. That a page allocator can be a tree of
 * such summaries, searched from a hint, is the idea of Go's runtime.
 *
 * The stale path. A heap mostly takes and gives pages of one chunk for a while.
 * So a change of a chunk's bits touches no summary: the chunk is remembered as
 * stale_chunk, its summary held for wrong. When that is made right and has indeed
 * changed, so may those above it have: its node becomes stale_node, the lowest
 * node whose own summary, in its parent, may be wrong, as may all above. All
 * others are right. They are made right when another chunk is to change, up to
 * where the two paths meet, and when a search comes to them from before. One that
 * begins on that path looks at what lies behind it, which is right.
 *
 * The search begins at the hint, below which nothing is free, and climbs: it
 * looks at what lies behind in the same chunk, behind that in the same node, and
 * so on up, until it meets a run that is long enough, over the border of two
 * children or within one. Into that it descends without ever turning back, since
 * summaries are exact.
 *
 * Which nodes there are is in radix_link.c. Locking: the heap's lock, for everything
 * but hr_radix_bytes().
 */
#include "radix.h"

static void hr_radix_update_mask(struct hr_radix_node *node, unsigned int slot)
{
	if (node->sum[slot].max)
		node->free_mask |= BIT(slot);
	else
		node->free_mask &= ~BIT(slot);
}

/* There is a stale chunk. */
static noinline void hr_radix_settle_stale_chunk(struct hr_radix *radix)
{
	struct hr_chunk *chunk = radix->stale_chunk;
	struct hr_radix_node *node = chunk->parent;
	unsigned int slot = hr_radix_slot_of(chunk);
	struct hr_sum sum = node->sum[slot], *old = &node->sum[slot];

	radix->stale_chunk = NULL;
	if (radix->stale_end)
		hr_bits_mend_sum(&chunk->bits, radix->stale_begin, radix->stale_end, &sum);
	else
		hr_bits_sum(&chunk->bits, &sum);
	if (sum.start == old->start && sum.max == old->max && sum.end == old->end)
		return;
	*old = sum;
	hr_radix_update_mask(node, slot);
	radix->stale_node = node;
}

static void hr_radix_settle_chunk(struct hr_radix *radix)
{
	if (radix->stale_chunk)
		hr_radix_settle_stale_chunk(radix);
}

/* The summary of @node, of whose children one has free pages, or none. */
static void hr_radix_lone_sum(const struct hr_radix_node *node, struct hr_sum *sum)
{
	unsigned int slot = node->free_mask ? __ffs(node->free_mask) : 0;
	const struct hr_sum *lone = &node->sum[slot];

	sum->start = slot ? 0 : lone->start;
	sum->max = lone->max;
	sum->end = slot == HR_RADIX_FANOUT - 1 ? lone->end : 0;
}

/* stale_node moves up to @level, which it is not above. The stale chunk is settled. */
static noinline void hr_radix_settle_up(struct hr_radix *radix, unsigned int level)
{
	struct hr_radix_node *node = radix->stale_node, *parent;
	unsigned int slot;

	for (; node->level < level; node = parent) {
		parent = node->parent;
		slot = hr_radix_node_slot(node);
		/* In a heap that is nearly full, that is most of them. */
		if (!(node->free_mask & (node->free_mask - 1)))
			hr_radix_lone_sum(node, &parent->sum[slot]);
		else
			hr_sum_merge(&parent->sum[slot], node->sum, HR_RADIX_FANOUT,
				     hr_radix_node_child_pages(node));
		hr_radix_update_mask(parent, slot);
	}
	radix->stale_node = node;
}

void hr_radix_settle(struct hr_radix *radix)
{
	hr_radix_settle_chunk(radix);
	if (radix->root)
		hr_radix_settle_up(radix, radix->root->level);
}

/*
 * A summary of what lies from chunk @chunk_idx on may be wrong. If not, all that are cover
 * a chunk before it, and a search from there never looks at them.
 */
static bool hr_radix_is_stale_from(const struct hr_radix *radix, unsigned long chunk_idx)
{
	const struct hr_radix_node *stale = radix->stale_node;

	if (radix->stale_chunk)
		return radix->stale_chunk->chunk_idx >= chunk_idx;
	return stale->idx << hr_radix_node_shift(stale) >= chunk_idx;
}

/* All summaries in @node and below it are right afterwards. */
static void hr_radix_settle_below(struct hr_radix *radix,
				  const struct hr_radix_node *node)
{
	const struct hr_radix_node *stale;

	hr_radix_settle_chunk(radix);
	stale = radix->stale_node;
	if (stale->level < node->level &&
	    stale->idx >> (hr_radix_node_shift(node) - hr_radix_node_shift(stale)) == node->idx)
		hr_radix_settle_up(radix, node->level);
}

void hr_radix_move(struct hr_radix *radix, unsigned long chunk_idx)
{
	const struct hr_radix_node *stale;
	unsigned long differ;

	hr_radix_settle_chunk(radix);
	stale = radix->stale_node;
	differ = chunk_idx >> hr_radix_node_shift(stale) ^ stale->idx;
	if (differ)
		hr_radix_settle_up(radix, stale->level +
				   DIV_ROUND_UP(fls_long(differ), HR_RADIX_SHIFT));
}

/* The hint becomes the first free page under child @slot of @node: there is one. */
static void hr_radix_hint_first(struct hr_radix *radix, struct hr_radix_node *node,
				unsigned int slot)
{
	while (node->level > 1) {
		node = node->child[slot];
		slot = __ffs(node->free_mask);
	}
	radix->hint_chunk = node->child[slot];
	radix->hint_page = find_first_zero_bit(radix->hint_chunk->bits.busy,
					       HR_CHUNK_PAGES);
}

void hr_radix_taken(struct hr_radix *radix, unsigned long base,
		    struct hr_chunk *chunk, unsigned long limit)
{
	if (!radix->hint_chunk || base != hr_radix_hint_addr(radix))
		return;
	radix->hint_chunk = chunk;
	/* From 1 on: HR_CHUNK_PAGES, not 0, at the chunk's end. */
	radix->hint_page = hr_addr_to_page_idx(limit - PAGE_SIZE) + 1;
}

/* A search on its way: the free run that ends where it goes on. */
struct hr_radix_search {
	unsigned long	nr_pages;
	unsigned long	run_pages;
};

/*
 * Looks at the children of @node from @slot on.
 *
 * Return: the first one where the search ends: the run is complete with pages at
 * its start (*@base is where it begins), or there is a run in it (*@base is 0).
 * HR_RADIX_FANOUT: none.
 */
static unsigned int hr_radix_scan(const struct hr_radix_node *node, unsigned int slot,
				  struct hr_radix_search *search, unsigned long *base)
{
	unsigned long mask = node->free_mask & (~0UL << slot);
	unsigned long child_pages = hr_radix_node_child_pages(node);
	unsigned long run = search->run_pages;
	const struct hr_sum *sum;
	unsigned int at;

	/* Those that are full are stepped over: nothing reaches across them. */
	for (; mask; mask &= mask - 1, slot = at + 1) {
		at = __ffs(mask);
		if (at != slot)
			run = 0;
		sum = &node->sum[at];
		if (run + sum->start >= search->nr_pages) {
			*base = hr_radix_node_child_addr(node, at) - hr_pages_to_bytes(run);
			return at;
		}
		if (sum->max >= search->nr_pages) {
			*base = 0;
			return at;
		}
		run = sum->end + (sum->start == child_pages ? run : 0);
	}
	search->run_pages = slot == HR_RADIX_FANOUT ? run : 0;
	return HR_RADIX_FANOUT;
}

static unsigned long hr_radix_find_in_chunk(const struct hr_chunk *chunk,
					    unsigned int page_idx,
					    struct hr_radix_search *search)
{
	long nr_before;

	if (hr_bits_find(&chunk->bits, page_idx, search->run_pages, search->nr_pages,
			 &nr_before))
		return hr_chunk_idx_to_addr(chunk->chunk_idx) +
		       hr_pages_to_bytes(page_idx - nr_before);
	search->run_pages = nr_before;
	return 0;
}

/* There is a run under child @slot of @node. */
static unsigned long hr_radix_descend(const struct hr_radix_node *node,
				      unsigned int slot, unsigned long nr_pages)
{
	struct hr_radix_search search = { .nr_pages = nr_pages };
	unsigned long base;

	while (node->level > 1) {
		node = node->child[slot];
		search.run_pages = 0;
		slot = hr_radix_scan(node, 0, &search, &base);
		if (base)
			return base;
	}
	search.run_pages = 0;
	return hr_radix_find_in_chunk(node->child[slot], 0, &search);
}

/*
 * Goes on behind child @slot of @node, whose pages are done with. @exhausted:
 * nothing was free so far, so the first free page that shows is the new hint.
 */
static unsigned long hr_radix_climb(struct hr_radix *radix, struct hr_radix_node *node,
				    unsigned int slot, struct hr_radix_search *search,
				    bool exhausted)
{
	bool is_stale = hr_radix_is_stale_from(radix, hr_radix_node_child_idx(node, slot));
	unsigned long base, mask;

	for (;;) {
		if (unlikely(is_stale))
			hr_radix_settle_below(radix, node);
		mask = node->free_mask & (~0UL << slot);
		if (!mask) {
			if (slot < HR_RADIX_FANOUT)
				search->run_pages = 0;
			goto up;
		}
		if (exhausted) {
			hr_radix_hint_first(radix, node, __ffs(mask));
			exhausted = false;
			/* Which is all that one page needs. */
			if (search->nr_pages == 1)
				return hr_radix_hint_addr(radix);
		}
		slot = hr_radix_scan(node, slot, search, &base);
		if (slot < HR_RADIX_FANOUT)
			return base ?: hr_radix_descend(node, slot, search->nr_pages);
up:
		if (!node->parent)
			return 0;
		slot = hr_radix_node_slot(node) + 1;
		node = node->parent;
	}
}

/*
 * From the hint to the end of its chunk. Where the chunk's summary is right, it
 * says whether looking is worth while: nothing is free before the hint, so the run
 * that reaches the end is the same.
 */
static unsigned long hr_radix_find_at_hint(struct hr_radix *radix,
					   struct hr_radix_search *search)
{
	struct hr_chunk *chunk = radix->hint_chunk;
	const struct hr_sum *sum = hr_radix_chunk_sum(chunk);

	radix->hint_page = find_next_zero_bit(chunk->bits.busy, HR_CHUNK_PAGES,
					      radix->hint_page);
	if (chunk == radix->stale_chunk || sum->max >= search->nr_pages)
		return hr_radix_find_in_chunk(chunk, radix->hint_page, search);
	search->run_pages = sum->end;
	return 0;
}

unsigned long hr_radix_find(struct hr_radix *radix, unsigned long nr_pages)
{
	struct hr_radix_search search = { .nr_pages = nr_pages };
	struct hr_chunk *chunk = radix->hint_chunk;
	unsigned long base;

	if (!radix->root)
		return 0;
	if (!chunk)
		return hr_radix_climb(radix, radix->root, 0, &search, true);
	base = hr_radix_find_at_hint(radix, &search);
	if (base)
		return base;
	return hr_radix_climb(radix, chunk->parent, hr_radix_slot_of(chunk) + 1, &search,
			      radix->hint_page == HR_CHUNK_PAGES);
}

unsigned long hr_radix_find_from(struct hr_radix *radix, unsigned long addr,
				 unsigned long nr_pages)
{
	struct hr_radix_search search = { .nr_pages = nr_pages };
	unsigned long chunk_idx = hr_addr_to_chunk_idx(addr), base;
	struct hr_radix_node *node = radix->root;
	unsigned int slot = 0;

	if (!node || chunk_idx >> hr_radix_node_shift(node) > node->idx)
		return 0;
	if (!hr_radix_node_covers(node, chunk_idx))
		return hr_radix_climb(radix, node, 0, &search, false);

	/* Down to where @addr is, or would be. */
	for (;;) {
		slot = hr_radix_node_slot_of_chunk(node, chunk_idx);
		if (!node->child[slot] || node->level == 1)
			break;
		node = node->child[slot];
	}
	if (node->child[slot]) {
		base = hr_radix_find_in_chunk(node->child[slot],
					      hr_addr_to_page_idx(addr), &search);
		if (base)
			return base;
		slot++;
	}
	return hr_radix_climb(radix, node, slot, &search, false);
}

unsigned long hr_radix_max_pages(struct hr_radix *radix)
{
	struct hr_sum sum = { 0 };

	if (radix->root) {
		hr_radix_settle(radix);
		hr_sum_merge(&sum, radix->root->sum, HR_RADIX_FANOUT,
			     hr_radix_node_child_pages(radix->root));
	}
	return sum.max;
}

size_t hr_radix_bytes(const struct hr_radix *radix)
{
	return READ_ONCE(radix->nr_nodes) * hr_radix_node_bytes();
}
