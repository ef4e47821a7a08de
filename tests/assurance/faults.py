"""The faults that a run must survive without writing: what it then says, and the test that shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault, in both languages; the checks that name it, and the tests, each a file's name and a function's."""

    number: int
    what: str
    what_ja: str
    checks: tuple[str, ...]
    tests: tuple[str, ...]


_AWS = "tests/procedure/test_refusals.py::"
_DNS = "tests/procedure/test_dns_refusals.py::"
_ZONE = "tests/dns/test_faults.py::"
_RUN = "tests/notebooks/"
_NAMED = f"{_AWS}test_a_fault_is_refused_by_name_and_ses_is_as_it_was"
_SERVED = f"{_RUN}test_dns_faults.py::test_a_fault_is_refused_by_name_and_nothing_is_written"
_WORLD = f"{_RUN}test_outcomes.py::test_the_checks_that_did_not_pass"
_IN_ZONE = f"{_ZONE}test_a_fault_in_the_zone_is_refused_by_name"

FAULTS = (
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
          (f"{_RUN}test_reuse.py::test_a_selector_that_was_used_with_another_key_is_refused",)),
    Fault(15, "placeholder p=", "プレースホルダの公開", ("DNS-PLACEHOLDER",),
          (f"{_DNS}test_15_a_placeholder", _IN_ZONE)),
    Fault(16, "NXDOMAIN at one server", "1 台だけ NXDOMAIN", ("DNS-PUBLISHED",), (_WORLD, _IN_ZONE)),
    Fault(17, "one stale server", "1 台だけ古いゾーン", ("DNS-PUBLISHED",), (_SERVED, _IN_ZONE)),
    Fault(18, "lame server", "ゾーンを持たないサーバー", ("DNS-ANSWERS",),
          (f"{_DNS}test_18_a_lame_server", f"{_ZONE}test_18_a_lame_server")),
    Fault(19, "SERVFAIL", "SERVFAIL", ("DNS-ANSWERS",),
          (f"{_DNS}test_19_servfail", f"{_ZONE}test_19_a_server_that_could_not_load_its_zone")),
    Fault(20, "truncated answer, TCP blocked", "切り詰められた応答と TCP の遮断", ("DNS-ANSWERS",),
          (f"{_DNS}test_20_a_truncated_answer_where_tcp_is_blocked",)),
    Fault(21, "a negative cache still holds", "ネガティブキャッシュが残っている", ("TIME-ACTIVATE",),
          (f"{_RUN}test_dns_faults.py::test_a_record_published_since_an_earlier_run_waits_for_caches",
           f"{_ZONE}test_21_a_negative_cache_says_until_when")),
    Fault(22, "wildcard TXT", "ワイルドカードの TXT", ("DNS-WILDCARD",), (_SERVED, _IN_ZONE)),
    Fault(23, "two TXT records", "TXT が 2 つ", ("DNS-SINGLE",), (_SERVED, _IN_ZONE)),
    Fault(24, "CNAME loop", "CNAME のループ", ("DNS-CNAME",), (_SERVED, _IN_ZONE)),
    Fault(25, "parent and child NS sets differ", "親子の NS の不一致", ("DNS-DELEGATION",),
          (f"{_DNS}test_25_parent_and_child_ns_sets", f"{_ZONE}test_25_parent_and_child_ns_sets",
           f"{_RUN}test_from_the_root.py::test_parent_and_child_that_differ_are_refused")),
    Fault(26, "TTL changed since the plan", "計画後の TTL の変更", ("TIME-ACTIVATE",),
          (f"{_DNS}test_26_a_ttl_that_changed_since_the_plan",)),
    Fault(37, "two operators at once", "2 人が同時に実行", ("PLAN-LOCK",),
          (f"{_RUN}test_two_operators.py::test_the_other_is_told_who_is_at_it_since_when",
           "tests/procedure/test_locking.py::test_of_several_that_begin_at_once_one_writes")),
    Fault(38, "a dead operator's lock is taken over", "異常終了した実行のロックの引き継ぎ", ("PLAN-LOCK",),
          ("tests/procedure/test_locking.py::test_another_process_of_this_machine_is_named",)),
)  # fmt: skip
