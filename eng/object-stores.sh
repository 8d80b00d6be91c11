#!/usr/bin/env bash
# Object stores for tests, on loopback: an S3 server (Ceph: one monitor, one object server in memory, one gateway) and Azurite.
#   eng/object-stores.sh start DIR   what can be started is, and DIR/environment says where; what cannot is left out
#   eng/object-stores.sh stop DIR    ends what was started there, by its process numbers, and removes DIR
set -uo pipefail
what=${1:?start or stop}; dir=${2:?a directory}

free_port() { # one that nobody listens on
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

stop() {
  local file pid
  for file in "$dir"/*.pid "$dir"/ceph/*.pid; do
    [ -f "$file" ] || continue
    pid=$(tr -cd 0-9 < "$file")
    [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
  done
  rm -rf "$dir"
}

start_azurite() {
  local program=${DDPO_AZURITE:-$(command -v azurite-blob || true)}
  [ -n "$program" ] || return 0
  local port; port=$(free_port)
  mkdir -p "$dir/azurite"
  "$program" --blobHost 127.0.0.1 --blobPort "$port" --location "$dir/azurite" --silent --skipApiVersionCheck > "$dir/azurite.log" 2>&1 < /dev/null &
  echo $! > "$dir/azurite.pid"
  for _ in $(seq 1 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && { echo "export DDPO_TEST_AZURE=http://127.0.0.1:$port" >> "$dir/environment"; return; }
    sleep 0.1
  done
  echo "object-stores: Azurite did not start: $(tail -n 1 "$dir/azurite.log")"
}

start_ceph() {
  command -v ceph-mon >/dev/null && command -v ceph-osd >/dev/null && command -v radosgw >/dev/null || return 0
  local c=$dir/ceph monitor old gateway fsid osd
  monitor=$(free_port); old=$(free_port); gateway=$(free_port); fsid=$(cat /proc/sys/kernel/random/uuid); osd=$(cat /proc/sys/kernel/random/uuid)
  mkdir -p "$c"/{mon,osd,rgw,log}
  cat > "$c/ceph.conf" <<CONF
[global]
fsid = $fsid
mon_host = [v2:127.0.0.1:$monitor,v1:127.0.0.1:$old]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = $c/keyring
run_dir = $c
pid_file = $c/\$name.pid
admin_socket = $c/\$name.asok
log_file = $c/log/\$name.log
mon_data = $c/mon
osd_data = $c/osd
osd_objectstore = memstore
memstore_device_bytes = ${DDPO_TEST_S3_BYTES:-4294967296}
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_max_object_name_len = 1024
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_crit = 1
mon_data_avail_warn = 1
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:$gateway
rgw_enable_apis = s3
rgw_data = $c/rgw
rgw_dynamic_resharding = false
rgw_run_sync_thread = false
rgw_num_rados_handles = 1
rgw_gc_obj_min_wait = 2
rgw_gc_processor_period = 2
CONF
  export CEPH_CONF=$c/ceph.conf
  {
    monmaptool --create --addv a "[v2:127.0.0.1:$monitor,v1:127.0.0.1:$old]" --fsid "$fsid" "$c/monmap" &&
    ceph-authtool --create-keyring "$c/keyring" --gen-key -n mon. --cap mon 'allow *' &&
    ceph-authtool "$c/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' &&
    ceph-authtool "$c/keyring" --gen-key -n client.rgw --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' &&
    ceph-authtool "$c/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *' &&
    ceph-mon -c "$CEPH_CONF" --mkfs -i a --monmap "$c/monmap" --keyring "$c/keyring" &&
    ceph-mon -c "$CEPH_CONF" -i a &&
    timeout 30 ceph -c "$CEPH_CONF" osd new "$osd" 0 &&
    timeout 30 ceph -c "$CEPH_CONF" auth import -i "$c/keyring" &&
    timeout 30 ceph -c "$CEPH_CONF" osd crush add-bucket here host &&
    timeout 30 ceph -c "$CEPH_CONF" osd crush move here root=default &&
    ceph-osd -c "$CEPH_CONF" -i 0 --mkfs --osd-uuid "$osd" &&
    ceph-osd -c "$CEPH_CONF" -i 0 &&
    timeout 30 ceph -c "$CEPH_CONF" osd crush set osd.0 1.0 root=default host=here &&
    for pool in .rgw.root default.rgw.log default.rgw.control default.rgw.meta default.rgw.buckets.index default.rgw.buckets.data default.rgw.buckets.non-ec; do
      timeout 30 ceph -c "$CEPH_CONF" osd pool create "$pool" 1 1 || break
    done &&
    timeout 60 radosgw-admin -c "$CEPH_CONF" -n client.rgw user create --uid=tests --display-name=tests --access-key=testAK --secret=testSecretKey123 &&
    timeout 60 radosgw-admin -c "$CEPH_CONF" -n client.rgw user create --uid=guest --display-name=guest --access-key=guestAK --secret=guestSecretKey123 &&
    radosgw -c "$CEPH_CONF" -n client.rgw
  } > "$dir/ceph.log" 2>&1 < /dev/null || { echo "object-stores: Ceph did not start: $(tail -n 1 "$dir/ceph.log")"; return 0; }
  for _ in $(seq 1 150); do
    (exec 3<>"/dev/tcp/127.0.0.1/$gateway") 2>/dev/null && { echo "export DDPO_TEST_S3=http://127.0.0.1:$gateway" >> "$dir/environment"; return; }
    sleep 0.2
  done
  echo "object-stores: the S3 gateway did not start: $(tail -n 1 "$c"/log/*rgw*.log 2>/dev/null)"
}

case $what in
  start) mkdir -p "$dir"; dir=$(cd "$dir" && pwd); : > "$dir/environment"; start_azurite; start_ceph ;;
  stop) stop ;;
  *) echo "start or stop"; exit 64 ;;
esac
