# SPDX-License-Identifier: GPL-2.0-or-later
# Options of run and create that read and write files, and the stop signal.
# shellcheck disable=SC2016,SC2154,SC2238 # text to evaluate later; variables of lib/container

load lib/helper
load lib/container

setup()
{
	begin
}

# env_of ARGUMENT...: prints the variables of a container, but for those that each has.
env_of()
{
	tcr run --rm --network none "$@" busybox env | grep -vE '^(PATH|HOSTNAME|HOME|COLOUR|PWD|SHLVL|OLDPWD)=' | sort
}

labels_of()
{
	tcr inspect --format '{{json .Config.Labels}}' "$1"
}

# --- --cidfile

@test "--cidfile gets the id of what run and create make, at a path of the client" {
	local id
	mkdir dir
	id=$(tcr run -d --network none --cidfile ./dir/one busybox sleep 1001)
	[ "$(<dir/one)" = "$id" ]
	(cd dir && tcr create --cidfile two busybox >/dev/null)
	[ "$(<dir/two)" = "$(tcr ps -lq --no-trunc)" ]
	tcr create --cidfile "$PWD/three" busybox >/dev/null
	[ "$(tcr rm -f "$(<dir/one)" "$(<dir/two)" "$(<three)" | wc -l)" = 3 ]
	[ -e dir/one ]
	exits 3 tcr run --rm --cidfile four busybox sh -c 'exit 3'
	[[ $(<four) =~ ^[0-9a-f]{64}$ ]]
}

@test "--cidfile refuses a file that is there, and a place where none can be, before anything is made" {
	echo precious >there
	ln -s nowhere link
	mkfifo fifo
	refuses '--cidfile .*there: File exists; remove it' tcr run --cidfile there busybox true
	[ "$(<there)" = precious ]
	refuses '--cidfile .*link: File exists' tcr create --cidfile link busybox
	[ ! -e nowhere ]
	refuses '--cidfile .*fifo: File exists' timeout 60 "$TCRBOX" tcr run --cidfile fifo busybox true
	refuses '--cidfile .*No such file' tcr run --cidfile no/where busybox true
	refuses '"": No such file' tcr run --cidfile "" busybox true
	[ -z "$(tcr ps -aq)" ]
}

@test "--cidfile: of a run that never ran nothing is left, the file neither" {
	exits 127 tcr run --cidfile id busybox nothing-like-it 2>/dev/null
	[ ! -e id ]
	exits 125 tcr run --cidfile id nothing 2>/dev/null
	[ ! -e id ]
	tcr create --name a busybox >/dev/null
	exits 125 tcr create --name a --cidfile id busybox 2>/dev/null
	[ ! -e id ]
	exits 127 tcr run -d --cidfile id busybox nothing-like-it 2>/dev/null
	[ ! -e id ]
}

# --- --env-file, --label-file, --label

@test "--env-file: lines, comments, empty ones, CRLF, blanks, values with =; -e wins" {
	printf '%s\n' '# comment' '' 'A=1' '  B=two words ' '	# another' 'C=a=b' 'D=' 'E="quoted"' 'F=#no' >vars
	printf 'G=dos\r\nH=also\r\n\r\nI=last' >dos
	[ "$(env_of --env-file vars)" = $'A=1\nB=two words \nC=a=b\nD=\nE="quoted"\nF=#no' ]
	[ "$(env_of --env-file ./dos)" = $'G=dos\nH=also\nI=last' ]
	[ "$(env_of --env-file vars --env-file dos -e A=3 | head -n 1)" = A=3 ]
	[ "$(env_of -e A=3 --env-file vars | head -n 1)" = A=3 ]
	printf 'A=first\n' >more
	[ "$(env_of --env-file more --env-file vars | head -n 1)" = A=1 ]
}

@test "--env-file: a byte order mark is no part of the first name" {
	printf '\357\273\277A=1\nB=2\n' >vars
	prints $'A=1\nB=2' env_of --env-file vars
}

