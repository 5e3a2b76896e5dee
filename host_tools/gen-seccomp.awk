#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns applets/tcrd/seccomp.list into a seccomp filter for the target: generated/seccomp_bpf.h.
#
#     echo '#include <asm/unistd.h>' | $(CC) -E -dM - >MACROS
#     awk -f gen-seccomp.awk seccomp.list MACROS >seccomp_bpf.h
#
# MACROS gives the numbers of the system calls, and the compiler's own macros in it name the target.
# The filter is a binary search over ranges of numbers with the same verdict; its leaves jump to
# a few shared returns and, for conditional rules, to a check of one argument.

function die(msg)
{
	print "gen-seccomp: " msg >"/dev/stderr"
	exit failed = 1
}

function number(s,   n, i)
{
	if (s !~ /^0[xX]/)
		return s + 0
	s = tolower(substr(s, 3))
	for (i = 1; i <= length(s); i++)
		n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return n
}

# arm and the generic table define numbers as sums of other macros.
function value(expr,   n, i, term, sum)
{
	gsub(/[() \t]/, "", expr)
	n = split(expr, term, "+")
	for (i = 1; i <= n; i++) {
		if (term[i] !~ /^[0-9]/ && !(term[i] in macro))
			die("cannot make a number of \"" expr "\"")
		sum += term[i] ~ /^[0-9]/ ? number(term[i]) : value(macro[term[i]])
	}
	return sum
}

BEGIN {
	if (ARGC != 3)
		die("usage: awk -f gen-seccomp.awk LIST MACROS")
	# AUDIT_ARCH_* of <linux/audit.h>, which says whose numbers a call uses
	audit["amd64"] = number("0xc000003e")
	audit["386"] = number("0x40000003")
	audit["arm64"] = number("0xc00000b7")
	audit["arm"] = number("0x40000028")
	audit["riscv64"] = number("0xc00000f3")
	CONVFMT = "%.0f"	# not 4.29497e+09
	power[0] = 1
	for (i = 1; i < 32; i++)
		power[i] = 2 * power[i - 1]
	# opcodes of <linux/bpf_common.h>: a word at an offset, jumps that compare with k, return k
	LD = 32; JEQ = 21; JGE = 53; JSET = 69; RET = 6
}

