#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# lib-doctor.pl DOCTOR.JSON EXPECTATION...: compares the output of `bitmap-trace doctor -f json` with the expectations;
# prints the differences, and ends with 1 if there are any.
#
#   kernel BEGINNING                       of the release
#   cannot_judge INVARIANT,...             or cannot_judge -
#   HOOK STATE [FUNCTION|- [COPIES|-]]     FUNCTION: if not HOOK itself
#
# Hooks without an expectation must be attached under their own name, and the variable at the function where it is read.
use strict;
use warnings;
use JSON::PP;

my @wrong;

sub compare {
	my ($what, $got, $expected) = @_;
	push @wrong, "$what is '$got', expected '$expected'" if $got ne $expected;
	return;
}

my $file = shift;
my $doctor = do {
	local $/;
	open my $in, '<', $file or die "$file: $!\n";
	decode_json(<$in>);
};
my %hooks = map { $_->{hook} => $_ } @{ $doctor->{hooks} };
my %expected = map { ($_ => [ 'attached', '-', '-' ]) } keys %hooks;

$expected{irqsave_flags} = [ 'attached', 'md_bitmap_file_set_bit', '-' ];
# of kernels that write bitmap files through the file system (vm/patches/fileio), which are none of these
$expected{$_} = [ 'absent', '-', '-' ] for 'md_bitmap_file_write_page', 'queue_file_page';
my @lockless = grep { /llbitmap/ } keys %hooks;
$expected{$_} = [ 'absent', '-', '-' ] for @lockless;
for (@ARGV) {
	my ($name, @words) = split;
	if ($name eq 'kernel') {
		compare($name, substr($doctor->{kernel}, 0, length $words[0]), $words[0]);
	} elsif ($name eq 'cannot_judge') {
		compare($name, join(',', sort @{ $doctor->{cannot_judge} }) || '-', $words[0]);
	} elsif ($name eq 'lockless') { # all hooks on the lockless bitmap
		$expected{$_} = [ $words[0], '-', '-' ] for @lockless;
	} elsif (!$hooks{$name}) {
		push @wrong, "there is no hook '$name'";
	} else {
		$expected{$name} = [ $words[0], $words[1] // '-', $words[2] // '-' ];
	}
}
for my $name (sort keys %hooks) {
	my $hook = $hooks{$name};
	my ($state, $function, $copies) = @{ $expected{$name} };
	my $calls_it = $hook->{function} // '-';
	compare("$name: state", $hook->{state}, $state);
	compare("$name: function", $calls_it eq $name ? '-' : $calls_it, $function);
	compare("$name: copies", $hook->{copies} // '-', $copies);
	push @wrong, "$name: gives no capability" if !@{ $hook->{capabilities} };
}
push @wrong, 'too few hooks' if keys %hooks < 20;
print "$_\n" for @wrong;
exit(@wrong ? 1 : 0);