@test "--env-file: what tcrd would open as its own is refused" {
	local file
	for file in /dev/fd/63 /dev/stdin /proc/self/fd/0; do
		refuses "$file.*regular file" tcr create --env-file $file busybox </dev/null
		refuses "$file.*regular file" tcr create --label-file $file busybox </dev/null
	done
	refuses '/dev/fd/.*regular file' tcr run --rm --env-file <(echo A=1) busybox true
}

@test "--env-file: a variable longer than execve(2) allows is refused by run, create and exec; one byte less is not" {
	local option
	tcr run -d --name up --network none busybox sleep 1000 >/dev/null
	{ printf 'LONG=' && head -c $((131072 - 5)) /dev/zero | tr '\0' x; } >long
	printf 'FITS=%s\n' "$(head -c $((131071 - 5)) /dev/zero | tr '\0' x)" >fits
	for option in run 'run -d' create; do
		# shellcheck disable=SC2086 # words
		refuses 'long: .*"LONG=x.*at most 131071 bytes' tcr $option --cidfile cid --env-file long busybox true
		[ ! -e cid ]
	done
	refuses 'long: .*"LONG=x.*at most 131071 bytes' tcr exec --env-file long up true
	prints up tcr ps -a --format '{{.Names}}'
	# shellcheck disable=SC2016 # the container's
	prints $((131071 - 5)) tcr exec --env-file fits up sh -c 'echo ${#FITS}'
}

@test "--env-file: a name without a value takes it from the client, or is left out" {
	printf 'TAKEN\nNOT_THERE\nA=1\n' >vars
	TAKEN="from here" prints $'A=1\nTAKEN=from here' env_of --env-file vars
}

@test "--env-file: what is no file of variables is refused with its name, and nothing hangs" {
	local file
	mkdir dir
	mkfifo fifo
	printf '=x\n' >no-name
	printf 'A B=1\n' >blank
	printf 'A=1\0B=2\n' >binary
	for file in missing dir fifo no-name blank binary; do
		refuses "$file" timeout 60 "$TCRBOX" tcr run --rm --env-file $file busybox true
		refuses "$file" timeout 60 "$TCRBOX" tcr create --env-file $file busybox
		refuses "$file" timeout 60 "$TCRBOX" tcr create --label-file $file busybox
	done
	refuses 'No such file' tcr run --rm --env-file "" busybox true
	yes ABC=1 | head -c 2200000 >huge
	refuses 'huge: File too large' tcr run --rm --env-file huge busybox true
	[ -z "$(tcr ps -aq)" ]
}

@test "--label and --label-file: in inspect, with the image's; options win over files, and survive" {
	printf '# comment\r\nfile=1\r\nboth=file\n\nempty\n' >labels
	tcr create --name a --label-file labels --label both=option -l key.with/slash=a=b --label alone busybox >/dev/null
	kill_tcrd
	start_tcrd
	[ "$(labels_of a | jq -cS .)" = \
		'{"alone":"","both":"option","empty":"","file":"1","key.with/slash":"a=b","org.example.fixture":"busybox"}' ]
	[ "$(tcr ps -aq --filter label=both=option | wc -l)" = 1 ]
	[ "$(tcr ps -aq --filter label=both=file | wc -l)" = 0 ]
	refuses 'label' tcr create --label =x busybox
	refuses 'label' tcr create --label '' busybox
	refuses 'label' tcr create --label $'a\nb=c' busybox
}

# --- --stop-signal

