#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# states.pl DIR OUT: from the write log of a run with a lockless bitmap (vm/run --write-log -o DIR), a log in OUT that ends
# after the array became active, and in which the members then differ in one chunk while its byte, the bitmap's superblock
# and the members' superblocks take values that md rarely writes. Prints a line a point: its number, and what is on disk.
use strict;
use warnings;

my ($dir, $out) = @ARGV;
die "usage: states.pl DIR OUT\n" unless defined $out;
my ($chunk, $sector_bytes) = (100, 512);
my $max = ~0; # MaxSector

sub slurp { my ($file) = @_; open my $in, '<:raw', $file or die "$file: $!\n"; local $/; return scalar <$in>; }

my $layout = slurp("$dir/layout");
my @members = map { [split] } $layout =~ /^member \d+ super (\d+ data \d+)$/mg;
my @supers = map { $_->[0] } @members;
my @bitmaps = $layout =~ /^extent \d+ (\d+) \d+$/mg;
my ($chunk_bytes) = $layout =~ /^bitmap-chunk (\d+)$/m;
my ($mark) = $layout =~ /^mark-sector (\d+)$/m;
$layout =~ /^bitmap lockless$/m or die "$dir: no lockless bitmap\n";
my $log = slurp("$dir/write.log");
my (%disk, $entries, $end);

# The disk as it is, entry by entry, until the array was created and no superblock says that it is clean
sub active {
	my $created = ($disk{$mark} // '') =~ /^mark created\n/;
	return $created && !grep { !$disk{$_} || unpack('Q<', substr $disk{$_}, 208, 8) == $max } @supers;
}

sub read_log {
	my ($magic, $version, $nr, $bytes) = unpack 'Q<Q<Q<L<', $log;
	die "sectors of $bytes bytes\n" unless $bytes == $sector_bytes;
	my $at = $bytes;
	for ($entries = 0; $entries < $nr; $entries++) {
		if (active()) { $end = $at; return; }
		my ($sector, $sectors, $flags) = unpack 'Q<Q<Q<', substr $log, $at, 24;
		$at += $bytes;
		my $discard = $flags & 4;
		for my $i (0 .. $sectors - 1) {
			$disk{$sector + $i} = $discard ? "\0" x $bytes : substr $log, $at + $i * $bytes, $bytes;
		}
		$at += $sectors * $bytes unless $discard;
	}
	die "the array never became active\n";
}

my $added = '';

sub put {
	my ($sector, $data) = @_;
	$disk{$sector} = $data;
	$added .= pack('Q<Q<Q<Q<', $sector, 1, 0, 0) . "\0" x ($sector_bytes - 32) . $data;
	$entries++;
}

# The same change of one sector on each member
sub change {
	my ($first, $by, $edit) = @_;
	for (@$first) {
		my $data = $disk{$_ + $by} // "\0" x $sector_bytes;
		$edit->(\$data);
		put($_ + $by, $data);
	}
}

# Of the chunk that differs, or of one so many behind it
sub byte {
	my ($value, $behind) = @_;
	my $at = 1024 + $chunk + ($behind // 0);
	change(\@bitmaps, int($at / $sector_bytes), sub { substr(${$_[0]}, $at % $sector_bytes, 1) = chr $value });
}

sub bitmap_field { my ($at, $value) = @_; change(\@bitmaps, 0, sub { substr(${$_[0]}, $at, length $value) = $value }); }

# calc_sb_1_csum(); roles beyond the first sector are not there with so few members, max_dev may be larger
sub checksum {
	my ($data) = @_;
	my ($size, $sum) = (256 + 2 * unpack('L<', substr $data, 220, 4), 0);
	for (my $at = 0; $at + 4 <= $size; $at += 4) { $sum += unpack 'L<', substr $data, $at, 4 unless $at == 216; }
	$sum += unpack 'S<', substr $data, $size - 2, 2 if $size % 4;
	return ($sum & 0xffffffff) + ($sum >> 32) & 0xffffffff;
}

sub resync_offset {
	my ($value) = @_;
	for my $super (@supers) {
		my $data = join '', map { $disk{$super + $_} // "\0" x $sector_bytes } 0 .. 7;
		die "the superblock's checksum\n" unless checksum($data) == unpack 'L<', substr $data, 216, 4;
		substr($data, 208, 8) = pack 'Q<', $value;
		substr($data, 216, 4) = pack 'L<', checksum($data);
		put($super, substr $data, 0, $sector_bytes);
	}
}

sub point { print "$entries $_[0]\n"; }

# The load makes other bytes of the block Dirty, and those behind NeedSync.
sub infection {
	byte(2, -1);
	point('state 1 behind one Dirty');
	byte(2, -2);
	point('state 1 behind two Dirty');
	byte(0);
	point('state 0 behind two Dirty');
	byte(3, $_) for -2, -1;
	point('state 0 behind two NeedSync');
	byte(4, $_) for -2, -1;
	point('state 0 behind two Syncing');
	byte(1, -2), byte(2, -1), byte(2, 1);
	point('state 0 between two Dirty');
	byte(1, -1), byte(2, 2);
	point('state 0 before two Dirty');
}

sub points {
	my $data = $members[0][2] + $chunk * $chunk_bytes / $sector_bytes;
	my ($events, $state) = map { substr $disk{$bitmaps[0]}, $_->[0], $_->[1] } [24, 8], [48, 4];
	put($data, "\x77" x $sector_bytes);
	for (0 .. 8, 255) { byte($_); point("state $_"); }
	bitmap_field(24, pack 'Q<', unpack('Q<', $events) - 1);
	for (0 .. 2) { byte($_); point("state $_, one event behind"); }
	bitmap_field(24, $events);
	bitmap_field(48, pack 'L<', unpack('L<', $state) | 8);
	point('state 2, first use');
	bitmap_field(48, $state);
	resync_offset(1 << 16); # behind the chunk
	point('state 2, a checkpoint behind it');
	resync_offset($max);
	point('state 2, clean');
	byte(1);
	point('state 1, clean');
	infection();
}

read_log();
points();
substr($log, 16, 8) = pack 'Q<', $entries;
open my $file, '>:raw', "$out/write.log" or die "$out: $!\n";
print $file substr($log, 0, $end), $added;
close $file or die "$out: $!\n";
