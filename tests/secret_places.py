"""Two hundred secrets in the places and notations that a recording may hold; each `§` becomes a secret of its own."""

from __future__ import annotations

from itertools import count

HOST_CONF = """\
networks:
- eth0/br0/10.0.0.1
admin_password: §
admin_passwd : §
"db_password": §
'redis_password': '§'
{vnc_password: §, port: 1}
nested: {token: §, secrets: [§, "§"]}
sql: mysql://root:§@10.0.0.1:3306/db
sql2: root:§@tcp(10.0.0.1:3306)/db?charset=utf8
sql3: "mysql+pymysql://root:§@x@10.0.0.1/db"
sql4: "postgres://root:a/§@10.0.0.1/db"
cache: redis://:§@cache:6379
admin_pass: §
admin_pwd: §
adminpass: §
pass: §
pw: §
pwd: §
auth: §
bearer: §
ak: §
sk: §
accessKey: §
access_key_id: §
secret_access_key: §
encryption_key: §
ssl_key: §
master_key: §
license: §
ipmi_password: §
snmp_community: §
etcd_password: |
  §
  §
folded_secret: >-

  §
kept_password: |2
    §
next_line_password:
  §
list_of_secrets:
- §
- name: §
passwords: [§, §]
tls: "-----BEGIN RSA PRIVATE KEY-----\\n§\\n-----END RSA PRIVATE KEY-----"
cert: |
  -----BEGIN EC PRIVATE KEY-----
  §
  -----END EC PRIVATE KEY-----
pgp: |
  -----BEGIN PGP PRIVATE KEY BLOCK-----
  Version: 1

  §@
  -----END PGP PRIVATE KEY BLOCK-----
open_ssh: |
  -----BEGIN OPENSSH PRIVATE KEY-----
  §bbbbbbbbbbbbbbbb
# password: §
#admin_password: §
# the old password was §
jwt: eyJhbGciOiJIUzI1NiJ9.eyJ§.c2ln§
header: "Authorization: Basic §="
header2: "X-Auth-Token: §"
header3: 'Authorization: Bearer §'
run1: "mysql -uroot -p§ db"
run2: "sshpass -p § ssh x"
run3: "curl -u admin:§ http://x"
run4: "ipmitool -U a -P § chassis"
run5: "tool --password § --verbose"
run6: "tool --token=§"
run7: "ldapsearch -x -w § -b dc=x"
run8: "redis-cli -a § ping"
run9: "htpasswd -b file joe §"
anchored_password: &one §
tagged_password: !!str §
commented_password: "§" # yes
? asked_password
: §
密码: §
пароль: §
passWord: "several
  §
  lines"
plain_password: plain
  §
"pass\\u0077ord2": §
dsn: "user:§@unix(/run/mysqld.sock)/db"
url: "https://example.com/hook?access_token=§&x=1"
aliyun: {AccessKeySecret: §}
qcloud_secret_key: §
webhook_secret: '§ with words and §'
basic: "http://joe:§@proxy:3128"
hash: $6$salt$§
"""

