"""How each program writes its log: formats and typical lines, at several levels.

Every line depends on a seed and a time alone, so the same moment always reads the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.demo.objects import Obj, fraction

Say = Callable[[datetime, str], str]


@dataclass(frozen=True, slots=True)
class Voice:
    """A program's way to log.

    Attributes:
        opening: lines when it starts: seconds after the start and a way to say it.
        every_s: seconds between later lines in the mean; 0 for a program that says nothing more.
        say: a later line for a time and a seed.
    """

    opening: tuple[tuple[float, Say], ...] = ()
    every_s: float = 0
    say: Say = lambda _moment, _seed: ""


def _pick(seed: str, *choices: str) -> str:
    return choices[int(fraction(seed) * len(choices))]


def _number(seed: str, low: int, high: int) -> int:
    return low + int(fraction(seed, "n") * (high - low))


def _shop_line(service: str, level: str, text: str) -> Say:
    return lambda moment, _seed: f"{_shop_time(moment)} {level:<5} {service} {text}"


def _shop_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _shop(service: str, infos: tuple[str, ...], warnings: tuple[str, ...], errors: tuple[str, ...]) -> Say:
    def say(moment: datetime, seed: str) -> str:
        chance = fraction(seed, "level")
        if chance < 0.015:
            level, choices = "ERROR", errors
        elif chance < 0.07:
            level, choices = "WARN", warnings
        elif chance < 0.22:
            level, choices = "DEBUG", ("cache lookup key=session:{id} hit=true", "pool idle=7 busy=1 waiting=0")
        else:
            level, choices = "INFO", infos
        text = _pick(seed, *choices).replace("{id}", f"{_number(seed, 10_000, 99_999)}")
        text = text.replace("{ms}", str(_number(seed + "ms", 3, 180))).replace("{n}", str(_number(seed, 1, 9)))
        return (
            f"{_shop_time(moment)} {level:<5} {service} {text} request_id={_number(seed + 'r', 2**28, 2**32 - 1):08x}"
        )

    return say


_CART: Final = Voice(
    opening=(
        (0.1, _shop_line("cart", "INFO", "starting version=2.3.1 pid=1")),
        (0.3, _shop_line("cart", "INFO", "configuration read from /etc/cart/config.yaml")),
        (0.9, _shop_line("cart", "INFO", "connected to orders-db pool_size=8")),
        (1.0, _shop_line("cart", "INFO", "listening address=0.0.0.0:8080")),
    ),
    every_s=4,
    say=_shop(
        "cart",
        (
            "GET /cart/{id} status=200 duration_ms={ms}",
            "POST /cart/{id}/items status=201 duration_ms={ms}",
            "DELETE /cart/{id}/items/{n} status=204 duration_ms={ms}",
            "cart expired id={id} items={n}",
        ),
        ("slow query table=carts duration_ms=8{ms}", "retrying upstream=inventory attempt=2"),
        ("upstream=inventory failed status=503 duration_ms=30{ms}",),
    ),
)
_CHECKOUT: Final = Voice(
    opening=(
        (0.1, _shop_line("checkout", "INFO", "starting version=3.0.4 pid=1")),
        (0.6, _shop_line("checkout", "INFO", "feature flags loaded count=14")),
        (1.1, _shop_line("checkout", "INFO", "listening address=0.0.0.0:8080")),
    ),
    every_s=6,
    say=_shop(
        "checkout",
        (
            "order placed id={id} items={n} duration_ms={ms}",
            "POST /checkout/{id} status=200 duration_ms={ms}",
            "GET /orders/{id} status=200 duration_ms={ms}",
        ),
        ("payments-api unavailable, order queued id={id}", "price changed during checkout id={id}"),
        ('payment failed order={id} reason="connection refused: payments-api:8080"',),
    ),
)
_PAYMENTS: Final = Voice(
    opening=(
        (0.1, _shop_line("payments-api", "INFO", "starting version=1.8.2 pid=1")),
        (0.4, _shop_line("payments-api", "INFO", "configuration read from /etc/payments/config.yaml")),
        (0.9, _shop_line("payments-api", "INFO", "connecting to database host=orders-db port=5432 user=payments")),
        (1.3, _shop_line("payments-api", "WARN", "environment variable DATABASE_PASSWORD is not set")),
        (2.1, _shop_line("payments-api", "ERROR", "database password is missing: set DATABASE_PASSWORD")),
        (2.4, _shop_line("payments-api", "FATAL", "cannot start without a database connection, exiting with code 1")),
    ),
)
_PAYMENTS_HEALTHY: Final = Voice(
    opening=(
        (0.1, _shop_line("payments-api", "INFO", "starting version=1.8.2 pid=1")),
        (0.9, _shop_line("payments-api", "INFO", "connecting to database host=orders-db port=5432 user=payments")),
        (1.6, _shop_line("payments-api", "INFO", "connected to database, schema version 42")),
        (2.2, _shop_line("payments-api", "INFO", "listening address=0.0.0.0:8080")),
    ),
    every_s=7,
    say=_shop(
        "payments-api",
        ("payment authorized id={id} duration_ms={ms}", "GET /payments/{id} status=200 duration_ms={ms}"),
        ("provider slow id={id} duration_ms=9{ms}",),
        ("payment declined id={id} reason=insufficient_funds",),
    ),
)


def _nginx_access(moment: datetime, seed: str) -> str:
    chance = fraction(seed, "level")
    client = f"10.244.{_number(seed, 0, 3)}.{_number(seed + 'c', 20, 240)}"
    path = _pick(
        seed, "/", "/", "/products/1042", "/cart", "/checkout", "/static/app.css", "/search?q=lamp", "/healthz"
    )
    if chance < 0.02:
        peer = f"10.96.0.{_number(seed, 10, 200)}:8080"
        words = (
            f'upstream timed out (110: Connection timed out) while reading response header, upstream: "http://{peer}/"'
        )
        return f"{moment:%Y/%m/%d %H:%M:%S} [error] 29#29: *{_number(seed, 900, 9_999)} {words}"
    if chance < 0.05:
        words = "a client request body is buffered to a temporary file /var/cache/nginx/client_temp/0000000017"
        return f"{moment:%Y/%m/%d %H:%M:%S} [warn] 29#29: *{_number(seed, 900, 9_999)} {words}"
    status = "404" if chance < 0.09 else "304" if chance < 0.25 else "200"
    agent = _pick(seed + "a", "Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (iPhone)", "curl/8.5.0")
    if path == "/healthz":
        status, agent = "200", "kube-probe/1.32"
    size = 0 if status == "304" else _number(seed, 180, 24_000)
    return f'{client} - - [{moment:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {status} {size} "-" "{agent}" "-"'


def _nginx_notice(text: str) -> Say:
    return lambda moment, _seed: f"{moment:%Y/%m/%d %H:%M:%S} [notice] 1#1: {text}"


_NGINX: Final = Voice(
    opening=(
        (0.1, lambda _m, _s: "/docker-entrypoint.sh: Configuration complete; ready for start up"),
        (0.2, _nginx_notice('using the "epoll" event method')),
        (0.2, _nginx_notice("nginx/1.27.5")),
        (0.3, _nginx_notice("start worker processes")),
    ),
    every_s=3,
    say=_nginx_access,
)


def _postgres_at(text: str, level: str = "LOG") -> Say:
    return lambda moment, _seed: f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} UTC [1] {level}:  {text}"


def _postgres(moment: datetime, seed: str) -> str:
    chance = fraction(seed, "level")
    text = "checkpoint complete: wrote {n} buffers (0.3%); 0 WAL file(s) added, 0 removed, 0 recycled; write=4.2 s"
    level = "LOG"
    if chance < 0.04:
        level, text = "ERROR", 'duplicate key value violates unique constraint "orders_pkey"'
    elif chance < 0.12:
        level, text = "FATAL", 'password authentication failed for user "payments"'
    elif chance < 0.4:
        text = "duration: {n}4.207 ms  statement: SELECT * FROM orders WHERE customer_id = $1 ORDER BY created_at"
    elif chance < 0.7:
        text = "checkpoint starting: time"
    text = text.replace("{n}", str(_number(seed, 10, 99)))
    process = _number(seed, 60, 400)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} UTC [{process}] {level}:  {text}"


_POSTGRES: Final = Voice(
    opening=(
        (0.2, _postgres_at("starting PostgreSQL 16.9 on x86_64-pc-linux-gnu, compiled by gcc 12.2.0, 64-bit")),
        (0.3, _postgres_at('listening on IPv4 address "0.0.0.0", port 5432')),
        (0.9, _postgres_at("database system is ready to accept connections")),
    ),
    every_s=20,
    say=_postgres,
)


def _klog(component: str, lines: tuple[str, ...], warnings: tuple[str, ...] = ()) -> Say:
    def say(moment: datetime, seed: str) -> str:
        warn = bool(warnings) and fraction(seed, "level") < 0.08
        text = _pick(seed, *(warnings if warn else lines))
        mark = "W" if warn else "I"
        stamp = f"{moment:%m%d %H:%M:%S}.{moment.microsecond:06d}"
        return f"{mark}{stamp}       1 {component}.go:{_number(seed, 80, 700)}] {text}"

    return say


def _logfmt(lines: tuple[str, ...], warnings: tuple[str, ...] = ()) -> Say:
    def say(moment: datetime, seed: str) -> str:
        warn = bool(warnings) and fraction(seed, "level") < 0.08
        text = _pick(seed, *(warnings if warn else lines)).replace("{n}", str(_number(seed, 10, 900)))
        return f"time={_shop_time(moment)} level={'WARN' if warn else 'INFO'} {text}"

    return say


def _coredns(moment: datetime, seed: str) -> str:
    if fraction(seed, "level") < 0.06:
        return '[WARNING] plugin/health: Local health request to "http://:8080/health" took more than 1s: 1.004s'
    name = _pick(seed, "orders-db.shop.svc.cluster.local.", "cart.shop.svc.cluster.local.", "registry.local.")
    peer = f"10.244.{_number(seed, 0, 3)}.{_number(seed + 'p', 20, 240)}:{_number(seed, 32_768, 60_999)}"
    query = f'{_number(seed, 1, 65_535)} "A IN {name} udp 51 false 1232" NOERROR qr,aa,rd 100'
    return f"[INFO] {peer} - {query} 0.000{_number(seed, 101, 999)}s"


_MIGRATE: Final = Voice(
    opening=(
        (0.2, _shop_line("db-migrate", "INFO", "connecting to orders-db:5432")),
        (0.9, _shop_line("db-migrate", "INFO", "applying 0041_add_order_index")),
        (2.2, _shop_line("db-migrate", "INFO", "applying 0042_widen_customer_name")),
        (3.4, _shop_line("db-migrate", "INFO", "2 migrations applied, schema version 42")),
    )
)
_REPORT: Final = Voice(
    opening=(
        (0.2, _shop_line("nightly-report", "INFO", "collecting orders of the last day")),
        (2.0, _shop_line("nightly-report", "INFO", "1284 orders, 17 refunds")),
        (3.5, _shop_line("nightly-report", "INFO", "report written to /reports/daily.csv")),
    )
)
_SCHEMA: Final = Voice(
    opening=(
        (0.2, lambda _m, _s: "init-schema: directory /var/lib/postgresql/data exists"),
        (0.5, lambda _m, _s: "init-schema: schema is up to date (version 42)"),
    )
)
_PLAIN: Final = Voice(
    opening=((0.1, _shop_line("app", "INFO", "started")),),
    every_s=15,
    say=_shop(
        "app",
        ("tick n={n}", "handled id={id} duration_ms={ms}"),
        ("slow request duration_ms=9{ms}",),
        ("failed id={id}",),
    ),
)

_BY_CONTAINER: Final[dict[str, Voice]] = {
    "cart": _CART,
    "cart-canary": _CART,
    "checkout": _CHECKOUT,
    "orders-db": _POSTGRES,
    "init-schema": _SCHEMA,
    "db-migrate": _MIGRATE,
    "nightly-report": _REPORT,
    "coredns": Voice(((0.1, lambda _m, _s: "CoreDNS-1.11.3"),), 8, _coredns),
    "kube-proxy": Voice(every_s=240, say=_klog("proxier", ("Syncing iptables rules", "SyncProxyRules complete"))),
    "metrics-server": Voice(
        every_s=90,
        say=_klog("server", ("Scraping metrics from 3 nodes", "Storing metrics"), ("Failed to scrape node, retrying",)),
    ),
    "node-exporter": Voice(
        every_s=300, say=_logfmt(('msg="scrape served" duration=0.0{n}s',), ('msg="collector failed" name=hwmon',))
    ),
    "prometheus": Voice(
        every_s=60,
        say=_logfmt(
            (
                'component=tsdb msg="write block completed" duration={n}ms',
                'component=tsdb msg="WAL checkpoint complete"',
            ),
            ('component="scrape manager" msg="scrape exceeded timeout" target=http://payments-api:8080/metrics',),
        ),
    ),
    "grafana": Voice(
        every_s=45,
        say=_logfmt(
            ('logger=context msg="Request Completed" method=GET path=/api/dashboards/home status=200 duration={n}ms',),
            ('logger=ngalert.scheduler msg="Tick dropped because alert rule evaluation is too slow"',),
        ),
    ),
    "controller": Voice(every_s=6, say=_nginx_access),
    "ingress-nginx": Voice(every_s=6, say=_nginx_access),
    "cert-manager": Voice(
        every_s=120,
        say=_klog(
            "controller",
            ('"Certificate is up to date" name="shop-tls" namespace="shop"',),
            ('"Certificate expires in 21 days" name="shop-tls"',),
        ),
    ),
}  # fmt: skip


def voice_of(container: Obj) -> Voice:
    """The voice of a container.

    Args:
        container: from the pod's spec.
    """
    name, image = str(container["name"]), str(container.get("image", ""))
    if name == "payments-api" or "/payments-api" in image:
        names = {entry.get("name") for entry in container.get("env") or ()}
        return _PAYMENTS_HEALTHY if "DATABASE_PASSWORD" in names else _PAYMENTS
    if name in _BY_CONTAINER:
        return _BY_CONTAINER[name]
    if image.partition(":")[0] == "nginx":
        return _NGINX
    return _spoken(container) or _PLAIN


def _spoken(container: Obj) -> Voice | None:
    """What `echo` in a container's command would print."""
    words = [str(word) for word in [*(container.get("command") or ()), *(container.get("args") or ())]]
    if not words:
        return Voice() if str(container.get("image", "")).startswith("busybox") else None
    line = words[-1] if len(words) > 2 and words[1] == "-c" else " ".join(words)
    said = [
        part.strip().removeprefix("echo ").strip().strip("\"'")
        for part in line.replace("&&", ";").split(";")
        if part.strip().startswith("echo ")
    ]
    return Voice(opening=tuple((0.1, _quoted(text)) for text in said))


def _quoted(text: str) -> Say:
    return lambda _moment, _seed: text
