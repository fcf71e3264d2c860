#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# lib-latency.pl KERNEL EVENTS [STAGE=COUNT...]: two outputs of hist -f json about the same time,
# measured in the kernel and out of the events: says where they differ, and which of the
# stages named has not so many durations ("N+": N or more); intervals are added up.
use strict;
use warnings;
use JSON::PP;
use List::Util qw(max sum0);

# Buckets are 1/64 wide at most. Between the two probes of a function lies what the first one
# takes, some ten microseconds of an emulated CPU; and a loaded host may take that CPU away for
# long just there, which of a few durations shows in the longest.
my $BUCKET       = 1 / 64;
my %ALLOWANCE_NS = (50 => 2e6, 90 => 20e6);
my $COUNT_MIN    = 8;                       # with less there is no percentile to speak of

sub load {
	my ($path) = @_;
	my %arrays;
	open my $file, '<', $path or die "$path: $!\n";
	while (my $line = <$file>) {
		my $interval = decode_json($line);
		print "$path: lost $interval->{lost_durations} durations, $interval->{lost_records} records\n"
		  if $interval->{lost_durations} || $interval->{lost_records};
		print "$path: not measured: $_->{stage}: $_->{reason}\n" for @{ $interval->{not_measured} };
		for my $array (@{ $interval->{arrays} }) {
			for my $stage (@{ $array->{stages} }) {
				my $sum = $arrays{ $array->{array} }{ $stage->{stage} } //= { count => 0, buckets => {} };
				$sum->{count} += $stage->{count};
				$sum->{total_ns} += $stage->{total_ns};
				$sum->{buckets}{ $_->{low_ns} } += $_->{count} for @{ $stage->{buckets} };
			}
		}
	}
	return \%arrays;
}

# The bucket that has it, by its shortest duration
sub percentile {
	my ($stage, $share) = @_;
	my $left = $share * $stage->{count};
	for my $low (sort { $a <=> $b } keys %{ $stage->{buckets} }) {
		$left -= $stage->{buckets}{$low};
		return $low if $left <= 0;
	}
	return 0;
}

sub compare {
	my ($name, $kernel, $events) = @_;
	my $in = sum0 values %{ $kernel->{buckets} };
	print "$name: count $kernel->{count}, in buckets $in\n" if $in != $kernel->{count};
	if ($kernel->{count} != $events->{count}) {
		print "$name: $kernel->{count} in the kernel, $events->{count} in the events\n";
		return;
	}
	return if $kernel->{count} < $COUNT_MIN;
	for my $percent (sort keys %ALLOWANCE_NS) {
		my ($one, $other) = map { percentile($_, $percent / 100) } $kernel, $events;
		my $allowed = $BUCKET * max($one, $other) + $ALLOWANCE_NS{$percent};
		printf "%s: p%d is %.0f ns in the kernel, %.0f ns in the events, %.0f apart allowed\n", $name, $percent,
		  $one, $other, $allowed
		  if abs($one - $other) > $allowed;
	}
}

my ($kernel_path, $events_path, @expected) = @ARGV;
my ($kernel, $events) = (load($kernel_path), load($events_path));
print "arrays: @{[sort keys %$kernel]} in the kernel, @{[sort keys %$events]} in the events\n"
  if "@{[sort keys %$kernel]}" ne 'md0' || "@{[sort keys %$events]}" ne 'md0';
for my $stage (sort keys %{ $events->{md0} }) {
	compare($stage, $kernel->{md0}{$stage}, $events->{md0}{$stage});
}
for (@expected) {
	my ($stage, $count, $more) = /^(\w+)=(\d+)(\+?)$/ or die "$_: STAGE=COUNT or STAGE=COUNT+\n";
	my $is = $kernel->{md0}{$stage}{count} // 0;
	print "$stage: $is durations, expected $count$more\n" if $more ? $is < $count : $is != $count;
}
