"""The faults that a run must survive: what it comes to and says, and the test that shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault, in both languages.

    Attributes:
        number: its place in the list.
        what, what_ja: the fault.
        checks: those that name it, where checks do.
        tests: each a file's name and a function's.
        came: what is left: ``O`` the current selector, nothing written; ``R`` read back, and the next run goes on;
            ``N`` the next selector; ``X`` refused.
        said: sentences that name it where no check does, each a catalogue and a key of it.
    """

    number: int
    what: str
    what_ja: str
    checks: tuple[str, ...]
    tests: tuple[str, ...]
    came: str = "O"
    said: tuple[tuple[str, str], ...] = ()


_AWS = "tests/second_edition/engine/test_refusals.py::"
_DNS = "tests/second_edition/engine/test_dns_refusals.py::"
_ZONE = "tests/second_edition/dns/test_faults.py::"
_RUN = "tests/second_edition/notebooks/"
_NAMED = f"{_AWS}test_a_fault_is_refused_by_name_and_ses_is_as_it_was"
_WORLD = f"{_RUN}test_outcomes.py::test_the_checks_that_did_not_pass"
_FAULTS = f"{_RUN}test_faults.py::"
_ROTATE, _FULL, _BACK = (f"{_RUN}test_{name}.py::" for name in ("rotate_command", "full_disk", "rollback"))
_ONCE = f"{_FAULTS}test_the_write_is_sent_once_and_the_outcome_is_what_ses_has"
_UNCLEAR = f"{_FAULTS}test_an_unclear_answer_is_resolved_by_reading_back"
_STRUCK = "tests/second_edition/kills/test_kills.py::test_whatever_is_struck_the_truth_is_told_and_the_next_run_completes_it"
_APPLIED, _NOT_APPLIED = ("record", "apply.applied"), ("steps", "write.not-applied")
_IN_ZONE = f"{_ZONE}test_a_fault_in_the_zone_is_refused_by_name"

