"""Live syslog: a server that receives lines over TCP at a steady rate, and the latency from line to report.

The sender is a separate process; the server is ``opencasb serve`` as installed. The lines of each slice of a second go
to their own host, so the report shows when the first line of that slice is counted: a line's latency is the time from
sending until the usage of its host can be read. Loss is what is missing from the usage at the end.
"""

from __future__ import annotations

import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.measure import environment

RATE: Final = 30_000
SECONDS: Final = 60
SLICES: Final = 10
"""Hosts per second: lines are distinguished to a tenth of a second."""
PATIENCE: Final = 120
WARM_UP: Final = 10**6
"""Slice of the warm-up line."""
GOAL_SECONDS: Final = 5.0
PYTHON: Final = sys.executable


def line(slice_number: int, number: int) -> str:
    """Return a Squid line with a syslog header, to the host of its slice."""
    stamp = time.strftime("%b %e %H:%M:%S", time.gmtime())
    return (
        f"<134>{stamp} proxy1 squid[7]: {time.time():.3f}    382 10.0.{number % 8}.{number % 250} TCP_MISS/200 {number}"
        f" GET http://s.bench-{slice_number}.com/{number} user{number % 2000} HIER_DIRECT/203.0.113.7 text/html\n"
    )


def send(port: int, rate: int, seconds: int) -> None:
    """Send at a steady rate, and print the start time of each slice."""
    each = rate // SLICES
    with socket.create_connection(("127.0.0.1", port)) as connection:
        started = time.time()
        for slice_number in range(seconds * SLICES):
            wait = started + slice_number / SLICES - time.time()
            time.sleep(max(0.0, wait))
            sys.stdout.write(f"{slice_number} {time.time()}\n")
            connection.sendall("".join(line(slice_number, number) for number in range(each)).encode())
        sys.stdout.write(f"behind {time.time() - started - seconds}\n")


def seen(data: Path) -> dict[int, int]:
    """Return slice → its transactions in the lake."""
    import polars as pl

    from opencasb.app import Casb
    from opencasb.settings import Settings

    casb = Casb(Settings(data=data))
    tenant = casb.tenants.all()[0].tenant_id
    found = casb.lake.usage(tenant).group_by("app_id").agg(pl.col("transactions").sum()).collect()
    names = casb.unlisted_apps.all(tenant)
    counts: dict[int, int] = {}
    for app_id, transactions in found.iter_rows():
        name = names.get(app_id, "")
        if name.startswith("bench-"):
            counts[int(name.removeprefix("bench-").partition(".")[0])] = transactions
    return counts


@contextmanager
def server(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server with one syslog source."""
    program = "from opencasb.program import main; main()"
    common = ["--data", str(data)]

    def run(*words: str) -> None:
        subprocess.run([PYTHON, "-c", program, *words, *common], check=True, stdout=subprocess.DEVNULL)

    run("init")
    run(
        "source",
        "create",
        "--name",
        "edge",
        "--source",
        "SQUID_NATIVE",
        "--receiver",
        "syslog-tcp",
        "--port",
        str(port),
    )
    ports = {"OPENCASB_PORT": "0", "OPENCASB_HTTP_PORT": "0"}
    with subprocess.Popen([PYTHON, "-c", program, "serve", *common], env={**environment(), **ports}) as process:
        try:
            _until_open(process, port)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def _warm_up(data: Path, port: int) -> None:
    """Wait until one line is counted, so that the parsing process has started."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(line(WARM_UP, 1).encode())
    until = time.time() + PATIENCE
    while WARM_UP not in seen(data) and time.time() < until:
        time.sleep(0.2)


def _until_open(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.time() + PATIENCE
    while time.time() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nobody listens at {port}")


def run(work: Path, rate: int, seconds: int) -> str:
    """Measure and return a Markdown table."""
    import shutil

    data = work / "syslog"
    shutil.rmtree(data, ignore_errors=True)
    port = _free_port()
    arrived: dict[int, float] = {}
    wanted = rate // SLICES
    with server(data, port):
        _warm_up(data, port)
        command = [PYTHON, "-m", "bench.syslog", "send", str(port), str(rate), str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
            counts: dict[int, int] = {}
            until = time.time() + seconds + PATIENCE
            while len(arrived.keys() - {WARM_UP}) < seconds * SLICES and time.time() < until:
                counts = seen(data)
                now = time.time()
                for slice_number, count in counts.items():
                    if count >= wanted:
                        arrived.setdefault(slice_number, now)
                time.sleep(0.2)
            said = sender.communicate()[0].split("\n")
    begun = {int(words[0]): float(words[1]) for words in map(str.split, said) if words and words[0].isdigit()}
    behind = next((float(words[1]) for words in map(str.split, said) if words and words[0] == "behind"), 0.0)
    waits = sorted(arrived[number] - begun[number] for number in arrived if number in begun)
    return _table(waits, rate, seconds, sum(count for number, count in counts.items() if number != WARM_UP), behind)


def _table(waits: list[float], rate: int, seconds: int, counted: int, behind: float) -> str:
    sent = rate // SLICES * SLICES * seconds
    p99 = waits[min(len(waits) - 1, int(len(waits) * 0.99))] if waits else float("nan")
    return "\n".join(
        [
            f"{rate:,} lines a second over one TCP connection for {seconds} seconds, all on one machine.",
            "",
            "| measured | |",
            "|---|---:|",
            f"| lines sent | {sent:,} |",
            f"| lines in the report | {counted:,} |",
            f"| lost | {sent - counted:,} |",
            f"| sender behind its rate at the end, seconds | {behind:.1f} |",
            f"| line to report, p50, seconds | {statistics.median(waits) if waits else float('nan'):.1f} |",
            f"| line to report, p99, seconds (goal: under {GOAL_SECONDS:.0f}) | {p99:.1f} |",
            f"| line to report, longest, seconds | {max(waits, default=float('nan')):.1f} |",
        ]
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["send", port, rate, seconds]:
            send(int(port), int(rate), int(seconds))