@test "--stop-signal is what stop and restart send, by name or number; the image's else" {
	local signal
	for signal in INT SIGINT 2 RTMIN+1; do
		rm -f ready
		tcr run -d --name a --stop-signal "$signal" --network none -v .:/here busybox sh -c '
			for s in 1 2 10 12 15 35; do trap "exit $s" $s; done
			: >/here/ready; while :; do usleep 10000; done' >/dev/null
		wait_for 10 test -e ready
		tcr stop -t 60 a >/dev/null
		[ "$signal" = RTMIN+1 ] || has_status a 'Exited (2)'
		[ "$signal" != RTMIN+1 ] || has_status a 'Exited (35)'
		rm -f ready
		tcr start a >/dev/null
		wait_for 10 test -e ready
		prints a tcr restart -t 60 a
		tcr rm -f a >/dev/null
	done
	refuses 'signal "NOPE"' tcr create --stop-signal NOPE busybox
	refuses 'signal "0"' tcr create --stop-signal 0 busybox
	refuses 'signal "65"' tcr create --stop-signal 65 busybox
	image_tree quitter
	set_config quitter '.annotations["org.opencontainers.image.stopSignal"] = "SIGUSR1"'
	load_tree quitter
	rm -f ready
	tcr run -d --name b --network none -v .:/here quitter sh -c '
		trap "exit 10" USR1; : >/here/ready; while :; do usleep 10000; done' >/dev/null
	wait_for 10 test -e ready
	tcr stop -t 60 b >/dev/null
	has_status b 'Exited (10)'
}

# --- SIGTERM of the daemon

# ends_within SECONDS: the daemon must end well, within this time.
ends_within()
{
	local start=$SECONDS
	stop_tcrd || return
	((SECONDS - start <= $1)) || fail "it took $((SECONDS - start)) s"
}

@test "SIGTERM: containers that ignore it are killed in parallel, each after its own patience" {
	local i
	for i in {1..10}; do
		tcr run -d --name "a$i" --stop-timeout 3 --network none busybox sleep 1001 >/dev/null
	done
	# One by one that would be 30 s.
	ends_within 25
	[ -z "$(pids_of sleep 1001)" ]
	start_tcrd
	for i in {1..10}; do
		has_status "a$i" 'Exited (137)'
	done
}

@test "SIGTERM: patience without end, what is paused, restarts, starts or stops does not hold it up" {
	tcr run -d --name patient --stop-timeout -1 --network none busybox sleep 1001 >/dev/null
	tcr run -d --name paused --stop-timeout 1 --network none busybox sleep 1001 >/dev/null
	tcr pause paused >/dev/null
	tcr run -d --name loop --restart always --network none busybox false >/dev/null
	tcr run -d --name up --restart always --stop-timeout 1 --network none busybox sleep 1001 >/dev/null
	tcr create --name never --network none busybox sleep 1001 >/dev/null
	start_client stop -t -1 patient
	tcr run -d --name late --stop-timeout 1 --network none busybox sleep 1001 >/dev/null 2>&1 3>&- &
	local late=$!
	ends_within 25
	wait $late || true
	wait_for 10 is_no_process "$CLIENT"
	[ -z "$(pids_of sleep 1001)" ]
	start_tcrd
	has_status patient 'Exited (137)'
	has_status paused 'Exited (137)'
	has_state never created
	wait_for 10 has_state up running
}

@test "a second SIGTERM ends the daemon at once, and its containers go on" {
	tcr run -d --name a --stop-timeout 60 --network none busybox sleep 1001 >/dev/null
	kill -TERM "$TCRD_PID"
	wait_for 10 test ! -e "$TCR_SOCKET"
	kill -TERM "$TCRD_PID"
	wait_for 10 tcrd_is_gone
	wait "$TCRD_PID" || true
	[ -n "$(pids_of sleep 1001)" ]
	start_tcrd
	has_state a running
}

# --- the current directory

@test "a current directory that is closed to the client matters only to relative paths" {
	mkdir -m 0700 closed
	chmod 0711 . "$TCR_RUN" && chmod 0666 "$TCR_SOCKET"
	cp "$TCRBOX" tcr
	cd closed
	prints "" setpriv --reuid 1234 --regid 1234 --clear-groups ../tcr ps -q
	assert_fails 125 'Not a directory' setpriv --reuid 1234 --regid 1234 --clear-groups ../tcr run --env-file rel busybox
	cd ..
}
