#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# agreement.pl DIR: the table of vm/agreement, of the rows in DIR. Ends with 1 when the oracle's FAIL
# meets a PASS of the trace, or a row has no verdict; says which on stderr.
use strict;
use warnings;
use JSON::PP;
use POSIX qw(strftime);

# Rules whose breaking is a time in which a crash does harm. The oracle shows whether it did.
my %window = map { $_ => 1 } qw(intent-before-data intent-recorded no-clear-in-flight writeback-before-stale-drop
	failure-recorded infected-marked discard-recorded sync-covers);

# What the others are about, if not data: what is to be said when only these are broken.
my %about = (
	'unplug-durable' => 'who may rely on unplug; data is intent-before-data',
	'dirty-before-counter-clear' => 'what gets written; data is intent-before-data',
	'two-pass-clear' => 'when a bit goes whose writes have ended',
	'degraded-keeps-bits' => 'what a member gets that comes back, which the oracle does not judge',
	'superblock-durable' => 'the order of superblocks',
	'superblock-before-clears' => 'the order of the bitmap\'s pages',
	'write-error-kicks' => 'a bitmap that cannot be written',
	'page-identity' => 'memory',
	'dirty-context' => 'locks and interrupts',
	'dirty-reaches-disk' => 'what gets written; data is intent-before-data',
	'balanced-counters' => 'counting',
	'cleared-when-idle' => 'bits that stay, which is resync for nothing',
	'legal-transition' => 'states in memory; what reaches the disk is intent-before-data',
	'barrier-before-state' => 'states in memory; what reaches the disk is intent-before-data',
	'flush-before-data' => 'a volatile cache',
	'no-overlapping-writes' => 'writes that a disk may do in another order',
);

my $dir = shift or die "usage: agreement.pl DIR\n";
my (@wrong, %kernels);

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or return;
	local $/;
	return <$in>;
}

# Nothing when the file is not there or no JSON
sub json { my $text = slurp($_[0]); return $text ? eval { decode_json($text) } : undef; }

sub trace_words {
	my ($trace) = @_;
	return $trace->{verdict} unless @{$trace->{failed}};
	return "FAIL $trace->{reason}";
}

sub rule_verdict {
	my ($trace, $rule) = @_;
	my ($found) = grep { $_->{name} eq $rule } @{$trace->{invariants}};
	return $found ? $found->{verdict} : '-';
}

sub oracle_words {
	my ($crash) = @_;
	return '-' unless $crash;
	return "FAIL $crash->{unsafe} of $crash->{judged}" if $crash->{verdict} eq 'FAIL';
	return $crash->{verdict} eq 'PASS' ? "PASS $crash->{judged}" : $crash->{verdict};
}

# Why the oracle finds nothing where the trace fails
sub why {
	my ($trace, $crash, $err) = @_;
	return $err if !$crash;
	my @why;
	push @why, $crash->{reason} if $crash->{verdict} eq 'UNKNOWN';
	return join '; ', @why if $trace->{verdict} ne 'FAIL' || $crash->{verdict} eq 'FAIL';
	my @window = grep { $window{$_} } @{$trace->{failed}};
	my @other = grep { !$window{$_} } @{$trace->{failed}};
	push @why, 'window of ' . join(', ', @window) . ' not hit: ' . ($crash->{differing} ?
		"members differed at $crash->{differing} points, and would have been resynced at each" :
		'members differed at no point') if @window;
	push @why, 'not about data: ' . join(', ', map {
		"$_ (" . ($about{$_} // die "agreement.pl: nothing is known of rule '$_'\n") . ')' } @other) if @other;
	return join '; ', @why;
}

# Why there is no verdict of the oracle
sub no_oracle {
	my ($row) = @_;
	my $words = slurp("$row/crash.err") // 'no layout: the oracle does not know this kind of array';
	$words =~ s/^.*?\/layout: //s;
	$words =~ s/\n.*//s;
	return "not judged: $words";
}

sub row {
	my ($line) = @_;
	my ($kernel, $series, $level, $bitmap, $fs, $case) = split ' ', $line;
	my $name = "$kernel $series $level $bitmap $fs $case";
	my $row = "$dir/row-" . join '-', map { tr{/}{-}r } split ' ', $line;
	my ($trace, $strict) = (json("$row/trace.json"), json("$row/strict.json"));
	my ($crash, $cache) = (json("$row/crash.json"), json("$row/crash-cache.json"));
	my $status = slurp("$row/run-status") // 'none';
	chomp $status;
	my $lost = $status eq '5';
	if ($status !~ /^[0134]$/ && !($lost && $trace && $strict) || !$trace || !$strict) {
		push @wrong, "$name: no verdict, vm/run ended with $status; see $row/vm.log";
		return;
	}
	$kernels{"$kernel ($series)"} = $trace->{kernel};
	push @wrong, "$name: the trace passes, the oracle says FAIL"
		if $trace->{verdict} eq 'PASS' && $crash && $crash->{verdict} eq 'FAIL';
	push @wrong, "$name: the trace passes with --strict, the oracle says FAIL with --cache"
		if $strict->{verdict} eq 'PASS' && $cache && $cache->{verdict} eq 'FAIL';
	my $why = why($trace, $crash, $crash ? undef : no_oracle($row));
	$why .= ($why ? '; ' : '') . 'the case itself failed' if (slurp("$row/stderr.log") // '') =~ /^case .* (failed|ended) with status/m;
	$why .= ($why ? '; ' : '') . 'the kernel broke down; judged is what there was' if $lost;
	printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", $kernel . ($series eq '6.12' ? '' : " $series"),
		"$level, " . ($bitmap eq 'file' ? "file on $fs" : $bitmap), $case, trace_words($trace),
		rule_verdict($trace, 'intent-before-data'), oracle_words($crash),
		rule_verdict($strict, 'flush-before-data') . ' / ' . oracle_words($cache), $why;
	return;
}

open my $rows, '<', "$dir/rows" or die "$dir/rows: $!\n";
my @lines = <$rows>;
print <<"EOF";
<!-- SPDX-License-Identifier: GPL-2.0-only -->
<!-- Made by `make agreement`; do not edit. -->
# Two witnesses

The verdict of the trace (`bitmap-trace check`, events inside the kernel) beside that of the crash oracle (`bitmap-trace crash`, the
log of all writes outside of it), each row one run of `vm/run -k KERNEL -c CASE --write-log`
(which there are says `vm/agreement --list`: not all cases on all levels and file systems). **FAIL of the oracle never
meets PASS of the trace**: `make agreement` fails if it does.

*trace*: overall, and the rules that failed. *oracle*: crash points that are unsafe, of those judged; a write that was completed is on disk.
*with a volatile cache*: the rule `flush-before-data` of `--strict` and the oracle with `--cache`, where FAIL of the oracle never
meets PASS of the trace with `--strict` either. *why*: the oracle finds nothing where the trace fails, or did not judge.

EOF
print "| kernel | array | case | trace | intent-before-data | oracle | with a volatile cache | why |\n|", '---|' x 8, "\n";
row($_) for @lines;
my %release = map { $_ => 1 } values %kernels;
printf "\n%d runs, %s, kernels %s.\n", scalar @lines - grep({ /no verdict/ } @wrong), strftime('%Y-%m-%d', localtime),
	join(' and ', sort keys %release);
print STDERR "agreement: $_\n" for @wrong;
exit(@wrong ? 1 : 0);
