"""Words of a session with AWS that cannot be made: one sentence, and the command that mends it."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "no-profile": (
        "There is no AWS profile named {profile} on this machine.",
        "この端末に AWS プロファイル {profile} がありません。",
    ),
    "no-profile.todo": (
        "List those that there are (aws configure list-profiles) and correct aws_profile, or create it: "
        "aws configure sso --profile {profile}",
        "一覧（aws configure list-profiles）を確認して aws_profile を修正するか、作成してください: "
        "aws configure sso --profile {profile}",
    ),
    "no-credentials": (
        "No AWS credentials were found for {profile}.",
        "{profile} の認証情報が見つかりません。",
    ),
    "expired": (
        "The AWS sign-in of {profile} has expired ({code}).",
        "{profile} の AWS サインインが期限切れです（{code}）。",
    ),
    "not-accepted": (
        "AWS does not accept the credentials of {profile} ({code}).",
        "{profile} の認証情報が AWS に拒否されました（{code}）。",
    ),
    "other": (
        "No session with AWS could be made for {profile} ({code}{message}).",
        "{profile} の AWS セッションを作成できません（{code}{message}）。",
    ),
    "other.todo": (
        "Check aws_profile and region; sign in again where the sign-in has expired: {command}",
        "aws_profile と region を確認し、期限切れの場合は再度サインインしてください: {command}",
    ),
    "todo": (
        "Sign in, then run the same command again: {command}",
        "サインイン後、同じコマンドを再実行してください: {command}",
    ),
    "profile": ("the AWS profile {profile}", "AWS プロファイル {profile}"),
    "default": ("the default AWS profile", "既定の AWS プロファイル"),
    "command": ("aws sso login --profile {profile}", "aws sso login --profile {profile}"),
    "command.default": (
        "aws sso login (and name the profile with -p aws_profile NAME where it is not the default one)",
        "aws sso login（既定以外のプロファイルは -p aws_profile で指定）",
    ),
}
