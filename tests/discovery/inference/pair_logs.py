# ruff: noqa: E501 -- lines of logs are long
"""Generators of logs in pairs, tables and phrases, as appliances write them."""

from __future__ import annotations

from typing import Final

from tests.discovery.inference.traffic import AGENT, Request


def checkpoint_pipes(r: Request) -> str:
    return (
        f"time={r.epoch}|hostname=fw1|product=Application Control|action={'Block' if r.blocked else 'Accept'}|loguid={{0x1}}"
        f"|origin=192.0.2.1|dst={r.server}|proto=6|resource={r.url}|service=443|src={r.ip}"
        f"|src_user_name={r.user.title()} B ({r.user})|"
    )


def checkpoint_exported(r: Request) -> str:
    return (
        f'CheckPoint 26203 - [action:"{"Drop" if r.blocked else "Accept"}"; ifdir:"inbound"; origin:"192.0.2.1";'
        f' time:"{r.epoch}"; dst:"{r.server}"; product:"VPN-1 & FireWall-1"; proto:"6"; service:"443"; src:"{r.ip}"]'
    )


def checkpoint_table(r: Request) -> str:
    return (
        f"{r.n};{r.at('%d%b%Y')};{r.at('%H:%M:%S')};fw1;log;{'drop' if r.blocked else 'accept'};;eth0;inbound;"
        f"VPN-1 & FireWall-1;{r.ip};{r.server};tcp;7;https"
    )


def tracker(r: Request) -> str:
    return (
        f'"{r.n}" "{r.at("%d%b%Y")}" "{r.at("%H:%M:%S")}" "eth1" "fw1" "Log" "{"Drop" if r.blocked else "Accept"}" "443"'
        f' "{r.sport}" "{r.ip}" "{r.server}" "tcp" "7" "Web" "7-Std" "" "service_id: https" "VPN-1 & FireWall-1" "{r.pc}"'
        f' "{r.user.title()} B ({r.user})"'
    )


def firepower(r: Request) -> str:
    return (
        f"{r.at('%Y-%m-%dT%H:%M:%SZ')} fw  %FTD-6-430003: EventPriority: Low, FirstPacketSecond: {r.at('%Y-%m-%dT%H:%M:%SZ')},"
        f" ConnectionID: {r.n}, AccessControlRuleAction: {'Block' if r.blocked else 'Allow'}, SrcIP: {r.ip}, DstIP: {r.server},"
        f" SrcPort: {r.sport}, DstPort: 443, Protocol: tcp, ACPolicy: Main, User: {r.user}, InitiatorPackets: {r.n % 50},"
        f" ResponderPackets: {r.n % 70}, InitiatorBytes: {r.sent}, ResponderBytes: {r.received}, URL: https://{r.host}"
    )


def sfims(r: Request) -> str:
    return (
        f"<134> {r.at('%b %d %H:%M:%S')} fw SFIMS: Protocol: TCP, SrcIP: {r.ip}, OriginalClientIP: ::, DstIP: {r.server},"
        f" SrcPort: {r.sport}, DstPort: 443, ConnectType: End, AccessControlRuleAction: {'Block' if r.blocked else 'Allow'},"
        f" UserName: {r.user}, InitiatorBytes: {r.sent}, ResponderBytes: {r.received}, URLCategory: Unknown, URL: {r.url}"
    )


def ironport(r: Request) -> str:
    result = "TCP_DENIED/403" if r.blocked else "TCP_MISS/200"
    return (
        f"{r.epoch}.{r.n % 1000:03} {r.elapsed} {r.ip} {result} {r.received} {r.method} {r.url} {r.user}"
        f" {'NONE/-' if r.blocked else 'DIRECT/' + r.server} {r.mime}"
        f" {'BLOCK_WEBCAT_12' if r.blocked else 'DEFAULT_CASE_12'}-Web-NONE-NONE-NONE-NONE-DefaultGroup"
        f' <IW_swup,2.0,-,"-",-,-,-,-,-> - "{AGENT}"'
    )


def websense_report(r: Request) -> str:
    return (
        f'"{r.user.title()} B",{r.at("%Y-%m-%d")},{r.at("%H:%M:%S")},{r.host},{r.url},Category'
        f" {'blocked' if r.blocked else 'permitted'},{r.ip},{r.server},https,{r.sent},{r.received},1"
    )


WEBSENSE_HEAD: Final = (
    "Investigative report\nUser,Date,Time,URL Hostname,Full URL,Action,Source IP,Destination IP,Protocol,Bytes Sent,"
    "Bytes Received,Hits"
)


def forcepoint_report(r: Request) -> str:
    return (
        f'"{r.at("%Y-%m-%d %H:%M:%S")}","{r.user}@corp.example","{r.ip}","{"Blocked" if r.blocked else "Allowed"}","{r.host}"'
        f',"{r.url}","Web, other","{r.sent}","{r.received}"'
    )


