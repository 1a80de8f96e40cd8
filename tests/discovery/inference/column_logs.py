# ruff: noqa: E501 -- lines of logs are long
"""Generators of logs in columns, CEF and LEEF, as appliances write them."""

from __future__ import annotations

from typing import Final

from tests.discovery.inference.traffic import AGENT, Request


def squid(r: Request) -> str:
    result = "TCP_DENIED/403" if r.blocked else "TCP_MISS/200"
    peer = "HIER_NONE/-" if r.blocked else f"HIER_DIRECT/{r.server}"
    return f"{r.epoch}.{r.n % 1000:03} {r.elapsed:6} {r.ip} {result} {r.received} {r.method} {r.url} {r.user} {peer} {r.mime}"


def squid_common(r: Request) -> str:
    status, result = (403, "TCP_DENIED:HIER_NONE") if r.blocked else (200, "TCP_MISS:HIER_DIRECT")
    return (
        f'{r.ip} - {r.user} [{r.at("%d/%b/%Y:%H:%M:%S +0100", 1)}] "{r.method} {r.url} HTTP/1.1" {status} {r.received}'
        f" {result}"
    )


def bluecoat(r: Request) -> str:
    path, _, query = r.path.partition("?")
    return (
        f'{r.at("%Y-%m-%d %H:%M:%S")} {r.elapsed} {r.ip} {r.user} - - {"DENIED" if r.blocked else "OBSERVED"} "Web" -'
        f" 200 {'TCP_DENIED' if r.blocked else 'TCP_NC_MISS'} {r.method} {r.mime} https {r.host} 443 {path}"
        f' {"?" + query if query else "-"} - "{AGENT}" 10.9.9.9 {r.received} {r.sent} -'
    )


BLUECOAT_HEAD: Final = (
    "#Software: SGOS 7.3.1.1\n#Version: 1.0\n#Fields: date time time-taken c-ip cs-username cs-auth-group x-exception-id"
    " sc-filter-result cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type) cs-uri-scheme cs-host"
    " cs-uri-port cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id"
)


def w3c(r: Request) -> str:
    return (
        f"{r.at('%Y-%m-%d %H:%M:%S')} {r.ip} {r.user} {r.method} {r.url} {r.server} 200 {r.sent} {r.received}"
        f" {'denied' if r.blocked else 'allowed'}"
    )


def isa(r: Request) -> str:
    return (
        f"{r.ip}\tCORP\\{r.user}\t{AGENT}\tY\t{r.at('%Y-%m-%d')}\t{r.at('%H:%M:%S')}\t{r.host}\t{r.server}\t443\t{r.sent}"
        f"\t{r.received}\thttp\t{r.method}\t{r.url}\tInet\t200\tWeb access\t{'Denied' if r.blocked else 'Allowed'}"
    )


ISA_HEAD: Final = (
    "#Software: Microsoft Forefront Threat Management Gateway\n#Version: 2.0\n#Date: 2025-11-20 08:00:00\n"
    "#Fields: c-ip\tcs-username\tc-agent\tsc-authenticated\tdate\ttime\tr-host\tr-ip\tr-port\tcs-bytes\tsc-bytes"
    "\tcs-protocol\ts-operation\tcs-uri\ts-object-source\tsc-status\trule\taction"
)


def scan_safe(r: Request) -> str:
    path, _, query = r.path.partition("?")
    return (
        f"{r.at('%Y-%m-%d %H:%M:%S')} GMT\t{r.ip}\t-\t{r.user}\t{r.method}\thttps\t{r.host}\t443\t{path}\t{query or '-'}"
        f"\t{r.server}\t{r.sent}\t{r.received}\t200\tWeb\t{'block' if r.blocked else 'allow'}\t-\t198.51.100.1"
    )


SCAN_SAFE_HEAD: Final = (
    "#Fields: datetime\tc-ip\tcs(X-Forwarded-For)\tcs-username\tcs-method\tcs-uri-scheme\tcs-host\tcs-uri-port\tcs-uri-path"
    "\tcs-uri-query\ts-ip\tcs-bytes\tsc-bytes\tsc-status\tx-ss-category\tx-ss-last-rule-action\tx-ss-block-type"
    "\tx-ss-external-ip"
)


def cef(r: Request) -> str:
    return (
        f"<134>{r.at('%b %d %H:%M:%S')} gw1 CEF:0|Example|Gateway|2.1|100|Web access|3|act={'blocked' if r.blocked else 'allowed'}"
        f" rt={r.epoch}000 src={r.ip} spt={r.sport} dst={r.server} dpt=443 dhost={r.host} suser={r.user}@corp.example"
        f" shost={r.pc} request={r.url} requestMethod={r.method} in={r.received} out={r.sent} cs1=Web sites cs1Label=Category"
    )