FILENAME == ARGV[2] {
	if ($1 == "#define" && NF > 2) {
		name = $2
		sub(/^#define +[^ ]+ +/, "")
		macro[name] = $0
	}
	next
}

{ sub(/#.*/, "") }

/^[^ \t]/ {
	verdict[++rules] = $1
	test[rules] = $2 " " $4
	arg[rules] = substr($3, 4)
	if ($1 !~ /^(allow|deny|enosys)$/ || NF == 2 || NF > 1 &&
	    ($1 != "allow" || test[rules] !~ /^(if is|unless is|unless has)$/ ||
	     $3 !~ /^arg[0-5]$/))
		die(FILENAME ":" FNR ": cannot read this rule: " $0)
	sub(/^[a-z]+[ \t]*$|^.* (is|has) /, "")
}

{
	for (i = 1; i <= NF; i++) {
		if (split($i, pair, "=") == 2) {
			operand[rules, ++operands[rules]] = number(pair[2])
			continue
		}
		if ($i in rule_of)
			die(FILENAME ":" FNR ": " $i " is decided twice")
		name_at[++names] = $i
		rule_of[$i] = rules
	}
}

function target(   m)
{
	m["__x86_64__"] = "amd64"
	m["__i386__"] = "386"
	m["__aarch64__"] = "arm64"
	m["__arm__"] = "arm"
	m["__riscv"] = "riscv64"
	for (i in m)
		if (i in macro)
			goarch = m[i]
	if (goarch == "" || goarch == "amd64" && "__ILP32__" in macro ||
	    goarch == "riscv64" && macro["__riscv_xlen"] != 64)
		die("this target is not known here; add it, or switch FEATURE_SECCOMP off")
	big_endian = macro["__BYTE_ORDER__"] == "__ORDER_BIG_ENDIAN__"
}

# Where a call that rule R names ends up: a label in the program.
function label_of(r)
{
	return operands[r] ? "rule" r : verdict[r]
}

# Fills label_at[] by number, and order[1..count], the numbers in ascending order.
function number_calls(   i, j, nr, key)
{
	for (i = 1; i <= names; i++) {
		key = "__NR_" name_at[i]
		if (!(key in macro))
			key = "__ARM_NR_" name_at[i]
		if (!(key in macro))
			continue
		nr = value(macro[key])
		if (nr in label_at) {
			if (label_at[nr] != label_of(rule_of[name_at[i]]))
				die(name_at[i] " has the number of a call decided otherwise")
			continue
		}
		label_at[nr] = label_of(rule_of[name_at[i]])
		for (j = count++; j > 0 && order[j] > nr; j--)
			order[j + 1] = order[j]
		order[j + 1] = nr
	}
	if (count < 250)
		die("only " count + 0 " system calls have a number: is " ARGV[2] \
			" from <asm/unistd.h>?")
}

function add_range(nr, label)
{
	if (label == range_label[ranges])
		return
	start[++ranges] = nr
	range_label[ranges] = label
}

function make_ranges(   i, next_nr)
{
	for (i = 1; i <= count; i++) {
		if (order[i] > next_nr)
			add_range(next_nr + 0, "enosys")
		add_range(order[i], label_at[order[i]])
		next_nr = order[i] + 1
	}
	add_range(next_nr, "enosys")
}

# One leaf of the search is a stretch where one verdict holds but for single numbers in it: each of
# them costs one comparison; as a range of its own it would cost two.
function make_leaves(   i)
{
	for (i = 1; i <= ranges; i = last[leaves] + 1) {
		first[++leaves] = last[leaves] = i
		while (last[leaves] + 2 <= ranges &&
		       range_label[last[leaves] + 2] == range_label[i] &&
		       start[last[leaves] + 2] == start[last[leaves] + 1] + 1)
			last[leaves] += 2
	}
}

# Appends an instruction. YES and NO are labels; "" is the next instruction.
function emit(op, k, yes, no)
{
	code[++pc] = op
	operand_k[pc] = k
	if_true[pc] = yes
	if_false[pc] = no
}

# The code for leaves LO to HI; returns the label to jump to.
function search(lo, hi,   i, mid, here)
{
	if (lo == hi && first[lo] == last[lo])
		return range_label[first[lo]]
	here = "at" pc + 1
	address[here] = pc + 1
	if (lo == hi) {
		for (i = first[lo] + 1; i < last[lo]; i += 2)
			emit(JEQ, start[i], range_label[i],
				i + 1 < last[lo] ? "" : range_label[i + 1])
		return here
	}
	mid = int((lo + hi + 1) / 2)
	emit(JGE, start[first[mid]])
	i = pc
	if_false[i] = search(lo, mid - 1)
	if_true[i] = search(mid, hi)
	return here
}

function emit_check(r,   i, hit, miss)
{
	hit = test[r] == "if is" ? "allow" : "deny"
	miss = test[r] == "if is" ? "deny" : "allow"
	address["rule" r] = pc + 1
	# the low word of seccomp_data.args[]
	emit(LD, 16 + 8 * arg[r] + (big_endian ? 4 : 0))
	if (test[r] == "unless has")
		emit(JSET, mask_of(r), hit, miss)
	else
		for (i = 1; i <= operands[r]; i++)
			emit(JEQ, operand[r, i], hit, i < operands[r] ? "" : miss)
}

function mask_of(r,   i, mask)
{
	for (i = 1; i <= operands[r]; i++)
		mask += operand[r, i]
	return mask
}

function emit_return(label, k)
{
	address[label] = pc + 1
	emit(RET, k)
}

function emit_program(   i)
{
	emit(LD, 4)
	emit(JEQ, audit[goarch], "", "kill")
	emit(LD, 0)
	search(1, leaves)
	for (i = 1; i <= rules; i++)
		if (operands[i])
			emit_check(i)
	emit_return("allow", number("0x7fff0000"))
	emit_return("deny", number("0x50001"))
	emit_return("enosys", number("0x50026"))
	# Another instruction set has other numbers: this list says nothing about them.
	emit_return("kill", number("0x80000000"))
}

function distance(at, label,   d)
{
	d = label == "" ? 0 : address[label] - at - 1
	if (d < 0 || d > 255)
		die("a jump over " d " instructions does not fit into struct sock_filter")
	return d
}

function put(size, n,   i)
{
	for (i = 0; i < size; i++)
		byte[bytes + (big_endian ? size - 1 - i : i)] = int(n / power[8 * i]) % 256
	bytes += size
}

function base64(   i, n, text, alphabet)
{
	alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for (i = 0; i < bytes; i += 3) {
		n = byte[i] * 65536 + byte[i + 1] * 256 + byte[i + 2]
		text = text substr(alphabet, int(n / 262144) + 1, 1) \
			substr(alphabet, int(n / 4096) % 64 + 1, 1) \
			(i + 1 < bytes ? substr(alphabet, int(n / 64) % 64 + 1, 1) : "=") \
			(i + 2 < bytes ? substr(alphabet, n % 64 + 1, 1) : "=")
	}
	return text
}

function print_program(   i)
{
	for (i = 1; i <= pc; i++) {
		put(2, code[i])
		put(1, distance(i, if_true[i]))
		put(1, distance(i, if_false[i]))
		put(4, operand_k[i])
	}
	print "#define SECCOMP_GOARCH \"" goarch "\""
	print "#define SECCOMP_BPF_COUNT " pc
	print "#define SECCOMP_BPF_BASE64 \"" base64() "\""
}

# The JSON form: a call has several rules, any of which suffices. libseccomp compares 64 bits, so
# each of them compares with a mask: (argument & MASK) == BITS.
function match_row(mask, bits)
{
	matches++
	rows = rows sprintf(" { %.0fu, %.0fu },", mask, bits)
}

# Rows for all values but those in SET, given that the MASK bits are those of BITS: to differ from
# the set in one bit is enough where the whole set agrees in that bit.
function match_others(set, bit, mask, bits,   n, i, v, b, half)
{
	if (bit < 0)
		return
	n = split(set, v, " ")
	for (i = 1; i <= n; i++) {
		b = int(v[i] / power[bit]) % 2
		half[b] = half[b] " " v[i]
	}
	if ((0 in half) && (1 in half)) {
		match_others(half[0], bit - 1, mask + power[bit], bits)
		match_others(half[1], bit - 1, mask + power[bit], bits + power[bit])
		return
	}
	match_row(mask + power[bit], bits + ((0 in half) ? power[bit] : 0))
	match_others(set, bit - 1, mask, bits)
}

# Rows for the arguments that the condition of rule R names, or for all others; returns how many.
# The others of "if is" have none: they would be many, and the default, ENOSYS, denies them as well.
function match_rule(r, named,   i, set, before)
{
	before = matches
	for (i = 1; i <= operands[r]; i++) {
		set = set " " operand[r, i]
		if (named)
			match_row(test[r] ~ /has/ ? operand[r, i] : 4294967295, operand[r, i])
	}
	if (!named && test[r] ~ /has/)
		match_row(mask_of(r), 0)
	else if (!named && test[r] == "unless is")
		match_others(set, 31, 0, 0)
	return matches - before
}

function print_names(   i, r, list, conditional, allowed)
{
	for (i = 1; i <= names; i++) {
		r = rule_of[name_at[i]]
		if (!operands[r]) {
			list[verdict[r]] = list[verdict[r]] name_at[i] "\\0"
			continue
		}
		allowed = match_rule(r, test[r] ~ /^if/)
		conditional = conditional sprintf(" { \"%s\", %d, %d, %d },", name_at[i], arg[r],
			allowed, match_rule(r, test[r] !~ /^if/))
	}
	print "#define SECCOMP_ALLOW \"" list["allow"] "\""
	print "#define SECCOMP_DENY \"" list["deny"] "\""
	print "#define SECCOMP_CONDITIONAL" conditional
	print "#define SECCOMP_MATCHES" rows
}

END {
	if (failed)
		exit 1
	target()
	number_calls()
	make_ranges()
	make_leaves()
	emit_program()
	print "/* Generated by gen-seccomp from seccomp.list. */"
	print_program()
	print_names()
}