_REFUSED = (
    Fault(1, "IAM denies a read", "IAM が読み取りを拒否", ("SES-ACCOUNT", "SES-EXISTS", "SECRET-SHAPE", "STORE-OBJECT"),
          (f"{_RUN}test_faults.py::test_a_read_that_is_denied_is_refused_by_name",)),
    Fault(2, "wrong account or Region", "アカウントまたはリージョンの誤り", ("SES-ACCOUNT", "SES-REGION"),
          (f"{_RUN}test_aws.py::test_a_run_in_the_wrong_place_is_refused",)),
    Fault(3, "identity absent", "ID が存在しない", ("SES-EXISTS",), (_NAMED,)),
    Fault(4, "origin not EXTERNAL", "属性起源が EXTERNAL でない", ("SES-ORIGIN",), (_WORLD,)),
    Fault(5, "secret mid-rotation", "シークレットが更新の途中", ("SECRET-STAGE",), (_NAMED,)),
    Fault(6, "malformed secret", "シークレットの破損", ("SECRET-SHAPE",), (_NAMED,)),
    Fault(7, "the secret's selector is another", "シークレットのセレクタが別のもの", ("SECRET-SELECTOR",), (_NAMED,)),
    Fault(8, "key object missing", "鍵オブジェクトがない", ("STORE-OBJECT",), (_NAMED,)),
    Fault(9, "newer, unpinned object version", "シークレットより新しい鍵オブジェクト", ("STORE-NEWER",),
          (f"{_AWS}test_9_a_newer_object_version",)),
    Fault(10, "KMS denies", "KMS が拒否", ("STORE-OBJECT", "SECRET-SHAPE"), (f"{_AWS}test_10_kms_denies",)),
    Fault(11, "truncated PEM", "途中で切れた PEM", ("KEY-FORM",), (_NAMED,)),
    Fault(12, "key is not the one in DNS", "鍵が DNS のものと違う", ("DNS-PUBLISHED", "KEY-SIGNS"), (_NAMED, _WORLD)),
    Fault(13, "wrong type or size of key", "鍵の種類・長さの誤り", ("KEY-FORM", "KEY-SIZE"), (_NAMED,)),
    Fault(14, "selector used before with another key", "別の鍵で使ったことのあるセレクタ", ("KEY-SELECTOR",),
          ("tests/second_edition/engine/test_reuse.py::"
           "test_a_selector_that_was_used_with_another_key_is_refused_and_so_is_a_key_under_another_selector",)),
    Fault(15, "placeholder p=", "プレースホルダの公開", ("DNS-PLACEHOLDER",),
          (_IN_ZONE,)),
    Fault(16, "NXDOMAIN at one server", "1 台だけ NXDOMAIN", ("DNS-PUBLISHED",), (_WORLD, _IN_ZONE)),
    Fault(17, "one stale server", "1 台だけ古いゾーン", ("DNS-PUBLISHED",), (_IN_ZONE,)),
    Fault(18, "lame server", "ゾーンを持たないサーバー", ("DNS-ANSWERS",),
          (f"{_ZONE}test_18_a_lame_server",)),
    Fault(19, "SERVFAIL", "SERVFAIL", ("DNS-ANSWERS",),
          (f"{_ZONE}test_19_a_server_that_could_not_load_its_zone",)),
    Fault(20, "truncated answer, TCP blocked", "切り詰められた応答と TCP の遮断", ("DNS-ANSWERS",),
          (f"{_ZONE}test_20_a_truncated_answer_where_tcp_is_blocked",)),
    Fault(21, "a negative cache still holds", "ネガティブキャッシュが残っている", ("TIME-ACTIVATE",),
          (f"{_ZONE}test_21_a_negative_cache_says_until_when",
           "tests/second_edition/engine/test_previous_runs.py::"
           "test_a_look_at_dns_counts_from_a_run_whose_secret_named_another_key")),
    Fault(22, "wildcard TXT", "ワイルドカードの TXT", ("DNS-WILDCARD",), (_IN_ZONE,)),
    Fault(23, "two TXT records", "TXT が 2 つ", ("DNS-SINGLE",), (_IN_ZONE,)),
    Fault(24, "CNAME loop", "CNAME のループ", ("DNS-CNAME",), (_IN_ZONE,)),
    Fault(25, "parent and child NS sets differ", "親子の NS の不一致", ("DNS-DELEGATION",),
          (f"{_ZONE}test_25_parent_and_child_ns_sets",
           f"{_ZONE}test_25_what_servers_of_one_zone_say_apart_counts_whoever_answers_first")),
    Fault(26, "TTL changed since the plan", "計画後の TTL の変更", ("TIME-ACTIVATE",),
          (f"{_DNS}test_26_a_ttl_that_changed_since_the_plan",)),
    Fault(43, "DNSSEC signatures have expired", "DNSSEC 署名の期限切れ", ("DNS-DNSSEC",),
          (f"{_DNS}test_expired_dnssec_signatures",
           "tests/second_edition/dns/test_dnssec.py::test_expired_signatures_stop_the_run_also_where_another_resolver_does_not_validate")),
    Fault(37, "two operators at once", "2 人が同時に実行", ("PLAN-LOCK",),
          (f"{_RUN}test_two_operators.py::test_the_other_is_told_who_is_at_it_since_when",
           "tests/second_edition/engine/test_locking.py::test_of_several_that_begin_at_once_one_writes"), "X"),
    Fault(38, "a dead operator's lock is taken over", "異常終了した実行のロックの引き継ぎ", ("PLAN-LOCK",),
          ("tests/second_edition/engine/test_locking.py::test_another_process_of_this_machine_is_named",), "taken over"),
)  # fmt: skip
_FROM_THE_WRITE_ON = (
    Fault(
        27,
        "reads throttled",
        "読み取りのスロットリング",
        ("SES-EXISTS",),
        (
            f"{_FAULTS}test_27_a_read_that_is_throttled_for_good_is_given_up_and_refused",
            "tests/second_edition/custody/test_one_attempt.py::test_a_read_is_tried_again",
        ),
    ),
    Fault(
        28,
        "write throttled",
        "書き込みのスロットリング",
        (),
        (_ONCE, f"{_FAULTS}test_a_write_that_was_not_applied_says_what_ses_still_has"),
        "R",
        (_NOT_APPLIED,),
    ),
    Fault(
        29,
        "time-out after the write was applied",
        "書き込み適用後のタイムアウト",
        (),
        (_ONCE, _UNCLEAR),
        "R",
        (_APPLIED,),
    ),
    Fault(
        30,
        "connection reset during the write",
        "書き込み中の切断",
        (),
        (_ONCE, _UNCLEAR),
        "R",
        (_APPLIED, _NOT_APPLIED),
    ),
    Fault(
        31,
        "credentials expire before the write",
        "書き込み前に認証情報が失効",
        ("SES-ACCOUNT",),
        (
            f"{_FAULTS}test_a_read_that_is_denied_is_refused_by_name",
            f"{_FAULTS}test_a_write_that_was_not_applied_says_what_ses_still_has",
        ),
    ),
    Fault(
        32,
        "credentials expire after the write",
        "書き込み後に認証情報が失効",
        (),
        (f"{_FAULTS}test_credentials_that_expire_after_the_write_leave_it_to_the_next_run",),
        "R, then N",
        (("steps", "unread"), ("steps", "unread.written")),
    ),
    Fault(
        33,
        "kernel killed between write and verification",
        "書き込みと検証の間のカーネル強制終了",
        (),
        (_STRUCK, f"{_RUN}test_way_back.py::test_the_way_back_of_the_record_is_run_as_it_stands"),
        "R",
        (("record", "unfinished.begun"),),
    ),
    Fault(
        34,
        "runner gets SIGTERM, SIGHUP or SIGKILL",
        "実行元への SIGTERM・SIGHUP・SIGKILL",
        (),
        (
            f"{_ROTATE}test_the_exit_code_says_how_it_ended_the_run_closes_and_later_cells_never_ran",
            f"{_ROTATE}test_a_killed_run_takes_its_custodian_with_it",
            _STRUCK,
        ),
        "R",
        (("steps", "interrupted"),),
    ),
    Fault(
        35,
        "machine slept between plan and write",
        "計画と書き込みの間のスリープ",
        ("DNS-PUBLISHED",),
        (
            "tests/second_edition/engine/test_steps.py::test_a_record_that_went_since_the_plan_is_refused",
            "tests/second_edition/engine/test_steps.py::test_a_world_that_changed_since_the_plan_is_refused_and_the_fact_named",
            "tests/second_edition/engine/test_pace.py::test_who_pauses_before_the_write_reads_anew_and_finds_what_changed",
            _STRUCK,
        ),
        "O, or it goes on",
        (("steps", "drift"),),
    ),
    Fault(
        36,
        "clock more than five minutes off",
        "時計のずれが 5 分を超える",
        ("TIME-CLOCK",),
        (f"{_AWS}test_a_clock_that_is_wrong",),
    ),
    Fault(
        39,
        "disk full",
        "ディスクの空きがない",
        (),
        (
            f"{_FULL}test_nothing_is_written_that_was_not_written_down",
            f"{_FULL}test_the_same_command_again_completes_it",
            f"{_FULL}test_byodkim_rotate_says_what_ses_has_and_how_to_go_on",
            "tests/second_edition/evidence/test_full_disk.py::test_a_line_that_does_not_fit_raises_and_leaves_a_sound_journal",
        ),
        "O or N",
        (("command", "unfinished"), ("command", "unfinished.todo")),
    ),
    Fault(
        40,
        "upload of the evidence fails",
        "証跡のアップロード失敗",
        (),
        (
            "tests/second_edition/engine/test_readiness.py::test_a_copy_that_cannot_be_had_may_be_waived_and_a_seal_may_not",
            "tests/second_edition/engine/test_kept_runs.py::test_what_is_missing_is_made_up_for_by_command",
        ),
        "N, exit code not 0",
        (("seal", "archive.refused"),),
    ),
    Fault(
        41,
        "PENDING past its deadline",
        "期限を過ぎた PENDING",
        (),
        (f"{_BACK}test_when_its_time_is_over_the_run_goes_back",),
        "current selector again",
        (("rotate", "done"),),
    ),
    Fault(
        42,
        "rolling back fails",
        "切り戻しの失敗",
        (),
        (
            "tests/second_edition/engine/test_not_rolled_back.py::"
            "test_a_rollback_that_does_not_come_about_says_what_ses_has_and_what_to_do",
            f"{_RUN}test_way_back.py::test_the_way_back_of_the_record_is_run_as_it_stands",
        ),
        "R",
        (("rotate", "not.unclear"),),
    ),
)
FAULTS = tuple(sorted((*_REFUSED, *_FROM_THE_WRITE_ON), key=lambda fault: fault.number))