def websense_cef(r: Request) -> str:
    verdict = "blocked" if r.blocked else "permitted"
    return (
        f"CEF:0|Websense|Security|8.5|755|Transaction {verdict}|1|act={verdict} app=https dvc=10.9.9.9 dst={r.server}"
        f" dhost={r.host} dpt=443 src={r.ip} spt={r.sport} suser=LDAP://dc1 OU\\=Users,DC\\=corp/{r.user}"
        f" loginID={r.user} rt={r.epoch}000 in={r.received} out={r.sent} requestMethod={r.method} request={r.url}"
    )


def menlo(r: Request) -> str:
    return (
        f"CEF:0|Menlo Security|MSIP|2|web|access|1|rt={r.epoch}000 suser={r.user}@corp.example src={r.ip} dst={r.server}"
        f" dhost={r.host} request={r.url} act={'block' if r.blocked else 'isolate'} out={r.sent} in={r.received}"
    )


def checkpoint_cef(r: Request) -> str:
    return (
        f"CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Log|https|Unknown|act={'Drop' if r.blocked else 'Accept'}"
        f" rt={r.epoch}000 spt={r.sport} dpt=443 suser={r.user.title()} B ({r.user}) ifname=eth0 dst={r.server} proto=6"
        f" src={r.ip}"
    )


def leef(r: Request) -> str:
    return (
        f"LEEF:1.0|Example|Proxy|1|{'denied' if r.blocked else 'allowed'}|devTime={r.at('%b %d %Y %H:%M:%S')}\tusrName={r.user}"
        f"\tsrc={r.ip}\tdst={r.server}\turl={r.url}\tsrcBytes={r.sent}\tdstBytes={r.received}"
    )


def watchguard(r: Request) -> str:
    return (
        f"LEEF:1.0|WatchGuard|XTM|12.9|1AFF0024|serial=80DA\tpolicy=Web\tdisp={'Deny' if r.blocked else 'Allow'}\tsrc={r.ip}"
        f"\tsrcPort={r.sport}\tdst={r.server}\tdstPort=443\tproto=tcp\tproxy_act=HTTP-Client\top={r.method}\tdstname={r.host}"
        f"\targ={r.path}\tsent_bytes={r.sent}\trcvd_bytes={r.received}\tsrc_user={r.user}@corp.example\tmsg=HTTP request"
    )


def palo_alto_leef(r: Request) -> str:
    return (
        f"LEEF:1.0|Palo Alto Networks|PAN-OS Syslog Integration|10.1|{'deny' if r.blocked else 'allow'}|cat=TRAFFIC|Type=TRAFFIC"
        f"|Subtype=end|devTime={r.at('%b %d %Y %H:%M:%S')} GMT|src={r.ip}|dst={r.server}|usrName=corp\\{r.user}|SourceUser="
        f"|Application=ssl|SessionID={7000 + r.n}|RepeatCount=1|srcPort={r.sport}|dstPort=443"
        f"|action={'deny' if r.blocked else 'allow'}|totalBytes={r.sent + r.received}|dstBytes={r.received}|srcBytes={r.sent}"
    )


def palo_alto(r: Request) -> str:
    local = r.at("%Y/%m/%d %H:%M:%S")
    return (
        f"1,{local},007051000099999,TRAFFIC,{'deny' if r.blocked else 'end'},2561,{local},{r.ip},{r.server},198.51.100.3,{r.server}"
        f",Staff out,corp\\{r.user},,ssl,vsys1,lan,wan,ae1,ae2,fwd,{local},{880000 + r.n},1,{r.sport},443,{31000 + r.n},443,0x28,tcp"
        f",{'deny' if r.blocked else 'allow'},{r.sent + r.received},{r.sent},{r.received},{2 + r.received // 1400},{local},"
        f"{r.elapsed // 60},any,0,{990000 + r.n * 3},0x0,10.0.0.0-10.255.255.255,United States,0,9,12,tcp-fin"
    )


def fortigate(r: Request) -> str:
    return (
        f'date={r.at("%Y-%m-%d")} time={r.at("%H:%M:%S")} devname="edge-1" devid="FG3H0E5819900001" logid="0000000013"'
        f' type="traffic" subtype="forward" level="notice" vd="root" eventtime={r.epoch}000000000 srcip={r.ip}'
        f' srcname="{r.pc}" srcport={r.sport} srcintf="lan" srcintfrole="lan" dstip={r.server} dstport=443 dstintf="wan1"'
        f' sessionid={4000 + r.n} proto=6 action="{"deny" if r.blocked else "close"}" policyid=7 user="{r.user.upper()}"'
        f' service="HTTPS" trandisp="snat" transip=198.51.100.9 transport={r.sport} duration={r.elapsed // 60}'
        f" sentbyte={r.sent} rcvdbyte={r.received} sentpkt={1 + r.sent // 1400} rcvdpkt={1 + r.received // 1400}"
    )
