/* SPDX-License-Identifier: GPL-2.0 */
/* Every suite of heapranges_kunit.ko; main_kunit.c hands them to KUnit. */
#ifndef HR_TEST_SUITES_H
#define HR_TEST_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite heapranges_bits_suite;
extern struct kunit_suite heapranges_records_suite;
extern struct kunit_suite heapranges_ranges_suite;
extern struct kunit_suite heapranges_ranges_refused_suite;
extern struct kunit_suite heapranges_ranges_leaves_suite;
extern struct kunit_suite heapranges_ranges_ask_suite;
extern struct kunit_suite heapranges_ranges_random_suite;
extern struct kunit_suite heapranges_ranges_race_suite;
extern struct kunit_suite heapranges_chunks_suite;
extern struct kunit_suite heapranges_corruption_suite;
extern struct kunit_suite heapranges_verify_suite;
extern struct kunit_suite heapranges_verify_ranges_suite;
extern struct kunit_suite heapranges_verify_caches_suite;
extern struct kunit_suite heapranges_heap_suite;
extern struct kunit_suite heapranges_regions_suite;
extern struct kunit_suite heapranges_regions_ask_suite;
extern struct kunit_suite heapranges_alloc_suite;
extern struct kunit_suite heapranges_gfp_suite;
extern struct kunit_suite heapranges_dropin_suite;
extern struct kunit_suite heapranges_aligned_suite;
extern struct kunit_suite heapranges_at_suite;
extern struct kunit_suite heapranges_bulk_suite;
extern struct kunit_suite heapranges_resize_suite;
extern struct kunit_suite heapranges_full_suite;
extern struct kunit_suite heapranges_far_suite;
extern struct kunit_suite heapranges_model_suite;
extern struct kunit_suite heapranges_zero_suite;
extern struct kunit_suite heapranges_zero_saved_suite;
extern struct kunit_suite heapranges_zero_random_suite;
extern struct kunit_suite heapranges_poison_suite;
extern struct kunit_suite heapranges_owners_suite;
extern struct kunit_suite heapranges_reject_suite;
extern struct kunit_suite heapranges_reports_suite;
extern struct kunit_suite heapranges_arenas_suite;
extern struct kunit_suite heapranges_release_suite;
extern struct kunit_suite heapranges_reserve_suite;
extern struct kunit_suite heapranges_tend_suite;
extern struct kunit_suite heapranges_reclaim_suite;
extern struct kunit_suite heapranges_debugfs_suite;
extern struct kunit_suite heapranges_stats_suite;
extern struct kunit_suite heapranges_cursor_suite;
extern struct kunit_suite heapranges_map_suite;
extern struct kunit_suite heapranges_pinned_suite;
extern struct kunit_suite heapranges_describe_suite;
extern struct kunit_suite heapranges_seeing_suite;
extern struct kunit_suite heapranges_seeing_race_suite;
extern struct kunit_suite heapranges_trace_suite;
extern struct kunit_suite heapranges_heap_race_suite;
extern struct kunit_suite heapranges_oom_suite;
extern struct kunit_suite heapranges_cache_suite;
extern struct kunit_suite heapranges_cache_refill_suite;
extern struct kunit_suite heapranges_cache_race_suite;
extern struct kunit_suite heapranges_stress_suite;

#endif /* HR_TEST_SUITES_H */
