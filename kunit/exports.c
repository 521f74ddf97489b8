// SPDX-License-Identifier: GPL-2.0
/*
 * The internals that the tests call, exported. Part of heapranges.ko in a test
 * build (HEAPRANGES_KUNIT=1) and in no other.
 */
#include <linux/export.h>

#include "../module/arenas.h"
#include "../module/bits.h"
#include "../module/cache.h"
#include "../module/change.h"
#include "../module/commit.h"
#include "../module/chunks.h"
#include "../module/cursor.h"
#include "../module/debugfs.h"
#include "../module/heap.h"
#include "../module/heaps.h"
#include "../module/idle.h"
#include "../module/mem.h"
#include "../module/oom.h"
#include "../module/own.h"
#include "../module/owners.h"
#include "../module/ranges.h"
#include "../module/reclaim.h"
#include "../module/records.h"
#include "../module/reports.h"
#include "../module/store.h"
#include "../module/offline.h"
#include "../module/span.h"
#include "../module/stack.h"
#include "../module/tend.h"
#include "../module/trace.h"

EXPORT_SYMBOL_GPL(hr_bits_are_free);
EXPORT_SYMBOL_GPL(hr_bits_find);
EXPORT_SYMBOL_GPL(hr_bits_tally);
EXPORT_SYMBOL_GPL(hr_bits_sum);
EXPORT_SYMBOL_GPL(hr_bits_mend_sum);

EXPORT_SYMBOL_GPL(hr_records_init);
EXPORT_SYMBOL_GPL(hr_records_set);
EXPORT_SYMBOL_GPL(hr_records_end);
EXPORT_SYMBOL_GPL(hr_records_pages);
EXPORT_SYMBOL_GPL(hr_records_run_pages);
EXPORT_SYMBOL_GPL(hr_records_cover);
EXPORT_SYMBOL_GPL(hr_records_is_inside);

EXPORT_SYMBOL_GPL(hr_ranges_init);
EXPORT_SYMBOL_GPL(hr_ranges_exit);
EXPORT_SYMBOL_GPL(hr_ranges_find);
EXPORT_SYMBOL_GPL(hr_ranges_next);
EXPORT_SYMBOL_GPL(hr_ranges_contains);
EXPORT_SYMBOL_GPL(hr_ranges_contains_memo_slow);
EXPORT_SYMBOL_GPL(hr_ranges_overlaps);
EXPORT_SYMBOL_GPL(hr_ranges_walk);
EXPORT_SYMBOL_GPL(hr_ranges_nr_ranges);
EXPORT_SYMBOL_GPL(hr_ranges_nr_pages);
EXPORT_SYMBOL_GPL(hr_ranges_bytes);

EXPORT_SYMBOL_GPL(hr_change_prepare_add);
EXPORT_SYMBOL_GPL(hr_change_prepare_remove);
EXPORT_SYMBOL_GPL(hr_commit_change);

EXPORT_SYMBOL_GPL(hr_store_gather);
EXPORT_SYMBOL_GPL(hr_store_cancel);
EXPORT_SYMBOL_GPL(hr_store_commit);
EXPORT_SYMBOL_GPL(hr_store_exit);
EXPORT_SYMBOL_GPL(hr_store_bytes);

EXPORT_SYMBOL_GPL(hr_chunks_init);
EXPORT_SYMBOL_GPL(hr_chunks_exit);
EXPORT_SYMBOL_GPL(hr_chunks_find);
EXPORT_SYMBOL_GPL(hr_chunks_prepare);
EXPORT_SYMBOL_GPL(hr_chunks_own);
EXPORT_SYMBOL_GPL(hr_chunks_disown);
EXPORT_SYMBOL_GPL(hr_chunks_prune);
EXPORT_SYMBOL_GPL(hr_chunks_nr);
EXPORT_SYMBOL_GPL(hr_chunks_bytes);

EXPORT_SYMBOL_GPL(hr_heap_take);
EXPORT_SYMBOL_GPL(hr_heap_hand_out);
EXPORT_SYMBOL_GPL(hr_span_link);
EXPORT_SYMBOL_GPL(hr_span_unlink);
EXPORT_SYMBOL_GPL(hr_span_claim);
EXPORT_SYMBOL_GPL(hr_span_disclose);
EXPORT_SYMBOL_GPL(hr_heap_set_owner);

EXPORT_SYMBOL_GPL(hr_own_begin_change);
EXPORT_SYMBOL_GPL(hr_own_end_change);
EXPORT_SYMBOL_GPL(hr_own_prepare);
EXPORT_SYMBOL_GPL(hr_own_commit);

EXPORT_SYMBOL_GPL(hr_cache_take);
EXPORT_SYMBOL_GPL(hr_cache_drain);
EXPORT_SYMBOL_GPL(hr_cache_drain_this_cpu);
EXPORT_SYMBOL_GPL(hr_cache_nr_entries);
EXPORT_SYMBOL_GPL(hr_heap_give_parked);

EXPORT_SYMBOL_GPL(hr_reports_init);

EXPORT_SYMBOL_GPL(hr_oom_notify);

EXPORT_SYMBOL_GPL(hr_heaps_rwsem);
EXPORT_SYMBOL_GPL(hr_heaps_create);
EXPORT_SYMBOL_GPL(hr_heaps_is_idle);
EXPORT_SYMBOL_GPL(hr_heaps_abandon);

EXPORT_SYMBOL_GPL(hr_arenas_grow_ahead);
EXPORT_SYMBOL_GPL(hr_tend_mind_size);
EXPORT_SYMBOL_GPL(hr_idle_try_count);
EXPORT_SYMBOL_GPL(hr_idle_release);

EXPORT_SYMBOL_GPL(hr_reclaim_count);
EXPORT_SYMBOL_GPL(hr_reclaim_scan);

EXPORT_SYMBOL_GPL(hr_cursor_find_range);
EXPORT_SYMBOL_GPL(hr_debugfs_add_heap);
EXPORT_SYMBOL_GPL(hr_debugfs_remove_heap);
EXPORT_SYMBOL_GPL(hr_owners_report);
EXPORT_SYMBOL_GPL(hr_offline_cpu);
EXPORT_SYMBOL_GPL(hr_stack_fetch);
EXPORT_SYMBOL_GPL(hr_stack_setup);

EXPORT_TRACEPOINT_SYMBOL_GPL(hr_alloc);
EXPORT_TRACEPOINT_SYMBOL_GPL(hr_free);
EXPORT_TRACEPOINT_SYMBOL_GPL(hr_reject);
EXPORT_TRACEPOINT_SYMBOL_GPL(hr_refill);
EXPORT_TRACEPOINT_SYMBOL_GPL(hr_flush);
EXPORT_TRACEPOINT_SYMBOL_GPL(hr_grow);
EXPORT_TRACEPOINT_SYMBOL_GPL(hr_release);

EXPORT_SYMBOL_GPL(hr_mem_kind_names);
EXPORT_SYMBOL_GPL(hr_mem_set_reclaim);
EXPORT_SYMBOL_GPL(hr_mem_watch);
EXPORT_SYMBOL_GPL(hr_mem_unwatch);
EXPORT_SYMBOL_GPL(hr_mem_live);
EXPORT_SYMBOL_GPL(hr_mem_failed_sites);
EXPORT_SYMBOL_GPL(hr_mem_left);
EXPORT_SYMBOL_GPL(hr_mem_put);