HOST_LOCAL = "admin_password: §\r\nmore: 1\r\ntoken: '§'\r\n"
BROKEN = """\
; the secret is §
? asked_password
: §
"pass\\u0077ord": §
db_password: §: §
tokens:
- §
- '§
networks:
- a/b/c
\tsecret: §
admin_password: [§
key: {§
"""
GRUB = """\
GRUB_CMDLINE_LINUX="quiet rd.luks.key=§ ks=http://u:§@h/ks inst.password=§ netroot=iscsi:usr:§@10.0.0.1::3260 psk=§"
GRUB_CMDLINE_LINUX_DEFAULT='rd.iscsi.password=§ systemd.set_credential=foo:§ auth=§'
GRUB_PASSWORD=§
set superusers="root"
password root §
password --md5 §
export API_TOKEN="§ §"
"""
CMDLINE = 'BOOT_IMAGE=/vmlinuz root=x rd.luks.key=§ ks=ftp://u:§@h/ks password="§ §" token=§,x=§ intel_iommu=on\n'
GRUB_CFG = """\
password_pbkdf2 root grub.pbkdf2.sha512.10000.§
password root §
menuentry "x" {
 linux /vmlinuz root=/dev/sda1 secret=§
}
"""
USER_CFG = "GRUB2_PASSWORD=grub.pbkdf2.sha512.§\n"
NETPLAN = """\
network:
  version: 2
  ethernets:
    eth0:
      auth:
        key-management: 802.1x
        password: §
        client-key: /etc/x.key
        client-key-password: §
  wifis:
    wlan0:
      access-points:
        ap:
          password: §
  tunnels:
    wg0:
      key: §
      keys:
        private: §
      peers:
        - keys:
            public: PUBLIC
            shared: §
  modems:
    m:
      pin: '§'
"""
KEYFILE = """\
[802-1x]
password=§
private-key=/etc/x.key
private-key-password=§
[wifi-security]
key-mgmt=wpa-psk
psk=§
psk-flags=0
wep-key0=§
leap-password=§
[wireguard]
private-key=§
[wireguard-peer.x]
preshared-key=§
[vpn-secrets]
Xauth password=§ with a blank
[macsec]
mka-cak=§
[gsm]
pin=§
"""
IFCFG = """\
DEVICE=eth0
KEY_MGMT=WPA-PSK
WPA_PSK=§
IEEE_8021X_PASSWORD='§'
KEY1=§
KEY='s:§'
MKA_CAK=§
KEY_PASSPHRASE1=§
IEEE_8021X_INNER_AUTH_PASSWORD="§"
"""
NETDEV = """\
[WireGuard]
PrivateKey=§
[WireGuardPeer]
PresharedKey = §
PublicKey=PUBLIC
[MACsecTransmitAssociation]
Key=§
"""
INTERFACES = """\
auto eth0
iface eth0 inet dhcp
 wpa-psk §
 wpa-passphrase §
 wpa-password §
 wireless-key s:§
 wireless-key1 §
 up /usr/bin/login --token §
 pre-up sshpass -p '§' true
"""
UNIT = """\
[Service]
Environment=PASSWORD=§ OTHER=1
Environment="API_KEY=§"
SetCredential=one:§
ExecStart=/usr/bin/x --api-key § --host h
ExecStart=/bin/sh -c "curl -H 'Authorization: Bearer §' h"
"""
LOG = """\
[info] options {password:§ user:x}
[info] opts map[password:§ region:r]
[info] &{Password:§ Name:x}
connect --password § --user root
dsn root:§@tcp(10.0.0.1)/x failed
http://admin:§@10.0.0.1:30357/v3 401
{"password":"§","user":"x"}
{"auth":{"identity":{"password":{"user":{"password":"§"}}}}}
"{\\"password\\":\\"§\\",\\"x\\":1}"
"{\\\\\\"secret\\\\\\":\\\\\\"§\\\\\\"}"
{"pass\\u0077ord": "§"}
{"tokens": ["§", "§"]}
X-Auth-Token: §
Authorization: Bearer §
authorization="Basic §=="
Set-Cookie: session=§; path=/
token=§&user=x
Password = §
password => §
secret=§, next=1
key=§ val=1
rbd:pool/img:id=admin:key=§==:mon_host=h
eyJ0eXAiOiJKV1QifQ.§.§
-----BEGIN RSA PRIVATE KEY-----\\n§\\n-----END RSA PRIVATE KEY-----
LTAI§aaaa used
ghp_§aaaaaaaaaaaaaaaaaaaaaaa used
glpat-§aaaaaaaaaaaaaaaa used
sk_live_§aaaaaaaaaa
CHAP secret: §
wpa-psk=§
psk: "§"
E1130 login failed, passwd='§'
mysql -h h -uroot -p§ -e x
curl -s -u joe:§ http://x
ipmitool -I lanplus -H h -U a -P § power status
smbclient -U joe%§ //h/x
export AWS_SECRET_ACCESS_KEY=§
--from-literal=password=§
redis://:§@h:6379/0
login ok, session_token: §, expires: 3600
cfg.adminPassword=§;cfg.user=x
"""
QEMU = (
    "1234 qemu-system-x86_64 -name guest=vm1 -object secret,id=s0,data=§ -vnc :1,password=§ "
    "-drive file=rbd:p/i:id=a:key=§=:mon_host=h,format=raw -drive file=iscsi://u:§@h/t/1 -fsdev local,x=y,token=§\n"
)
FILES = {
    "/etc/yunion/host.conf": HOST_CONF,
    "/etc/yunion/host_local.conf": HOST_LOCAL,
    "/etc/yunion/broken.conf": BROKEN,
    "/etc/default/grub": GRUB,
    "/proc/cmdline": CMDLINE,
    "/boot/grub/grub.cfg": GRUB_CFG,
    "/boot/grub2/user.cfg": USER_CFG,
    "/etc/netplan/50.yaml": NETPLAN,
    "/etc/NetworkManager/system-connections/a.nmconnection": KEYFILE,
    "/etc/sysconfig/network-scripts/ifcfg-eth0": IFCFG,
    "/etc/systemd/network/10.netdev": NETDEV,
    "/etc/network/interfaces": INTERFACES,
    "/etc/systemd/system/x.service": UNIT,
}
OUTPUTS = {"kubectl logs": LOG, "pgrep -a qemu": QEMU}


def planted() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The files and outputs with secrets in them, and each secret with the line that it is in."""
    numbers, lines = count(1), dict[str, str]()

    def plant(where: str, text: str) -> str:
        planted = []
        for line in text.split("\n"):
            done, *parts = line.split("§")
            for part in parts:
                value = f"Zq{next(numbers):03d}hUsHx"
                lines[value] = f"{where}: {line}"
                done += value + part
            planted.append(done)
        return "\n".join(planted)

    files = {path: plant(path, text) for path, text in FILES.items()}
    return files, {name: plant(name, text) for name, text in OUTPUTS.items()}, lines
