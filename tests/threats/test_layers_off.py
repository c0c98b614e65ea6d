"""Each test of a case fails when the layer that it tests is switched off.

The tests are run as they are, by ``pytest`` in a process of its own, with a layer gone (``off``,
``switch``). Each must fail in the words of the table, and so by what the case is about; honest
neighbours that suffer, or an error on the way, would say something else.

What a layer held is bounded in another way then: limits are lifted to somewhat larger ones, files
to be harmed are the test's own, and a notebook that kills all it sees sees a PID namespace.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

from tests.threats.off import TEXT
from tests.threats.room import tier

HERE = Path(__file__).parent
SECONDS = 600  # for one row, on a busy machine too
FORGED = "{'test_outer': 2.0} != {'test_outer': 0.0}"
LATER_LOST = "{'test_risk': 0.0} != {'test_risk': 3.0}"
LIGHT = {
    ("test_case_02_patching_the_libraries_that_tests_use", "no_split()"),
    ("test_case_08_nothing_of_the_course_is_on_the_candidates_disk", "no_sandbox()"),
    ("test_case_11_metadata_of_a_test_cell", "no_rebuild()"),
}

SEVERAL_WAYS = {  # of which some are held by another layer, too
    "test_case_15_odd_files_handed_in",  # no folder can be read for a file
    "test_case_52_what_is_shown_is_the_same_whatever_was_hidden",  # each by its own
}

ROWS = [  # a test, what is switched off, what is then read in its failure
    # Forging a score
    (
        "test_case_01_a_tag_on_a_test_cell_does_not_spare_it",
        "no_rebuild()",
        "Right contains 1 more item:",
    ),
    ("test_case_02_patching_the_libraries_that_tests_use", "no_split()", "assert 2.0 == 0"),
    ("test_case_03_a_locked_helper_redefined_serves_only_its_author", "no_rebuild()", LATER_LOST),
    (
        "test_case_02_functions_that_compare_are_the_courses_own_however_imported",
        "unread_names_stay_theirs()",
        "'test_more': 1.0,",
    ),
    (
        "test_case_03_a_locked_helper_redefined_serves_only_its_author",
        "no_split()",
        "{'test_neuron': 1.0} != {'test_neuron': 0.0}",
    ),
    ("test_case_04_values_that_lie", "no_split(), sloppy_tests()", FORGED),
    ("test_case_05_looking_for_the_tests_in_memory", "no_split()", FORGED),
    (
        "test_case_06_transformers_that_strip_asserts",
        "no_split(), tests_through_ipython()",
        "assert 2.0 == 0",
    ),
    ("test_case_07_forged_frames_on_the_wire", "any_reply()", "ExamError: Traceback"),
    (
        "test_case_07_outputs_of_no_notebook_are_left_out",
        "outputs_as_they_come()",
        "'int' object has no attribute 'get'",
    ),
    ("test_case_07_reading_ahead_finds_nothing_to_read", "requests_sent_ahead()", "+ received: "),
    (
        "test_case_07_a_call_back_kept_for_later_is_dead",
        "call_backs_for_ever()",
        "assert 'belonged to a check that has ended' in 'W: shape",
    ),
    (
        "test_case_07_the_counter_of_lines_patched",
        "plain_counter()",
        "import mlpkit.testing as t, mlpkit.testing.lines as l",
    ),
    (
        "test_case_07_the_counter_of_lines_patched",
        "counted_value_unseen()",
        "if sys.gettrace(): return 0.5",
    ),
    (
        "test_case_07_the_counter_of_lines_patched",
        "helpers_may_count()",
        "mine, theirs = socket.socketpair()",
    ),
    (
        "test_case_08_nothing_of_the_course_is_on_the_candidates_disk",
        "no_sandbox()",
        "read [PosixPath",
    ),
    (
        "test_case_09_no_reference_solution_can_be_imported",
        "no_sandbox()",
        "found [<module 'nbgrader.tests'",
    ),
    ("test_case_10_recognising_inputs_and_caching_between_calls", "no_hidden_tests()", FORGED),
    ("test_case_11_metadata_of_a_test_cell", "no_rebuild()", "Right contains 1 more item:"),
    ("test_case_11_a_test_cell_of_another_type", "no_rebuild()", "Right contains 1 more item:"),
    ("test_case_11_a_test_cell_of_the_students_own", "no_rebuild()", "Left contains 1 more item:"),
    ("test_case_12_values_that_slip_through_sloppy_comparisons", "sloppy_tests()", FORGED),
    ("test_case_12_the_end_of_a_loop_is_no_pass", "exceptions_as_they_are()", "assert 2.0 == 0"),
    # Reaching others
    ("test_case_13_the_gradebook_is_out_of_reach", "no_sandbox()", "DONE open("),
    ("test_case_13_the_gradebook_is_out_of_reach", "folder_shown()", "DONE open("),
    (
        "test_case_13_a_daemon_left_behind_ends_with_its_notebook",
        "leftovers_stay()",
        "there: ['left_behind']",
    ),
    ("test_case_14_files_outside_the_work_folder_stay_as_they_are", "folder_shown()", "DONE open("),
    ("test_case_14_the_shell_of_the_next_is_fresh", "one_process_for_all()", "3 True"),
    ("test_case_15_odd_files_handed_in", "any_file_is_read()", "assert (b'"),
    (
        "test_case_16_no_lock_can_be_held_on_the_gradebook",
        "no_sandbox()",
        "DONE __import__('fcntl')",
    ),
    (
        "test_case_16_no_lock_can_be_held_on_the_gradebook",
        "folder_shown()",
        "DONE __import__('fcntl')",
    ),
    ("test_case_17_no_other_process_can_be_killed", "no_sandbox()", "killed"),
    (
        "test_case_17_what_it_writes_to_inherited_descriptors_blocks_nobody",
        "pipe_in_reach(), nobody_reads_the_pipe()",
        "os.write(2, b'y' * 100_000)",
    ),
    ("test_case_18_no_network", "no_sandbox()", "DONE socket.create_connection(('127.0.0.1'"),
    (
        "test_case_19_scripts_are_inert_on_the_feedback_page",
        "unsanitised(), any_markdown()",
        "<script>alert",
    ),
    ("test_case_19_formulas_are_text_in_every_csv", "formulas()", "AssertionError: (','"),
    # Exhausting
    ("test_case_20_a_loop_in_a_function", "lift(call_seconds=1e6, notebook_seconds=5)", LATER_LOST),
    (
        "test_case_20_a_loop_in_a_cell",
        "lift(cell_seconds=1e6, notebook_seconds=5)",
        "-     'test_risk': 3.0,",  # lost, or in doubt where others have the machine
    ),
    (
        "test_case_20_call_backs_without_end",
        "call_backs_stop_the_clock(), seconds_of_a_test(4)",
        "This check did not end within 4 s.",
    ),
    (
        "test_case_20_call_backs_sent_without_waiting",
        "call_backs_stop_the_clock(), seconds_of_a_test(4)",
        "This check did not end within 4 s.",
    ),
    (
        "test_case_20_an_iterator_without_end_uses_up_the_notebooks_time",
        "lift(notebook_seconds=1e6), seconds_of_a_test(6)",
        "{'test_risk': 3.0} != {'test_risk': 0}",
    ),
    (
        "test_case_21_memory_and_disk",
        "lift(memory=4 << 30), unwatched(), no_cgroup()",
        "GOT a 3 GB string",
    ),
    ("test_case_21_memory_and_disk", "lift(open_files=4096)", "GOT thousands of descriptors"),
    ("test_case_21_memory_and_disk", "lift(file_size=1 << 41)", "GOT a sparse file"),
    (
        "test_case_21_memory_and_disk",
        "lift(file_size=1 << 41), scratch_of(1 << 30, 4096)",
        "GOT a 500 MB file",
    ),
    ("test_case_21_memory_and_disk", "scratch_of(64 << 20, 40_000)", "GOT thousands of files"),
    ("test_case_21_a_hundred_forks_and_a_bomb", "lift(processes=180)", "'stopped after' in"),
    ("test_case_21_memory_of_all_processes_together", "unwatched()", "= flagged("),
    ("test_case_22_floods_of_output", "unbounded_outputs()", "ended its process itself"),
    ("test_case_22_floods_in_every_cell", "unbounded_notebook()", "'outputs cut' in"),
    (
        "test_case_22_more_text_than_can_be_kept",
        "any_length()",
        "ProcessGone: The examiner ended without a result.",
    ),
    (
        "test_case_22_a_check_that_quotes_a_huge_value",
        "whole_messages()",
        "assert 7000013 == 10000",
    ),
    ("test_case_23_ends_inside_a_function", "no_replay()", LATER_LOST),
    ("test_case_23_ends_at_the_end_of_a_correct_cell", "no_replay()", LATER_LOST),
    (
        "test_case_23_a_function_that_kills_again_and_again_takes_nothing_else_along",
        "called_again_and_again()",
        "{'test_outer': 0.0} != {'test_outer': 2}",
    ),
    (
        "test_case_24_threads_and_handlers_left_behind",
        "waits_for_the_end()",
        "< 60",
    ),
    ("test_case_25_deep_recursion_and_huge_values", "unbounded_wire()", "assert 'MB' in 'dL/dW"),
    ("test_case_25_recursion_through_call_backs", "no_recursion_limit()", "segmentation fault"),
    # Broken by accident
    (
        "test_case_26_a_file_that_cannot_be_read_waits_for_a_person",
        "trusting_reader()",
        "ExamError: Traceback",
    ),
    ("test_case_27_encodings_and_old_formats", "only_utf8()", "UnicodeDecodeError"),
    (
        "test_case_27_encodings_and_old_formats",
        "only_nbformat_4()",
        "{'test_outer': None} != {'test_outer': 2.0}",
    ),
    ("test_case_28_a_wrong_kernelspec_or_none", "no_rebuild()", "assert 'julia-1.9' == 'python3'"),
    (
        "test_case_29_other_versions_of_nbgraders_schema",
        "no_rebuild(), schema_matters()",
        "ExamError: Traceback",
    ),
    ("test_case_30_locked_cells_deleted", "no_rebuild()", "{'test_outer': 2.0}"),
    (
        "test_case_31_cells_duplicated",
        "first_copy_counts()",
        'full(made, "The cell outer is there 2 times.")',
    ),
    ("test_case_32_metadata_lost", "only_grade_ids()", 'full(bare(honest(), keep=("id",)))'),
    ("test_case_32_metadata_lost", "only_ids()", "{'test_outer': None} != {'test_outer': 2.0}"),
    ("test_case_32_cells_reordered", "no_rebuild()", "{'test_outer': 0.0} != {'test_outer': 2.0}"),
    ("test_case_32_cells_split", "no_joining()", "{'test_outer': 0.0} != {'test_outer': 2.0}"),
    ("test_case_32_cells_merged", "only_ids()", "{'test_outer': 0.0} != {'test_outer': 2.0}"),
    (
        "test_case_33_a_file_renamed_is_found_and_flagged",
        "only_the_exact_file()",
        "{'test_risk': 3.0} != {'test_risk': None}",
    ),
    (
        "test_case_34_modules_of_the_students_own_named_like_libraries",
        "work_folder_first()",
        "{'test_neuron': 0.0} != {'test_neuron': 1.0}",
    ),
    (
        "test_case_35_input_has_an_answer_at_once",
        "no_answer_to_input()",
        "assert 'input() cannot be answered' in",
    ),
    (
        "test_case_36_warnings_logging_and_progress_bars",
        "stderr_counts()",
        "{'test_outer': 0.0} != {'test_outer': 2.0}",
    ),
    ("test_case_37_display_inside_a_function", "shown_with_the_next_cell()", "'seen' not in"),
    ("test_case_37_display_inside_a_function", "windows()", "assert 'image/png' in"),
    (
        "test_case_38_magics_and_shell_cells",
        "only_python()",
        "assert 'Shell commands are not run' in",
    ),
    (
        "test_case_38_magics_and_shell_cells",
        "shell_commands_run()",
        "assert 'Shell commands are not run' in",
    ),
    (
        "test_case_39_the_work_folder_left_or_removed",
        "leans_on_the_work_folder()",
        "{'test_neuron': 0.0} != {'test_neuron': 1.0}",
    ),
    ("test_case_40_arguments_changed_in_place", "changes_stay_there()", FORGED),
    (
        "test_case_41_unusual_arrays_that_are_right",
        "one_layout()",
        "{'test_outer': 0.0} != {'test_outer': 2.0}",
    ),
    ("test_case_41_forms_that_were_not_asked_for_are_named", "sloppy_tests()", FORGED),
    (
        "test_case_42_a_helper_in_an_extra_cell",
        "no_cells_of_ones_own()",
        "{'test_outer': 0.0} != {'test_outer': 2.0}",
    ),
    (
        "test_case_43_a_name_reused_for_something_else",
        "last_meaning_counts()",
        "{'test_outer': 0.0} != {'test_outer': 2.0}",
    ),
    # The operator's own day
    ("test_case_44_killed_and_started_again", "trusts_the_file()", "end_state(course)"),
    ("test_case_45_the_same_run_twice_gives_the_same", "a_new_secret_each_time()", "(6, 0)"),
    (
        "test_case_46_a_disk_that_takes_no_more",
        "errors_as_they_come()",
        "OSError: [Errno 27] File too large",
    ),
    (
        "test_case_46_a_disk_that_takes_no_more",
        "trusts_the_file(), files_written_in_place()",
        "JSONDecodeError",
    ),
    ("test_case_46_a_course_folder_that_is_read_only", "uncaught()", "PermissionError: [Errno 13]"),
    ("test_case_46_a_gradebook_of_another_version", "any_gradebook()", "assert 1 == 2"),
    (
        "test_case_47_a_test_that_fails_on_correct_work_is_nobodys_zero",
        "tests_are_right()",
        "assert 0 == 2",
    ),
    (
        "test_case_48_a_mended_test_shows_who_changes_before_anything_is_written",
        "regrade_writes(apply=True)",
        "Not lowered, as feedback was given out: eve.",
    ),
    (
        "test_case_48_a_mended_test_shows_who_changes_before_anything_is_written",
        "regrade_writes(lower=True)",
        "assert 0 == 1",
    ),
    # One machine for all
    (
        "test_case_54_helpers_run_where_nobody_else_wants_to",
        "helpers_stay_busy()",
        "policies: 5 0",
    ),
    ("test_case_54_cpu_time_of_all_processes_together", "uncounted_cpu()", "= flagged("),
    ("test_case_55_a_process_killed_by_somebody_else", "held_once()", "ProcessGone"),
    (
        "test_case_56_a_dict_whose_keys_have_equal_hashes",
        "equal_hashes_taken()",
        "assert 'equal hashes' in",
    ),
    (
        "test_case_56_a_list_that_takes_minutes_to_compare",
        "no_watchdog()",
        'assert scores(result) == {"test_neuron": 1',  # it passes, or takes the rest along
    ),
    (
        "test_case_57_a_method_that_says_yes_to_the_right_value",
        "any_method()",
        "{'test_outer': 2.0} != {'test_outer': 0}",
    ),
    (
        "test_case_58_replacing_what_compares_in_a_check_beside_the_students_code",
        "nothing_restored()",
        "{'test_outer': 2.0} != {'test_outer': 0}",
    ),
    # More than it may
    (
        "test_case_59_a_hard_link_of_a_course_file_is_hidden_too",
        "one_name_for_each_file()",
        "assert not True",
    ),
    (
        "test_case_60_shared_memory_that_no_process_shows",
        "shared_pages_allowed()",
        "= held(",
    ),
    ("test_case_63_locks_without_number", "shared_pages_allowed()", "= held("),
    (
        "test_case_64_what_pipes_and_sockets_keep",
        "allowed('sendfile', 'sendfile64', 'setsockopt')",
        "= held(",
    ),
    (
        "test_case_67_values_that_a_check_keeps",
        "any_memory()",
        "assert 'more than 1 GB together' in",
    ),
    ("test_case_65_mappings_in_every_child", "mappings_without_number()", "= held("),
    (
        "test_case_61_a_derivative_that_is_computed_numerically",
        "however_derived()",
        "AssertionError: the course's own",
    ),
    (
        "test_case_66_a_generator_that_comes_back_in_another_state",
        "any_generator_comes_back()",
        "assert 3.0 == 0",
    ),
    # Pages, terminals, folders
    (
        "test_case_62_nobody_hands_in_for_somebody_else",
        "innermost_name_counts()",
        '"source": "Emmy',
    ),
    (
        "test_case_49_hostile_outputs_are_harmless_in_nbconverts_page",
        "any_metadata()",
        "onload=",
    ),
    (
        "test_case_49_hostile_markdown_is_harmless_in_nbconverts_page",
        "any_markdown()",
        "<script>",
    ),
    ("test_case_49_attachments_are_pictures_or_nothing", "any_attachment()", "onerror="),
    ("test_case_68_colours_that_nbconvert_cannot_read", "any_colour()", "== 'x'"),
    (
        "test_case_68_texts_that_take_others_parsers_minutes",
        "any_length_of_markdown()",
        "< 5",
    ),
    (
        "test_case_68_many_texts_that_take_long_together",
        "any_length_of_markdown()",
        "assert [False, False",
    ),
    (
        "test_case_69_long_gaps_in_a_text_are_read_once",
        "lines_are_read_again()",
        "< 5",
    ),
    ("test_case_49_what_runs_and_what_stands_in_the_file", "any_metadata()", "onerror=eval"),
    ("test_case_50_no_control_characters_on_the_terminal", "any_letter()", "x1b"),
    ("test_case_51_no_file_stops_the_class", "lax_times()", "TypeError"),
    (
        "test_case_52_what_is_shown_is_the_same_whatever_was_hidden",
        "hidden_tests_in_their_places()",
        "[printed]",
    ),
    (
        "test_case_52_what_is_shown_is_the_same_whatever_was_hidden",
        "messages_of_hidden_tests()",
        "[raised text]",
    ),
    (
        "test_case_53_pages_files_and_reports_are_the_same_whatever_was_hidden",
        "unabridged_for_all()",
        "feedback/",
    ),
]


def cases():
    """The tests of cases in this folder, with their files; ``soak`` ones repeat another."""
    return {
        name: path
        for path in HERE.glob("test_*.py")
        for name in re.findall(r"^def (test_case_(?!\d\d_soak)\w+)", path.read_text(), re.M)
    }


def fail(test, words):
    """What ``pytest`` says of a test with a layer off, and its exit status."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--tb=short",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.threats.switch",
        "--off",
        words,
    ]
    base = Path(
        tempfile.mkdtemp(prefix="threats-", dir="/var/tmp")
    )  # /tmp is a student process's own
    command += ["-k", "not landlock", "--basetemp", str(base / "base"), f"{cases()[test]}::{test}"]
    if test == "test_case_17_no_other_process_can_be_killed":
        command[:0] = [
            "bwrap",
            "--dev-bind",
            "/",
            "/",
            "--unshare-pid",
            "--proc",
            "/proc",
            "--die-with-parent",
        ]
    try:
        done = subprocess.run(
            command,
            cwd=HERE.parents[1],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env={**os.environ, "CI": "1"},
        )  # CI: uncut
    finally:
        shutil.rmtree(base)
    return done.returncode, done.stdout + done.stderr


