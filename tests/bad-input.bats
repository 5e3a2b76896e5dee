# SPDX-License-Identifier: GPL-2.0-or-later
# Command lines that are wrong: each is refused with one line that names the thing, changes nothing,
# and the daemon goes on.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034 # text for rows and containers; tests are processes

load lib/helper
load lib/container
load lib/bad-input

@test "unknown commands and flags of the client" {
	start_all
	each_row row <<-'END'
		125 | unknown flag.*"?--bogus"? | --bogus ps
		125 | unknown flag.*"?-z"? | -z ps
		125 | --socket | --socket
		125 | --socket | --socket= ps
		125 | --socket.*108|at most 107 bytes | --socket=/$LONG ps
		125 | cannot reach tcrd at /nowhere/sock | --socket /nowhere/sock ps
		125 | cannot reach tcrd at .*/text | --socket "$D/text" ps
		125 | cannot reach tcrd at .*/dir | --socket "$D/dir" ps
		125 | cannot reach tcrd at .*/fifo | --socket "$D/fifo" ps
		125 | cannot reach tcrd at .*/loop | --socket "$D/loop" ps
		no | unknown command "bogus" | bogus
		no | unknown command "" | ""
		no | unknown command "ps " | "ps "
		no | unknown command "PS" | PS
		no | unknown command "\.\./ps" | ../ps
		no | unknown command "x{50} | "$LONG"
		no | unknown command "-"|unknown flag | -
		no | unknown command "image bogus"; see 'tcr help image' | image bogus
		no | unknown command "pull"; .*tcr-create-image\.sh .*`tcr image load` | pull alpine
		no | unknown command "image build"; .*tcr-create-image\.sh .*`tcr image load` | image build .
		no | unknown command "image " | image ""
		no | unknown command "image -q" | image -q ls
		no | unknown command "stop x" | "stop x"
		no | unknown command | $'ps\n'
		no | unknown command | $'\e[31mps'
		no | unknown flag | $'--\e]0;title\a' ps
		no | unknown command "bogus" | help bogus
		no | unknown command "image bogus" | help image bogus
		no | unknown command "" | help ""
		no | no help for "ps more" | help ps more
		no | unknown command | help $'\e[31m'
	END
	end_all
}

@test "ps, version and info" {
	start_all
	each_row row <<-'END'
		125 | unknown flag.*--bogus | ps --bogus
		125 | unknown flag.*--al | ps --al
		125 | unknown flag.*--ALL | ps --ALL
		125 | unknown shorthand flag: 'z' | ps -z
		125 | unknown shorthand flag: 'z' | ps -aqz
		125 | needs an argument: --format | ps --format
		125 | --format | ps --format=
		125 | --format | ps --format ""
		125 | --format "yaml" | ps --format yaml
		125 | --format "JSON" | ps --format JSON
		125 | --format "-1" | ps --format -1
		125 | --format | ps --format "$HUGE"
		125 | --format is given twice | ps --format json --format json
		125 | --all is given twice | ps -a -a
		125 | --all | ps --all=maybe
		125 | --all | ps --all=
		125 | --all | ps -a=2
		no | "web" | ps web
		no | "" | ps ""
		no | "-" | ps -
		no | "-a" | ps -- -a
		125 | unknown flag.*--bogus | version --bogus
		125 | unknown shorthand flag: 'v' | version -v
		no | "more" | version more
		no | "" | version ""
		125 | unknown flag.*--bogus | info --bogus
		125 | needs an argument: --format | info --format
		125 | --format "" | info --format=
		125 | --format "xml" | info --format xml
		125 | --format is given twice | info --format json --format=json
		no | "more" | info more
	END
	end_all
}

@test "stop" {
	start_all
	each_row row <<-'END'
		no | at least one container | stop
		no | at least one container | stop -t 1
		125 | needs an argument: -t | stop -t
		125 | needs an argument: --time | stop --time
		125 | time.*"" | stop -t "" web
		125 | time.*"" | stop --time= web
		125 | time.*"x" | stop -t x web
		125 | time.*"web" | stop -t web
		125 | time.*"1x" | stop -t 1x web
		125 | time.*"1\.5" | stop -t 1.5 web
		125 | time.*"10s" | stop -t 10s web
		125 | time.*"0x10" | stop -t 0x10 web
		125 | time.*" 1" | stop -t ' 1' web
		125 | time.*"-2" | stop -t -2 web
		125 | time.*"--1" | stop -t --1 web
		125 | time.*"-" | stop -t - web
		125 | time.*"2147483648" | stop -t 2147483648 web
		125 | time.*"99999999999999999999" | stop -t 99999999999999999999 web
		125 | time.*"-99999999999999999999" | stop -t -99999999999999999999 web
		125 | time.*"1xxx | stop -t "1$HUGE" web
		125 | --time is given twice | stop -t 1 -t 2 web
		125 | --time is given twice | stop -t 1 --time=1 web
		125 | unknown flag.*--bogus | stop --bogus web
		125 | signal "NOPE" | stop -s NOPE web
		125 | unknown shorthand flag: 'k' | stop -k TERM web
		no | no such container: "nope" | stop nope
		no | no such container: "" | stop ""
		no | no such container: "\.\./web" | stop ../web
		no | no such container: "web/" | stop web/
		no | no such container: "WEB" | stop WEB
		no | no such container: "we" | stop we
		no | no such container: "-t" | stop -- -t
		no | no such container: "-" | stop -
		no | no such container: "xxxx | stop "$LONG"
		no | no such container: "0000 | stop "$HEX"
		no | no such container: "web.x" | stop $'web\nx'
		no | no such container | stop $'\e[31mweb\e[0m'
		no | no such container | stop $'\xff\xfe'
	END
	end_all
}

