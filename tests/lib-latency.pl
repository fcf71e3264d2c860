#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# lib-latency.pl KERNEL EVENTS [STAGE=COUNT...]: two outputs of hist -f json about the same time, measured in the kernel
# and from the events: prints where they differ, and which of the named stages do not have that many durations ("N+": N
# or more); intervals are added up.
use strict;
use warnings;
use JSON::PP;
use List::Util qw(max min sum0);

# Both measure the same durations, but each reads its own clock: two programs on the same hook read it one after the
# other. So a duration differs by the time between the two readings at one end minus that at the other: part of a probe,
# and any interrupt in between. If no pair of durations differs by more than that, then neither do shortest, longest and
# percentiles: exact values by that alone, values from buckets by one bucket more.
#
# A guest whose clock counts instructions loses no time to a busy host. There the means of a stage differed by 0.01 to
# 4.8 us in four runs (most: page_write of an internal bitmap, whose submission takes a stack), one duration by up to 16
# us. The limits are two and three times that:
my $BUCKET       = 1 / 64;
my $PROBES_NS    = 10e3; # of each duration
my $INTERRUPT_NS = 50e3; # of one

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
				next if !$stage->{count};
				$sum->{total_ns} += $stage->{total_ns};
				$sum->{min_ns} = min($stage->{min_ns}, $sum->{min_ns} // $stage->{min_ns});
				$sum->{max_ns} = max($stage->{max_ns}, $sum->{max_ns} // 0);
				$sum->{buckets}{ $_->{low_ns} } += $_->{count} for @{ $stage->{buckets} };
			}
		}
	}
	return \%arrays;
}

# The bucket of the percentile, by its shortest duration
sub percentile {
	my ($stage, $share) = @_;
	my $left = $share * $stage->{count};
	for my $low (sort { $a <=> $b } keys %{ $stage->{buckets} }) {
		$left -= $stage->{buckets}{$low};
		return $low if $left <= 0;
	}
	return 0;
}

sub apart {
	my ($name, $what, $one, $other, $allowed_ns) = @_;
	printf "%s: %s is %.0f ns in the kernel, %.0f ns in the events, %.0f apart allowed\n", $name, $what, $one, $other, $allowed_ns
	  if abs($one - $other) > $allowed_ns;
}

sub compare {
	my ($name, $kernel, $events) = @_;
	my $in = sum0 values %{ $kernel->{buckets} };
	print "$name: count $kernel->{count}, in buckets $in\n" if $in != $kernel->{count};
	if ($kernel->{count} != $events->{count}) {
		print "$name: $kernel->{count} in the kernel, $events->{count} in the events\n";
		return;
	}
	return if !$kernel->{count};
	apart($name, 'total', $kernel->{total_ns}, $events->{total_ns}, $kernel->{count} * $PROBES_NS + $INTERRUPT_NS);
	apart($name, $_, $kernel->{"${_}_ns"}, $events->{"${_}_ns"}, $PROBES_NS + $INTERRUPT_NS) for qw(min max);
	for my $percent (50, 90, 99) {
		my ($one, $other) = map { percentile($_, $percent / 100) } $kernel, $events;
		apart($name, "p$percent", $one, $other, $BUCKET * max($one, $other) + $PROBES_NS + $INTERRUPT_NS);
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