def marked(row):
    light = row[:2] in LIGHT
    return pytest.param(*row, marks=() if light else pytest.mark.soak, id="-".join(row[:2]))


@pytest.mark.skipif(tier() != "bwrap", reason="no bubblewrap on this machine")
@pytest.mark.parametrize(("test", "words", "says"), [marked(row) for row in ROWS])
def test_a_case_fails_without_its_layer(test, words, says):
    status, told = fail(test, words)
    if says == "killed":
        assert status == 128 + signal.SIGKILL, told
        return
    assert status == 1 and says in told, told
    last = told.splitlines()[-1]
    assert re.search(r" failed\b.* in ", last), told
    assert " passed" not in last or test in SEVERAL_WAYS, told


def test_every_case_is_in_the_table():
    layers = defaultdict(set)
    for test, words, _ in ROWS:
        layers[test].add(words)
    assert layers.keys() == cases().keys()
    assert sum(map(len, layers.values())) == len(ROWS)


@pytest.mark.parametrize("role", ["test", "examiner", "student"])
def test_every_layer_is_there_to_be_switched_off(role):
    """What is patched exists, in each kind of process; that it holds, only `make soak` tries."""
    words = "\n".join(sorted({words for _, words, _ in ROWS}))
    only_looks = "def patch(owner, name, value):\n    getattr(owner, name)\n"
    text = f"{TEXT}\n{only_looks}\nROLE, FOLDER = {role!r}, ''\n{words}\n"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_case_passes_with_every_layer_on():
    """So the way it is run here breaks nothing."""
    status, told = fail("test_case_02_patching_the_libraries_that_tests_use", "None")
    assert status == 0, told