@test "kill" {
	start_all
	tcr run --name ended busybox true
	WEB=$(tcr ps -aq --no-trunc)
	settle
	each_row row <<-'END'
		no | at least one container | kill
		no | at least one container | kill -s TERM
		125 | needs an argument: -s | kill -s
		125 | needs an argument: --signal | kill --signal
		125 | signal.*"" | kill -s "" web
		125 | signal.*"" | kill --signal= web
		125 | signal.*"NOPE" | kill -s NOPE web
		125 | signal.*"SIG" | kill -s SIG web
		125 | signal.*"SIGSIGTERM" | kill -s SIGSIGTERM web
		125 | signal.*"0" | kill -s 0 web
		125 | signal.*"-1" | kill -s -1 web
		125 | signal.*"-9" | kill --signal=-9 web
		125 | signal.*"65" | kill -s 65 web
		125 | signal.*"9x" | kill -s 9x web
		125 | signal.*"9\.0" | kill -s 9.0 web
		125 | signal.*"TERM,KILL" | kill -s TERM,KILL web
		125 | signal.*"RTMIN-1" | kill -s RTMIN-1 web
		125 | signal.*"RTMAX\+1" | kill -s RTMAX+1 web
		125 | signal.*"RTMIN\+31" | kill -s RTMIN+31 web
		125 | signal.*"4294967305" | kill -s 4294967305 web
		125 | signal.*"99999999999999999999" | kill -s 99999999999999999999 web
		125 | signal.*"xxxx | kill -s "$HUGE" web
		125 | signal | kill -s $'TERM\n' web
		125 | --signal is given twice | kill -s TERM -s KILL web
		125 | unknown shorthand flag: '9' | kill -9 web
		125 | unknown flag.*--bogus | kill --bogus web
		no | container "ended" is not running | kill ended
		no | no such container: "nope" | kill nope
		no | no such container: "" | kill ""
		no | no such container: "\.\./\.\./web" | kill ../../web
		no | no such container: "xxxx | kill "$LONG"
		no | no such container: "a.b" | kill $'a\nb'
	END
	tcr rm ended
	WEB=$(tcr ps -aq --no-trunc)
	end_all
}

@test "rm" {
	start_all
	each_row row <<-'END'
		no | at least one container | rm
		no | at least one container | rm -f
		125 | --force | rm --force=maybe web
		125 | --force is given twice | rm -ff web
		no | container "web" is running | rm -v web
		125 | unknown shorthand flag: 'r' | rm -rf web
		no | container "web" is running | rm web
		no | container "web" is running | rm "$WEB"
		no | container "web" is running | rm "${WEB:0:8}"
		no | no such container: "nope" | rm nope
		no | no such container: "" | rm ""
		no | no such container: "\." | rm .
		no | no such container: "\.\." | rm -f ..
		no | no such container: "\.\./containers/ | rm -f "../containers/$WEB"
		no | no such container: "/ | rm -f /
		no | no such container: "\*" | rm -f '*'
		no | no such container: "xxxx | rm "$LONG"
		no | no such container: ".*0" | rm "${WEB}0"
		no | no such container: "web.." | rm -f $'web\r\n'
	END
	end_all
}

@test "image load" {
	start_all
	local sqfs=$BUSYBOX_SQFS
	head -c 100000 "$sqfs" >"$D/cut"
	head -c 50 "$sqfs" >"$D/stub"
	tr '\0' '\1' <"$sqfs" | head -c 5000 >"$D/damaged"
	ln -s "$D/text" "$D/link"
	socat -u UNIX-LISTEN:"$D/socket" - 3>&- &
	local listener=$!
	wait_for 5 test -S "$D/socket"
	each_row row <<-'END'
		no | standard input: .*(empty|squashfs) | image load
		no | standard input: .*(empty|squashfs) | load -q
		no | exactly one file | image load "$D/text" "$D/text"
		no | exactly one file | image load -i "$D/text" "$D/text"
		125 | needs an argument: -i | image load -i
		125 | needs an argument: --input | image load --input
		125 | --input | image load --input=
		125 | --input is given twice | image load -i "$D/text" -i "$D/text"
		125 | --link | image load --link=maybe "$D/text"
		125 | --link is given twice | image load --link --link "$D/text"
		125 | unknown flag.*--bogus | image load --bogus "$D/text"
		125 | unknown shorthand flag: 'Q' | image load -Q "$D/text"
		no | --link.*standard input | image load --link -
		no | : No such file or directory | image load ""
		no | /nowhere: No such file or directory | image load "$D/nowhere"
		no | /dangling: No such file or directory | image load "$D/dangling"
		no | /loop: Too many levels of symbolic links | image load "$D/loop"
		no | /text/x: Not a directory | image load "$D/text/x"
		no | xxxx.*: File name too long | image load "$D/$LONG"
		no | xxxx.*: File name too long | image load "$HUGE"
		no | /fifo: not a regular file | image load "$D/fifo"
		no | /fifo: not a regular file | image load --link "$D/fifo"
		no | /dir: .*not a regular file | image load "$D/dir"
		no | \.: .*not a regular file | image load .
		no | /dev/zero: not a regular file | image load /dev/zero
		no | /socket: | image load "$D/socket"
		no | /empty: .*(empty|squashfs) | image load "$D/empty"
		no | /text: .*squashfs | image load "$D/text"
		no | /text: .*squashfs | image load "$D/link"
		no | /text: .*squashfs | image load --link "$D/text"
		no | /stub: .*(truncated|squashfs) | image load "$D/stub"
		no | /cut: .*truncated | image load "$D/cut"
		no | /cut: .*truncated | image load --link "$D/cut"
		no | /damaged: .* | image load "$D/damaged"
		no | standard input: .*(empty|squashfs) | image load -
		no | a.b.*: No such file | image load $'a\nb'
		no | : No such file | image load $'\e[31m\xff'
	END
	kill $listener
	local STDIN
	for STDIN in /dev/zero "$D/text" "$D/empty"; do
		each_row row <<<'no | standard input: .*(empty|squashfs) | image load -'
	done
	STDIN=$D/cut each_row row <<<'no | standard input: .*truncated | image load -'
	STDIN=$D/dir each_row row <<<'no | standard input: .*Is a directory | image load -'
	end_all
}

