// SPDX-License-Identifier: GPL-2.0
/*
 * All suites of heapranges_kunit.ko. tools/check compares what ran with
 * kunit/suites.
 */
#include <linux/module.h>

#include "suites.h"

/*
 * First the one that has both CPUs at work for a minute: where it was the last, with tens of
 * thousands of mappings of the host's, user-mode Linux has died at its beginning.
 */
kunit_test_suites(&heapranges_stress_suite,
		  &heapranges_bits_suite,
		  &heapranges_records_suite,
		  &heapranges_ranges_suite,
		  &heapranges_ranges_refused_suite,
		  &heapranges_ranges_leaves_suite,
		  &heapranges_ranges_ask_suite,
		  &heapranges_ranges_random_suite,
		  &heapranges_ranges_race_suite,
		  &heapranges_chunks_suite,
		  &heapranges_corruption_suite,
		  &heapranges_verify_suite,
		  &heapranges_verify_ranges_suite,
		  &heapranges_verify_caches_suite,
		  &heapranges_heap_suite,
		  &heapranges_regions_suite,
		  &heapranges_regions_ask_suite,
		  &heapranges_alloc_suite,
		  &heapranges_gfp_suite,
		  &heapranges_dropin_suite,
		  &heapranges_aligned_suite,
		  &heapranges_at_suite,
		  &heapranges_bulk_suite,
		  &heapranges_resize_suite,
		  &heapranges_full_suite,
		  &heapranges_far_suite,
		  &heapranges_model_suite,
		  &heapranges_zero_suite,
		  &heapranges_zero_saved_suite,
		  &heapranges_zero_random_suite,
		  &heapranges_poison_suite,
		  &heapranges_owners_suite,
		  &heapranges_reject_suite,
		  &heapranges_reports_suite,
		  &heapranges_arenas_suite,
		  &heapranges_release_suite,
		  &heapranges_reserve_suite,
		  &heapranges_tend_suite,
		  &heapranges_reclaim_suite,
		  &heapranges_debugfs_suite,
		  &heapranges_stats_suite,
		  &heapranges_cursor_suite,
		  &heapranges_map_suite,
		  &heapranges_pinned_suite,
		  &heapranges_describe_suite,
		  &heapranges_seeing_suite,
		  &heapranges_seeing_race_suite,
		  &heapranges_trace_suite,
		  &heapranges_heap_race_suite,
		  &heapranges_oom_suite,
		  &heapranges_cache_suite,
		  &heapranges_cache_refill_suite,
		  &heapranges_cache_race_suite);

MODULE_DESCRIPTION("KUnit tests of heapranges");
MODULE_LICENSE("GPL");
