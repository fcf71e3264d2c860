#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# slices.pl TOOL TRACE SLICE_MS SLICES: cuts a run into slices, and prints of each rule in which slices it was broken:
#     runs N                          slices in which anything was written, at most SLICES
#     broken RULE SLICE COUNT         the first one is 0
# The slices of a perturbed run are those of its --perturb, others begin with the first write.
use strict;
use warnings;

my ($tool, $trace, $slice_ms, $slices) = @ARGV;
die "usage: slices.pl TOOL TRACE SLICE_MS SLICES\n" unless @ARGV == 4;

sub lines_of {
	my @command = @_;
	open my $pipe, '-|', @command or die "$command[0]: $!\n";
	my @lines = <$pipe>;
	close $pipe;
	return @lines;
}

my ($from) = map { /"from_ns": *(\d+)/ ? $1 / 1e9 : () } lines_of($tool, 'check', '-i', $trace, '-f', 'json');
my @writes = map { /^ *(\d+\.\d+) / ? $1 : () } lines_of($tool, 'dump', '-i', $trace, '--event', 'data_start');
die "$trace: no writes\n" unless @writes;
$from //= $writes[0];

sub slice_of { int(($_[0] - $from) * 1000 / $slice_ms) }

# The same seeds for all: what is beyond the last slice does not count.
my $first = slice_of($writes[0]);
my %written = map { $_ => 1 } grep { $_ >= 0 && $_ < $first + $slices } map { slice_of($_) } @writes;
printf "runs %d\n", scalar keys %written;

my (%broken, $rule);
for (lines_of($tool, 'check', '-i', $trace, '--all')) {
	if (/^  ([a-z-]+), each time/) {
		$rule = $1;
	} elsif ($rule && /^  (\d+\.\d+) +\d+ /) {
		my $slice = slice_of($1);
		$broken{$rule}{$slice}++ if $written{$slice};
	} elsif (!/^ {4,}/) {
		$rule = undef;
	}
}
for my $name (sort keys %broken) {
	printf "broken %s %d %d\n", $name, $_, $broken{$name}{$_} for sort { $a <=> $b } keys %{ $broken{$name} };
}