FORCEPOINT_HEAD: Final = (
    '"Date & Time","User","Connection IP","Action","Domain","URL - Full","Category","Data Sent","Data Received"'
)


def srx_sd(r: Request) -> str:
    return (
        f"<14>1 {r.at('%Y-%m-%dT%H:%M:%S')}.123Z srx1 RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@2636.1.1.1.2.129"
        f' reason="TCP FIN" source-address="{r.ip}" source-port="{r.sport}" destination-address="{r.server}"'
        f' destination-port="443" service-name="junos-https" nat-source-address="198.51.100.1" nat-source-port="{r.sport}"'
        f' nat-destination-address="{r.server}" session-id-32="{9000 + r.n}" packets-from-client="{1 + r.sent // 1400}"'
        f' bytes-from-client="{r.sent}" packets-from-server="{1 + r.received // 1400}" bytes-from-server="{r.received}"'
        f' elapsed-time="{r.elapsed // 60}" application="UNKNOWN" nested-application="UNKNOWN" username="{r.user}" roles="N/A"]'
    )


def srx(r: Request) -> str:
    return (
        f"{r.at('%b %d %H:%M:%S')} srx1 RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN:"
        f" {r.ip}/{r.sport}->{r.server}/443 junos-https 198.51.100.1/{r.sport - 90}->{r.server}/443 nat1 None 6 out trust"
        f" untrust {9000 + r.n} {1 + r.sent // 1400}({r.sent}) {1 + r.received // 1400}({r.received}) {r.elapsed // 60}"
        f" UNKNOWN UNKNOWN {r.user}(staff) ge-0/0/1.0 UNKNOWN"
    )


def welf(r: Request) -> str:
    return (
        f'id=firewall time="{r.at("%Y-%m-%d %H:%M:%S")}" fw=srx1 pri=6 proto=https src={r.ip} dst={r.server} sent={r.sent}'
        f" rcvd={r.received} user={r.user} op={r.method} dstname={r.host} arg={r.path} result=200 duration={r.elapsed // 60}"
        f' rule=7 msg="{"denied" if r.blocked else "closed"}"'
    )


def ssg(r: Request) -> str:
    return (
        f'ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): start_time="{r.at("%Y-%m-%d %H:%M:%S")}"'
        f" duration={r.elapsed // 60} policy_id=7 service=https (tcp) proto=6 src zone=Trust dst zone=Untrust"
        f" action={'Deny' if r.blocked else 'Permit'} sent={r.sent} rcvd={r.received} src={r.ip} dst={r.server}"
        f" src_port={r.sport} dst_port=443 src-xlated ip=198.51.100.1 port={r.sport - 80} session_id={9000 + r.n}"
        f" reason=Close - FIN"
    )


def sonicwall(r: Request) -> str:
    return (
        f'id=firewall sn=0017C5000000 time="{r.at("%Y-%m-%d %H:%M:%S")} UTC" fw=198.51.100.1 pri=6 c=1024 m=537'
        f' msg="Connection Closed" n={r.n} usr="{r.user} (SSO)" src={r.ip}:{r.sport}:X0:{r.pc}.corp.example'
        f" dst={r.server}:443:X1 proto=tcp/https sent={r.sent} rcvd={r.received}"
    )


def sophos_xg(r: Request) -> str:
    return (
        f'device_name="SFW" timestamp="{r.at("%Y-%m-%dT%H:%M:%S")}+0000" device_model="XGS116" device_serial_id="X1"'
        f' log_id="0101" log_type="Firewall" log_component="Firewall Rule" log_subtype="{"Denied" if r.blocked else "Allowed"}"'
        f' log_version=1 user_name="{r.user}" ether_type="Unknown (0x0000)" src_mac= src_ip="{r.ip}" dst_ip="{r.server}"'
        f' protocol="TCP" src_port={r.sport} dst_port=443 packets_sent={1 + r.sent // 1400} bytes_sent={r.sent}'
        f' bytes_received={r.received} con_event="Stop" con_id="{9000 + r.n}"'
    )


def cyberoam(r: Request) -> str:
    return (
        f'date={r.at("%Y-%m-%d")} time={r.at("%H:%M:%S")} timezone="IST" device_name="CR500ia" device_id=C1'
        f' log_id=050901616001 log_type="Content Filtering" log_component="HTTP"'
        f' log_subtype="{"Denied" if r.blocked else "Allowed"}" status="" user_name="{r.user}" user_gp="staff"'
        f' category="Files" url="{r.url}" src_ip={r.ip} dst_ip={r.server} protocol="TCP" src_port={r.sport} dst_port=443'
        f" sent_bytes={r.sent} recv_bytes={r.received} domain={r.host} con_id={9000 + r.n}"
    )


def sophos_sg(r: Request) -> str:
    return (
        f'{r.at("%Y:%m:%d-%H:%M:%S")} utm httpproxy[5421]: id="0001" severity="info" sys="SecureWeb" sub="http"'
        f' name="http access" action="{"block" if r.blocked else "pass"}" method="{r.method}" srcip="{r.ip}" dstip="{r.server}"'
        f' user="{r.user}" ad_domain="CORP" statuscode="200" cached="0" size="{r.received}" request="0x{r.n:x}"'
        f' url="{r.url}" category="105" categoryname="Files"'
    )


