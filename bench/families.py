# ruff: noqa: E501 -- lines of logs are long
"""A synthetic log for each vendor family, and a bare script that parses it.

The lines are seeded and share one shape per family, varying in what costs time: users, hosts, addresses, sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bench.logs import _draws as draws

if TYPE_CHECKING:
    import polars as pl

Bare = Callable[["pl.DataFrame"], "pl.DataFrame"]
"""Takes lines (column ``line``) and returns the columns that the product produces, as far as the log has them.

These are time, ip, user, host, server (the destination's address), up, down, total, whether it was blocked and, where
fields tell, whether the record counts. They have the product's meaning (log formats §1): no user for a placeholder,
hosts in lower case, and only valid addresses.
"""

_NO_USER: Final = ("", "-", "n/a", "na", "none", "unknown", "anonymous", "(null)", "null")
_BLOCK: Final = r"(?i)block|den(?:y|ied)|drop|reject|reset"
_ADDRESS: Final = r"^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+)$"


@dataclass(frozen=True, slots=True)
class Family:
    """A family: its source type, a line template with fields in braces, and the bare parser."""

    source: str
    line: str
    bare: Bare
    head: str = ""

    def lines(self, count: int) -> Iterator[str]:
        """Yield lines."""
        yield self.head
        for number, (now, client, user, host, up, down, connect, path) in enumerate(draws(count)):
            when = datetime.fromtimestamp(now, UTC)
            yield self.line.format(
                n=number, c=client, u=user, h=host, s=f"203.0.113.{number % 250}", up=up, down=down, p=path, e=int(now),
                ms=int(now * 1000), day=f"{when:%Y-%m-%d}", clock=f"{when:%H:%M:%S}", bsd=f"{when:%b %e %H:%M:%S}",
                verb="CONNECT" if connect else "GET", cp=f"{when:%d%b%Y}", apache=f"{when:%d/%b/%Y:%H:%M:%S}",
                slash=f"{when:%Y/%m/%d}", act="block" if number % 50 == 0 else "allow",
            )  # fmt: skip


def keys(time: str | tuple[str, str], time_format: str, **patterns: str) -> Bare:
    """Return a bare parser that finds each value by a regular expression; a time may have two parts."""

    def read(lines: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        line = pl.col("line")
        found = {name: line.str.extract(pattern) for name, pattern in patterns.items()}
        times = [line.str.extract(part) for part in ((time,) if isinstance(time, str) else time) if part]
        return _typed(lines, found, times, time_format)

    return read


def columns(separator: str, time: int | tuple[int, int], time_format: str, **places: int) -> Bare:
    """Return a bare parser for separated columns without quoting."""

    def read(lines: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        times = time if isinstance(time, tuple) else (time,)
        parts = pl.col("line").str.split_exact(separator, max(*places.values(), *times)).struct
        found = {name: parts.field(f"field_{place}") for name, place in places.items()}
        return _typed(lines, found, [parts.field(f"field_{place}") for place in times], time_format)

    return read


def quoted(
    separator: str, time: int | tuple[int, int], time_format: str, left: dict[int, str] | None = None, **places: int
) -> Bare:
    """Return a bare parser for columns that may be quoted, using the CSV reader. Of a ``url`` the host is taken.

    ``left`` maps a column to a regular expression; records whose value matches it do not count.
    """
    left = left or {}

    def read(lines: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        times = time if isinstance(time, tuple) else (time,)
        wanted = sorted({*places.values(), *times, *left})
        header = pl.Series([separator.join(map(str, range(wanted[-1] + 1)))])
        text = header.append(lines["line"]).str.join("\n").cast(pl.Binary).item()
        cut = pl.read_csv(
            text,
            separator=separator,
            columns=[str(place) for place in wanted],
            infer_schema=False,
            truncate_ragged_lines=True,
        )
        found = {name: pl.col(str(place)) for name, place in places.items()}
        if "url" in found:
            found["host"] = found.pop("url").str.splitn("/", 2).struct[0]
        if left:
            found["ignored"] = pl.any_horizontal(pl.col(str(place)).str.contains(look) for place, look in left.items())
        return _typed(cut, found, [pl.col(str(place)) for place in times], time_format)

    return read


def _typed(lines: pl.DataFrame, found: dict[str, pl.Expr], times: list[pl.Expr], time_format: str) -> pl.DataFrame:
    import polars as pl

    sizes = [name for name in ("up", "down") if name in found]
    for name in {*sizes, "total"} & set(found):
        found[name] = found[name].cast(pl.Int64, strict=False)
    if sizes and "total" not in found:
        found["total"] = pl.sum_horizontal(found[name] for name in sizes)
    for name in {"ip", "server"} & set(found):
        found[name] = pl.when(found[name].str.contains(_ADDRESS)).then(found[name])
    if "user" in found:
        found["user"] = pl.when(~found["user"].str.to_lowercase().is_in(_NO_USER)).then(found["user"])
    if "host" in found:
        found["host"] = found["host"].str.to_lowercase()
    if "action" in found:
        found["blocked"] = found.pop("action").str.contains(_BLOCK)
    if times:
        written = pl.concat_str(times, separator=" ") if len(times) > 1 else times[0]
        if time_format.startswith("%b %e %H:%M:%S") and "%Y" not in time_format:  # syslog has no year
            written, time_format = pl.lit("2025 ") + written, f"%Y {time_format}"
        found["time"] = (
            written.str.split(".").list.get(0).cast(pl.Int64, strict=False)
            // (1000 if time_format == "epoch ms" else 1)
            if time_format.startswith("epoch")
            else written.str.to_datetime(time_format, strict=False).dt.epoch("s")
        )
    return lines.lazy().select(**found).collect()


_ISO: Final = "%Y-%m-%d %H:%M:%S"
_URL: Final = r"(?:https?://)([^/:\s\"]+)"

FAMILIES: Final[dict[str, Family]] = {
    "squid": Family(
        "SQUID_NATIVE",
        "{e}.123    382 {c} TCP_MISS/200 {down} GET http://{h}{p} {u} HIER_DIRECT/{s} text/html\n",
        keys(
            r"^(\d+)", "epoch", ip=r"^\S+ +\S+ (\S+)", user=r"(\S+) HIER", host=_URL, down=r"/\d{3} (\d+)",
            server=r"HIER_DIRECT/(\S+)", action=r" (TCP_\w+/\d+)",
        ),
    ),
    "squid common": Family(
        "SQUID",
        '{c} - {u} [{apache} +0000] "GET http://{h}{p} HTTP/1.1" 200 {down} TCP_MISS:HIER_DIRECT\n',
        keys(
            r"\[([^\]]+)\]", "%d/%b/%Y:%H:%M:%S %z", ip=r"^(\S+)", user=r"^\S+ \S+ (\S+)", host=_URL, down=r'" \d+ (\d+)',
            action=r" (TCP_\w+):",
        ),
    ),
    "cef": Family(
        "GENERIC_CEF_SYSLOG",
        "<134>{bsd} gw1 CEF:0|Ex|Gw|1|100|web|3|rt={ms} src={c} suser={u} dhost={h} request=http://{h}{p} act={act}"
        " out={up} in={down} dst={s}\n",
        keys(
            r"rt=(\d+)", "epoch ms", ip=r" src=(\S+)", user=r" suser=(\S+)", host=r" dhost=(\S+)", up=r" out=(\S+)",
            down=r" in=(\S+)", server=r" dst=(\S+)", action=r" act=(\S+)",
        ),
    ),
    "leef": Family(
        "GENERIC_LEEF_SYSLOG",
        "<134>{bsd} gw1 LEEF:1.0|Example|Proxy|1|allowed|devTime={ms}\tusrName={u}\tsrc={c}\tdst={s}\turl=https://{h}/{n}"
        "\tsrcBytes={up}\tdstBytes={down}\n",
        keys(
            r"devTime=(\d+)", "epoch ms", ip=r"\tsrc=(\S+)", user=r"\tusrName=(\S+)", host=_URL, up=r"srcBytes=(\S+)",
            down=r"dstBytes=(\S+)", server=r"\tdst=(\S+)", action=r"\|1\|(\w+)\|",
        ),
    ),
    "fortinet": Family(
        "FORTIGATE",
        'date={day} time={clock} devname="fw1" devid="FG100" logid="0000000013" type="traffic" subtype="forward"'
        ' level="notice" vd="root" srcip={c} srcport=5000 srcintf="lan" dstip={s} dstport=443 dstintf="wan" sessionid={n}'
        ' proto=6 action="{act}" policyid=7 service="HTTPS" user="{u}" hostname="{h}" app="x, y" duration=7'
        " sentbyte={up} rcvdbyte={down} sentpkt=9 rcvdpkt=9\n",
        keys(
            (r"date=(\S+)", r" time=(\S+)"), _ISO, ip=r" srcip=(\S+)", user=r' user="([^"]*)"', host=r' hostname="([^"]*)"',
            up=r" sentbyte=(\d+)", down=r" rcvdbyte=(\d+)", server=r" dstip=(\S+)", action=r' action="([^"]*)"',
        ),
    ),
    "palo alto": Family(
        "PALO_ALTO",
        "1,{slash} {clock},001801000000,TRAFFIC,end,1,{slash} {clock},{c},{s},0.0.0.0,0.0.0.0,rule,corp\\{u},,ssl,vsys1,"
        "trust,untrust,e1,e2,fwd,{slash} {clock},{n},1,50000,443,0,0,0x0,tcp,allow,{down},{up},{down},9,{slash} {clock},30,"
        "any,0,1,0x0,10.0.0.0-10.255.255.255,US,0,4,5,tcp-fin\n",
        quoted(",", 6, "%Y/%m/%d %H:%M:%S", ip=7, user=12, server=8, up=32, down=33, total=31, action=30),
    ),
    "zscaler": Family(
        "ZSCALER",
        '"{bsd} 2025","{u}@example.com","HTTPS","{h}{p}","Allowed","General Browsing","General Browsing","{up}","{down}",'
        '"0","0","Web","General Surfing","Files","None","None","None","HQ","IT","{c}","{s}","GET","200","Browser/1.0 (x)",'
        '"None","None","None","None","None","None","pc1","10.0.0.1","x","y"\n',
        quoted(",", 0, "%b %e %H:%M:%S %Y", user=1, url=3, up=7, down=8, ip=19, server=20, action=4),
    ),
    "cisco asa": Family(
        "CISCO_ASA_SYSLOG",
        "<166>{bsd} fw1 : %ASA-6-302014: Teardown TCP connection {n} for outside:{s}/443 to inside:{c}/50000 duration 0:00:07"
        " bytes {down} TCP FINs ({u})\n",
        keys(
            r">(\w+ +\d+ \S+) ", "%b %e %H:%M:%S", server=r"outside:([\d.]+)/", ip=r"inside:([\d.]+)/",
            total=r"bytes (\d+)", user=r"\((\w+)\)", action=r"%ASA-\d-(\d+)",
        ),
    ),
    "cisco firepower": Family(
        "CISCO_FIREPOWER_V6_SYSLOG",
        "{day}T{clock}Z fw  %FTD-6-430003: EventPriority: Low, FirstPacketSecond: {day}T{clock}Z, ConnectionID: {n},"
        " AccessControlRuleAction: Allow, SrcIP: {c}, DstIP: {s}, SrcPort: 5, DstPort: 443, Protocol: tcp, ACPolicy: Main,"
        " User: {u}, InitiatorBytes: {up}, ResponderBytes: {down}, URL: https://{h}/{n}\n",
        keys(
            r"^(\S+)Z", "%Y-%m-%dT%H:%M:%S", ip=r"SrcIP: ([^,]+)", user=r"User: ([^,]+)", host=_URL,
            up=r"InitiatorBytes: (\d+)", down=r"ResponderBytes: (\d+)", server=r"DstIP: ([^,]+)",
            action=r"RuleAction: (\w+)",
        ),
    ),
    "cisco ironport": Family(
        "CISCO_IRONPORT_PROXY",
        "{e}.123 382 {c} TCP_MISS/200 {down} GET http://{h}{p} {u} DIRECT/{s} text/html"
        ' DEFAULT_CASE_12-Web-NONE-NONE-NONE-NONE-DefaultGroup <IW_swup,2.0,-,"-",-,-> - "Agent (x)"\n',
        keys(
            r"^(\d+)", "epoch", ip=r"^\S+ \S+ (\S+)", user=r"(\S+) DIRECT", host=_URL, down=r"/\d{3} (\d+)",
            server=r"DIRECT/(\S+)", action=r" (TCP_\w+/\d+)",
        ),
    ),
    "check point": Family(
        "CHECKPOINT",
        "time={e}|hostname=fw|product=Application Control|action=Accept|loguid={{0x1}}|origin=192.0.2.1|dst={s}|proto=6"
        "|resource=https://{h}/{n}|service=443|src={c}|src_user_name=Ann ({u})|\n",
        keys(
            r"time=(\d+)", "epoch", ip=r"\|src=([^|]+)", user=r"\(([^)]+)\)\|", host=_URL, server=r"\|dst=([^|]+)",
            action=r"\|action=([^|]+)",
        ),
    ),
    "check point table": Family(
        "CHECKPOINT",
        "{n};{cp};{clock};fw;log;accept;;eth0;inbound;VPN-1 & FireWall-1;{c};{s};tcp;7;https\n",
        quoted(
            ";", (1, 2), "%d%b%Y %H:%M:%S",
            {
                4: "(?i)^(?:control|alert|system)",
                9: "(?i)^(?:ips|smartdefense|anti|identity|syslog|smartconsole)",
                12: "(?i)^(?:icmp|1$|58$)",
            },
            ip=10, server=11, action=5,
        ),
        "num;date;time;orig;type;action;alert;i/f_name;i/f_dir;product;src;dst;proto;rule;service\n",
    ),
    "check point xml": Family(
        "CHECKPOINT_XML",
        '<log num="{n}" date="{cp}" time="{clock}" orig="fw" action="accept" product="VPN-1 &amp; FireWall-1" src="{c}"'
        ' dst="{s}" proto="tcp" service="443" user="{u}"/>\n',
        keys(
            (r' date="(\w+)" ', r' time="([^"]+)"'), "%d%b%Y %H:%M:%S", ip=r' src="([^"]+)"', user=r' user="([^"]+)"',
            server=r' dst="([^"]+)"', action=r' action="([^"]+)"',
        ),
        '<?xml version="1.0"?>\n<logs>\n',
    ),
    "juniper srx": Family(
        "JUNIPER_SRX_SYSLOG",
        "{bsd} srx1 RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN: {c}/50000->{s}/443 junos-https"
        " 198.51.100.1/6000->{s}/443 nat1 None 6 out trust untrust {n} 7({up}) 9({down}) 12 UNKNOWN UNKNOWN {u}(staff)"
        " ge-0/0/1.0 UNKNOWN\n",
        keys(
            r"^(\w+ +\d+ \S+)", "%b %e %H:%M:%S", ip=r" ([\d.]+)/\d+->", server=r"->([\d.]+)/", up=r" 7\((\d+)",
            down=r" 9\((\d+)", user=r" (\w+)\(staff", action=r"RT_FLOW_SESSION_(\w+)",
        ),
    ),
    "juniper ssg": Family(
        "JUNIPER_SSG_SYSLOG",
        'ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): start_time="{day} {clock}" duration=3'
        " policy_id=7 service=https (tcp) proto=6 src zone=Trust dst zone=Untrust action=Permit sent={up} rcvd={down}"
        " src={c} dst={s} src_port=50000 dst_port=443 src-xlated ip=198.51.100.1 port=6000 session_id={n} reason=Close\n",
        keys(
            r'start_time="([^"]+)"', _ISO, ip=r" src=(\S+)", server=r" dst=(\S+)", up=r" sent=(\d+)", down=r" rcvd=(\d+)",
            action=r" action=(\S+)",
        ),
    ),
    "sonicwall": Family(
        "SONICWALL_SYSLOG",
        'id=firewall sn=0017C5000000 time="{day} {clock} UTC" fw=198.51.100.1 pri=6 c=1024 m=537 msg="Connection Closed"'
        ' n={n} usr="{u} (SSO)" src={c}:50000:X0:pc.corp.example dst={s}:443:X1 proto=tcp/https sent={up} rcvd={down}\n',
        keys(
            r'time="([^"]+) UTC"', _ISO, ip=r" src=([\d.]+)", user=r' usr="(\S+)', server=r" dst=([\d.]+)",
            up=r" sent=(\d+)", down=r" rcvd=(\d+)", action=r" m=(\d+)",
        ),
    ),
    "sophos xg": Family(
        "SOPHOS_XG",
        'device_name="SFW" timestamp="{day}T{clock}+0000" device_model="XGS116" device_serial_id="X1" log_id="0101"'
        ' log_type="Firewall" log_component="Firewall Rule" log_subtype="Allowed" log_version=1 user_name="{u}"'
        ' ether_type="Unknown (0x0000)" src_mac= src_ip="{c}" dst_ip="{s}" protocol="TCP" src_port=50000 dst_port=443'
        ' bytes_sent={up} bytes_received={down} con_event="Stop" con_id="{n}"\n',
        keys(
            r'timestamp="([^+]+)', "%Y-%m-%dT%H:%M:%S", ip=r'src_ip="([^"]+)', user=r'user_name="([^"]+)',
            server=r'dst_ip="([^"]+)', up=r"bytes_sent=(\d+)", down=r"bytes_received=(\d+)",
            action=r'log_subtype="([^"]+)',
        ),
    ),
    "sophos sg": Family(
        "SOPHOS_SG",
        '{day}-{clock} utm httpproxy[5421]: id="0001" severity="info" sys="SecureWeb" sub="http" name="http access"'
        ' action="pass" method="GET" srcip="{c}" dstip="{s}" user="{u}" statuscode="200" cached="0"'
        ' size="{down}" request="0x1" url="https://{h}{p}" category="105" categoryname="Files"\n'.replace(
            "{day}", "2025:11:20", 1
        ),
        keys(
            r"^(\S+) utm", "%Y:%m:%d-%H:%M:%S", ip=r'srcip="([^"]+)', user=r' user="([^"]+)', host=_URL,
            down=r'size="(\d+)', server=r'dstip="([^"]+)', action=r' action="([^"]+)',
        ),
    ),
    "meraki": Family(
        "MACHINE_ZONE_MERAKI",
        "{e}.123 MX84 urls src={c}:50000 dst={s}:443 mac=02:00:00:00:00:01 agent='Browser/1 (x)' user='{u}' request: GET"
        " https://{h}{p}\n",
        keys(
            r"^(\d+)", "epoch", ip=r"src=([\d.]+)", user=r"user='([^']+)", host=_URL, server=r"dst=([\d.]+)",
            action=r"(request:|blocked)",
        ),
    ),
    "mcafee": Family(
        "MCAFEE_SWG",
        '[{apache} +0100] "{u}" {c} 200 "GET https://{h}{p} HTTP/1.1" "Files" "Minimal Risk" "text/html" {down} {up}'
        ' "Browser/1 (x; y)" "" "0" "Files"\n',
        keys(
            r"^\[([^\]]+)", "%d/%b/%Y:%H:%M:%S %z", user=r'\] "([^"]+)"', ip=r'" ([\d.]+) \d+ "', host=_URL,
            down=r'" (\d+) \d+ "', up=r'" \d+ (\d+) "', action=r'[\d.]+ (\d+) "',
        ),
        '#time_stamp "auth_user" src_ip status_code "req_line" "categories" "rep_level" "media_type" bytes_to_client'
        ' bytes_from_client "user_agent" "virus_name" "block_res" "application_name"\n',
    ),
    "microsoft tmg": Family(
        "MICROSOFT_ISA_W3C",
        "{c}\tCORP\\{u}\tBrowser/1 (x)\tY\t{day}\t{clock}\t{h}\t{s}\t80\t{up}\t{down}\thttp\tGET\thttp://{h}{p}\tInet\t200"
        "\tWeb access\tAllowed\n",
        columns("\t", (4, 5), _ISO, ip=0, user=1, host=6, server=7, up=9, down=10, action=17),
        "#Software: Microsoft Forefront Threat Management Gateway\n#Version: 2.0\n#Date: 2025-11-20 11:00:00\n#Fields: c-ip"
        "\tcs-username\tc-agent\tsc-authenticated\tdate\ttime\tr-host\tr-ip\tr-port\tcs-bytes\tsc-bytes\tcs-protocol"
        "\ts-operation\tcs-uri\ts-object-source\tsc-status\trule\taction\n",
    ),
    "blue coat": Family(
        "BLUECOAT",
        "{day} {clock} 77 {c} {u} OBSERVED 200 TCP_NC_MISS GET http {h} 80 /a/{n} ?q={n} {down} {up}\n",
        quoted(" ", (0, 1), _ISO, ip=3, user=4, action=5, host=10, down=14, up=15),
        "#Software: SGOS 6.7.4.2\n#Version: 1.0\n#Fields: date time time-taken c-ip cs-username sc-filter-result sc-status"
        " s-action cs-method cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query sc-bytes cs-bytes\n",
    ),
    "stormshield": Family(
        "STORMSHIELD_SYSLOG",
        'id=firewall time="{day} {clock}" fw="SN1" tz=+0000 startime="{day} {clock}" pri=5 confid=01 slotlevel=2 ruleid=7'
        ' srcif="Ethernet1" ipproto=tcp proto=http user="{u}" src={c} srcport=50000 srcname=pc dst={s} dstport=80 dstname={h}'
        ' ipv=4 sent={up} rcvd={down} duration=0.1 action=pass op=GET result=200 arg="/a/{n}" logtype="plugin"\n',
        keys(
            r' time="([^"]+)', _ISO, ip=r" src=(\S+)", user=r' user="([^"]+)', host=r" dstname=(\S+)",
            up=r" sent=(\d+)", down=r" rcvd=(\d+)", server=r" dst=(\S+)", action=r" action=(\S+)",
        ),
    ),
    "watchguard": Family(
        "WATCHGUARD_XTM_SYSLOG",
        '{bsd} Firebox ({day}T{clock}) firewall: msg_id="3000-0151" Allow 1-Trusted 0-External tcp {c} {s} 50000 443'
        ' duration="3" sent_bytes="{up}" rcvd_bytes="{down}" src_user="{u}" (Out-00)\n',
        keys(
            r"\((\d[^)]+)\)", "%Y-%m-%dT%H:%M:%S", ip=r" tcp (\S+)", server=r" tcp \S+ (\S+)", user=r'src_user="([^"]+)',
            up=r'sent_bytes="(\d+)', down=r'rcvd_bytes="(\d+)', action=r" (Allow|Deny) ",
        ),
    ),
    "barracuda": Family(
        "BARRACUDA_NEXT_GEN_FW",
        "{day} {clock} +00:00 Info     fw1 Remove: FWD|TCP|eth1|{c}|50000|02:00:00:00:00:01|{s}|443|https|eth0|LAN|0|"
        "198.51.100.1|{s}|3000|1|{down}|{up}|9|7|{u}||Web|{h}||\n".replace("{day}", "2025 11 20", 1),
        keys(
            r"^(\d+ \d+ \d+ [\d:]+)", "%Y %m %d %H:%M:%S", ip=r"eth1\|([^|]+)", server=r":01\|([^|]+)", down=r"\|1\|(\d+)",
            up=r"\|1\|\d+\|(\d+)", user=r"\|9\|7\|([^|]+)", host=r"\|Web\|([^|]+)", action=r" (\w+): ",
        ),
    ),
    "i-filter": Family(
        "I_FILTER_SYSLOG",
        "{bsd} 4711 1000/01/ - {s}:443 10.9.9.9 {c} pc {u} [{apache} +0900] 200 {up} {down} pass 0 - - 0 0 0 0 staff 0 0 0"
        ' "GET https://{h}{p} HTTP/1.1" - Browser/1 text/html req1\n',
        keys(
            r"\[([^\]]+)", "%d/%b/%Y:%H:%M:%S %z", ip=r" 10\.9\.9\.9 (\S+)", user=r" pc (\S+)", host=_URL,
            down=r"\] \d+ \d+ (\d+)", server=r" - ([\d.]+):", action=r" (pass|block) ",
        ),
    ),
    "clavister": Family(
        "CLAVISTER_SYSLOG",
        'id=600002 event=conn_close action=close [message=Connection closed reason="" ][rules rule=Out ][conn [conn'
        " connsrcip={c} conndestip={s} connipproto=TCP connsrcport=50000 conndestport=443 origsent={up} termsent={down}"
        " connrecvif=lan conndestif=wan ]]\n",
        keys(
            "", "epoch", ip=r"connsrcip=(\S+)", server=r"conndestip=(\S+)", up=r"origsent=(\d+)",
            down=r"termsent=(\d+)", action=r" action=(\w+)",
        ),
    ),
    "websense report": Family(
        "WEBSENSE_V7_5",
        '"Ann {u}",{day},{clock},{h},https://{h}/{n},Category permitted,{c},{s},https,{up},{down},2\n',
        quoted(",", (1, 2), _ISO, user=0, host=3, action=5, ip=6, server=7, up=9, down=10),
        "User,Date,Time,URL Hostname,Full URL,Action,Source IP,Destination IP,Protocol,Bytes Sent,Bytes Received,Hits\n",
    ),
    "forcepoint report": Family(
        "FORCEPOINT",
        '"{day} {clock}","{u}@corp.example","{c}","Allowed","{h}","https://{h}/{n}","Web, Files","{up}","{down}"\n',
        quoted(",", 0, _ISO, user=1, ip=2, action=3, host=4, up=7, down=8),
        '"Date & Time","User","Connection IP","Action","Domain","URL - Full","Category","Data Sent","Data Received"\n',
    ),
    "iboss": Family(
        "IBOSS",
        '{day} {clock},{u},{c},"{h}","https://{h}/{n}",{act},{up},{down},"Web, Files"\n',
        quoted(",", 0, _ISO, user=1, ip=2, host=3, action=5, up=6, down=7),
        "time,user,source ip,domain,url,action,bytes sent,bytes received,category\n",
    ),
    "wandera": Family(
        "WANDERA_SYSLOG",
        'time="{day} {clock}" user={u} src={c} dst={s} host={h} url="https://{h}/{n}" action={act} sent={up} rcvd={down}\n',
        keys(
            r'time="([^"]+)', _ISO, ip=r" src=(\S+)", user=r" user=(\S+)", host=r" host=(\S+)", up=r" sent=(\d+)",
            down=r" rcvd=(\d+)", server=r" dst=(\S+)", action=r" action=(\S+)",
        ),
    ),
}  # fmt: skip
