# SPDX-License-Identifier: GPL-2.0-or-later
# Real input from end to end: a registry, the packing tool, the daemon, programs that people run.

load lib/helper
load lib/container

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	TOOL=$BATS_TEST_DIRNAME/../host_tools/tcr-create-image.sh
	start_tcrd
}

@test "an image pushed to a registry is pulled by the tool, loaded and run" {
	local layout
	layout=$("$LIB/images" busybox)
	start_registry "$PWD/registry"
	skopeo --insecure-policy copy -q --dest-tls-verify=false "oci:$layout:latest" \
		"docker://$REGISTRY/team/app:v1"
	"$TOOL" -q --tls-verify=false -o app.sqfs "$REGISTRY/team/app:v1"
	prints "sha256:$(sha256sum <app.sqfs | cut -d' ' -f1)" tcr image load app.sqfs
	prints 'Hello from 1' tcr run --rm "$REGISTRY/team/app:v1" sh -c 'echo Hello from $$'
	prints blue tcr run --rm "$REGISTRY/team/app:v1" sh -c 'echo $COLOUR'
	prints "$(skopeo inspect --tls-verify=false "docker://$REGISTRY/team/app:v1" | jq -r .Digest)" \
		eval "tcr image inspect $REGISTRY/team/app:v1 | jq -r '.[0].Digest'"
}

@test "the tool's output goes into image load by a pipe" {
	local layout
	layout=$("$LIB/images" busybox)
	"$TOOL" -q --ref piped:1 -o piped.sqfs "oci:$layout:latest"
	# shellcheck disable=SC2002 # a pipe is what is tested
	cat piped.sqfs | tcr image load -
	prints x tcr run --rm piped:1 echo x
}

@test "the entrypoint, command, user, directory, stop signal and ports of an image survive the way" {
	local layout=$PWD/layout
	cp -r "$("$LIB/images" busybox)" layout
	umoci config --image "$layout:latest" --config.entrypoint /bin/echo --config.entrypoint '-n' \
		--config.cmd 'a  b' --config.cmd c --config.user www:video --config.workingdir /var/www \
		--config.stopsignal SIGUSR2 --config.env 'QUOTED=a "b" \ c'
	"$TOOL" -q --ref full:1 -o full.sqfs "oci:$layout:latest"
	tcr image load full.sqfs
	prints 'a  b c' tcr run --rm full:1
	prints '1000 44 /var/www /home/www' tcr run --rm --entrypoint sh full:1 -c \
		'echo $(id -u) $(id -g) $(pwd) $HOME'
	prints 'a "b" \ c' tcr run --rm --entrypoint sh full:1 -c 'echo "$QUOTED"'
	prints SIGUSR2 eval "tcr image inspect full:1 | jq -r '.[0].Config.StopSignal'"
}

@test "a Debian root filesystem runs apt and perl" {
	load_debian
	prints_like '^apt [0-9]' tcr run --rm debian apt --version
	prints 42 tcr run --rm debian perl -e 'print 6 * 7'
	prints '16 x' tcr run --rm debian perl -e 'print length(`head -c 16 /dev/urandom`), " ", `echo x`'
	prints 'root' tcr run --rm debian id -un
	prints '42 _apt /nonexistent' tcr run --rm -u _apt debian bash -c 'echo 42 $(id -un) $HOME'
	prints hi tcr run --rm -u nobody:nogroup --read-only --tmpfs /tmp debian \
		bash -c 'f=$(mktemp) && echo hi >$f && cat $f'
	prints_like 'Debian' tcr run --rm debian cat /etc/os-release
}

@test "a Debian container installs a package's files with the owners it wants" {
	load_debian
	tcr run --rm debian bash -ec '
		mkdir -p p/DEBIAN p/opt/x && echo data >p/opt/x/file && chown 33:33 p/opt/x/file
		printf "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n" \
			>p/DEBIAN/control
		dpkg-deb -b p x.deb >/dev/null && dpkg -i x.deb >/dev/null
		[ "$(stat -c %u /opt/x/file)" = 33 ] && dpkg -r x >/dev/null && [ ! -e /opt/x/file ]'
}

# fetch PORT: gets the page from a server on loopback into the file page.
fetch()
{
	rm -f page
	"$(command -v busybox.static || command -v busybox)" wget -q -O page "http://127.0.0.1:$1/"
}

@test "busybox's httpd answers on the host's network" {
	load_busybox
	tcr run -d --name www --network host busybox httpd -f -p 127.0.0.1:8080 -h /var/www
	wait_for 10 fetch 8080
	prints 'It works' cat page
	prints www tcr stop -t 1 www
	refuses 'refused' fetch 8080
}

@test "httpd serves a volume as an unprivileged user, and to its own network only without --network host" {
	load_busybox
	mkdir www
	echo mine >www/index.html
	tcr run -d --name own -u www -v ./www:/srv:ro busybox sh -c \
		'httpd -p 8081 -h /srv; wget -q -O - http://127.0.0.1:8081/; sleep 1000' >/dev/null
	prints mine tcr run --rm -u www -v ./www:/srv:ro busybox sh -c \
		'httpd -p 8081 -h /srv; wget -q -O - http://127.0.0.1:8081/'
	refuses 'refused' fetch 8081
}
