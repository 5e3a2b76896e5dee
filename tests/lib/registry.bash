# SPDX-License-Identifier: GPL-2.0-or-later
# A real registry on loopback, for bash scripts that run in a sandbox.
# shellcheck disable=SC2034 # the results are for the caller

# start_registry DIR [--tls] [--user NAME:PASSWORD]
# Starts docker-registry with its storage, log and certificate in DIR on a free port of 127.0.0.1.
# Sets REGISTRY (host:port), REGISTRY_PID, and with --tls REGISTRY_CERTS (for --cert-dir).
start_registry()
{
	local dir=$1 tls='' auth=''
	shift
	mkdir -p "$dir/data" "$dir/certs"
	while [ $# -gt 0 ]; do
		case $1 in
		--tls)
			REGISTRY_CERTS=$dir/certs
			make_certificate "$dir"
			tls="tls: {certificate: $dir/certs/ca.crt, key: $dir/key.pem}"
			;;
		--user)
			shift
			htpasswd -Bbn -C 4 "${1%%:*}" "${1#*:}" >"$dir/htpasswd" || return
			auth="auth: {htpasswd: {realm: test, path: $dir/htpasswd}}"
			;;
		esac
		shift
	done
	cat >"$dir/registry.yml" <<-END
		version: 0.1
		log: {level: info, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $dir/data}, delete: {enabled: true}}
		http: {addr: "127.0.0.1:0"${tls:+, $tls}}
		$auth
	END
	# 3>&-: bats waits for everybody who holds that descriptor.
	OTEL_TRACES_EXPORTER=none docker-registry serve "$dir/registry.yml" >"$dir/log" 2>&1 3>&- &
	REGISTRY_PID=$!
	registry_port "$dir" || {
		cat "$dir/log" >&2
		stop_registry
		return 1
	}
}

# The kernel chose the port and the registry says which, once it listens.
registry_port()
{
	local port tries=0
	while ((tries++ < 200)); do
		port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$1/log")
		REGISTRY=127.0.0.1:$port
		[ -z "$port" ] || return 0
		kill -0 "$REGISTRY_PID" 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}

make_certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=registry.test -addext subjectAltName=IP:127.0.0.1,DNS:localhost \
		-keyout "$1/key.pem" -out "$1/certs/ca.crt" 2>/dev/null
}

stop_registry()
{
	[ -n "${REGISTRY_PID-}" ] || return 0
	kill "$REGISTRY_PID" 2>/dev/null || true
	wait "$REGISTRY_PID" 2>/dev/null || true
	REGISTRY_PID=
}
