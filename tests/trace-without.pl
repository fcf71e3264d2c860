#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# A trace (docs/trace-format.md) without some of its events, for tests:
#   trace-without.pl type NUMBER... <TRACE >TRACE    without all of these types
#   trace-without.pl event NUMBER <TRACE >TRACE      without this one, counted from 0
use strict;
use warnings;
use Compress::Zlib;

my ($by, @numbers) = @ARGV;
die "usage: $0 type|event NUMBER...\n" unless @numbers && $by =~ /^(type|event)$/;
binmode STDIN;
binmode STDOUT;
local $/;
my $trace = <STDIN>;
my $at = 24;
my ($seq, $seen, $left) = (0, 0, 0);

sub block {
	my ($type, $payload) = @_;
	my $head = pack 'LLL', $type, length $payload, $seq++;
	print $head, pack('L', crc32($payload, crc32($head))), $payload;
}

sub keep {
	my ($event) = @_;
	my $number = $by eq 'type' ? unpack('x22 S', $event) : $seen;
	$seen++;
	return !grep { $_ == $number } @numbers;
}

print substr $trace, 0, $at;
while ($at < length $trace) {
	my ($type, $length) = unpack 'LL', substr $trace, $at, 16;
	my $payload = substr $trace, $at + 16, $length;
	$at += 16 + $length;
	if ($type == 2) {
		$payload = join '', grep { keep($_) } unpack '(a64)*', $payload;
		$left += length($payload) / 64;
	} elsif ($type == 5) {
		$payload = pack('Q', $left) . substr $payload, 8;
	}
	block($type, $payload);
}