@test "image rm, inspect and ls" {
	start_all
	each_row row <<-'END'
		no | at least one image | image rm
		no | at least one image | image rm -f
		125 | --force | image rm --force=2 busybox
		125 | --force is given twice | image rm -f -f busybox
		125 | unknown flag.*--bogus | image rm --bogus busybox
		125 | unknown shorthand flag: 'a' | image rm -a busybox
		no | image "busybox" is used by container "web" | image rm busybox
		no | image "busybox" is used by container "web" | image rm -f busybox
		no | no such image: "nope" | image rm nope
		no | no such image: "" | image rm ""
		no | no such image: "busybox:2" | image rm busybox:2
		no | no such image: "busybox:" | image rm busybox:
		no | no such image: "BusyBox" | image rm BusyBox
		no | no such image: "\.\./images_root" | image rm ../images_root
		no | no such image: "\." | image rm .
		no | no such image: "/" | image rm /
		no | no such image: "sha256:" | image rm sha256:
		no | no such image: "sha256:0000 | image rm "sha256:$HEX"
		no | no such image: "xxxx | image rm "$LONG"
		no | no such image: "busy.box" | image rm $'busy\nbox'
		no | no such image: "busybox.tmp-1" | image rm $'busybox\ttmp-1'
		no | at least one image | image inspect
		125 | not known here | image inspect --format "{{range .}}" busybox
		125 | not known here | image inspect -f "{{" busybox
		125 | "\}\}" at its end is missing | image inspect -f "{{.Name" busybox
		125 | unknown flag.*--bogus | image ls --bogus
		125 | unknown shorthand flag: 'z' | image ls -qz
		125 | needs an argument: --format | image ls --format
		125 | --format "" | image ls --format=
		125 | --format "table" | image ls --format table
		125 | --format is given twice | image ls --format json --format json
		125 | --quiet is given twice | image ls -qq
		125 | --no-trunc | image ls --no-trunc=x
		no | one argument: "more" | image ls busybox:latest more
	END
	! tcr image inspect nope >"$D/stdout" 2>"$D/stderr" || false
	one_line "$D/stderr" 'no such image: "nope"'
	[ "$(jq -c . "$D/stdout")" = '[]' ]
	end_all
}

@test "run: image, command and flags that do not exist" {
	start_all
	each_row row <<-'END'
		125 | an image is required | run
		125 | an image is required | run -d --rm
		125 | an image is required | run --
		125 | no such image: "" | run ""
		125 | no such image: "nope"; .*tcr image load.*tcr-create-image\.sh | run nope
		125 | "-" is no reference | run -
		125 | "-d" is no reference | run -- -d
		125 | no such image: "busy box" | run 'busy box'
		125 | no such image: "busybox:" | run busybox:
		125 | no such image: "busybox@sha256:00" | run busybox@sha256:00
		125 | no such image: "\.\./busybox" | run ../busybox
		125 | no such image: "xxxx | run "$LONG"
		125 | no such image: "xxxx | run "$HUGE"
		125 | no such image: "busybox.x" | run $'busybox\nx'
		125 | no such image: " | run $'\e[2J\xff\xfe'
		125 | unknown flag.*--bogus | run --bogus busybox
		125 | unknown flag.*--bogus | run --bogus=1 busybox
		125 | the flag --privileged of docker is not supported | run --privileged busybox
		125 | the flag --memory of docker is not supported | run --memory=64m busybox
		125 | the flag -m of docker is not supported | run -dm 64m busybox
		125 | the flag --cap-add of docker is not supported | run --cap-add ALL busybox
		125 | the flag --volumes-from of docker is not supported | create --volumes-from x busybox
		125 | the flag -q of docker is not supported | run -q busybox
		125 | the flag -a of docker is not supported | run -a stdin busybox
		125 | the flag --details of docker is not supported | logs --details web
		125 | the flag -o of docker is not supported | volume create -o type=nfs v
		125 | the flag --opt of docker is not supported | network create --opt a=b n
		125 | the flag --ip-range of docker is not supported | network create --ip-range 10.0.0.0/8 n
		125 | the flag --filter of docker is not supported | image ls --filter dangling=true
		125 | the flag -o of docker is not supported | network create -o a=b n
		125 | the flag -f of docker is not supported | image ls -f dangling=true
		125 | see 'tcr create --help' | create
		125 | unknown flag.*--detac | run --detac busybox
		125 | unknown flag.*---rm | run ---rm busybox
		125 | unknown flag | run --=x busybox
		125 | unknown flag.*xxxx | run --$LONG busybox
		125 | unknown flag | run $'--\e[31m' busybox
		125 | unknown flag.*--image-id | run --image-id=$HEX busybox
		125 | unknown flag.*--created | run --created 1 busybox
		125 | unknown shorthand flag: 'z' | run -dz busybox
		125 | unknown shorthand flag: 'z' | run -z busybox
		125 | unknown shorthand flag | run $'-\e' busybox
		125 | unknown shorthand flag | run -é busybox
		125 | --detach | run --detach=maybe busybox
		125 | --rm | run --rm= busybox
		125 | --tty | run -t=x busybox
		125 | --interactive | run --interactive=2 busybox
		125 | --read-only | run --read-only=rw busybox
		125 | --no-network | run --no-network=-1 busybox
		125 | --rm is given twice | run --rm --rm busybox
		125 | --detach is given twice | run -dd busybox
		125 | not a terminal | run -it busybox
		125 | needs an argument: --entrypoint | run --entrypoint
		125 | --entrypoint is given twice | run --entrypoint a --entrypoint b busybox
		125 | no command | run --entrypoint "" busybox
		125 | no command | run --rm busybox ""
	END
	end_all
}

