"""The columns of PAN-OS logs, in the order of its syslog documents (releases 6.1 to 12.1).

The names of columns 1 to 31 of traffic and threat, and of 32 to 54 and 61, are those of the class-based SLIPS (PAN-OS's
CSV export); later ones are the variable names of the documents. A column that a document calls FUTURE_USE has a name of
its own here, for a release may fill it.
"""

from __future__ import annotations

HIGH_RESOLUTION = "high_res_timestamp"

_START = ("Domain", "Receive Time", "Serial #", "Type", "Threat/Content Type", "Config Version", "Generate Time")
_HIERARCHY = (
    "dg_hier_level_1", "dg_hier_level_2", "dg_hier_level_3", "dg_hier_level_4", "vsys_name", "device_name",
)  # fmt: skip
_SESSION = (
    *_START, "Source address", "Destination address", "NAT Source IP", "NAT Destination IP", "Rule", "Source User",
    "Destination User", "Application", "Virtual System", "Source Zone", "Destination Zone", "Inbound Interface",
    "Outbound Interface", "Log Action", "Time Logged", "Session ID", "Repeat Count", "Source Port", "Destination Port",
    "NAT Source Port", "NAT Destination Port", "Flags", "IP Protocol", "Action",
)  # fmt: skip
_SOURCE_DEVICE = (
    "src_category", "src_profile", "src_model", "src_vendor", "src_osfamily", "src_osversion", "src_host", "src_mac",
)  # fmt: skip
_DESTINATION_DEVICE = (
    "dst_category", "dst_profile", "dst_model", "dst_vendor", "dst_osfamily", "dst_osversion", "dst_host", "dst_mac",
)  # fmt: skip
_PODS = ("container_id", "pod_namespace", "pod_name", "src_edl", "dst_edl")
_APPLICATION = (
    "subcategory_of_app", "category_of_app", "technology_of_app", "risk_of_app", "characteristic_of_app",
    "container_of_app",
)  # fmt: skip
_TUNNEL = ("tunnelid/imsi", "monitortag/imei", "parent_session_id", "parent_start_time", "tunnel")
_TRAFFIC = (
    *_SESSION, "Bytes", "Bytes Sent", "Bytes Received", "Packets", "Start Time", "Elapsed Time (sec)", "Category",
    "Padding", "seqno", "actionflags", "Source Country", "Destination Country", "cpadding", "pkts_sent",
    "pkts_received", "session_end_reason", *_HIERARCHY, "action_source",
)  # fmt: skip

