"""Every hard situation between phones and an office, over the real client, the phone's real store and the real API, on SQLite and on PostgreSQL.

The numbers are those of the list of hard scenarios. Where a situation is held by a test that stands elsewhere because its machinery does, the
test is named here and not copied; ``test_map.py`` compares this table with the tests. What is in none of the rows is beyond the list: those
tests say so.

| scenario | held by |
|---|---|
| 1 answer lost, retry | test_pushes.py::test_01_a_lost_answer_is_one_row_and_the_same_answer |
| 2 same id, other bytes | test_pushes.py::test_02_one_number_with_other_bytes_is_refused_and_both_are_kept |
| 3 both inserted the same row | test_pushes.py::test_03_the_same_site_from_two_phones_is_no_conflict |
| 4 delete what is deleted | test_pushes.py::test_04_taking_back_what_was_taken_back_is_success |
| 5 update of a deleted row | test_amendments.py::test_05_a_correction_of_what_was_scrapped_is_a_conflict_and_kept |
| 6 one bad record in a batch | test_pushes.py::test_06_one_bad_record_leaves_the_rest_of_its_batch |
| 7 a conflict rolls back its batch | test_pushes.py::test_07_a_conflict_undoes_none_of_its_batch |
| 8 partial rejection, edits during the push | test_pushes.py::test_08_only_the_refused_and_the_new_are_left |
| 9 session expired | test_pushes.py::test_09_an_ended_session_keeps_the_queue |
| 10 oversized record | test_pushes.py::test_10_a_record_that_is_too_large_for_the_way_is_parked |
| 11 concurrent syncs | test_pushes.py::test_11_two_syncs_at_once_send_once |
| 12 n+2 before n+1 | test_pushes.py::test_12_a_later_record_first_is_stored_and_the_gap_said |
| 13 lower number commits later | ../server/test_cursor.py::test_a_counter_taken_last_is_never_overtaken |
| 14 overlapping transactions | ../server/test_cursor.py::test_a_poller_misses_nothing_while_others_push |
| 15 crash between rows and cursor | test_cursors.py::test_15_a_phone_that_dies_at_any_commit_repeats_and_skips_nothing |
| 16 late page for an old cursor | test_cursors.py::test_16_a_late_page_for_an_old_cursor_is_dropped |
| 17 store reset during a pull | test_cursors.py::test_17_a_store_emptied_during_a_pull_takes_nothing_of_it |
| 18 checkpoint can't be written | test_cursors.py::test_18_a_place_that_cant_be_kept_keeps_no_record_back |
| 19 server's clock back | test_cursors.py::test_19_the_offices_clock_goes_back_and_nothing_is_lost |
| 20 compact at any point | test_cursors.py::test_20_pulled_from_any_place_the_end_is_the_same |
| 21 interrupted bulk | test_cursors.py::test_21_an_interrupted_pull_goes_on_where_it_was |
| 22 row leaves the scope | test_cursors.py::test_22_a_county_that_leaves_the_scope_goes_and_what_was_written_stays |
| 23 scope widened | test_cursors.py::test_23_a_widened_scope_brings_the_old_rows |
| 24 nothing to compare with after a restore | test_cursors.py::test_24_a_phone_from_a_backup_is_not_wiped |
| 25 different fields | test_amendments.py::test_25_different_fields_both_survive |
| 26 same field | test_amendments.py::test_26_one_field_twice_is_a_conflict_with_both_values |
| 27 one code twice, offline | test_copies.py::test_27_one_code_on_two_instruments_offline_keeps_both |
| 28 any permutation | ../server/test_projections.py::test_any_batches_give_the_same_states |
| 29 clock ten years ahead | test_copies.py::test_29_a_clock_that_is_wrong_by_ten_years_neither_wins_nor_poisons |
| 30 phone rolled back, writes | test_copies.py::test_30_a_phone_put_back_writes_on_and_all_arrives |
| 31 unknown subject, app upgraded | test_copies.py::test_31_what_an_older_app_skipped_is_there_after_the_upgrade |
| 32 schema newer than the app's | test_copies.py::test_32_a_newer_apps_store_is_left_alone_and_the_queue_kept |
| 33 upload cut anywhere | test_files.py::test_33_an_upload_cut_anywhere_goes_on |
| 34 unreadable photo | test_files.py::test_34_an_unreadable_photo_keeps_no_record_back |
| 35 leaked "in progress" | test_files.py::test_35_nothing_stays_in_progress |
| 36 record without its photo | test_files.py::test_36_and_37_a_record_without_its_photo_is_whole_and_awaited |
| 37 missing attachment | test_files.py::test_36_and_37_a_record_without_its_photo_is_whole_and_awaited |
| 38 repeated kills in the middle | test_files.py::test_38_killed_at_every_commit_one_after_another |
| 39 token expires in the middle | test_files.py::test_39_a_token_that_ends_in_the_middle |
"""
