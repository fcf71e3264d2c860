#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# A trace (docs/trace-format.md) with another info block, for tests:
#   trace-info.pl FROM TO <TRACE >TRACE    a line of its info block; \0 in TO is a NUL
use strict;
use warnings;
use Compress::Zlib;

my ($from, $to) = @ARGV;
die "usage: $0 FROM TO\n" unless defined $to;
$to =~ s/\\0/\0/g;
binmode STDIN;
binmode STDOUT;
local $/;
my $trace = <STDIN>;
my $length = unpack 'x28 L', $trace;
my $info = substr $trace, 40, $length;
$info =~ s/\0*$//;
$info =~ s/^\Q$from\E$/$to/m or die "$0: the trace does not say '$from'\n";
$info .= "\0" x (-length($info) % 8);
my $head = pack 'LLL', 1, length $info, 0;
print substr($trace, 0, 24), $head, pack('L', crc32($info, crc32($head))), $info, substr $trace, 40 + $length;