@test "run: commands that cannot be run are exit code 126 or 127, with or without --rm and -d" {
	start_all
	each_row row <<-'END'
		127 | "nope" | run --rm busybox nope
		127 | "/nope" | run busybox /nope
		127 | "nope" | run -d busybox nope
		127 | "\.\./\.\./nope" | run --rm busybox ../../nope
		127 | "/etc/passwd/x" | run --rm busybox /etc/passwd/x
		127 | "xxxx | run --rm busybox "$LONG"
		127 | "a.b" | run --rm busybox $'a\nb'
		127 | "/nope" | run --rm --entrypoint /nope busybox
		127 | "/nope" | run --rm --entrypoint=/nope busybox echo
		126 | "/etc" | run --rm busybox /etc
		126 | "/etc" | run -d busybox /etc
		126 | "/etc/passwd" | run busybox /etc/passwd
		126 | "/" | run --rm busybox /
		126 | "\./\." | run --rm busybox ./.
	END
	end_all
}

@test "run --name" {
	start_all
	each_row row <<-'END'
		125 | needs an argument: --name | run --name
		125 | image is required | run --name busybox
		125 | --name "" | run --name= busybox
		125 | --name "" | run --name "" busybox
		125 | --name "-5" | run --name -5 busybox
		125 | --name "--rm" | run --name --rm busybox
		125 | --name "\.hidden" | run --name .hidden busybox
		125 | --name "_a" | run --name _a busybox
		125 | --name "\.\./x" | run --name ../x busybox
		125 | --name "a/b" | run --name a/b busybox
		125 | --name "a b" | run --name 'a b' busybox
		125 | --name "a:b" | run --name a:b busybox
		125 | --name "a\"b" | run --name 'a"b' busybox
		125 | --name "a.b" | run --name $'a\nb' busybox
		125 | --name "web." | run --name $'web\n' busybox
		125 | --name "a.*" | run --name $'a\e[31m' busybox
		125 | --name " | run --name $'caf\xe9' busybox
		125 | --name " | run --name café busybox
		125 | --name "xxxx | run --name "$LONG" busybox
		125 | --name "xxxx | run --name "$HUGE" busybox
		125 | --name is given twice | run --name a --name b busybox
		125 | name "web" is taken by container [0-9a-f]{12} | run --name web busybox
		125 | name "web" is taken by container [0-9a-f]{12} | run -d --rm --name=web busybox
	END
	end_all
}

