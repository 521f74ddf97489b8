// SPDX-License-Identifier: GPL-2.0
/* The nodes of the tree in radix.h: where they come from. Context: may sleep. */
#include "mem.h"
#include "radix_node.h"

static struct kmem_cache *hr_radix_node_cache;

int hr_radix_node_setup(void)
{
	hr_radix_node_cache = hr_mem_cache_create("heapranges_node",
						  sizeof(struct hr_radix_node),
						  __alignof__(struct hr_radix_node));
	return hr_radix_node_cache ? 0 : -ENOMEM;
}

void hr_radix_node_teardown(void)
{
	hr_mem_cache_destroy(hr_radix_node_cache);
}

bool hr_radix_node_alloc(struct hr_radix_node **chain, gfp_t gfp)
{
	struct hr_radix_node *node = hr_mem_cache_zalloc(hr_radix_node_cache, gfp);

	if (!node)
		return false;
	node->parent = *chain;
	*chain = node;
	return true;
}

void hr_radix_node_free(struct hr_radix_node *node)
{
	hr_mem_cache_free(hr_radix_node_cache, node);
}

void hr_radix_node_free_chain(struct hr_radix_node *chain)
{
	struct hr_radix_node *next;

	for (; chain; chain = next) {
		next = chain->parent;
		hr_radix_node_free(chain);
	}
}

size_t hr_radix_node_bytes(void)
{
	return kmem_cache_size(hr_radix_node_cache);
}
