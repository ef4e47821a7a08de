"""The sandbox's scenarios, each as one claim about the world it makes, and what the standing sandbox says."""

from __future__ import annotations

from typing import Final

SCENARIOS: Final[dict[str, tuple[str, str]]] = {
    "ready": (
        "SES signs with the current selector, and the next key record stands at every name server.",
        "SES は現行セレクタで署名しており、次のセレクタの鍵レコードはすべてのネームサーバーで公開済みです。",
    ),
    "dns-absent": (
        "The next key record is not published yet.",
        "次のセレクタの鍵レコードはまだ公開されていません。",
    ),
    "stale-name-server": (
        "The second name server holds an older zone without the next key record.",
        "2 台目のネームサーバーのゾーンが古く、次のセレクタの鍵レコードがありません。",
    ),
    "truncated-request": (
        "The public key in the secret was cut short, and DNS serves the same cut value.",
        "シークレットの公開鍵が途中で切れており、DNS も同じ欠けた値を返します。",
    ),
    "secret-mismatch": (
        "The public key in the secret and in DNS does not pair with the private key in S3.",
        "シークレットと DNS の公開鍵が、S3 の秘密鍵と対になっていません。",
    ),
    "already-rotated": (
        "SES already signs with the next selector and has verified it.",
        "SES はすでに次のセレクタで署名しており、検証も済んでいます。",
    ),
    "easy-dkim": (
        "The identity is on Easy DKIM (origin AWS_SES), not on BYODKIM.",
        "ID は BYODKIM ではなく Easy DKIM（属性起源 AWS_SES）を使っています。",
    ),
    "unprepared": (
        "There is no next key pair yet: neither in the secret, nor in the bucket, nor in DNS.",
        "次の鍵ペアはまだありません（シークレット、バケット、DNS のいずれにもなし）。",
    ),
    "overlap": (
        "SES has signed with the next selector for 8 days; the key record of the one before it is still published.",
        "SES は 8 日前から次のセレクタで署名しています。以前のセレクタの鍵レコードは公開されたままです。",
    ),
    "places": (
        "Three places sign with the current selector: two Regions of the account, and one of another account.",
        "3 か所（同じアカウントの 2 リージョンと、別アカウントの 1 リージョン）の SES が現行セレクタで署名しています。",
    ),
    "fleet": (
        "A dozen identities beside the own one, each with a secret, keys and key records: most can be switched, one each "
        "lacks its key record, its key pair, or is on Easy DKIM.",
        "自身のほかに、シークレット・鍵・鍵レコードを備えた ID が 12 件あります。大半は切替可能で、鍵レコードの未公開、鍵ペアの未作成、"
        "Easy DKIM などが 1 件ずつ含まれます。",
    ),
    "previous-failed": (
        "SES gave up on the current selector (FAILED); neither key record is in DNS.",
        "現行セレクタの検証は失敗（FAILED）しており、どちらの鍵レコードも DNS にありません。",
    ),
}

STANDING: Final = (
    """\
The sandbox stands: {scenario}. {claim}

For boto3 and the AWS CLI, in another shell:
  export AWS_ENDPOINT_URL={endpoint_url}
  export AWS_ACCESS_KEY_ID=sandbox
  export AWS_SECRET_ACCESS_KEY=sandbox
  export AWS_DEFAULT_REGION={region}

Look at it:
  aws sesv2 get-email-identity --email-identity {domain}
  dig @{server} -p {dns_port} +short TXT {selector}._domainkey.{domain}

Rotate in it:
  papermill notebooks/rotate.ipynb outputs/rehearsal.ipynb -p selector {selector} -p mode apply -p target sandbox \\
    -p endpoint_url {endpoint_url} -p nameservers {nameservers}

Change it:
  byodkim sandbox advance 72h --port {port}
  byodkim sandbox reset --scenario dns-absent --port {port}

Ctrl-C stops it.""",
    """\
サンドボックスが起動しました：{scenario}。{claim}

boto3 と AWS CLI から使うには、別のシェルで次を実行します。
  export AWS_ENDPOINT_URL={endpoint_url}
  export AWS_ACCESS_KEY_ID=sandbox
  export AWS_SECRET_ACCESS_KEY=sandbox
  export AWS_DEFAULT_REGION={region}

状態を見る：
  aws sesv2 get-email-identity --email-identity {domain}
  dig @{server} -p {dns_port} +short TXT {selector}._domainkey.{domain}

切り替えを試す：
  papermill notebooks/rotate.ipynb outputs/rehearsal.ipynb -p selector {selector} -p mode apply -p target sandbox \\
    -p endpoint_url {endpoint_url} -p nameservers {nameservers}

状態を変える：
  byodkim sandbox advance 72h --port {port}
  byodkim sandbox reset --scenario dns-absent --port {port}

Ctrl-C で終了します。""",
)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **{f"scenario-{name}": claims for name, claims in SCENARIOS.items()},
    "standing": STANDING,
    "not-started": ("The sandbox did not start: {reason}.", "サンドボックスを開始できません（{reason}）。"),
    "not-started.todo": (
        'Install the package with its sandbox extra: pip install "byodkim[sandbox]".',
        'sandbox の追加パッケージを含めてインストールしてください: pip install "byodkim[sandbox]"。',
    ),
    "silent": ("No sandbox answers at {endpoint_url}.", "{endpoint_url} にサンドボックスの応答がありません。"),
    "silent.todo": (
        "Start one with `byodkim sandbox`, or correct the address.",
        "`byodkim sandbox` で起動するか、アドレスを確認してください。",
    ),
    "another-version": (
        "What answers there is no sandbox of this version.",
        "応答したのはこのバージョンのサンドボックスではありません。",
    ),
    "another-version.todo": (
        "Stop it, and start one with `byodkim sandbox` of this version.",
        "それを停止し、このバージョンの `byodkim sandbox` で起動し直してください。",
    ),
}