def meraki(r: Request) -> str:
    return (
        f"{r.epoch}.{r.n % 1000:03} MX84 urls src={r.ip}:{r.sport} dst={r.server}:443 mac=02:00:00:00:00:{r.n % 90 + 10}"
        f" agent='{AGENT}' user='{r.user}' request: {r.method} {r.url}"
    )


def mcafee(r: Request) -> str:
    return (
        f'[{r.at("%d/%b/%Y:%H:%M:%S +0100", 1)}] "{r.user}" {r.ip} {403 if r.blocked else 200} "{r.method} {r.url} HTTP/1.1"'
        f' "Files" "Minimal Risk" "{r.mime}" {r.received} {r.sent} "{AGENT}" "" "{10 if r.blocked else 0}" "Files"'
    )


MCAFEE_HEAD: Final = (
    '#time_stamp "auth_user" src_ip status_code "req_line" "categories" "rep_level" "media_type" bytes_to_client'
    ' bytes_from_client "user_agent" "virus_name" "block_res" "application_name"'
)


def mcafee_cloud(r: Request) -> str:
    return (
        f"username={r.user.title()} B source_ip=198.51.100.1 http_action={r.method} server_to_client_bytes={r.received}"
        f" client_to_server_bytes={r.sent} requested_host={r.host} requested_path={r.path}"
        f" result={'DENIED' if r.blocked else 'OBSERVED'} virus= request_timestamp_epoch={r.epoch} uri_scheme=https"
        f" category=Personal Storage, Files client_ip={r.ip} destination_ip={r.server} client_system_name={r.pc}"
        f" process_name=browser.exe"
    )


def stormshield(r: Request) -> str:
    return (
        f'id=firewall time="{r.at("%Y-%m-%d %H:%M:%S")}" fw="SN1" tz=+0000 startime="{r.at("%Y-%m-%d %H:%M:%S")}" pri=5'
        f' confid=01 slotlevel=2 ruleid=7 srcif="Ethernet1" ipproto=tcp proto=http user="{r.user}" src={r.ip}'
        f" srcport={r.sport} srcname={r.pc} dst={r.server} dstport=80 dstname={r.host} ipv=4 sent={r.sent} rcvd={r.received}"
        f' duration={r.elapsed / 100} action={"block" if r.blocked else "pass"} op={r.method} result=200 arg="{r.path}"'
        f' logtype="plugin"'
    )


def barracuda(r: Request) -> str:
    return (
        f"{r.at('%Y %m %d %H:%M:%S')} +00:00 Info     fw1 Remove: FWD|TCP|eth1|{r.ip}|{r.sport}|02:00:00:00:00:01|{r.server}|443|"
        f"https|eth0|LAN-2-INTERNET|0|198.51.100.1|{r.server}|{r.elapsed}|1|{r.received}|{r.sent}|9|7|{r.user}||Web|{r.host}||"
    )


def zscaler(r: Request) -> str:
    verdict = "Blocked" if r.blocked else "Allowed"
    return (
        f"{r.at('%Y-%m-%d %H:%M:%S')}\treason={verdict}\tevent_id={7700 + r.n}\tprotocol=HTTPS\taction={verdict}"
        f"\ttransactionsize={r.sent + r.received}\tresponsesize={r.received}\trequestsize={r.sent}\turlcategory=File Share"
        f"\tserverip={r.server}\trequestmethod={r.method}\tuseragent={AGENT}\tproduct=NSS\tClientIP={r.ip}\tstatus=200"
        f"\tuser={r.user}@corp.example\turl={r.host}{r.path}\tvendor=Zscaler\thostname={r.host}"
        f"\tclientpublicIP=198.51.100.20\tappname=Files\tdeviceowner={r.user}\tdevicehostname={r.pc}"
    )


def json(r: Request) -> str:
    verdict = "block" if r.blocked else "allow"
    return (
        f'{{"ts":"{r.at("%Y-%m-%dT%H:%M:%SZ")}","client":{{"ip":"{r.ip}","name":"{r.pc}"}},"username":"{r.user}@corp.example",'
        f'"http":{{"method":"{r.method}","url":"{r.url}","status":200}},"server_ip":"{r.server}","verdict":"{verdict}",'
        f'"bytes_in":{r.received},"bytes_out":{r.sent},"tags":["a","b"]}}'
    )


def asa(r: Request) -> str:
    return (
        f"<166>{r.at('%b %d %H:%M:%S')} fw1 %ASA-6-302014: Teardown TCP connection {900000 + r.n} for outside:{r.server}/443 to"
        f" inside:{r.ip}/{r.sport} duration 0:01:02 bytes {r.sent + r.received} TCP FINs"
    )
