"""Faults: what can go wrong, what is promised of it, and the test that makes it happen."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = [  # what strangers send
    (
        "A recording has a value of another kind, size or range, or none.",
        "It is refused in one sentence, or everything works with it.",
        "test_strangers.py::test_no_value_in_a_header_makes_an_opened_recording_fail",
    ),
    (
        "A recording's arrays are torn, of other shapes or types, or claim petabytes.",
        "It is refused before anything is allocated.",
        "test_strangers.py::test_arrays_of_another_shape_type_or_range_are_refused",
    ),
    (
        "A recording is packed in another way, encrypted, too deep, or lies about its sizes.",
        "It is refused in one sentence.",
        "test_strangers.py::test_archives_that_are_packed_otherwise_or_lie_are_refused",
    ),
    (
        "A recording is a small file that unpacks to a huge one.",
        "It is refused before it is unpacked.",
        "test_strangers.py::test_nothing_is_unpacked_that_is_larger_than_it_may_be",
    ),
    (
        "A recording has 2,000 canvases or 100,000 steps.",
        "It is refused; nothing is slow for ever.",
        "test_strangers.py::test_more_canvases_or_steps_than_can_be_shown_are_refused",
    ),
    (
        "Some bytes of a recording are others.",
        "It is refused in one sentence, or everything works with it.",
        "test_strangers.py::test_a_recording_with_other_bytes_in_it_is_refused_or_works",
    ),
    (
        "A pipe, a folder or nothing at all stands where a recording should.",
        "It is refused at once.",
        "test_strangers.py::test_what_is_no_file_is_refused_at_once",
    ),
    (
        "A config.json has a value of another kind or out of range.",
        "The model is refused before anything is built, and the value is named.",
        "test_strangers.py::test_values_that_would_hang_or_fail_in_the_first_step_are_named",
    ),
    (
        "A canvas of no cells, or of a billion.",
        "The model is refused before anything is built.",
        "test_strangers.py::test_a_canvas_is_of_a_size_that_can_be_worked_on",
    ),
    (
        "A pipe stands in a model's folder.",
        "The model is refused; nothing waits for it.",
        "test_strangers.py::test_a_pipe_in_a_folder_is_not_waited_for",
    ),
    (
        "The header of a file of weights is torn or lies.",
        "The model is refused, and the damaged file is named.",
        "test_strangers.py::test_headers_that_lie_are_refused_and_the_file_is_named",
    ),
    (
        "A file of weights claims a header of 60 GB.",
        "The model is refused, and the header is not read.",
        "test_strangers.py::test_a_sparse_file_is_not_read_as_one_header",
    ),
    (
        "The index of the weights is torn, or leads out of its folder.",
        "The model is refused, and the damaged file is named.",
        "test_strangers.py::test_an_index_names_files_of_its_own_folder",
    ),
    (
        "A JSON file of a model is empty, too deep or something else.",
        "The model is refused, and the damaged file is named.",
        "test_strangers.py::test_config_files_that_are_none_are_damaged",
    ),
    (
        "A chat format raises, recurses or never ends.",
        "It is told when the model is loaded.",
        "test_strangers.py::test_a_chat_format_that_fails_or_never_ends_is_told_when_the_model_is_loaded",
    ),
    (
        "A tokenizer cannot be read.",
        "The model is refused, and the damaged file is named.",
        "test_strangers.py::test_a_tokenizer_that_cannot_be_read_is_named",
    ),
    (
        "The preferences are anything.",
        "The program starts; each value that cannot be used is as it was at first.",
        "test_strangers.py::test_preferences_fall_back_one_by_one_whatever_the_file_holds",
    ),
    (
        "A part of the window cannot be painted.",
        "It is said once, and the painter is closed.",
        "test_strangers.py::test_a_paint_that_fails_is_told_once_and_its_painter_is_closed",
    ),
    (
        "A weight is NaN or infinite.",
        "The first step that is no number ends the run in one sentence; exit code 1.",
        "test_strangers.py::test_the_first_step_that_is_no_number_ends_a_run",
    ),
    (
        "A weight is NaN or infinite, and steps are recorded on a graphics card.",
        "The same.",
        "test_graph.py::test_a_recorded_step_that_is_no_number_ends_the_run",
    ),
    (
        "A server tells of its tokens no entropy and no candidates.",
        "They are shown as unknown.",
        "test_strangers.py::test_what_a_server_wrote_can_be_kept_and_its_cells_tell_only_what_is_known",
    ),
]
WAITS = [  # what is waited for, why it failed, and how the program ends
    (
        "A hub that accepts and says nothing.",
        "Loading ends by itself.",
        "test_waits.py::test_a_hub_has_an_end",
    ),
    (
        "A hub that trickles or floods.",
        "Loading ends by itself, in bounded memory.",
        "test_waits.py::test_a_hub_has_an_end",
    ),
    (
        "Cancel while a hub says nothing.",
        "Within a second.",
        "test_waits.py::test_cancel_acts_while_a_hub_says_nothing",
    ),
    (
        "A model that is all here, and a hub that hangs.",
        "Nobody asks it.",
        "test_waits.py::test_a_cached_model_asks_nobody",
    ),
    (
        "A download that stalls.",
        "A new connection, from where it was.",
        "test_waits.py::test_a_download_that_stalls_is_taken_up_again",
    ),
    (
        "401, 403, 404, 429, 451, 503.",
        "A sentence each.",
        "test_waits.py::test_every_cause_has_its_sentence",
    ),
    (
        "A proxy no library takes.",
        "Named, without its password.",
        "test_waits.py::test_a_proxy_is_named_without_its_secret",
    ),
    (
        "A full disk, one that is locked.",
        "A sentence each.",
        "test_waits.py::test_every_cause_has_its_sentence",
    ),
    (
        "A damaged file in the cache.",
        "Fetched again, and it alone.",
        "test_waits.py::test_what_is_damaged_is_fetched_again",
    ),
    (
        "No symbolic links.",
        "A file is there once.",
        "test_waits.py::test_without_links_a_file_is_there_once",
    ),
    (
        "A server that says nothing, trickles or floods.",
        "A sentence, in time.",
        "test_waits.py::test_a_server_has_an_end",
    ),
    (
        "Tokens without end.",
        "A sentence.",
        "test_waits.py::test_a_server_sends_no_more_than_was_asked_for",
    ),
    (
        "A card that was lost.",
        "The advice is to start again.",
        "test_waits.py::test_a_lost_card_means_start_again",
    ),
    (
        "A card too old for this torch.",
        "The processor, and it is said.",
        "test_waits.py::test_a_card_that_cannot_compute_is_not_used",
    ),
    (
        "A container.",
        "Its limits are those that count.",
        "test_waits.py::test_a_container_has_its_own_limits",
    ),
    (
        "Ctrl+C, SIGTERM, SIGHUP in a run.",
        "Its recording, no traceback.",
        "test_waits.py::test_a_signal_keeps_what_a_run_has",
    ),
    (
        "Ctrl+C before anything is there.",
        "No traceback.",
        "test_waits.py::test_a_signal_in_the_first_moment_is_no_traceback",
    ),
    (
        "An end from outside while the window runs.",
        "The run is there again.",
        "test_waits.py::test_a_run_is_there_again_once",
    ),
    (
        "An output of another alphabet, or closed.",
        "No traceback.",
        "test_waits.py::test_any_alphabet_and_nobody_who_reads",
    ),
    (
        "Latin-1 arguments.",
        "The letters that were typed.",
        "test_waits.py::test_a_latin_argument_is_its_letters",
    ),
    (
        "Joiners, no-break spaces, split emoji.",
        "Whole.",
        "test_waits.py::test_letters_stay_whole_and_harmless",
    ),
    (
        "A text taller than the terminal.",
        "Its end is seen.",
        "test_waits.py::test_the_end_of_a_tall_text_is_seen",
    ),
    (
        "Windows' torch and Qt.",
        "Torch comes first.",
        "test_waits.py::test_torch_comes_before_qt_on_windows",
    ),
]
ASKED = [  # what people ask of a command
    (
        "A flag, a value, a name or a file that cannot be.",
        "One line says which, before anything is loaded; near names are suggested; exit code 2.",
        "test_main.py::test_bad_input_is_one_line_and_exit_code_2",
    ),
    (
        "A range of values without end, without values, or between them.",
        "One sentence.",
        "test_sweep.py::test_what_is_no_axis_is_said_in_a_sentence",
    ),
    (
        "The disk is full when a run is to be recorded.",
        "It is said, and the text is told.",
        "test_main.py::test_a_text_that_cannot_be_recorded_is_told_all_the_same",
    ),
    (
        "Something that nobody expected.",
        "One line that tells where, and exit code 1.",
        "test_main.py::test_what_nobody_expected_is_one_line_and_exit_code_1",
    ),
    (
        "A server that ends without a text.",
        "No success.",
        "test_remote.py::test_an_answer_without_a_text_is_no_success",
    ),
    (
        "A listing of the hub with entries that are none, too long, or too large.",
        "Nothing is asked of them.",
        "test_source.py::test_a_listing_that_makes_no_sense_is_told",
    ),
    (
        "A generation_config.json of a later or another program.",
        "The model is loaded; knobs take what they can.",
        "test_strangers.py::test_what_a_generation_config_says_besides_is_no_reason_to_refuse_a_model",
    ),
    (
        "A run in a file is named in a way that no file can have.",
        "It gets another name, and can be kept.",
        "test_history.py::test_a_name_from_a_stranger_leads_nowhere_else",
    ),
]


@pytest.mark.parametrize(("fault", "promise", "test"), FILES + WAITS + ASKED)
def test_every_fault_has_a_test_that_makes_it_happen(fault, promise, test):
    file, _, name = test.partition("::")
    functions = {node.name for node in ast.parse((TESTS / file).read_text()).body if hasattr(node, "name")}
    assert name in functions, f"{fault} {promise}"