COLUMNS: dict[str, tuple[str, ...]] = {
    "TRAFFIC": (
        *_TRAFFIC, "src_uuid", "dst_uuid", *_TUNNEL, "assoc_id", "chunks", "chunks_sent", "chunks_received",
        "rule_uuid", "http2_connection", "link_change_count", "policy_id", "link_switches", "sdwan_cluster",
        "sdwan_device_type", "sdwan_cluster_type", "sdwan_site", "dynusergroup_name", "xff_ip", *_SOURCE_DEVICE,
        *_DESTINATION_DEVICE, *_PODS, "hostid", "serialnumber", "src_dag", "dst_dag", "session_owner",
        HIGH_RESOLUTION, "nssai_sst", "nssai_sd", *_APPLICATION, "tunneled_app", "is_saas_of_app",
        "sanctioned_state_of_app", "offloaded", "flow_type", "cluster_name",
    ),
    "THREAT": (
        *_SESSION, "URL", "Threat/Content Name", "Category", "Severity", "Direction", "seqno", "actionflags",
        "Source Country", "Destination Country", "cpadding", "contenttype", "pcap_id", "filedigest", "cloud",
        "url_idx", "user_agent", "filetype", "xff", "referer", "sender", "subject", "recipient", "reportid",
        *_HIERARCHY, "file_url", "src_uuid", "dst_uuid", "http_method", *_TUNNEL, "thr_category", "contentver",
        "sig_flags", "assoc_id", "ppid", "http_headers", "url_category_list", "rule_uuid", "http2_connection",
        "dynusergroup_name", "xff_ip", *_SOURCE_DEVICE, *_DESTINATION_DEVICE, *_PODS, "hostid", "serialnumber",
        "domain_edl", "src_dag", "dst_dag", "partial_hash", HIGH_RESOLUTION, "reason", "justification", "nssai_sst",
        *_APPLICATION, "tunneled_app", "is_saas_of_app", "sanctioned_state_of_app", "cloud_reportid",
        "cluster_name", "flow_type",
    ),
    "SYSTEM": (
        *_START, "Virtual System", "eventid", "object", "future_use_1", "future_use_2", "module", "Severity",
        "opaque", "seqno", "actionflags", *_HIERARCHY, "future_use_3", "future_use_4", HIGH_RESOLUTION,
    ),
    "CONFIG": (
        *_START, "host", "Virtual System", "cmd", "admin", "client", "result", "path", "seqno", "actionflags",
        *_HIERARCHY, "dg_id", "comment", "future_use_1", HIGH_RESOLUTION,
    ),
    "GLOBALPROTECT": (
        *_START, "Virtual System", "eventid", "stage", "auth_method", "tunnel_type", "srcuser", "srcregion",
        "machinename", "public_ip", "public_ipv6", "private_ip", "private_ipv6", "hostid", "serialnumber",
        "client_ver", "client_os", "client_os_ver", "Repeat Count", "reason", "error", "opaque", "status",
        "location", "login_duration", "connect_method", "error_code", "portal", "seqno", "actionflags",
        HIGH_RESOLUTION, "selection_type", "response_time", "priority", "attempted_gateways", "gateway",
        *_HIERARCHY, "vsys_id", "cluster_name",
    ),
    "USERID": (
        *_START, "Virtual System", "ip", "user", "datasourcename", "eventid", "Repeat Count", "timeout", "beginport",
        "endport", "datasource", "datasourcetype", "seqno", "actionflags", *_HIERARCHY, "vsys_id", "factortype",
        "factorcompletiontime", "factorno", "ugflags", "userbysource", "tag_name", HIGH_RESOLUTION,
        "origindatasource", "future_use_1", "cluster_name",
    ),
    "HIPMATCH": (
        *_START, "srcuser", "Virtual System", "machinename", "os", "src", "matchname", "Repeat Count", "matchtype",
        "future_use_1", "future_use_2", "seqno", "actionflags", *_HIERARCHY, "vsys_id", "srcipv6", "hostid",
        "serialnumber", "mac", HIGH_RESOLUTION, "cluster_name",
    ),
    "AUTHENTICATION": (
        *_START, "Virtual System", "ip", "user", "normalize_user", "object", "authpolicy", "Repeat Count", "authid",
        "vendor", "Log Action", "serverprofile", "desc", "clienttype", "event", "factorno", "seqno", "actionflags",
        *_HIERARCHY, "vsys_id", "authproto", "rule_uuid", HIGH_RESOLUTION, *_SOURCE_DEVICE, "region",
        "future_use_1", "user_agent", "sessionid", "cluster_name",
    ),
    "DECRYPTION": (
        *_SESSION, "tunnel", "future_use_1", "future_use_2", "src_uuid", "dst_uuid", "rule_uuid", "hs_stage_c2f",
        "hs_stage_f2s", "tls_version", "tls_keyxchg", "tls_enc", "tls_auth", "policy_name", "ec_curve", "err_index",
        "root_status", "chain_status", "proxy_type", "cert_serial", "fingerprint", "notbefore", "notafter",
        "cert_ver", "cert_size", "cn_len", "issuer_len", "rootcn_len", "sni_len", "cert_flags", "cn", "issuer_cn",
        "root_cn", "sni", "error", *_PODS, "src_dag", "dst_dag", HIGH_RESOLUTION, *_SOURCE_DEVICE,
        *_DESTINATION_DEVICE, "seqno", "actionflags", *_HIERARCHY, "vsys_id", *_APPLICATION, "tunneled_app",
        "is_saas_of_app", "sanctioned_state_of_app", "cluster_name",
    ),
    "IPTAG": (
        *_START, "Virtual System", "ip", "tag_name", "eventid", "Repeat Count", "timeout", "datasourcename",
        "datasource_type", "datasource_subtype", "seqno", "actionflags", *_HIERARCHY, "vsys_id", HIGH_RESOLUTION,
        "cluster_name",
    ),
    "CORRELATION": (
        *_START, "src", "srcuser", "Virtual System", "Category", "Severity", *_HIERARCHY, "vsys_id", "objectname",
        "object_id", "evidence",
    ),
}  # fmt: skip

# The same rows under another type: the subtypes of threat, where a collector has made types of them, and the logs of
# tunnels, which are traffic's (54 columns and more).
for _kind in ("URL", "WILDFIRE", "DATA", "FILE", "SPYWARE", "VIRUS", "VULNERABILITY"):
    COLUMNS[_kind] = COLUMNS["THREAT"]
COLUMNS.update(dict.fromkeys(("HIP-MATCH", "HIP MATCH"), COLUMNS["HIPMATCH"]))
COLUMNS.update(dict.fromkeys(("TUNNEL", "START", "END"), _TRAFFIC))
UNKNOWN = _START
"""The columns that all types share, for a type that is not listed."""

CONFIG_WITH_DETAIL = (
    *COLUMNS["CONFIG"][:14], "before_change_detail", "after_change_detail", *COLUMNS["CONFIG"][14:],
)  # fmt: skip
"""The config log with the two columns that custom formats add."""