@test "run: environment, user, working and host names" {
	start_all
	each_row row <<-'END'
		125 | needs an argument: -e | run -e
		125 | needs an argument: --env | run --env
		125 | --env "" | run -e "" busybox
		125 | --env "" | run --env= busybox
		125 | --env "=x" | run -e =x busybox
		125 | --env "=" | run --env== busybox
		125 | needs an argument: -u | run -u
		125 | --user "-1" | run -u -1 busybox
		125 | --user "1x" | run -u 1x busybox
		125 | --user "0x10" | run -u 0x10 busybox
		125 | --user "1\.5" | run -u 1.5 busybox
		125 | --user "2147483648" | run -u 2147483648 busybox
		125 | --user "4294967296" | run -u 4294967296 busybox
		125 | --user "99999999999999999999" | run -u 99999999999999999999 busybox
		125 | --user "0:-1" | run -u 0:-1 busybox
		125 | --user "0:1x" | run -u 0:1x busybox
		125 | --user "0:0:0" | run -u 0:0:0 busybox
		125 | --user " 0" | run -u ' 0' busybox
		125 | --user "root.x" | run -u $'root\nx' busybox
		125 | --user "\.\./root" | run -u ../root busybox
		125 | user.* nobody2 | run -u nobody2 busybox true
		125 | group.* nogroup2 | run -u root:nogroup2 busybox true
		125 | --user "xxxx|user "?xxxx | run -u "$LONG" busybox
		125 | --user is given twice | run -u 0 -u 1 busybox
		125 | needs an argument: -w | run -w
		125 | --workdir "" | run -w "" busybox
		125 | --workdir "rel" | run -w rel busybox
		125 | --workdir "\./rel" | run -w ./rel busybox
		125 | --workdir "-1" | run -w -1 busybox
		125 | --workdir "/\.\./x" | run -w /../x busybox
		125 | --workdir "/xxxx | run -w "/$HUGE" busybox
		125 | --workdir is given twice | run -w / -w /tmp busybox
		125 | /etc/passwd | run -w /etc/passwd busybox true
		125 | needs an argument: -h | run -h
		125 | needs an argument: --hostname | run --hostname
		125 | --hostname "" | run -h "" busybox
		125 | --hostname "-a" | run --hostname -a busybox
		125 | --hostname "a_b" | run --hostname a_b busybox
		125 | --hostname "a b" | run --hostname 'a b' busybox
		125 | --hostname "\.\./x" | run --hostname ../x busybox
		125 | --hostname "a.b" | run --hostname $'a\nb' busybox
		125 | --hostname "xxxx | run --hostname "$LONG" busybox
		125 | --hostname is given twice | run -h a -h b busybox
	END
	end_all
}

@test "run: network, restart policy and time-out" {
	start_all
	each_row row <<-'END'
		125 | needs an argument: --network | run --network
		125 | --network.*("|empty) | run --network= busybox
		125 | --network "a b" | run --network 'a b' busybox
		125 | --network container.*reserved | run --network container busybox
		125 | container:nosuch.*no such container | run --network container:nosuch busybox
		125 | --network "\.\./x" | run --network ../x busybox
		125 | --network "-1" | run --network -1 busybox
		125 | --network "none.x" | run --network $'none\nx' busybox
		125 | --network "xxxx | run --network "$LONG" busybox
		125 | --network a is given twice | run --network a --network a busybox
		125 | --network none goes with no other | run --network none --network none busybox
		125 | --network and --no-network | run --network none --no-network busybox
		125 | needs an argument: --restart | run --restart
		125 | --restart "" | run --restart= busybox
		125 | --restart "sometimes" | run --restart sometimes busybox
		125 | --restart "Always" | run --restart Always busybox
		125 | --restart "always:3" | run --restart always:3 busybox
		125 | --restart "on-failure:" | run --restart on-failure: busybox
		125 | --restart "on-failure:x" | run --restart on-failure:x busybox
		125 | --restart "on-failure:-1" | run --restart on-failure:-1 busybox
		125 | --restart "on-failure:1\.5" | run --restart on-failure:1.5 busybox
		125 | --restart "on-failure:9{20}" | run --restart on-failure:99999999999999999999 busybox
		125 | --restart "xxxx | run --restart "$HUGE" busybox
		125 | --restart is given twice | run --restart no --restart no busybox
		125 | --rm and --restart | run --rm --restart always busybox
		125 | --rm and --restart | run --restart on-failure:3 --rm busybox
		125 | needs an argument: --stop-timeout | run --stop-timeout
		125 | time.*"" | run --stop-timeout= busybox
		125 | time.*"x" | run --stop-timeout x busybox
		125 | time.*"-2" | run --stop-timeout -2 busybox
		125 | time.*"1\.5" | run --stop-timeout 1.5 busybox
		125 | time.*"10s" | run --stop-timeout 10s busybox
		125 | time.*"9{20}" | run --stop-timeout 99999999999999999999 busybox
		125 | --stop-timeout is given twice | run --stop-timeout 1 --stop-timeout 1 busybox
	END
	end_all
}

@test "run --volume" {
	start_all
	cd "$D/dir" || return
	mkdir a:b
	ln -s a:b colon
	each_row row <<-'END'
		125 | needs an argument: -v | run -v
		125 | needs an argument: --volume | run --volume
		125 | --volume "" | run -v "" busybox
		125 | --volume "".*absolute | run -v : busybox
		125 | --volume "::" | run -v :: busybox
		125 | --volume "/etc" | run -v /etc busybox
		125 | --volume "" | run -v :/x busybox
		125 | --volume "da ta" | run -v "da ta:/x" busybox
		125 | --volume "" | run -v /etc: busybox
		125 | --volume "rel" | run -v /etc:rel busybox
		125 | --volume "\.\./x" | run -v /etc:../x busybox
		125 | --volume "/x/\.\./y".*\.\. | run -v /etc:/x/../y busybox
		125 | --volume "/" | run -v /etc:/ busybox
		125 | --volume "//\./" | run -v /etc://./ busybox
		125 | unknown mode "zz" | run -v /etc:/x:zz busybox
		125 | unknown mode "zz" | run -v /etc:/x:ro,z,Z,zz busybox
		125 | unknown mode "ro,rw"; there are ro or rw, z or Z | run -v /etc:/x:rw,z,ro busybox
		125 | unknown mode "RO" | run -v /etc:/x:RO busybox
		125 | unknown mode "" | run -v /etc:/x: busybox
		125 | unknown mode "ro:ro" | run -v /etc:/x:ro:ro busybox
		125 | --volume "/nowhere": No such file | run -v /nowhere:/x busybox
		125 | /nowhere": No such file | run -v "./nowhere:/x" busybox
		125 | /dangling": No such file | run -v "../dangling:/x" busybox
		125 | /loop": Too many levels | run -v "../loop:/x" busybox
		125 | /loop/x": Too many levels | run -v "../loop/x:/x:ro" busybox
		125 | /text/x": Not a directory | run -v "../text/x:/x" busybox
		125 | --volume "/xxxx.*": File name too long | run -v "/$LONG:/x" busybox
		125 | --volume "/xxxx.*": File name too long | run -v "/$HUGE:/x" busybox
		125 | --volume "/xxxx | run -v "/etc:/$HUGE" busybox
		125 | --volume "/a.b": No such file | run -v $'/a\nb:/x' busybox
		125 | --volume ": No such file|--volume ".*": No such file | run -v $'/\e[31m\xff:/x' busybox
		125 | a:b.*':' | run -v ./colon:/x busybox
		125 | two mounts at /x | run -v /etc:/x -v /usr:/x busybox
		125 | two mounts at /x | run -v /etc:/x -v /usr:/x/ busybox
		125 | two mounts at /x | run -v /etc:/x --tmpfs //x/. busybox
	END
	end_all
}

@test "run --tmpfs" {
	start_all
	each_row row <<-'END'
		125 | needs an argument: --tmpfs | run --tmpfs
		125 | --tmpfs "" | run --tmpfs= busybox
		125 | --tmpfs "rel" | run --tmpfs rel busybox
		125 | --tmpfs "64m" | run --tmpfs 64m busybox
		125 | --tmpfs "/" | run --tmpfs / busybox
		125 | --tmpfs "/" | run --tmpfs /:64m busybox
		125 | --tmpfs "/\.\./x" | run --tmpfs /../x busybox
		125 | --tmpfs "/x:" | run --tmpfs /x: busybox
		125 | --tmpfs "/x:0" | run --tmpfs /x:0 busybox
		125 | --tmpfs "/x:-1" | run --tmpfs /x:-1 busybox
		125 | --tmpfs "/x:-64m" | run --tmpfs /x:-64m busybox
		125 | --tmpfs "/x:64q" | run --tmpfs /x:64q busybox
		125 | --tmpfs "/x:64mm" | run --tmpfs /x:64mm busybox
		125 | --tmpfs "/x:1\.5m" | run --tmpfs /x:1.5m busybox
		125 | --tmpfs "/x:m" | run --tmpfs /x:m busybox
		125 | --tmpfs "/x: 1m" | run --tmpfs '/x: 1m' busybox
		125 | --tmpfs "/x:9{20}" | run --tmpfs /x:99999999999999999999 busybox
		125 | --tmpfs "/x:17179869184g" | run --tmpfs /x:17179869184g busybox
		125 | --tmpfs "/x:size=" | run --tmpfs /x:size= busybox
		125 | --tmpfs "/x:size=-1" | run --tmpfs /x:size=-1 busybox
		125 | --tmpfs "/x:mode=8" | run --tmpfs /x:mode=8 busybox
		125 | --tmpfs "/x:mode=17777" | run --tmpfs /x:mode=17777 busybox
		125 | --tmpfs "/x:mode=-1" | run --tmpfs /x:mode=-1 busybox
		125 | --tmpfs "/x:uid=-1" | run --tmpfs /x:uid=-1 busybox
		125 | --tmpfs "/x:gid=1x" | run --tmpfs /x:gid=1x busybox
		125 | --tmpfs "/x:nr_inodes=" | run --tmpfs /x:nr_inodes= busybox
		125 | --tmpfs "/x:mode=" | run --tmpfs /x:mode= busybox
		125 | --tmpfs "/x:bogus" | run --tmpfs /x:bogus busybox
		125 | --tmpfs "/x:1m,bogus" | run --tmpfs /x:1m,bogus busybox
		125 | --tmpfs "/x:1m.ro" | run --tmpfs $'/x:1m\nro' busybox
		125 | --tmpfs "/xxxx | run --tmpfs "/$HUGE" busybox
		125 | two mounts at /x | run --tmpfs /x --tmpfs /x:1m busybox
	END
	end_all
}

@test "a FIFO is a source of a volume like any other, and nobody waits for its other end" {
	start_all
	timeout 60 "$TCRBOX" tcr run --rm -v "$D/fifo:/f:ro" busybox test -p /f 3>&-
	end_all
}

@test "help of a group of commands lists them, without a daemon" {
	tcr help image >"$D/stdout"
	grep -q 'image load' "$D/stdout"
	tcr image --help | grep -q 'image inspect'
	tcr | grep -q '^Usage: tcr '
	tcr image | grep -q '^Usage: tcr image '
}

@test "what the engine cannot do is exit code 125, for every command" {
	start_all
	assert_fails 125 'unknown flag' tcr ps --bogus
	assert_fails 125 'unknown flag' tcr stop --bogus web
	assert_fails 125 'unknown command' tcr bogus
	assert_fails 125 'no such container' tcr stop nope
	assert_fails 125 'no such container' tcr kill nope
	assert_fails 125 'no such container' tcr rm nope
	assert_fails 125 'no such image' tcr image rm nope
	assert_fails 125 'No such file' tcr image load "$D/nowhere"
	end_all
}

@test "of several names the good ones are served, and each bad one has its line" {
	start_all
	tcr run -d --name other --stop-timeout 0 busybox sleep 1000
	local status=0
	tcr stop nope other $'\e[0m' >"$D/stdout" 2>"$D/stderr" || status=$?
	[[ $status =~ ^(1|125)$ ]]
	[ "$(<"$D/stdout")" = other ]
	[ "$(grep -c '^tcr: no such container: ' "$D/stderr")" = 2 ]
	[ "$(wc -l <"$D/stderr")" = 2 ]
	tcr rm nope other >"$D/stdout" 2>"$D/stderr" || true
	[ "$(<"$D/stdout")" = other ]
	[ "$(wc -l <"$D/stderr")" = 1 ]
	end_all
}

# ESC [ has a one-byte form, C1, which terminals obey too: in UTF-8 it is c2 9b.
@test "messages have no C1 control characters, and other letters stay" {
	start_all
	local words
	for words in $'stop \xc2\x9b31m' $'run \xc2\x9b31m' $'run --name \xc2\x9d0;x busybox' \
		$'image load \xc2\x9b31m' $'bogus\xc2\x9b31m'; do
		# shellcheck disable=SC2086 # words
		! tcr $words 2>"$D/stderr" || false
		! LC_ALL=C grep -q $'\xc2[\x80-\x9f]' "$D/stderr" || fail "C1 after: ${words@Q}"
	done
	! tcr stop 'süß€' 2>"$D/stderr" || false
	grep -q 'no such container: "süß€"' "$D/stderr"
	end_all
}

@test "a message that shortens what was given does not cut a letter in two" {
	start_all
	local many=€€€€€€€€€€ verb
	many=$many$many$many$many$many$many$many$many$many$many
	for verb in stop run "image load" "image rm" "run --user" "run --restart" "run -v" "run -w"; do
		for n in "" x xx; do
			# shellcheck disable=SC2086 # words
			! tcr $verb "$n$many" 2>"$D/stderr" || false
			iconv -f UTF-8 -t UTF-8 "$D/stderr" >/dev/null || fail "after: $verb $n"
		done
	done
	end_all
}

@test "a message names a path as a whole" {
	start_all
	local path=$D/${LONG:0:100}/${LONG:0:80}/end
	mkdir -p "${path%/end}"
	assert_fails 125 '/end(\"|:)' tcr run -v "$path:/x" busybox true
	assert_fails '125' "/end(\"|:)" tcr image load "$path"
	assert_fails '125' "/end(\"|:)" tcr run -w "$path" -u 0 --tmpfs relative/end busybox true
	end_all
}

# many_variables N: sets ENVIRONMENT to N variables of 100,000 bytes.
many_variables()
{
	local i value
	printf -v value '%0100000d' 0
	ENVIRONMENT=()
	for ((i = 0; i < $1; i++)); do
		ENVIRONMENT+=("V$i=$value")
	done
}

@test "an environment of 1 MiB and 10,000 arguments arrive" {
	start_all
	local ENVIRONMENT
	many_variables 10
	[ "$(env "${ENVIRONMENT[@]}" "$TCRBOX" tcr run --rm -e V9 busybox sh -c 'echo ${#V9}' \
		3>&-)" = 100000 ]
	[ "$(env "${ENVIRONMENT[@]}" "$TCRBOX" tcr run --rm "${ENVIRONMENT[@]/#/-e}" busybox \
		sh -c 'echo ${#V0}${#V9}' 3>&-)" = 100000100000 ]
	# shellcheck disable=SC2046 # words
	[ "$(tcr run --rm busybox sh -c 'echo $# $9999' sh $(seq 10000))" = "10000 9999" ]
	end_all
}

@test "an environment of more than 2 MiB, and 20,000 arguments, are refused with the limit" {
	start_all
	local ENVIRONMENT status=0
	many_variables 24
	(
		# Else the kernel itself rows.
		ulimit -Ss 32768
		exec env "${ENVIRONMENT[@]}" "$TCRBOX" tcr ps 2>"$D/stderr" 3>&-
	) || status=$?
	[ $status = 125 ]
	one_line "$D/stderr" 'arguments and environment have 2[0-9]{6} bytes; 2097152 are allowed'
	status=0
	# shellcheck disable=SC2046 # words
	tcr run --rm busybox true $(seq 20000) 2>"$D/stderr" || status=$?
	[ $status = 125 ]
	one_line "$D/stderr" 'arguments.*16384'
	end_all
}

@test "closed standard descriptors do no harm" {
	start_all
	"$TCRBOX" tcr ps -q 3>&- <&- | grep -q "${WEB:0:12}"
	"$TCRBOX" tcr ps -q 3>&- >&-
	! "$TCRBOX" tcr stop nope 3>&- 2>&- || false
	"$TCRBOX" tcr run --rm busybox true 3>&- <&- >&- 2>&-
	"$TCRBOX" tcr run --rm -i busybox cat 3>&- <&- >&- 2>&- || true
	! "$TCRBOX" tcr image load - 3>&- <&- 2>"$D/stderr" || false
	one_line "$D/stderr" 'standard input'
	wait_for 3 is_as_before
	end_all
}

@test "a current directory that is gone is no harm, or a message" {
	start_all
	mkdir "$D/gone"
	cd "$D/gone" || return
	rmdir "$D/gone"
	tcr ps -q | grep -q "${WEB:0:12}"
	assert_fails '125' '^tcr: --volume "\./x": No such file or directory; make it first$' \
		tcr run --rm -v ./x:/x busybox true
	cd /
	end_all
}

# refuses_tcrd CODE REGEX ARGUMENT...: tcrd must end at once, with one line.
refuses_tcrd()
{
	local code=$1 regex=$2 status=0
	shift 2
	timeout 30 "$TCRBOX" tcrd "$@" </dev/null >"$D/stdout" 2>"$D/stderr" 3>&- || status=$?
	[ $status = "$code" ] || fail "exit code $status, not $code: $* $(<"$D/stderr")" || return
	[ ! -s "$D/stdout" ] || fail "on stdout: $(<"$D/stdout")" || return
	sed -i 's/^tcrd: /tcr: /' "$D/stderr"
	one_line "$D/stderr" "$regex"
}

@test "tcrd: wrong options, directories, sockets, groups and runtimes" {
	# The directories of a row that is not about them.
	local dirs="--root $D/root --run-dir /run/t$BATS_TEST_NUMBER"
	printf '#!/bin/sh\necho crun version 0.21\n' >"$D/old"
	printf '#!/bin/sh\necho something else\n' >"$D/other"
	printf '#!/bin/sh\nexit 3\n' >"$D/failing"
	chmod +x "$D/old" "$D/other" "$D/failing"
	each_row refuses_tcrd <<-'END'
		125 | unknown flag.*--bogus | --bogus
		125 | unknown shorthand flag: 'z' | -z
		125 | unknown argument "more" | more
		125 | unknown argument "" | ""
		125 | needs an argument: --root | --root
		125 | directory "" | --root=
		125 | directory "rel" | --root rel
		125 | directory "-f" | --root -f
		125 | directory "/a:b" | --root /a:b
		125 | directory "/a,b" | --root /a,b
		125 | directory "/a.b" | --root $'/a\nb'
		125 | --root is given twice | --root "$D/a" --root "$D/b"
		125 | /text: | --root "$D/text" --run-dir /run/x
		125 | /text/x: | --root "$D/text/x" --run-dir /run/x
		125 | /fifo: | --root "$D/fifo" --run-dir /run/x
		125 | /loop: | --root "$D/loop" --run-dir /run/x
		125 | /dangling: | --root "$D/dangling" --run-dir /run/x
		125 | xxxx: | --root "$D/$LONG" --run-dir /run/x
		125 | needs an argument: --run-dir | --run-dir
		125 | directory "" | --run-dir=
		125 | directory "rel" | --run-dir rel
		125 | --run-dir /xxx.* at most | --root "$D/root" --run-dir "/$LONG"
		125 | /text: | --root "$D/root" --run-dir "$D/text"
		125 | /loop: | --root "$D/root" --run-dir "$D/loop"
		125 | --run-dir is given twice | --run-dir /run/a --run-dir /run/a
		125 | needs an argument: --socket | --socket
		125 | "rel" | $dirs --socket rel
		125 | /xxxx.*: a socket's path has at most 107 | $dirs --socket "/$LONG"
		125 | /nowhere/sock: No such file or directory | $dirs --socket /nowhere/sock
		125 | /text/sock: Not a directory | $dirs --socket "$D/text/sock"
		125 | /dir: | $dirs --socket "$D/dir"
		125 | /text: | $dirs --socket "$D/text"
		125 | needs an argument: --group | --group
		125 | --group | --group=
		125 | --group nope: no such group | $dirs --group nope
		125 | --group xxx.*: no such group | $dirs --group "$LONG"
		125 | needs an argument: --crun | --crun
		125 | --crun | --crun=
		125 | "/nowhere" | $dirs --crun /nowhere
		125 | "nope" | $dirs --crun nope
		125 | /dir" | $dirs --crun "$D/dir"
		125 | /text" | $dirs --crun "$D/text"
		125 | version 0\.21; at least 1\.0 | $dirs --crun "$D/old"
		125 | /other.*does not answer as crun | $dirs --crun "$D/other"
		125 | /failing.*does not answer as crun | $dirs --crun "$D/failing"
		125 | --foreground | --foreground=maybe
		125 | --verbose is given twice | -vv
	END
	assert_fails 125 'no such group' "$TCRBOX" tcrd --root "$D/new-root" --run-dir "$D/new-run" --group nope
	[ ! -e "$D/new-root" ] && [ ! -e "$D/new-run" ]
	[ "$(<"$D/text")" = "not an image" ]
	[ -d "$D/dir" ]
	[ ! -e "/run/t$BATS_TEST_NUMBER/tcrd.sock" ]
	start_tcrd
	stop_tcrd
}

@test "tcrd without root says that it needs it" {
	assert_fails 125 '^tcrd: .*root[^$]*$' setpriv --reuid 1000 --clear-groups "$TCRBOX" tcrd \
		--root "$D/root" --run-dir /run/x
}

@test "tcrd: a runtime that is a script runs containers too" {
	printf '#!/bin/sh\nexec crun "$@"\n' >"$D/wrapper"
	chmod +x "$D/wrapper"
	start_tcrd --crun "$D/wrapper"
	load_busybox >/dev/null
	[ "$(tcr run --rm busybox echo works)" = works ]
	assert_clean
	stop_tcrd
}
